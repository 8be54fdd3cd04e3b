"""Wrong usage and wrong input end in 2, with one clear line, and nothing is written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from scenarios.__main__ import call
from tests.commands import files, ovqsim, reproducer
from tests.samples import FINDS, PASSES

BAD_SCENARIOS: dict[str, tuple[bytes, str]] = {
    "unknown verb": (
        FINDS.replace("vm.start", "vm.strat").encode(),
        "bad.yaml:5:5: unknown verb 'vm.strat'; did you mean 'vm.start'?",
    ),
    "unknown host": (
        FINDS.replace("host: h1", "host: h9").encode(),
        "bad.yaml:5:32: there is no host 'h9' here; did you mean",
    ),
    "unknown network": (
        FINDS.replace("nic1: red", "nic1: rde").encode(),
        "bad.yaml:5:49: there is no network 'rde' here; did you mean 'red'?",
    ),
    "unknown fate": (
        FINDS.replace("error-before", "eror-before").encode(),
        "bad.yaml:7:43: unknown fate 'eror-before'; did you mean 'error-before'?",
    ),
    "impossible fate": (
        FINDS.replace("quantum[q1] create-port", "libvirt[h1] create").replace("error-before", "late").encode(),
        "bad.yaml:7:38: no message to libvirt can be 'late'; it can be:",
    ),
    "doubled key": (FINDS.encode() + b"about: again\n", "bad.yaml:10:1: the key 'about' is given twice"),
    "no mapping": (b"- a\n", "bad.yaml:1:1: a scenario must be a mapping"),
    "large": (b"#" * 5_000_000, "bad.yaml:1:1: the file is larger than 1 MiB"),
    "binary": (bytes(range(256)), "bad.yaml:1:1: the file is binary"),
    "empty": (b"", "bad.yaml:1:1: the file is empty"),
}


@pytest.mark.parametrize("name", BAD_SCENARIOS)
def test_a_bad_scenario_ends_in_2_with_one_line_and_nothing_written(folder: Path, name: str) -> None:
    content, says = BAD_SCENARIOS[name]
    (folder / "bad.yaml").write_bytes(content)
    before = files(folder)
    came = ovqsim(folder, "run", "finds.yaml", "bad.yaml", "--json", "out.json")
    assert (came.returncode, came.stdout) == (2, "")
    assert came.stderr.startswith(f"ovqsim: {says}")
    assert came.stderr.count("\n") == 1
    assert files(folder) == before


BAD_ARGUMENTS: dict[str, tuple[list[str], str]] = {
    "command": (["rnu"], "there is no command 'rnu'; did you mean 'run'?"),
    "option": (["run", "--desing", "reference"], "No such option"),
    "value": (["run", "--seed", "x"], "Invalid value for '--seed'"),
    "jobs": (["run", "--jobs", "0"], "Invalid value for '--jobs'"),
    "design": (["run", "passes.yaml", "--design", "refrence"], "unknown design 'refrence'; did you mean 'reference'?"),
    "defect": (["run", "passes.yaml", "--defect", "none-such"], "unknown defect 'none-such'; "),
    "tag": (["run", "passes.yaml", "--tag", "plan"], "no chosen scenario has the tag 'plan'; did you mean 'plain'?"),
    "nothing": (["run", ""], "an empty argument names no scenario; "),
    "blank": (["run", "passes.yaml", " "], "an empty argument names no scenario; "),
    "folder": (["run", "empty"], "empty: holds no scenario"),
    "json folder": (["run", "passes.yaml", "--json", "."], ".: is a folder; name a file"),
    "json over a scenario": (
        ["run", "passes.yaml", "--json", "./passes.yaml"],
        "passes.yaml: is read by this command; name another file",
    ),
    "matrix over its flow": (["matrix", "passes.yaml", "--json", "./passes.yaml"], "passes.yaml: is read by this"),
    "matrix over its results": (
        ["matrix", "passes.yaml", "--results", "r.sqlite", "--html", "r.sqlite"],
        "r.sqlite: is read by this command",
    ),
    "matrix twice": (["matrix", "passes.yaml", "--json", "o", "--html", "o"], "o: is to be written twice by this"),
    "matrix over its findings": (
        ["matrix", "passes.yaml", "--json", "mine", "--findings", "mine/found"],
        "mine: is to be the folder in which others are written; name another file",
    ),
    "compare over a scenario": (["compare", "passes.yaml", "--json", "passes.yaml"], "passes.yaml: is read by this"),
    "compare over its flow": (
        ["compare", "--matrix", "passes.yaml", "--json", "passes.yaml"],
        "passes.yaml: is read by this",
    ),
    "gate over what is known": (
        ["gate", "--budget", "1s", "--known", "known.yaml", "--junit", "known.yaml"],
        "known.yaml: is read by this command; name another file",
    ),
    "shrink over its scenario": (["shrink", "finds.yaml", "--out", "finds.yaml"], "finds.yaml: is read by this"),
    "shrink to a reproducer": (
        ["shrink", "finds.yaml", "--out", "small.json"],
        "small.json: would be taken for a reproducer, and a scenario is written; name it small.yaml",
    ),
    "no file": (["run", "none.yaml"], "there is no file or folder 'none.yaml'; name one that exists, or a scenario"),
    "tag of the library": (["run", "--tag", "nonsense"], "no chosen scenario has the tag 'nonsense'; "),
    "unrepaired under no such defect": (
        ["run", "passes.yaml", "--unrepaired", "--defect", "x"],
        "unknown defect 'x'; it can be: ",
    ),
    "json nowhere": (["run", "passes.yaml", "--json", "none/out.json"], "none/out.json: cannot be written"),
    "reproducers": (["run", "finds.yaml", "--reproducers", "passes.yaml/x"], "passes.yaml/x: cannot be written"),
    "twice": (["run", "passes.yaml", "copy.yaml"], "copy.yaml: the scenario 'start/plain' is in passes.yaml too"),
    "replay": (["replay", "none.json"], "none.json: cannot be read"),
    "no reproducer": (["replay", "passes.yaml"], "passes.yaml:1:1: not JSON"),
    "explain": (["explain", "none.json"], "none.json: cannot be read"),
    "schema": (["schema", "--out", "none/x"], "none/x: cannot be written"),
    "new name": (["new", "My Case"], "'My Case' is no name for a scenario; write it as flow/what-happens"),
    "new way out": (["new", "../mine"], "'../mine' is no name for a scenario; "),
    "new absolute": (["new", "/mine"], "'/mine' is no name for a scenario; "),
    "new empty": (["new", ""], "'' is no name for a scenario; "),
    "new ending": (["new", "a/mine.yaml"], "'a/mine.yaml' is a file's name; leave out its ending: a/mine"),
    "new exists": (["new", "passes"], "passes.yaml: exists already; choose another name"),
    "new below a file": (["new", "mine", "--dir", "passes.yaml"], "passes.yaml/mine.yaml: cannot be written (passes."),
    "new up": (["new", ".."], "'..' is no name for a scenario; "),
    "new blank": (["new", "a b"], "'a b' is no name for a scenario; "),
    "new nowhere": (["new", "a/mine", "--dir", "passes.yaml"], "passes.yaml/a/mine.yaml: cannot be written"),
    "new long": (["new", "a/" + 300 * "x"], f"a/{300 * 'x'}.yaml: cannot be written"),
    "points of none": (["points", "vm-strt/lost-reply"], "no file, folder, tag or scenario is named"),
    "points of no file": (["points", "none.yaml"], "there is no file or folder 'none.yaml'; name one that exists"),
    "points of a binary file": (["points", "binary.dat"], "binary.dat:1:1: the file is binary"),
    "points of nothing": (["points"], "Missing argument"),
    "points of an empty folder": (["points", "empty"], "empty: holds no scenario"),
    "points of many": (["points", "restart/"], "'restart/' means "),
    "points design": (["points", "passes.yaml", "--design", "refrence"], "unknown design 'refrence'; "),
    "cited without unrepaired": (["run", "passes.yaml", "--allow-cited"], "--allow-cited is for --unrepaired under"),
    "cited of another design": (
        ["run", "passes.yaml", "--unrepaired", "--allow-cited", "--design", "proposed"],
        "--allow-cited is for --unrepaired under reference",
    ),
    "defects": (["defects", "unplug-onse"], "unknown defect 'unplug-onse'; did you mean 'unplug-once'?"),
    "defects folder": (["defects", "no-lease", "--markdown", "empty"], "empty: is a folder; name a file"),
    "defects blank": (["defects", ""], "unknown defect ''; "),
    "defects page": (["defects", "no-lease", "--markdown", "none/x.md"], "none/x.md: cannot be written"),
    "moment": (["replay", "none.json", "--until", "soon"], "--until 'soon' is no event or time"),
    "rows": (["replay", "none.json", "--show", "tapz"], "unknown schema 'tapz'; did you mean 'taps'?"),
}


@pytest.mark.parametrize("name", BAD_ARGUMENTS)
def test_wrong_arguments_end_in_2_with_one_line_and_nothing_written(
    folder: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments, says = BAD_ARGUMENTS[name]
    (folder / "empty").mkdir()
    (folder / "copy.yaml").write_text(PASSES)
    (folder / "known.yaml").write_text("[]")
    (folder / "binary.dat").write_bytes(bytes(range(256)))
    before = files(folder)
    assert call(arguments) == 2
    out, error = capsys.readouterr()
    assert out == ""
    assert error.startswith(f"ovqsim: {says}"), error
    assert error.count("\n") == 1
    assert files(folder) == before


DAMAGE: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "one byte changed": (lambda data: data.replace(b"never-removed", b"never-remowed"), "changed since it was written"),
    "cut in half": (lambda data: data[: len(data) // 2], "cut off here"),
    "of another format": (
        lambda data: data.replace(b'"format": 2', b'"format": 1'),
        "its format is 1, and only 2 is known",
    ),
    "binary": (lambda data: b"\xff\xfe" + data, "binary or not UTF-8"),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_a_damaged_reproducer_ends_in_2_with_one_line(
    folder: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    damage, says = DAMAGE[name]
    path = reproducer(folder)
    path.write_bytes(damage(path.read_bytes()))
    capsys.readouterr()
    for command in ("replay", "explain"):
        assert call([command, str(path)]) == 2
        out, error = capsys.readouterr()
        assert out == ""
        assert error.startswith(f"ovqsim: {path}:")
        assert says in error
        assert error.count("\n") == 1

"""`ovqsim matrix` and `ovqsim compare`, as a user calls them."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import pytest

from reports.compare import Outcome, as_data
from reports.matrix import Matrix, flows_lines
from scenarios.__main__ import call
from scenarios.flow import flow
from scenarios.loader import load
from scenarios.many import ENOUGH_EVENTS, Terms
from scenarios.searching import killing, matrix
from scenarios.searching.killing import all_killed_by_matrix, opened
from scenarios.searching.matrix import plan
from sim.exploring.holds import Bound
from sim.exploring.matrix import Budget
from sim.outcomes import HarnessError
from tests.commands import ovqsim

FLOW = """
scenario: mine/attach
about: A network that was made before is attached to a cluster.
topology: pair
given:
  - network.add: {network: green, server: q1}
when:
  - network.attach: {network: green, cluster: blue}
"""


@pytest.fixture
def flows(folder: Path) -> Path:
    """A folder with a small flow."""
    (folder / "flow.yaml").write_text(FLOW)
    return folder


def test_the_numbers_of_a_matrix_add_up(flows: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(["matrix", "flow.yaml", "--jobs", "1", "--json", "out.json"]) == 0
    out = capsys.readouterr().out
    fates, played, skipped = map(int, re.search(r"(\d+) at these points = (\d+) played \+ (\d+) skipped", out).groups())  # type: ignore[union-attr]
    assert fates == played + skipped
    (one,) = json.loads((flows / "out.json").read_text())["flows"]
    assert one["runs"] == {"one deviation": played}
    assert sum(one["skipped"].values()) == skipped
    assert sum(one["verdicts"].values()) == played
    cells = [cell for row in one["heat-map"]["points"] for cell in row["came-to"] if cell]
    assert (len(cells), cells.count("skipped")) == (fates, skipped)
    assert sum(one["points"].values()) == len(one["heat-map"]["points"])


def test_the_same_command_goes_on_with_what_is_there(flows: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(["matrix", "flow.yaml", "--jobs", "1", "--results", "r.sqlite"]) == 0
    first = _timeless(capsys.readouterr().out)
    assert call(["matrix", "flow.yaml", "--jobs", "2", "--results", "r.sqlite"]) == 0
    again = capsys.readouterr().out
    assert "; 0 of them now, in " in again
    assert _timeless(again) == first


def test_any_number_of_workers_comes_to_the_same(flows: Path, capsys: pytest.CaptureFixture[str]) -> None:
    digests = []
    for jobs in ("1", "2"):
        call(["matrix", "flow.yaml", "--jobs", jobs, "--design", "proposed", "--results", f"{jobs}.sqlite"])
        digests.append(re.search(r"digest +(\w+)", capsys.readouterr().out).group(1))  # type: ignore[union-attr]
    assert digests[0] == digests[1]


def test_a_killed_matrix_goes_on_and_comes_to_the_same(flows: Path) -> None:
    whole = ovqsim(flows, "matrix", "vm-create", "--results", "whole.sqlite", "--jobs", "1")
    running = subprocess.Popen(
        [sys.executable, "-m", "scenarios", "matrix", "vm-create", "--results", "r.sqlite", "--jobs", "1"],
        cwd=flows, env=_environment(), stdout=subprocess.DEVNULL,
    )  # fmt: skip
    for _ in range(300):
        if (flows / "r.sqlite").exists():
            break
        time.sleep(0.1)
    running.send_signal(signal.SIGKILL)
    running.wait()
    again = ovqsim(flows, "matrix", "vm-create", "--results", "r.sqlite", "--jobs", "1")
    assert again.returncode == whole.returncode == 0
    assert _timeless(again.stdout) == _timeless(whole.stdout)


def _timeless(out: str) -> str:
    """What was printed, without how much of it was played now and in which time."""
    return re.sub(r"(; [\d ]+ of them now)?, in [\d.]+ s .*", "", out)


def _environment() -> dict[str, str]:
    import os

    from tests.commands import ROOT

    return os.environ | {"PYTHONPATH": str(ROOT)}


def test_a_finding_is_kept_as_a_scenario_and_as_a_reproducer(flows: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(["matrix", "network-create", "--design", "proposed", "--jobs", "1"]) == 1
    out = capsys.readouterr().out
    assert re.search(r"^finding +faults +smallest schedule +shown by$", out, re.MULTILINE)
    replay = re.search(r"ovqsim replay (\S+\.json)", out).group(1)  # type: ignore[union-attr]
    play = re.search(r"ovqsim run (\S+\.yaml)", out).group(1)  # type: ignore[union-attr]
    assert call(["replay", replay]) == 1
    assert "same finding" in capsys.readouterr().out
    assert json.loads(Path(replay).read_bytes())["most-events"] == ENOUGH_EVENTS
    assert play + " --design proposed\n" in out
    assert call(["run", play, "--design", "proposed"]) == 1
    (where,) = load(Path(play)).fails_under
    assert (where.design, where.finding) == ("proposed", Path(play).name.partition("--")[0])
    assert call(["run", play]) == 0


def test_findings_under_other_terms_are_kept_apart(flows: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = ["matrix", "network-create", "--jobs", "1", "--design", "proposed"]
    kept = []
    for more in ([], ["--unrepaired"]):
        assert call([*given, *more]) == 1
        kept.append(dict.fromkeys(re.findall(r"ovqsim (?:run|replay) (\S+)", capsys.readouterr().out)))
    assert kept[0] and kept[1] and not kept[0].keys() & kept[1].keys()
    assert all(Path(one).is_file() for every in kept for one in every)


def test_a_flow_that_does_not_apply_is_not_played(flows: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (flows / "nowhere.yaml").write_text(FLOW + "not-applicable: [{design: proposed, because: no such call}]\n")
    assert (
        call(["matrix", "nowhere.yaml", "--design", "proposed", "--json", "o.json", "--html", "o.html", "--map"]) == 0
    )
    assert capsys.readouterr().out == "mine/attach is not applicable under proposed: no such call\n"
    assert json.loads((flows / "o.json").read_text())["flows"][0]["not-applicable"] == "no such call"
    assert "not applicable: no such call" in (flows / "o.html").read_text()
    assert call(["compare", "--matrix", "nowhere.yaml", "--jobs", "1"]) == 0
    (row,) = re.findall(r"^proposed +(.*)", capsys.readouterr().out, re.MULTILINE)
    assert row.split() == ["1", "0", "0", "0", "0", "1", "-", "-"]


def test_in_the_table_of_flows_one_that_does_not_apply_is_said_to_be_so() -> None:
    every = [
        Matrix("flow/mine", "proposed", 1, 0, Bound(), "no such call"),
        Matrix("flow/other", "proposed", 1, 0, Bound()),
    ]
    lines = flows_lines(every, 120)
    assert re.match(r"mine \(not applicable\) +- +- ", lines[2])
    assert lines[-1] == "1 of 2 flows not applicable"


def test_the_heat_map_is_printed_and_written_as_a_page(flows: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(["matrix", "flow.yaml", "--jobs", "1", "--map", "--html", "map.html"]) == 0
    assert re.search(r"^engine\[engine\] commits \S.* ·", capsys.readouterr().out, re.MULTILINE)
    page = (flows / "map.html").read_text()
    assert "<td>engine[engine] commits " in page
    assert 'class="cell passed"' in page
    assert "http" not in page


def test_two_flows_at_once_are_played_with_their_messages_held(flows: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(["matrix", "vm-stop", "vm-stop", "--jobs", "1", "--until", "1"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("flow/vm-stop-with-vm-stop under reference, up to 1 hold\n")
    assert re.search(r"holds +\d+: each request until the next one of another command$", out, re.MULTILINE)


def test_what_one_flow_is_held_against_is_told(flows: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call(["matrix", "flow.yaml", "--jobs", "1", "--faults", "0", "--holds", "1", "--json", "out.json"])
    out = " ".join(capsys.readouterr().out.split())
    assert re.search(r"holds \d+: each request until each later one of another command, round or start runs", out)
    assert json.loads((flows / "out.json").read_text())["flows"][0]["heat-map"] == {"fates": [], "points": []}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["vm-stop", "migrate", "vm-start"], "two flows can be played at once, and these are 3; name two"),
        (["vm-stop", "--faults", "0"], "a matrix without faults and holds is one run; give --faults or --holds"),
        (["vm-stop", "--faults", "2", "--holds", "1"], "2 faults and 1 holds are more than 2 deviations; give fewer"),
        (["vm-stop", "--until", "3"], "--until bounds how long a message is held, and none is; give --holds 1"),
        (["vm-stop", "vm-stop", "--map"], "--map shows faults, and none are played; give --faults 1"),
        (["--results", "r.sqlite"], "--results is one file, and each flow has its own; name one flow"),
        (["finds.yaml"], "finds.yaml: has faults of its own"),
        (["vm-stop", "--design", "propsed"], "unknown design 'propsed'; did you mean 'proposed'?"),
        (["vm-stop", "--html", "nobody/map.html"], "nobody/map.html: cannot be written"),
    ],
)
def test_a_wrong_call_is_one_line(
    flows: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], says: str
) -> None:
    assert call(["matrix", *arguments]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("ovqsim: ") and says in line


def test_a_point_that_was_missed_is_the_harness_own_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = matrix.recorded
    monkeypatch.setattr(matrix, "recorded", lambda *given: whole(*given)._replace(points=[]))
    with pytest.raises(
        HarnessError, match=r"flow/vm-stop: points \{\} were noted, and \{.*'request': \d+.* came about"
    ):
        matrix.plan(flow("vm-stop"), Terms(), Budget(1))


def test_a_flow_without_points_of_one_kind_is_counted_as_well() -> None:
    given = [*flow("vm-stop").given, *flow("vm-stop").when]
    again = msgspec.structs.replace(flow("vm-stop"), given=given)
    points = plan(again, Terms(), Budget(1)).base.points
    assert {point.kind for point in points} == {"request", "reply"}


def test_designs_are_compared_side_by_side(flows: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(["compare", "vm-stop/", "--jobs", "1", "--json", "out.json"]) == 0
    out = capsys.readouterr().out
    assert re.search(r"^design +played +passed +findings", out, re.MULTILINE)
    assert re.search(r"^leftover-binding +[1-9]\d* +·$", out, re.MULTILINE)
    assert re.search(r"^R-3\.9 +[1-9]\d* +·$", out, re.MULTILINE)
    data = json.loads((flows / "out.json").read_text())
    assert data["designs"]["reference"]["findings"] == "0"
    assert data["failures-by-flow"]["vm-stop"]["proposed"] > 0


def test_designs_are_compared_by_every_single_fault(flows: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(["compare", "--matrix", "flow.yaml", "--jobs", "1"]) == 0
    assert re.search(r"that passed under every design", capsys.readouterr().out)


def test_a_comparison_goes_on_with_what_a_matrix_has_played(
    flows: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for design in ("reference", "proposed"):
        call(["matrix", "flow.yaml", "--jobs", "1", "--design", design])
    monkeypatch.setattr(matrix, "play_job", None)
    assert call(["compare", "--matrix", "flow.yaml", "--jobs", "1"]) == 0
    assert re.search(r"^reference +[1-9]", capsys.readouterr().out, re.MULTILINE)


def test_how_single_faults_find_a_defect_is_kept(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with opened(folder / "r.sqlite") as results:
        ((name, killed),) = all_killed_by_matrix(["unplug-once"], results, 1)
        assert (name, bool(killed.checks)) == ("unplug-once", True)
    monkeypatch.setattr(killing, "killed_by_matrix", None)
    with opened(folder / "r.sqlite") as results:
        assert list(all_killed_by_matrix(["unplug-once"], results, 1)) == [(name, killed)]


def test_what_a_comparison_counts_adds_up() -> None:
    verdicts = ["passed", "findings", "unknown", "void", "void", "not-applicable"]
    by = {"reference": [Outcome(f"{number}", "f", [], one, [], 1, 2.0) for number, one in enumerate(verdicts)]}
    row = as_data(by)["designs"]["reference"]
    assert row["played"] == "6"
    assert [row[name] for name in ("passed", "findings", "unknown", "void", "not applicable")] == list("11121")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--design", "reference"], "one design has nothing to be compared with; name another beside 'reference'"),
        (["vm-stop/", "--matrix", "migrate"], "--matrix compares a flow, and scenarios are named too; leave one"),
        (["--design", "mine", "--design", "reference"], "unknown design 'mine'"),
    ],
)
def test_a_wrong_comparison_is_one_line(
    flows: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], says: str
) -> None:
    assert call(["compare", *arguments]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("ovqsim: ") and says in line

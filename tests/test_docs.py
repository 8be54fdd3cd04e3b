"""The pages say what is so: examples run, tables name what exists, shown output is what is printed."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import click
import pytest

from fakes import links
from scenarios import checks, defects, expectations, marks, programs
from scenarios.__main__ import COMMANDS, call, ovqsim
from scenarios.loader import load_text
from scenarios.playing import play
from scenarios.selection import LIBRARY
from scenarios.words import vocabulary
from sim import fates
from sim.clock import MS, SECOND
from sim.findings import Result
from sim.links import LinkKind

ROOT = Path(__file__).parents[1]
README, FATES, CHECKS = ROOT / "README.md", ROOT / "docs" / "fates.md", ROOT / "docs" / "checks.md"
OWN = [README, ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
EVERY = [*OWN, *sorted((ROOT / "docs" / "facts").glob("*.md"))]

VM = "qemu-NAME"
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)#]+)(?:#[^)]*)?\)")
_FILE = re.compile(r"`((?:sim|fakes|scenarios|reports|tests|docs|benchmarks)/[\w./-]*)`")
_COMMAND = re.compile(r"(?:^|[`\s/])ovqsim ([a-z]+)((?: [^`\n]*)?)", re.MULTILINE)
_NUMBERS = re.compile(r"\b[0-9a-f]{16}\b|\b[0-9a-f]{8}(?=-)|\d+(?: \d{3})*(?:\.\d+)?")
ELLIPSIS = "..."


class Block(NamedTuple):
    """A fenced block of a page, and the line at which it begins."""

    page: Path
    line: int
    kind: str
    text: str

    def __str__(self) -> str:
        return f"{self.page.name}:{self.line}"


def blocks(page: Path, kind: str) -> Iterator[Block]:
    """The blocks of that kind on a page."""
    text = page.read_text()
    for match in _BLOCK.finditer(text):
        if match[1] == kind:
            yield Block(page, text[: match.start()].count("\n") + 2, kind, match[2])


def tables(page: Path) -> dict[str, list[list[str]]]:
    """The rows of the first table with each first head word; cells as they are written."""
    found: dict[str, list[list[str]]] = {}
    rows: list[list[str]] | None = None
    for line in page.read_text().splitlines():
        if not line.startswith("|"):
            rows = None
        elif rows is None:
            rows = []
            found.setdefault(cells(line)[0], rows)
        elif not line.startswith("| ---"):
            rows.append(cells(line))
    return found


def cells(line: str) -> list[str]:
    """The cells of a line of a table."""
    return [cell.strip() for cell in line.strip("|").split(" | ")]


def words(row: list[str]) -> str:
    """The first word of a row, without its marks."""
    return row[0].strip("`").partition(":")[0]


SCENARIOS = [block for page in OWN for block in blocks(page, "yaml") if block.text.startswith("scenario:")]
FAULTS = [line for block in blocks(FATES, "yaml") for line in block.text.splitlines() if line.startswith("- {at:")]


# --- examples ------------------------------------------------------------------------------------


def played(text: str, name: str) -> Result:
    """What the scenario comes to under the reference design."""
    return play(load_text(text, name), "reference").result


@pytest.mark.parametrize("block", SCENARIOS, ids=str)
def test_each_scenario_on_a_page_passes(block: Block) -> None:
    result = played(block.text, str(block))
    assert (result.verdict, result.findings, result.missed) == ("passed", [], [])


def test_the_readme_has_a_scenario() -> None:
    assert any(block.page == README for block in SCENARIOS)


@pytest.mark.parametrize("line", FAULTS)
def test_each_fault_on_the_page_strikes_and_is_survived(line: str) -> None:
    base = next(block.text for block in SCENARIOS if block.page == FATES)
    head, _, rest = base.partition("faults:\n")
    result = played(f"{head}faults:\n  {line}\n", "docs/fates.md")
    assert rest
    assert result.struck
    assert (result.verdict, result.findings, result.unknown) == ("passed", [], "")


def test_each_fate_has_a_line() -> None:
    assert {re.search(r"fate: ([a-z-]+)", line)[1] for line in FAULTS} == set(fates.ALL)  # type: ignore[index]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with the pages' scenarios, each in a file named as the last part of its name."""
    for block in SCENARIOS:
        name = block.text.partition("\n")[0].rpartition("/")[2]
        (tmp_path / f"{name}.yaml").write_text(block.text)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("COLUMNS", raising=False)
    return tmp_path


PYTHON = [block for page in OWN for block in blocks(page, "python")]


@pytest.mark.parametrize("block", PYTHON, ids=str)
def test_each_python_example_runs(block: Block, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    exec(compile(block.text, str(block), "exec"), {"__name__": "example"})


CONSOLES = [page for page in OWN if any(blocks(page, "console"))]


@pytest.mark.parametrize("page", CONSOLES, ids=lambda page: page.name)
def test_shown_output_is_what_is_printed(page: Path, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Numbers and line breaks may differ, words may not; `...` stands for lines left out."""
    for block in blocks(page, "console"):
        for command, shown in exchanges(block.text):
            if command == ["run"] and not any(LIBRARY.rglob("*.yaml")):
                continue
            call(command)
            assert_shown(shown, capsys.readouterr().out, f"{block}: ovqsim {shlex.join(command)}")


def test_the_json_that_is_shown_is_what_is_written(folder: Path) -> None:
    call(["run", "port-reply-lost.yaml", "--design", "proposed", "--json", "results.json"])
    (block,) = blocks(README, "json")
    assert_shown(f"\n{block.text}", (folder / "results.json").read_text(), str(block))


def test_the_refusal_that_is_shown_is_what_is_printed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = folder / "port-reply-lost.yaml"
    path.write_text(path.read_text().replace("vm.start:", "vm.strat:"))
    assert call(["run", path.name]) == 2
    assert capsys.readouterr().err in README.read_text()


def assert_shown(shown: str, printed: str, where: str) -> None:
    """Every part of what is shown is printed, in order."""
    printed = flat(printed)
    for part in filter(None, map(flat, shown.split(f"\n{ELLIPSIS}\n"))):
        assert part in printed, where
        printed = printed.partition(part)[2]


def exchanges(text: str) -> Iterator[tuple[list[str], str]]:
    """The commands of a console block, each with what is shown of its output."""
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, _, shown = part.partition("\n")
        assert command.startswith("ovqsim "), command
        yield shlex.split(command)[1:], f"\n{shown}"


def flat(text: str) -> str:
    """Words with one blank between them, every number the same."""
    return " ".join(_NUMBERS.sub("0", text).replace(ELLIPSIS, "").split())


# --- tables --------------------------------------------------------------------------------------


def seconds(microseconds: int | None) -> str:
    """A duration as the tables write it."""
    if microseconds is None:
        return "never"
    return f"{microseconds // MS} ms" if microseconds < SECOND else f"{microseconds // SECOND} s"


def kinds() -> list[LinkKind]:
    """Every kind of link, each name once."""
    every = [one for value in vars(links).values() for one in (value.values() if isinstance(value, dict) else [value])]
    return list({one.name: one for one in every if isinstance(one, LinkKind)}.values())


def quoted(every: Any) -> str:
    """Words in marks."""
    return ", ".join(f"`{one}`" for one in every) or "none"


def test_the_links_and_their_fates() -> None:
    asked = [*programs.PROGRAMS, VM]
    expected = []
    for kind in kinds():
        to = [name for name in asked if any(link.name == kind.name for link in programs.program(name).links)]
        expected.append([kind.name, quoted(to), seconds(kind.latency), seconds(kind.timeout), quoted(kind.fates)])
    assert tables(FATES)["link"] == expected


def test_the_fates_and_their_meanings() -> None:
    text = FATES.read_text()
    for fate, meaning in fates.ALL.items():
        assert f"| `{fate}` | {meaning} |" in text
    rows = re.findall(r"^\| fate \| meaning \|\n\| --- \| --- \|\n((?:\|.*\n)+)", text, re.MULTILINE)
    assert [row.split("`")[1] for table in rows for row in table.splitlines()] == list(fates.ALL)


def test_the_processes_and_their_verbs() -> None:
    expected = []
    for name in [*programs.PROGRAMS, VM]:
        asked = [verb for verb in programs.verbs(name) if verb not in ("*", "connect")]
        expected.append([f"`{name}`", programs.program(name).node, quoted(asked)])
    assert tables(FATES)["process"] == expected


def test_the_checks() -> None:
    expected = [[f"`{one.id}`", one.expectation.value, one.statement] for one in checks.ALL.values()]
    assert tables(CHECKS)["check"] == expected
    assert not [row for row in missing_checks() if words(row) in checks.ALL]


def missing_checks() -> list[list[str]]:
    """The rows under "Not yet there"."""
    text = CHECKS.read_text().partition("## Not yet there")[2].partition("Some checks are narrower")[0]
    return [cells(line) for line in text.splitlines() if line.startswith("| `")]


def test_the_expectations() -> None:
    expected = [[f"`{one.example}`", one.__doc__] for one in expectations.ALL.values()]
    assert tables(CHECKS)["item"] == expected


def test_the_marks() -> None:
    assert [words(row) for row in tables(CHECKS)["mark"]] == list(marks.ALL)


def test_the_readme_names_every_step_design_and_topology() -> None:
    from scenarios.reading_topology import stock_names
    from scenarios.verbs import ALL as VERBS

    found = tables(README)
    assert found["step"] == [[f"`{verb.example}`", verb.__doc__] for verb in VERBS.values()]
    assert [words(row) for row in found["design"]] == list(vocabulary().designs)
    assert [words(row) for row in found["topology"]] == stock_names()


def test_the_defects_that_are_named_exist() -> None:
    for page in OWN:
        for name in re.findall(r"--defect ([a-z-]+)", page.read_text()):
            assert name in defects.ALL


def test_the_page_of_defects_is_what_the_command_writes() -> None:
    """Made anew by `ovqsim defects --markdown docs/defects.md`; tests of the library play what it says."""
    from reports.defects import markdown
    from scenarios.commands.defects import stated
    from scenarios.selection import folder

    assert flat((ROOT / "docs" / "defects.md").read_text()) == flat(markdown(stated(folder(LIBRARY))))


# --- words ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", OWN, ids=lambda page: page.name)
def test_each_command_and_option_exists(page: Path) -> None:
    for name, rest in _COMMAND.findall(page.read_text()):
        assert name in COMMANDS, f"ovqsim {name}"
        command = ovqsim.get_command(click.Context(ovqsim), name)
        assert command is not None
        known = {option for parameter in command.params for option in parameter.opts} | {"--help"}
        assert set(re.findall(r"(?<= )--[a-z-]+", rest)) <= known, f"ovqsim {name}{rest}"


@pytest.mark.parametrize("page", OWN, ids=lambda page: page.name)
def test_each_target_of_make_exists(page: Path) -> None:
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert set(re.findall(r"(?:`|^)make ([a-z]+)", page.read_text(), re.MULTILINE)) <= set(targets)


@pytest.mark.parametrize("page", EVERY, ids=lambda page: page.name)
def test_each_link_leads_somewhere(page: Path) -> None:
    for target in _LINK.findall(page.read_text()):
        assert "://" in target or (page.parent / target).exists(), target


@pytest.mark.parametrize("page", OWN, ids=lambda page: page.name)
def test_each_file_that_is_named_exists(page: Path) -> None:
    for name in _FILE.findall(page.read_text()):
        assert any(ROOT.glob(name)) or (ROOT / name).exists(), name


@pytest.mark.parametrize("page", EVERY, ids=lambda page: page.name)
def test_no_page_names_a_place_on_a_machine(page: Path) -> None:
    text = page.read_text()
    for place in {str(ROOT), str(Path.home())} - {"/"}:
        assert not re.search(rf"(?<![\w.-]){re.escape(place)}(?![\w-])", text), place
    assert not re.search(r"(?<!\w)(?:/(?:home|root|Users|tmp)/|[A-Z]:\\)", text)

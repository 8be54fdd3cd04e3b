"""What a sweep writes of its findings: at once, smaller when it is, and never at the price of the report."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from reports.gate import Case, Stage
from scenarios.__main__ import call
from scenarios.commands.gating import sweep as gating
from scenarios.commands.gating.deadline import Deadline
from scenarios.loader import load
from scenarios.many import Terms
from scenarios.playing import play
from scenarios.results import Results
from scenarios.searching import saving, swept
from scenarios.searching.saving import Saving
from scenarios.searching.sweep import Sweep
from scenarios.shrinking.case import ids_of, sizes
from scenarios.unknowns import is_unknown
from sim.reproducer import read

DEFECT = "ports-end-at-stop"
FEW_EVENTS = 400
"""In these some histories come to their end, and some do not."""


class Units(Deadline):
    """A deadline after so many units, and before anything is made smaller."""

    def __init__(self, units: int, ends: float = 0.0) -> None:
        self.began, self.ends, self.units = 0.0, ends, units

    @property
    def left(self) -> float:
        self.units -= 1
        return float(self.units >= 0)


def staged(units: int, defect: str = DEFECT, ends: float = 0.0) -> Stage:
    return gating.sweep(Terms(defect=defect), 44, Units(units, ends), 1, Path("gate"))


def found(stage: Stage) -> list[Case]:
    return [case for case in stage.cases if case.found]


# --- at once, and smaller later ------------------------------------------------------------------


def test_what_nobody_had_time_to_make_smaller_has_its_file_and_reproducer_in_the_gate(folder: Path) -> None:
    cases = found(staged(1))
    assert cases
    for case in cases:
        (one,) = case.found
        assert one.id in ids_of(play(load(Path(case.file)), "reference", defect=DEFECT).result)
        assert call(["replay", one.replay]) == 1


def test_the_smaller_takes_its_place(folder: Path) -> None:
    with Results(folder / "r.sqlite", "sweep", {}) as results:
        kept: list[tuple[str, int]] = []
        writing = Saving(folder / "f", Terms(defect=DEFECT))

        def keep(finding: str, scenario: dict[str, Any]) -> None:
            writing.keep(finding, scenario)
            kept.append((finding, sizes(load(Path(writing.of(finding).scenario)))["step"]))

        sweep = Sweep(results, Terms(defect=DEFECT), 44, lambda unit: unit < 1, keep=keep)
        for _ in sweep.play(1):
            pass
    findings = list(sweep.seen())
    assert [finding for finding, _ in kept] == findings * 2, "each at once, then each made smaller"
    assert all(dict(kept)[finding] < steps for finding, steps in kept[: len(findings)])
    assert len(list((folder / "f").iterdir())) == 2 * len(findings), "and nothing beside it"


def test_what_was_found_before_is_written_again_where_it_is_gone(folder: Path) -> None:
    first = found(staged(1))
    for path in (folder / "gate").glob("*.[yj]*"):
        path.unlink()
    again = found(staged(0))
    assert again == first and all(Path(case.file).exists() for case in again)


# --- no verdict ----------------------------------------------------------------------------------


@pytest.fixture
def few_events(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (swept, saving):
        monkeypatch.setattr(module, "MOST_EVENTS", FEW_EVENTS)


@pytest.mark.usefixtures("few_events")
def test_a_run_without_a_verdict_is_no_finding_of_the_gate_and_has_its_reproducer(folder: Path) -> None:
    stage = staged(3, "")
    unknown = [case for case in stage.cases if case.unknown]
    assert unknown and not found(stage)
    for case in unknown:
        path = Path(case.unknown.rpartition("ovqsim replay ")[2])
        assert path.with_suffix(".yaml") == Path(case.file) and Path(case.file).exists()
        assert f"more than {FEW_EVENTS} events" in case.unknown and is_unknown(path.stem.replace("--", "/"))
        scenario = load(Path(case.file))
        assert read(path).fingerprint == play(scenario, "reference", most_events=FEW_EVENTS).result.fingerprint
        assert call(["replay", str(path)]) == 1, "with the bound of the sweep"


def test_a_finding_does_not_hide_that_a_run_came_to_no_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    unit = swept.Swept(0, 44, Terms(defect=DEFECT))
    whole = next(one for one in swept.play_swept(unit) if one.found)
    monkeypatch.setattr(swept, "MOST_EVENTS", len(play(whole.scenario, "reference", defect=DEFECT).trace.raw) - 1)
    both = next(one for one in swept.play_swept(unit) if one.seed == whole.seed)
    assert {is_unknown(name) for name in both.found} == {True, False} and both.verdict == "findings"


# --- what cannot be written ----------------------------------------------------------------------


def test_a_finding_that_cannot_be_written_is_told_all_the_same(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (case, *_) = found(staged(1))
    name = Path(case.file).name
    (folder / "f" / name).mkdir(parents=True)
    assert call(["sweep", "--runs", "4", "--seed", "44", "--defect", DEFECT, "--jobs", "1", "--findings", "f"]) == 2
    printed = capsys.readouterr()
    assert case.found[0].id in "".join(printed.out.split()) and "runs under reference" in printed.out
    assert printed.err == f"ovqsim: f/{name}: cannot be written (Is a directory); name another folder\n"


def test_nor_does_it_end_the_gate(folder: Path) -> None:
    name = Path(found(staged(1))[0].file).name
    (folder / "gate" / name).unlink()
    (folder / "gate" / name).mkdir()
    (case, *_) = found(staged(0))
    assert "cannot be written" in case.found[0].schedule and case.found[0].replay == ""

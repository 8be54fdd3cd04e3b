"""The first stage: every scenario of the library, or those of a phase."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from reports.gate import Case, Shown, Stage
from reports.played import struck
from scenarios.commands.gating.deadline import Deadline
from scenarios.commands.session import failed, name_of
from scenarios.many import Came, Task, Terms, play_many
from scenarios.selection import Chosen
from sim.reproducer import write

LEFT_OUT = "left out by the budget"


def library(chosen: Sequence[Chosen], terms: Terms, deadline: Deadline, jobs: int | None, folder: Path) -> Stage:
    """Play them in order, as long as there is time."""
    from reports.progress import Bar

    cases: list[Case] = []
    with Bar(len(chosen), "library") as bar:
        for one, came in zip(chosen, play_many([Task(one.scenario, terms) for one in chosen], jobs), strict=True):
            cases.append(_case(one, came, folder))
            bar.advance()
            if not deadline.left:
                break
    left = chosen[len(cases) :]
    covered = f"{len(cases)} of {len(chosen)} scenarios"
    inapplicable = sum(bool(case.inapplicable) for case in cases)
    covered += f", {inapplicable} of them not applicable" if inapplicable else ""
    cases += [Case(one.scenario.scenario, near(one.path), 0, left_out=LEFT_OUT) for one in left]
    lacks = f"{len(left)} of {len(chosen)} scenarios were not played" if left else ""
    return Stage("library", cases, covered, f"{len(left)} scenarios" if left else "", deadline.spent, lacks)


def _case(one: Chosen, came: Came, folder: Path) -> Case:
    if came.failure is not None:
        raise failed(came.failure, one.path)
    assert came.result is not None
    result, replay = came.result, ""
    if result.not_applicable:
        return Case(result.scenario, near(one.path), 0, inapplicable=result.not_applicable)
    if came.reproducer is not None:
        replay = str(write(folder / name_of(came.reproducer), came.reproducer))
    told = ", ".join(struck(result.struck))
    found = [Shown(each.id, each.check, each.remains, told, replay) for each in result.findings]
    return Case(result.scenario, near(one.path), 1, found, result.unknown)


def near(path: Path) -> str:
    """The path as seen from here, if it is below."""
    here = Path.cwd()
    return str(path.resolve().relative_to(here)) if path.resolve().is_relative_to(here) else str(path)

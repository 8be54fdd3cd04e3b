"""Deliberate defects, and what kills each: the harness is judged by these."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from reports.terminal import paint
from reports.text import plural, table, wrapped

SURVIVES = "SURVIVES"
_NAMED = 4
_RED = "31;1"


class Trial(msgspec.Struct):
    """A defect and the runs in which it was in place.

    Args:
        runs: how many there were.
        kills: of each run that broke a check, the scenario and the checks.
        broke: the same with every check that was broken, also those that the scenario does not name.
        first: after how many runs the first one killed it; 0 if none did.
        matrix: how a matrix killed it, in words, "" if it did not; None if none was asked.
        matrix_runs: after how many runs.
    """

    name: str
    about: str
    mechanism: str
    runs: int = 0
    kills: list[tuple[str, list[str]]] = []
    broke: list[tuple[str, list[str]]] = []
    first: int = 0
    matrix: str | None = None
    matrix_runs: int = 0


def kill_table(trials: Sequence[Trial], checks: Sequence[str], columns: int) -> list[str]:
    """What finds each defect, and after how many runs; which are found alike; which of the checks none breaks."""
    by_matrix = any(one.matrix is not None for one in trials)
    heads = ("defect", "by the library", "check", "after", "in all", *(("by the matrix", "after") if by_matrix else ()))
    lines = table(heads, [_kill_row(one, by_matrix) for one in trials], columns)
    lines = [line.replace(SURVIVES, paint(SURVIVES, _RED)) for line in lines]
    lines += ["", *(_alike(trials, columns) if len(trials) > 1 else [])]
    lines += _idle(trials, checks, columns) if checks else []
    return [*lines, *wrapped(_counts(trials), columns, "", "  ")]


def _kill_row(one: Trial, by_matrix: bool) -> tuple[str, ...]:
    scenario, checks = one.kills[0] if one.kills else (SURVIVES, [])
    row = (one.name, scenario, ", ".join(checks), f"{one.first or '-'}", f"{len(one.kills)} of {one.runs}")
    return (*row, one.matrix or "not", f"{one.matrix_runs}") if by_matrix else row


def twins(trials: Sequence[Trial]) -> list[list[str]]:
    """The defects that exactly the same scenarios find by exactly the same checks."""
    alike: dict[str, list[str]] = {}
    for one in trials:
        if one.broke:
            alike.setdefault(repr(sorted((scenario, sorted(checks)) for scenario, checks in one.broke)), []).append(
                one.name
            )
    return [names for names in alike.values() if len(names) > 1]


def idle(trials: Sequence[Trial], checks: Sequence[str]) -> list[str]:
    """The checks that no defect breaks."""
    broken = {check for one in trials for _, found in one.broke for check in found}
    return [check for check in checks if check not in broken]


def _alike(trials: Sequence[Trial], columns: int) -> list[str]:
    found = twins(trials)
    if not found:
        return ["no two are found by exactly the same scenarios and checks"]
    return [line for names in found for line in wrapped(f"found exactly alike: {', '.join(names)}", columns, "", "  ")]


def _idle(trials: Sequence[Trial], checks: Sequence[str], columns: int) -> list[str]:
    found = idle(trials, checks)
    if not found:
        return [f"each of {plural(len(checks), 'check')} is broken by one of them"]
    return wrapped(f"no defect breaks: {', '.join(found)}", columns, "", "  ")


def trials_lines(trials: Sequence[Trial], columns: int) -> list[str]:
    """A table of the defects, and a line of counts."""
    heads = ("defect", "mechanism", "killed by", "check", "runs")
    lines = table(heads, [row for one in trials for row in _rows(one)], columns)
    lines = [line.replace(SURVIVES, paint(SURVIVES, _RED)) for line in lines]
    return [*lines, "", *wrapped(_counts(trials), columns, "", "  ")]


def _rows(trial: Trial) -> list[tuple[str, ...]]:
    runs = f"{len(trial.kills)} of {trial.runs}"
    if not trial.kills:
        return [(trial.name, trial.mechanism, SURVIVES, "", runs)]
    shown = [(scenario, ", ".join(checks)) for scenario, checks in trial.kills[:_NAMED]]
    more = len(trial.kills) - _NAMED
    shown += [(f"and {more} more", "")] if more > 0 else []
    first, *rest = shown
    return [(trial.name, trial.mechanism, *first, runs), *(("", "", *one, "") for one in rest)]


def _counts(trials: Sequence[Trial]) -> str:
    dead = sum(bool(one.kills) for one in trials)
    alive = [one.name for one in trials if not one.kills]
    runs = sum(one.runs for one in trials)
    more = f"; {', '.join(alive)} {'survives' if len(alive) == 1 else 'survive'}" if alive else ""
    return f"{dead} of {plural(len(trials), 'defect')} killed, in {plural(runs, 'run')}{more}"


HEAD = """\
# Defects

A defect is a deliberate mistake: a wrong strategy of the engine, or a repair below it left out. The suite is judged by
whether it finds each. `ovqsim run --defect NAME` plays with one in place. `ovqsim defects` plays each in every scenario
of the library that names it, and lists all that kill it; here is the first. This page is made by
`ovqsim defects --markdown docs/defects.md`.

| defect | what is wrong | mechanism | first killed by | check | runs |
| --- | --- | --- | --- | --- | --- |
"""


def markdown(trials: Sequence[Trial]) -> str:
    """The same as a page."""
    return HEAD + "".join(f"{_line(one)}\n" for one in trials) + f"\n{_counts(trials)}.\n"


def _line(trial: Trial) -> str:
    scenario, checks = trial.kills[0] if trial.kills else (f"**{SURVIVES}**", [])
    cells = [f"`{trial.name}`", trial.about, trial.mechanism, scenario, ", ".join(f"`{one}`" for one in checks)]
    return f"| {' | '.join([*cells, f'{len(trial.kills)} of {trial.runs}'])} |"

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
    """

    name: str
    about: str
    mechanism: str
    runs: int = 0
    kills: list[tuple[str, list[str]]] = []


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

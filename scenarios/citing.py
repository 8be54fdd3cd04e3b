"""Which repairs below the engine explain a finding: what a finding of an unrepaired run cites."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from fakes.repairs import FACTS
from scenarios.many import Came, Task, Terms
from scenarios.model import Scenario


class Case(NamedTuple):
    """An unrepaired run that ended in findings: the scenario, its terms and the ids of its findings."""

    scenario: Scenario
    terms: Terms
    findings: list[str]


Player = Callable[[Sequence[Task]], Sequence[Came]]
"""Plays tasks; what each came to, in order."""


def explained(cases: Sequence[Case], play: Player) -> list[dict[str, list[str]]]:
    """Of each case's findings, the names of the repairs that explain them.

    A repair explains a finding if the same finding comes when that repair alone is left out.  One that
    none brings alone is explained by each repair without whose leaving out it goes.  One that comes with
    every repair made is explained by none.
    """
    alone = _found(cases, play, repaired=True)
    found = [
        {finding: [] if finding in by[""] else [name for name in FACTS if finding in by[name]] for finding in case[2]}
        for case, by in zip(cases, alone, strict=True)
    ]
    left = [
        number
        for number, repairs in enumerate(found)
        if any(not names and finding not in alone[number][""] for finding, names in repairs.items())
    ]
    for number, by in zip(left, _found([cases[one] for one in left], play, repaired=False), strict=True):
        for finding, repairs in found[number].items():
            if not repairs and finding not in alone[number][""]:
                repairs += [name for name in FACTS if finding not in by[name]]
    return found


def _found(cases: Sequence[Case], play: Player, repaired: bool) -> list[dict[str, list[str]]]:
    """Of each case, the findings with each one repair turned round, and by "" with none."""
    tasks = [
        Task(case.scenario, case.terms._replace(repaired=repaired, but=name, recorded=False))
        for case in cases
        for name in ("", *FACTS)
    ]
    came = iter(play(tasks))
    return [{name: _ids(next(came)) for name in ("", *FACTS)} for _ in cases]


def _ids(came: Came) -> list[str]:
    return [finding.id for finding in came.result.findings] if came.result is not None else []

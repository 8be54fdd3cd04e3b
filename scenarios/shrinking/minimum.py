"""The smallest scenario that still shows a finding."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from scenarios.model import Scenario
from scenarios.shrinking.case import Case, Terms, case_of, played, shown
from scenarios.shrinking.committing import stated
from scenarios.shrinking.machines import fewer_machines
from scenarios.shrinking.parts import fewer_faults, fewer_steps
from scenarios.shrinking.plainer import plainer
from sim.exploring.shrink import MOST_RUNS, shrink
from sim.outcomes import HarnessError, InputError

PASSES = (fewer_faults, fewer_steps, fewer_machines, plainer)
"""In this order: fewer faults, then fewer steps, then fewer machines, then smaller times and fewer words."""


class NotInItsWords(HarnessError):
    """The smallest shows the finding while faults are counted by steps, and not as it is written."""


class Minimum(NamedTuple):
    """The smallest, what remains in it, how many runs it took, and whether nothing smaller shows the finding."""

    scenario: Scenario
    remains: str
    runs: int
    complete: bool


def minimum(
    scenario: Scenario,
    terms: Terms,
    watch: Callable[[Case | None], None] = lambda case: None,
    most: int = MOST_RUNS,
    in_time: Callable[[], bool] = lambda: True,
) -> Minimum:
    """The smallest; `watch` is told after each run: the case if it still shows the finding, else None.

    After `most` runs, or when it is no more `in_time`, the smallest so far.

    Raises:
        InputError: the scenario does not show that finding.
        NotInItsWords: the smallest does not, by its own words.
    """
    start = played(case_of(scenario), terms)
    if start is None or start.remains is None:
        raise InputError(f"{scenario.scenario} does not show {terms.finding} under {_under(terms)}")

    def play(case: Case) -> Case | None:
        came = shown(case, terms)
        watch(came)
        return came

    found = shrink(start.case, PASSES, play, Case.key, most, in_time)
    last = played(case_of(found.smallest.whole()), terms)
    if last is None or last.remains is None:
        raise NotInItsWords(f"the smallest of {scenario.scenario} does not show {terms.finding} by its own words")
    return Minimum(stated(found.smallest.whole(), terms, last.remains), last.remains, found.runs, found.complete)


def _under(terms: Terms) -> str:
    return terms.design + (f" with the defect {terms.defect}" if terms.defect else "")

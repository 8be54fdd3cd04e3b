"""Units of work of a matrix, as a worker process plays them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

import msgspec

from scenarios.many import Terms
from scenarios.model import Scenario
from scenarios.playing import make_play
from scenarios.results import Unit
from scenarios.searching.victims import victims
from sim.exploring.matrix import VOID, Budget, Playing, Recorded, Schedule, Trial, digest, record, try_all
from sim.findings import PASSED
from sim.repeated import Repeated
from sim.run import Play
from sim.tally import Marks


class Job(NamedTuple):
    """One unit: what is played beyond `base`, from `start` to `stop`.

    Args:
        keep: whether every trial is kept; else only those that found something or came to no verdict.
    """

    name: str
    scenario: Scenario
    terms: Terms
    budget: Budget
    base: Schedule
    start: int
    stop: int
    keep: bool


class Summary(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A unit in numbers.

    Args:
        points: beyond its base; `skipped`: by reason, how many fates at them were not played.
        runs, verdicts: how many schedules, and how many came to each verdict.
        digest: over the fingerprints of all.
    """

    runs: int
    points: int
    verdicts: dict[str, int]
    skipped: dict[str, int]
    digest: str


_NO_MARKS = Marks(())
"""A search asks what must hold, and not what was reached; to tell takes a walk over the whole trace."""


def prepared(scenario: Scenario, terms: Terms) -> Play:
    """What is played, made ready once for many runs."""
    made = make_play(scenario, terms.design, terms.defect, terms.repaired)
    return made._replace(most_events=terms.searched().most_events)


@contextmanager
def playing(play: Play) -> Iterator[Playing]:
    """The one way in which it is played, as long as that is needed."""
    repeated = Repeated(play)
    try:
        yield repeated.run
    finally:
        repeated.close()


def recorded(scenario: Scenario, terms: Terms, base: Schedule, budget: Budget) -> Recorded:
    """The run of that schedule, and what can deviate beyond it."""
    with playing(prepared(scenario, terms)) as once:
        return record(once, base, victims(scenario, terms.design), budget)


def play_job(job: Job) -> Unit:
    """Play one unit; an error's text names its schedule."""
    with playing(prepared(job.scenario, job.terms)._replace(marks=_NO_MARKS, must_reach=[])) as once:
        found = record(once, job.base, victims(job.scenario, job.terms.design), job.budget)
        trials = list(try_all(once, job.base, found.further()[job.start : job.stop]))
    kept = [one for one in trials if job.keep or one.verdict not in (PASSED, VOID)]
    return Unit(job.name, summary(found, trials), kept)


def summary(found: Recorded, trials: Sequence[Trial]) -> Summary:
    """A unit in numbers."""
    verdicts = Counter(one.verdict for one in trials)
    return Summary(len(trials), len(found.points), dict(verdicts), dict(found.skipped()), digest(trials))

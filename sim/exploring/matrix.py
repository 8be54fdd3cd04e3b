"""Every fate at every point of a run, and every hold: all schedules within a budget.

A schedule is extended only by what comes after its last deviation, the points of the rollback and of what watches
included.  As a run is the same up to the point at which something further strikes, each schedule is found from the one
that lacks its last deviation, and from no other: none is played twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from hashlib import blake2b
from typing import NamedTuple

from sim.decisions import Decisions
from sim.decisions.replay import Replay
from sim.exploring.alternatives import Fated, Victims, alternatives
from sim.exploring.holds import HELD, Bound, holds
from sim.exploring.points import Noting, Point
from sim.fates import Fate
from sim.findings import FINDINGS, PASSED, UNKNOWN, Finding, Result
from sim.outcomes import HarnessError
from sim.run import Run

Deviation = tuple[str, Fate]
Schedule = tuple[Deviation, ...]
Playing = Callable[[Decisions], Run]
"""A run of one play, by `sim.run.run` or by `sim.repeated`: all that a search needs of it."""

VOID = "void"
"""What a schedule came to whose fault would have struck whoever was down already, and nothing was found."""


class Budget(NamedTuple):
    """How much may deviate: so many faults, and so many holds within that bound."""

    faults: int = 1
    holds: int = 0
    bound: Bound = Bound()

    def left(self, schedule: Schedule) -> Budget:
        """What is left of it after that schedule."""
        held = sum(fate.name == HELD for _, fate in schedule)
        return self._replace(faults=self.faults - (len(schedule) - held), holds=self.holds - held)

    @property
    def size(self) -> int:
        """The most deviations of a schedule."""
        return self.faults + self.holds


class Cell(NamedTuple):
    """A fate at a point, by the point's number among those that were recorded."""

    point: int
    fated: Fated


class Recorded(NamedTuple):
    """A run, its points after the last deviation of its schedule, and what can befall each; and the holds."""

    run: Run
    points: list[Point]
    cells: list[Cell]
    held: list[Deviation]

    def further(self) -> list[Deviation]:
        """What is played beyond this schedule: faults, then holds."""
        played = [cell for cell in self.cells if not cell.fated.skipped]
        return [(self.points[cell.point].label, cell.fated.fate) for cell in played] + self.held

    def skipped(self) -> Counter[str]:
        """How many fates are not played, by reason."""
        return Counter(cell.fated.skipped for cell in self.cells if cell.fated.skipped)


class Trial(NamedTuple):
    """A schedule and what it came to.

    Args:
        verdict: ``passed``, ``findings``, ``unknown``, or `VOID`.
        fingerprint: of the whole trace.
        findings: all that were made, each complete.
        unknown: why it is unknown.
        messages, ended_at: the messages that no periodic task sent, and virtual microseconds until the end.
    """

    schedule: Schedule
    verdict: str
    fingerprint: str
    findings: list[Finding]
    unknown: str
    messages: int
    ended_at: int


def record(playing: Playing, schedule: Schedule, victims: Victims, budget: Budget) -> Recorded:
    """Play the schedule, and note what may deviate further, within the budget that it leaves."""
    noting = Noting(Replay(list(schedule)))
    run = playing(noting)
    points, left = noting.after_the_last_strike(), budget.left(schedule)
    cells = _cells(points, victims) if left.faults else []
    if schedule and run.result.unknown:
        return Recorded(run, points, [cell._replace(fated=_endless(cell.fated)) for cell in cells], [])
    return Recorded(run, points, cells, list(holds(points, left.bound)) if left.holds else [])


NO_END = "the schedule so far never lets the world come to rest, so there is no end to its points"


def _endless(fated: Fated) -> Fated:
    """Not played: only the bound has ended the run."""
    return fated if fated.skipped else Fated(fated.fate, NO_END)


def _cells(points: list[Point], victims: Victims) -> list[Cell]:
    return [Cell(number, fated) for number, point in enumerate(points) for fated in alternatives(point, victims)]


def try_all(playing: Playing, base: Schedule, further: Iterable[Deviation]) -> Iterator[Trial]:
    """Play the base with each further deviation, one at a time."""
    for one in further:
        yield try_one(playing, (*base, one))


def try_one(playing: Playing, schedule: Schedule) -> Trial:
    """Play one schedule.

    Raises:
        HarnessError: a label of it was never drawn, so the run is not the one in which it was recorded.
    """
    decisions = Replay(list(schedule))
    result = playing(decisions).result
    if decisions.fates:
        raise HarnessError(f"recorded, and not drawn again: {', '.join(decisions.fates)}; schedule {schedule}")
    return trial(schedule, result)


def trial(schedule: Schedule, result: Result) -> Trial:
    """What that schedule's run came to.

    What a scenario states must have happened is not asked: a search asks what must hold whatever happens.
    """
    findings = [one for one in result.findings if one.check != "reached"]
    verdict = FINDINGS if findings else UNKNOWN if result.unknown else VOID if result.missed else PASSED
    messages, ended_at = result.messages, result.ended_at
    return Trial(schedule, verdict, result.fingerprint, findings, result.unknown, messages, ended_at)


def digest(trials: Iterable[Trial]) -> str:
    """Sixteen hexadecimal digits over the fingerprints, in order: equal exactly if every run was the same."""
    running = blake2b(digest_size=8)
    for one in trials:
        running.update(one.fingerprint.encode())
    return running.hexdigest()

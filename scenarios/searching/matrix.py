"""The matrix of a flow: its units of work, in an order that is the same each time, smallest schedules first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

import msgspec

from scenarios.lanes import played
from scenarios.many import Terms
from scenarios.model import Scenario
from scenarios.results import Results
from scenarios.searching.jobs import Job, play_job, prepared, recorded
from scenarios.writing import to_data
from sim.decisions import Decisions
from sim.exploring.counting import Census
from sim.exploring.matrix import Budget, Recorded, Schedule
from sim.exploring.points import Noting
from sim.outcomes import HarnessError
from sim.run import run

SLICE = 24
"""Schedules of one deviation in a unit."""

USUAL = 400
"""How many runs a unit of larger schedules is reckoned to be about."""


class Plan(NamedTuple):
    """A flow, its terms, what may deviate, and the run without any deviation."""

    scenario: Scenario
    terms: Terms
    budget: Budget
    base: Recorded

    def units(self) -> list[str]:
        """The names of all units."""
        return [job.name for job, _ in self.jobs()]

    def jobs(self) -> Iterator[tuple[Job, int]]:
        """Every unit with about how many runs it takes: one deviation, then two."""
        further = self.base.further()
        for start in range(0, len(further), SLICE):
            stop = min(start + SLICE, len(further))
            yield self._job(f"1.{start:06}", (), start, stop), stop - start
        if self.budget.size > 1:
            for number, deviation in enumerate(further):
                if self.budget.left((deviation,)).size:
                    yield self._job(f"2.{number:06}", (deviation,), 0, 1 << 60), USUAL

    def _job(self, name: str, base: Schedule, start: int, stop: int) -> Job:
        return Job(name, self.scenario, self.terms, self.budget, base, start, stop, keep=not base)


def plan(scenario: Scenario, terms: Terms, budget: Budget) -> Plan:
    """Record the flow, and count its points twice.

    Raises:
        HarnessError: a point was missed.
    """
    base = recorded(scenario, terms, (), budget)
    _check_census(scenario, terms, base)
    return Plan(scenario, terms, budget, base)


def _check_census(scenario: Scenario, terms: Terms, base: Recorded) -> None:
    """The points are those that the kernel and the network count for themselves."""
    census, play = Census(), prepared(scenario, terms)
    run(play._replace(build=census.of(play.build)), Noting(Decisions()))
    noted, counted = Counter(point.kind for point in base.points), +census.found  # without kinds that never came
    if noted != counted:
        raise HarnessError(f"{scenario.scenario}: points {dict(noted)} were noted, and {dict(counted)} came about")


def opened(plan: Plan, path: Path, kind: str, anew: bool) -> Results:
    """The results file of that plan; one of a flow that has been changed since is another's.

    Raises:
        InputError: as `Results`.
    """
    terms, budget = plan.terms, plan.budget
    arguments = {
        "flow": plan.scenario.scenario, "design": terms.design, "defect": terms.defect or "none",
        "repaired": terms.repaired, "faults": budget.faults, "holds": budget.holds, "until": budget.bound.most or "all",
        "digest": _digest(plan),
    }  # fmt: skip
    return Results(path, kind, arguments, anew)


def _digest(plan: Plan) -> str:
    """Of the run without deviations, and of what a fault in it may come upon."""
    flow = msgspec.structs.replace(plan.scenario, about="", tags=[])
    played = plan.base.run.result.fingerprint.encode()
    return blake2b(played + msgspec.json.encode(to_data(flow)), digest_size=8).hexdigest()


def carry_out(plan: Plan, results: Results, jobs: int) -> Iterator[int]:
    """Play the units that are not done, and keep each as it comes; yields how many runs each was."""
    done = results.done()
    missing = ((job, runs) for job, runs in plan.jobs() if job.name not in done)
    for _, unit in played(play_job, missing, jobs):
        results.add(unit)
        yield unit.summary.runs

"""What kills a defect beyond the scenarios that name it: single faults in the flows, tried until one finds it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

import msgspec

from scenarios.flow import flow, names
from scenarios.lanes import played
from scenarios.many import Terms
from scenarios.results import Results, Unit
from scenarios.searching.jobs import playing, prepared
from scenarios.searching.victims import victims
from scenarios.writing import to_data
from sim.decisions.replay import Replay
from sim.exploring.matrix import Budget, Schedule, Trial, record, trial, try_all

GUESS = 1_000
"""How many runs a defect is reckoned to take, so that workers are replaced in time."""


class Killed(NamedTuple):
    """How a matrix killed a defect.

    Args:
        flow, schedule, checks: the first schedule that found it; all empty if none did.
        runs: how many were played until then.
    """

    flow: str
    schedule: Schedule
    checks: tuple[str, ...]
    runs: int


def killed_by_matrix(defect: str) -> Killed:
    """Play the flows without a fault, then every single fault of each flow, until something is found."""
    runs = 0
    for name, one in _trials(defect):
        runs += 1
        if one.findings:
            checks = dict.fromkeys(finding.check for finding in one.findings)
            return Killed(name, one.schedule, tuple(checks), runs)
    return Killed("", (), (), runs)


def _trials(defect: str) -> Iterator[tuple[str, Trial]]:
    terms = Terms(defect=defect)
    for name in names():
        with playing(prepared(flow(name), terms)) as once:
            yield name, trial((), once(Replay([])).result)
    for name in names():
        scenario = flow(name)
        with playing(prepared(scenario, terms)) as once:
            for one in try_all(once, (), record(once, (), victims(scenario, terms.design), Budget(1)).further()):
                yield name, one


def opened(path: Path) -> Results:
    """The results file of this search: it is of these flows.

    Raises:
        InputError: as `Results`.
    """
    flows = msgspec.json.encode([to_data(flow(name)) for name in names()])
    return Results(path, "defects", {"digest": blake2b(flows, digest_size=8).hexdigest()}, anew=True)


def all_killed_by_matrix(defects: Sequence[str], results: Results, jobs: int) -> Iterator[tuple[str, Killed]]:
    """How a matrix killed each, those first that are kept; the others are kept as they come."""
    done = results.done_as(Killed)
    yield from ((name, done[name]) for name in defects if name in done)
    missing = ((name, GUESS) for name in defects if name not in done)
    for name, killed in played(killed_by_matrix, missing, jobs):
        results.add(Unit(name, killed, []))
        yield name, killed

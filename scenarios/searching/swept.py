"""One unit of a sweep, as a worker plays it: a history without faults, then with faults drawn over its points."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from time import monotonic
from typing import NamedTuple

import msgspec

from scenarios.generators.draw import Draw
from scenarios.generators.histories import Playing, Recording, faulted, grown, history, record
from scenarios.generators.seeded import Seeded
from scenarios.many import ENOUGH_EVENTS, Terms
from scenarios.model import Scenario
from scenarios.playing import decisions_of, make_play, play
from scenarios.searching.features import features
from scenarios.searching.victims import with_leases
from scenarios.shrinking import case as shrinking
from scenarios.shrinking.case import NEVER_STRUCK, sizes
from scenarios.shrinking.minimum import NotInItsWords, minimum
from scenarios.unknowns import is_unknown, unknown_in
from sim.decisions import Decisions
from sim.findings import FINDINGS, PASSED, UNKNOWN, Result
from sim.outcomes import InputError
from sim.repeated import Repeated
from sim.run import Play, Run

RUNS = 4
"""Runs of a unit: the first without faults, unless it goes on from a history that has some."""

MOST_EVENTS = 4 * ENOUGH_EVENTS
"""After so many a run of a sweep is left without a verdict, and counts as unknown."""

MOST_SHRINKING = 600
"""Runs in which a finding of a sweep is made smaller; `ovqsim shrink` goes on."""


class Swept(NamedTuple):
    """A unit: its number, that of its first run, and the history from which it goes on, if any."""

    unit: int
    first: int
    terms: Terms
    known: Scenario | None = None


class Trial(NamedTuple):
    """What one run came to: `found` has what must not be, by its id, and in words what remains."""

    seed: int
    scenario: Scenario
    verdict: str
    found: dict[str, str]
    features: list[str]


class Shrinking(NamedTuple):
    """The run of a unit whose finding is to be made smaller, what remains there, and when that must have ended."""

    unit: Swept
    seed: int
    finding: str
    remains: str
    ends: float


class Shrunk(NamedTuple):
    """What it was made: the scenario, what remains in it, how many runs it took, and its sizes before.

    `complete`: nothing smaller shows the finding; `cut`: there was no time to find out; `problem`: why it is as it was.
    """

    scenario: Scenario
    remains: str
    runs: int
    complete: bool
    cut: bool
    before: dict[str, int]
    problem: str = ""


def play_swept(unit: Swept) -> list[Trial]:
    """Play the unit, run by run."""
    scenario = history_of(unit)
    with _again(scenario, unit.terms) as playing:
        recording = _record(scenario, unit.terms, playing)
        trials = [_trial(unit.first, recording.scenario, recording.run)]
        for seed in range(unit.first + 1, unit.first + RUNS):
            trials.append(_tried(seed, _with_faults(recording, seed), playing))
    return trials


def _tried(seed: int, scenario: Scenario, playing: Playing) -> Trial:
    """Play it; where a fault's words have come to mean a message that it cannot befall, without faults."""
    try:
        return _trial(seed, scenario, playing(scenario, decisions_of(scenario)))
    except InputError:
        bare = _without_faults(scenario)
        return _trial(seed, bare, playing(bare, decisions_of(bare)))


def _without_faults(scenario: Scenario) -> Scenario:
    return msgspec.structs.replace(scenario, faults=[])


@contextmanager
def _again(first: Scenario, terms: Terms) -> Iterator[Playing]:
    """Plays scenarios that differ from the first in `when` and in faults; what is given is played once."""
    if first.inapplicable(terms.design):
        yield partial(_played, terms)
        return
    repeated = Repeated(_play_of(first, terms))
    try:
        yield lambda scenario, decisions: repeated.run(decisions, scenario.scenario, _play_of(scenario, terms).when)
    finally:
        repeated.close()


def _play_of(scenario: Scenario, terms: Terms) -> Play:
    return make_play(scenario, terms.design, terms.defect, terms.repaired)._replace(most_events=MOST_EVENTS)


def _played(terms: Terms, scenario: Scenario, decisions: Decisions) -> Run:
    return play(scenario, terms.design, decisions, terms.defect, terms.repaired, most_events=MOST_EVENTS)


def _with_faults(recording: Recording, seed: int) -> Scenario:
    return _named(faulted(Seeded(seed, "faults"), recording), seed)


def _named(scenario: Scenario, seed: int) -> Scenario:
    return msgspec.structs.replace(scenario, scenario=f"swept/seed-{seed}")


def _trial(seed: int, scenario: Scenario, run: Run) -> Trial:
    return Trial(seed, scenario, _verdict(run.result), found_in(run.result), features(run))


def found_in(result: Result) -> dict[str, str]:
    """What must not be, by its id; what a generated history states and does not come to is nobody's mistake."""
    found = {one.id: one.remains for one in result.findings if not one.id.startswith(NEVER_STRUCK)}
    return found | unknown_in(result)


def _verdict(result: Result) -> str:
    found = found_in(result)
    return PASSED if not found else UNKNOWN if all(map(is_unknown, found)) else FINDINGS


def history_of(unit: Swept) -> Scenario:
    """What its first run plays."""
    draw: Draw = Seeded(unit.first, "history")
    scenario = history(draw) if unit.known is None else grown(draw, unit.known)
    return with_leases(_named(scenario, unit.first), unit.terms.design)


def _record(scenario: Scenario, terms: Terms, playing: Playing) -> Recording:
    """As `_tried`: the faults of a history that goes on from another may mean something else in it."""
    try:
        return record(scenario, terms.design, terms.defect, terms.repaired, playing)
    except InputError:
        return record(_without_faults(scenario), terms.design, terms.defect, terms.repaired, playing)


def recorded(unit: Swept) -> Recording:
    """The unit's history, with what it came to."""
    return _record(history_of(unit), unit.terms, partial(_played, unit.terms))


def scenario_of(unit: Swept, seed: int) -> Scenario:
    """What that run of the unit plays."""
    recording = recorded(unit)
    return recording.scenario if seed == unit.first else _with_faults(recording, seed)


def shrink_one(job: Shrinking) -> Shrunk:
    """Play the run again, and make its finding smaller; what cannot be made smaller stays as it is."""
    scenario, asked = scenario_of(job.unit, job.seed), job.unit.terms
    terms = shrinking.Terms(job.finding, asked.design, asked.defect, asked.repaired, MOST_EVENTS)
    try:
        found = minimum(scenario, terms, most=MOST_SHRINKING, in_time=lambda: monotonic() < job.ends)
    except (InputError, NotInItsWords) as error:
        return Shrunk(scenario, job.remains, 0, False, False, sizes(scenario), str(error))
    cut = not found.complete and found.runs < MOST_SHRINKING
    return Shrunk(found.scenario, found.remains, found.runs, found.complete, cut, sizes(scenario))

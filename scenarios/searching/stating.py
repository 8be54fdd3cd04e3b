"""From a schedule, which names points by label, to a scenario that states the same faults in words."""

from __future__ import annotations

import msgspec

from scenarios.model import Scenario
from scenarios.searching.victims import with_leases
from scenarios.stating import faults_in_words
from sim.decisions.replay import Replay
from sim.exploring.matrix import Playing, Schedule
from sim.exploring.points import Noting


def stated(scenario: Scenario, design: str, schedule: Schedule, playing: Playing) -> Scenario | None:
    """The scenario with the faults of the schedule, each at its point in words; None if one has no words."""
    scenario = with_leases(scenario, design)
    noting = Noting(Replay(list(schedule)))
    playing(noting)
    faults = [one for one in faults_in_words(scenario, noting.points, schedule) if one is not None]
    return msgspec.structs.replace(scenario, faults=faults) if len(faults) == len(schedule) else None

"""From a schedule, which names points by label, to a scenario that states the same faults in words."""

from __future__ import annotations

import msgspec

from scenarios.model import FaultModel, Scenario
from scenarios.searching.victims import with_leases
from scenarios.stating import Speaker, fault_of
from sim.decisions.replay import Replay
from sim.exploring.matrix import Playing, Schedule
from sim.exploring.points import Noting


def stated(scenario: Scenario, design: str, schedule: Schedule, playing: Playing) -> Scenario | None:
    """The scenario with the faults of the schedule, each at its point in words; None if one has no words."""
    scenario = with_leases(scenario, design)
    noting = Noting(Replay(list(schedule)))
    playing(noting)
    words = Speaker(scenario).words(noting.points)
    by_label = {point.label: one for point, one in zip(noting.points, words, strict=True)}
    faults: list[FaultModel] = []
    for label, fate in schedule:
        found = by_label.get(label)
        if found is None:
            return None
        earlier = sum(one.at == found.trigger for one in faults)  # a point at which one of these strikes is theirs
        faults.append(fault_of(found._replace(nth=found.nth - earlier), fate))
    return msgspec.structs.replace(scenario, faults=faults)

"""A scenario that is made smaller: its faults are counted from the step in which each struck."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from scenarios.model import FaultModel, Scenario, StepModel
from scenarios.playing import play, scripted_fault
from scenarios.unknowns import unknown_in
from scenarios.writing import to_data
from sim.decisions.anchored import Anchor, Anchored
from sim.findings import Result
from sim.outcomes import InputError
from sim.run import MOST_EVENTS

NEVER_STRUCK = "reached/"
"""How the ids of findings begin that say that something stated did not happen."""


class Terms(NamedTuple):
    """Under what it is played, and the id of the finding that must remain."""

    finding: str
    design: str = "reference"
    defect: str = ""
    repaired: bool = True
    most_events: int = MOST_EVENTS


class Placed(NamedTuple):
    """A fault and where it strikes; without an anchor by its own number."""

    fault: FaultModel
    anchor: Anchor | None = None


class Case(NamedTuple):
    """A scenario without its faults, and these."""

    scenario: Scenario
    faults: tuple[Placed, ...]

    def steps(self) -> list[StepModel]:
        """Every step: those given, then those of the history."""
        return [*self.scenario.given, *self.scenario.when]

    def whole(self) -> Scenario:
        """The scenario with its faults."""
        return msgspec.structs.replace(self.scenario, faults=[placed.fault for placed in self.faults])

    def key(self) -> bytes:
        """The same for what is played the same."""
        return msgspec.json.encode((to_data(self.whole()), [placed.anchor for placed in self.faults]))


def case_of(scenario: Scenario) -> Case:
    """The case of a scenario as it is written."""
    bare = msgspec.structs.replace(scenario, faults=[])
    return Case(bare, tuple(Placed(fault) for fault in scenario.faults))


def sizes(scenario: Scenario) -> dict[str, int]:
    """How large it is, in faults, steps, and machines of each kind."""
    topology = scenario.topology
    return {
        "fault": len(scenario.faults),
        "step": len(scenario.given) + len(scenario.when),
        "cluster": len(topology.clusters),
        "host": sum(len(cluster.hosts) for cluster in topology.clusters.values()),
        "server": len(topology.quantum),
        "network": len(topology.networks),
    }


def ids_of(result: Result) -> list[str]:
    """The ids of what a result says that must not be; a run without a verdict is one of them."""
    return [*(finding.id for finding in result.findings), *unknown_in(result)]


class Came(NamedTuple):
    """A case as it was played, each fault by the number at which it struck; the result; what remains of the finding."""

    case: Case
    result: Result
    remains: str | None


def played(case: Case, terms: Terms) -> Came | None:
    """Play it; None if a fault came to a link that cannot meet it."""
    decisions = Anchored(
        [scripted_fault(placed.fault) for placed in case.faults], [placed.anchor for placed in case.faults]
    )
    try:
        run = play(case.whole(), terms.design, decisions, terms.defect, terms.repaired, most_events=terms.most_events)
    except InputError:
        return None
    as_struck = Case(case.scenario, tuple(map(_as_struck, case.faults, decisions.struck())))
    return Came(as_struck, run.result, _remains(run.result, terms.finding))


def _remains(result: Result, finding: str) -> str | None:
    return next((one.remains for one in result.findings if one.id == finding), unknown_in(result).get(finding))


def shown(case: Case, terms: Terms) -> Case | None:
    """The case as it was played; None if the finding is not there, or a fault that it states did not strike."""
    came = played(case, terms)
    if came is None or came.remains is None:
        return None
    if came.result.missed and not terms.finding.startswith(NEVER_STRUCK):
        return None
    return came.case


def _as_struck(placed: Placed, struck: tuple[Anchor, int] | None) -> Placed:
    if struck is None:
        return placed
    anchor, number = struck
    return Placed(msgspec.structs.replace(placed.fault, nth=number), anchor)

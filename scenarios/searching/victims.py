"""Who can be struck in a scenario under a design: what a scenario file could name too."""

from __future__ import annotations

import msgspec

from fakes.engine.designs import DESIGNS
from fakes.links import COMMITS
from scenarios.model import Scenario
from scenarios.names import Names
from scenarios.programs import QEMU
from sim.exploring.alternatives import Victims
from sim.exploring.points import Place


def victims(scenario: Scenario, design: str) -> Victims:
    """Every process of every node, and each qemu; not the administrator, whose patience is not under test."""
    names = Names(with_leases(scenario, design).topology)
    nodes, processes = frozenset(names.nodes()), frozenset(names.processes())

    def mortal(place: Place) -> bool:
        return place.process in processes or place.process.startswith(QEMU)

    return Victims(mortal, nodes.__contains__, lambda place: COMMITS.get(place.process, ()))


def with_leases(scenario: Scenario, design: str) -> Scenario:
    """The scenario, with leases in its topology if the design has them in any: then files can name what holds them."""
    if scenario.topology.leases or not DESIGNS[design].leases:
        return scenario
    return msgspec.structs.replace(scenario, topology=msgspec.structs.replace(scenario.topology, leases=True))

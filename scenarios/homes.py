"""Which engine has what a scenario names: that of the topology, or of the step that names it first."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fakes.topology import Topology
from scenarios.model import Scenario

Homes = dict[tuple[str, str], str]
"""By kind and name: the node of the engine."""

ABOUT = ("vm", "network", "host", "cluster", "data_center")
"""The arguments of a command that tell it, the surest first: it may also name what another engine has."""


def homes_of(scenario: Scenario) -> Homes:
    """Whose each data centre, cluster, host, network and VM is."""
    topology = scenario.topology
    found = _given(topology)
    for step in [*scenario.given, *scenario.when]:
        if step.verb == "network.add":
            found.setdefault(("network", step.args.network), home(found, topology, step.args, ("data_center",)))
        elif step.verb in ("vm.add", "vm.start"):
            found.setdefault(("vm", step.args.vm), home(found, topology, step.args, ("cluster", "host")))
    return found


def _given(topology: Topology) -> Homes:
    centers = topology.centers()
    found = {("data_center", name): center.engine for name, center in centers.items()}
    for name, model in topology.clusters.items():
        engine = centers[topology.center_of(name)].engine
        found |= {("cluster", name): engine, **{("host", host): engine for host in model.hosts}}
    return found | {("network", name): centers[topology.center_of_network(name)].engine for name in topology.networks}


def home(homes: Homes, topology: Topology, args: Any, told_by: Iterable[str]) -> str:
    """The engine of the first of these arguments that is given; else the first one."""
    for kind in told_by:
        name = getattr(args, kind, "")
        if name:
            return homes[kind, name]
    return topology.engines()[0]

"""Candidates that say less: shorter times, earlier points, nothing that could be left out."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import msgspec

from fakes.topology import NIC, FabricModel, HostModel, NetworkModel, QuantumModel, Topology
from scenarios.model import StepModel
from scenarios.shrinking.case import Case, Placed
from scenarios.shrinking.machines import each_host
from scenarios.shrinking.tidying import tidied
from sim.clock import duration
from sim.decisions.anchored import Anchor
from sim.exploring.shrink import Candidate

TIMES = ("1s", "5s", "30s", "60s")
"""What a time may become, if it is longer."""

_PLAIN = {"delay": "0s", "for_": "0s", "how": "silence", "code": "", "standing": False}


def plainer(case: Case) -> list[Candidate[Case]]:
    """Every way in which it can say less."""
    return [partial(tidied, one) for one in [*_faults(case), *_steps(case), *_topologies(case), *_ends(case)]]


def _ends(case: Case) -> Iterator[Case]:
    """Without one of the things that it expects."""
    then = case.scenario.then
    for place in range(len(then.eventually)):
        left = _with(then, eventually=[*then.eventually[:place], *then.eventually[place + 1 :]])
        yield Case(_with(case.scenario, then=left), case.faults)
    for place in range(len(then.reached)):
        left = _with(then, reached=[*then.reached[:place], *then.reached[place + 1 :]])
        yield Case(_with(case.scenario, then=left), case.faults)


# --- faults -------------------------------------------------------------------------------------


def _faults(case: Case) -> Iterator[Case]:
    for place, placed in enumerate(case.faults):
        for other in [*_earlier(placed), *_shorter(placed)]:
            yield Case(case.scenario, (*case.faults[:place], other, *case.faults[place + 1 :]))


def _earlier(placed: Placed) -> Iterator[Placed]:
    """At the first point of its words, in its step or in the whole history."""
    if placed.anchor not in (None, Anchor(0, 1)):
        yield placed._replace(anchor=Anchor(0, 1))
    if placed.anchor is not None and placed.anchor.nth > 1:
        yield placed._replace(anchor=Anchor(placed.anchor.step, 1))


def _shorter(placed: Placed) -> Iterator[Placed]:
    fault = placed.fault
    for key, plain in _PLAIN.items():
        if getattr(fault, key) != plain:
            yield placed._replace(fault=_with(fault, **{key: plain}))
    for key in ("back_after", "delay", "for_"):
        written = getattr(fault, key)
        for time in TIMES:
            if written and duration(time) < duration(written):
                yield placed._replace(fault=_with(fault, **{key: time}))
    if fault.back_after:
        yield placed._replace(fault=_with(fault, back_after=""))


def _with(value: Any, **columns: Any) -> Any:
    return msgspec.structs.replace(value, **columns)


# --- steps --------------------------------------------------------------------------------------

_ARGUMENTS: dict[str, Any] = {
    "ha": False, "memory": 512, "required": False, "plugged": True, "vlan": None, "data_center": "",
}  # fmt: skip


def _steps(case: Case) -> Iterator[Case]:
    for part in ("given", "when"):
        steps = getattr(case.scenario, part)
        for place, step in enumerate(steps):
            for other in _simpler(step):
                changed = [*steps[:place], other, *steps[place + 1 :]]
                yield Case(_with(case.scenario, **{part: changed}), case.faults)


def _simpler(step: StepModel) -> Iterator[StepModel]:
    for key, plain in (("wait", False), ("together", False), ("after", ""), ("until", None)):
        if getattr(step, key) != plain:
            yield _with(step, **{key: plain})
    for key, plain in _ARGUMENTS.items():
        if getattr(step.args, key, plain) != plain:
            yield _with(step, args=_with(step.args, **{key: plain}))


# --- the topology -------------------------------------------------------------------------------


def _topologies(case: Case) -> Iterator[Case]:
    topology = case.scenario.topology
    for plain in [*_defaults(topology), *each_host(topology, _plain_hosts), *_plain_parts(topology)]:
        if plain != topology:
            yield Case(_with(case.scenario, topology=plain), case.faults)


def _defaults(topology: Topology) -> Iterator[Topology]:
    usual = Topology()
    for key in ("libvirt", "leases", "macs"):
        yield _with(topology, **{key: getattr(usual, key)})
    for kind in ("clusters", "networks"):
        undivided = {name: _with(one, data_center="") for name, one in getattr(topology, kind).items()}
        yield _with(topology, **{kind: undivided})
    yield _with(topology, data_centers={})


def _plain_hosts(host: HostModel) -> list[HostModel]:
    usual = HostModel()
    found = [_with(host, **{key: getattr(usual, key)}) for key in ("power", "max_outgoing_migrations")]
    if len(host.fabrics) == 1:
        found.append(_with(host, fabrics={}, fabric=next(iter(host.fabrics)), physical="physnet1"))
    for server in host.fabrics:
        found.append(_with(host, fabrics=host.fabrics | {server: FabricModel(host.fabrics[server].nic or NIC)}))
    return [one for one in found if one != host]


def _plain_parts(topology: Topology) -> Iterator[Topology]:
    for name, server in topology.quantum.items():
        for plain in (QuantumModel(), QuantumModel(server.plugin, server.type)):
            yield _with(topology, quantum=topology.quantum | {name: plain})
    for name, network in topology.networks.items():
        for plain in (
            NetworkModel(network.server, clusters=network.clusters),
            NetworkModel(network.server, network.vlan, network.clusters),
        ):
            yield _with(topology, networks=topology.networks | {name: plain})

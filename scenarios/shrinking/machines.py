"""Candidates with fewer machines: clusters, hosts, fabrics, Quantum servers, networks, vNICs, switches."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, TypeVar

import msgspec

from fakes.topology import ENGINE, ClusterModel, HostModel, NetworkModel, Topology
from scenarios.loader import from_data
from scenarios.shrinking.case import Case, case_of
from scenarios.shrinking.tidying import tidied
from scenarios.writing import to_data
from sim.exploring.shrink import Candidate
from sim.outcomes import InputError

M = TypeVar("M", ClusterModel, NetworkModel)


def fewer_machines(case: Case) -> list[Candidate[Case]]:
    """With one in the place of another; without a cluster, a host, ..., with all that refers to it; without a vNIC."""
    topologies = [topology for change in _TAKEN_AWAY for topology in change(case.scenario.topology)]
    found: list[Candidate[Case]] = [partial(_renamed, case, *names) for names in _merged(case)]
    found += [partial(_in, case, topology) for topology in topologies]
    return found + [partial(tidied, one) for one in _without_nics(case)]


def _in(case: Case, topology: Topology) -> Case | None:
    return tidied(Case(msgspec.structs.replace(case.scenario, topology=topology), case.faults))


# --- taken away ---------------------------------------------------------------------------------


def _without(items: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The items without one of them, the last first."""
    for name in reversed(items):
        yield {other: value for other, value in items.items() if other != name}


def _clusters(topology: Topology) -> Iterator[Topology]:
    for left in _without(topology.clusters):
        yield _resting(msgspec.structs.replace(topology, clusters=left))


def _hosts(topology: Topology) -> Iterator[Topology]:
    for cluster, model in topology.clusters.items():
        for hosts in _without(model.hosts):
            left = topology.clusters | {cluster: msgspec.structs.replace(model, hosts=hosts)}
            yield _resting(msgspec.structs.replace(topology, clusters=left))


def _servers(topology: Topology) -> Iterator[Topology]:
    for left in _without(topology.quantum):
        yield _resting(msgspec.structs.replace(topology, quantum=left))


def _networks(topology: Topology) -> Iterator[Topology]:
    for left in _without(topology.networks):
        yield _resting(msgspec.structs.replace(topology, networks=left))


def _switches(topology: Topology) -> Iterator[Topology]:
    for left in _without(topology.switches):
        yield msgspec.structs.replace(topology, switches=left)


def _fabrics(topology: Topology) -> Iterator[Topology]:
    yield from each_host(topology, lambda host: [_with(host, fabrics=left) for left in _without(host.fabrics)])


def _own_networks(topology: Topology) -> Iterator[Topology]:
    yield from each_host(topology, lambda host: [_with(host, networks=left) for left in _without(host.networks)])


def _attachments(topology: Topology) -> Iterator[Topology]:
    for name, network in topology.networks.items():
        for gone in network.clusters:
            left = [cluster for cluster in network.clusters if cluster != gone]
            changed = msgspec.structs.replace(network, clusters=left)
            yield _resting(msgspec.structs.replace(topology, networks=topology.networks | {name: changed}))


_TAKEN_AWAY: tuple[Callable[[Topology], Iterator[Topology]], ...] = (
    _clusters, _hosts, _servers, _networks, _switches, _fabrics, _own_networks, _attachments,
)  # fmt: skip


def _with(host: HostModel, **columns: Any) -> HostModel:
    return msgspec.structs.replace(host, **columns)


def each_host(topology: Topology, change: Callable[[HostModel], list[HostModel]]) -> Iterator[Topology]:
    """The topology with one of its hosts changed, in each way."""
    for cluster, model in topology.clusters.items():
        for name, host in model.hosts.items():
            for changed in change(host):
                hosts = msgspec.structs.replace(model, hosts=model.hosts | {name: changed})
                yield _resting(msgspec.structs.replace(topology, clusters=topology.clusters | {cluster: hosts}))


def _resting(topology: Topology) -> Topology:
    """The topology without what refers to clusters, servers and networks that are gone."""
    networks = {
        name: _attached(network, topology)
        for name, network in topology.networks.items()
        if not network.server or network.server in topology.quantum
    }
    clusters = {
        name: msgspec.structs.replace(
            cluster, hosts={host: _carrying(model, topology, networks) for host, model in cluster.hosts.items()}
        )
        for name, cluster in topology.clusters.items()
    }
    physical = {one for cluster in clusters.values() for host in cluster.hosts.values() for one in host.nics().values()}
    switches = {
        name: msgspec.structs.replace(switch, joins=[one for one in switch.joins if one in physical])
        for name, switch in topology.switches.items()
    }
    left = {name: switch for name, switch in switches.items() if switch.joins}
    return msgspec.structs.replace(topology, networks=networks, clusters=clusters, switches=left)


def _attached(network: NetworkModel, topology: Topology) -> NetworkModel:
    there = [name for name, model in topology.clusters.items() if model.hosts]
    return msgspec.structs.replace(
        network,
        clusters=[cluster for cluster in network.clusters if cluster in there],
        required=[cluster for cluster in network.required if cluster in there and cluster in network.clusters],
    )


def _carrying(host: HostModel, topology: Topology, networks: dict[str, NetworkModel]) -> HostModel:
    return _with(
        host,
        fabric=host.fabric if host.fabric in topology.quantum else "",
        fabrics={server: one for server, one in host.fabrics.items() if server in topology.quantum},
        networks={name: one for name, one in host.networks.items() if name in networks},
    )


# --- one in the place of another ----------------------------------------------------------------


def _merged(case: Case) -> Iterator[tuple[str, str]]:
    """Each host, network, data centre and engine that is to go, with another in its place; VMs with earlier ones."""
    topology = case.scenario.topology
    hosts = [host for cluster in topology.clusters.values() for host in cluster.hosts]
    for names in (hosts, list(topology.networks), list(topology.data_centers), topology.engines()):
        yield from ((name, other) for name in reversed(names) for other in names if name != other)
    yield from ((name, ENGINE) for name in topology.engines() if ENGINE not in topology.engines())
    vms = [vm for vm in dict.fromkeys(str(getattr(step.args, "vm", "")) for step in case.steps()) if vm]
    yield from ((name, other) for place, name in reversed(list(enumerate(vms))) for other in vms[:place])


def _renamed(case: Case, name: str, other: str) -> Case | None:
    """The case in which the other is named instead, and the one is gone; None if the loader refuses that."""
    data = to_data(case.whole())
    for part in ("given", "when", "faults", "then"):
        if part in data:
            data[part] = _said(data[part], name, other)
    try:
        again = case_of(from_data(data, ""))
    except InputError:
        return None
    faults = tuple(new._replace(anchor=old.anchor) for new, old in zip(again.faults, case.faults, strict=True))
    return _in(Case(again.scenario, faults), _less(case.scenario.topology, name, other))


def _less(topology: Topology, name: str, other: str) -> Topology:
    """The topology without what has that name, if it has one; what was a data centre's or engine's is the other's."""
    clusters = {
        cluster: _elsewhere(
            msgspec.structs.replace(model, hosts={host: one for host, one in model.hosts.items() if host != name}),
            name,
            other,
        )
        for cluster, model in topology.clusters.items()
    }
    networks = {network: _elsewhere(one, name, other) for network, one in topology.networks.items() if network != name}
    centers = {
        center: msgspec.structs.replace(one, engine=other) if one.engine == name else one
        for center, one in topology.data_centers.items()
        if center != name
    }
    return _resting(msgspec.structs.replace(topology, clusters=clusters, networks=networks, data_centers=centers))


def _elsewhere(model: M, name: str, other: str) -> M:
    """A cluster or network; if it is of that data centre, of the other."""
    return msgspec.structs.replace(model, data_center=other) if model.data_center == name else model


def _said(data: Any, name: str, other: str) -> Any:
    """Plain data with the other name in the place of the name, also within triggers."""
    if isinstance(data, dict):
        return {key: _said(value, name, other) for key, value in data.items()}
    if isinstance(data, list):
        return [_said(value, name, other) for value in data]
    return _reworded(data, name, other) if isinstance(data, str) else data


def _reworded(text: str, name: str, other: str) -> str:
    words = text.replace(f"[{name}]", f"[{other}]").replace(f"qemu-{name}[", f"qemu-{other}[").split(" ")
    return " ".join(other if word == name else word for word in words)


# --- vNICs --------------------------------------------------------------------------------------


def _without_nics(case: Case) -> Iterator[Case]:
    """Without one of the vNICs that a step makes with its VM."""
    for part in ("given", "when"):
        steps = getattr(case.scenario, part)
        for place, step in enumerate(steps):
            for nics in _without(getattr(step.args, "nics", {})):
                fewer = msgspec.structs.replace(step, args=msgspec.structs.replace(step.args, nics=nics))
                changed = [*steps[:place], fewer, *steps[place + 1 :]]
                yield Case(msgspec.structs.replace(case.scenario, **{part: changed}), case.faults)

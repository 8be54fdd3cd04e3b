"""Reads the `topology` of a scenario, or a stock one by its name, and refuses one that contradicts itself."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from fakes.plugins import PLUGINS
from fakes.topology import VLANS, Topology
from scenarios.names import POWER, STORAGE, check_name
from scenarios.nearest import nearest
from scenarios.reading import mapping, read_struct
from scenarios.reading_hosts import check_host, check_networks
from scenarios.tree import Node, shown

STOCK = Path(__file__).parent / "topologies"

OURS = (STORAGE, POWER, "network", "administrator")
"""Names of nodes that no topology names."""

_RANGE = re.compile(r"([0-9]{1,9})(?:-([0-9]{1,9}))?")


def stock_names() -> list[str]:
    """The names of the stock topologies."""
    return sorted(path.stem for path in STOCK.glob("*.yaml"))


@cache
def stock(name: str) -> Topology:
    """A stock topology."""
    from scenarios.yaml_text import decode, parse

    path = STOCK / f"{name}.yaml"
    return read_mapping(parse(decode(path.read_bytes(), str(path)), str(path)))


def read_topology(node: Node) -> Topology:
    """The topology: a mapping, or a stock topology's name."""
    if node.kind != "text":
        return read_mapping(node)
    if node.value not in stock_names():
        node.fail(f"unknown topology {shown(node.value)}", nearest(node.value, stock_names()))
    return stock(node.value)


def read_mapping(node: Node) -> Topology:
    """A topology that is written out."""
    mapping(node, "the topology")
    topology = read_struct(node, Topology, "the topology")
    _check_names(topology, node)
    _check_centers(topology, node)
    _check_servers(topology, node)
    _check_hosts(topology, node)
    for name in topology.networks:
        _check_network(topology, name, node.at("networks").at(name))
    _check_vlan_clashes(topology, node.at("networks"))
    _check_shared_wires(topology, node.at("networks"))
    check_networks(topology, node.at("networks"))
    _check_switches(topology, node.at("switches"))
    if topology.macs < 1:
        node.at("macs").fail(f"a pool of {topology.macs} MACs is none", "write 1 or more")
    return topology


_NAMED = (
    ("quantum", "Quantum server"), ("clusters", "cluster"), ("networks", "network"), ("data-centers", "data centre"),
)  # fmt: skip


def _check_names(topology: Topology, node: Node) -> None:
    for kind, what in _NAMED:
        for name, key in node.at(kind).keys.items():
            check_name(name, key, what)
    for cluster in topology.clusters:
        for name, key in node.at("clusters").at(cluster).at("hosts").keys.items():
            check_name(name, key, "host")


def _check_centers(topology: Topology, node: Node) -> None:
    """Engines that can be named; clusters and networks of a data centre that is there, and of one."""
    for name, center in topology.data_centers.items():
        place = node.at("data-centers").at(name).at("engine")
        check_name(center.engine, place, "engine")
        hosts = [host for cluster in topology.clusters.values() for host in cluster.hosts]
        if center.engine in (*OURS, *topology.quantum, *hosts):
            place.fail(f"an engine cannot be named {center.engine!r}: it is another node's name", "rename it")
    for kind, models in (("clusters", topology.clusters), ("networks", topology.networks)):
        for name, model in models.items():
            if model.data_center and model.data_center not in topology.centers():
                node.at(kind).at(name).at("data-center").fail(
                    f"there is no data centre {shown(model.data_center)} here",
                    nearest(model.data_center, topology.centers()),
                )


def _check_servers(topology: Topology, node: Node) -> None:
    for name, server in topology.quantum.items():
        place = node.at("quantum")
        if name in OURS or name in topology.engines():  # the one that need not be named
            place.keys[name].fail(f"a Quantum server cannot be named {name!r}: it is a node's name", "rename it")
        if "," in server.vlans:
            place.at(name).at("vlans").fail("a Quantum server gives out one range of VLANs", "write it as 1-4094")
        check_vlans(server.vlans, place.at(name).at("vlans"))
        types = PLUGINS[server.plugin].types
        if server.type not in types:
            place.at(name).at("type").fail(
                f"the plugin {server.plugin} has no networks of type {server.type} here", f"write {' or '.join(types)}"
            )


def _check_hosts(topology: Topology, node: Node) -> None:
    seen: dict[str, str] = {}
    for cluster, model in topology.clusters.items():
        hosts = node.at("clusters").at(cluster).at("hosts")
        for name in model.hosts:
            if name in seen:
                hosts.keys[name].fail(
                    f"the host {name!r} is in two clusters, {seen[name]} and {cluster}", "keep it in one"
                )
            if name in (*OURS, *topology.engines(), *topology.quantum):
                hosts.keys[name].fail(f"the host {name!r} has the name of another node", "rename it")
            slots = model.hosts[name].max_outgoing_migrations
            if slots < 1:
                place = hosts.at(name).at("max-outgoing-migrations")
                place.fail(f"a host with {slots} migration slots never migrates", "write 1 or more")
            seen[name] = cluster
            check_host(topology, name, hosts.at(name))


def _check_network(topology: Topology, name: str, node: Node) -> None:
    network = topology.networks[name]
    if network.server and network.server not in topology.quantum:
        node.at("server").fail(
            f"there is no Quantum server {shown(network.server)} here",
            nearest(network.server, topology.quantum),
        )
    if network.vlan is not None and network.vlan not in VLANS:
        node.at("vlan").fail(f"{network.vlan} is no VLAN id", "write one of 1 to 4094")
    for number, cluster in enumerate(network.clusters):
        place = node.at("clusters").value[number]
        if cluster not in topology.clusters:
            place.fail(f"there is no cluster {shown(cluster)} here", nearest(cluster, topology.clusters))
        if not topology.clusters[cluster].hosts:
            place.fail(f"the network {name!r} is attached to {cluster!r}, which has no host", "give it one")
        theirs, ours = topology.center_of(cluster), topology.center_of_network(name)
        if theirs != ours:
            place.fail(
                f"the network {name!r} is of {ours}, and {cluster!r} of {theirs}",
                "give each data centre its own network",
            )
        if cluster in network.clusters[:number]:
            place.fail(f"the cluster {cluster!r} is given twice", "keep one")
    for number, cluster in enumerate(network.required):
        if cluster not in network.clusters:
            node.at("required").value[number].fail(
                f"the network {name!r} is required in {shown(cluster)}, and not attached to it",
                nearest(cluster, dict.fromkeys(network.clusters)),
            )
        if cluster in network.required[:number]:
            node.at("required").value[number].fail(f"the cluster {cluster!r} is given twice", "keep one")


def _check_vlan_clashes(topology: Topology, node: Node) -> None:
    seen: dict[tuple[str, int], str] = {}
    for name, network in topology.networks.items():
        if network.vlan is None:
            continue
        of = network.server or f"data centre {topology.center_of_network(name)}"
        other = seen.setdefault((of, network.vlan), name)
        if other != name:
            on = f" on {network.server}" if network.server else ""
            node.at(name).at("vlan").fail(
                f"the networks {other!r} and {name!r} both have VLAN {network.vlan}{on}", "give each its own"
            )


def _check_shared_wires(topology: Topology, node: Node) -> None:
    """Two data centres may have one VLAN each, on wires of their own (ovirt.md 1.1: nothing correlates the two)."""
    own = [(name, network) for name, network in topology.networks.items() if not network.server and network.vlan]
    for place, (name, network) in enumerate(own):
        for other, one in own[:place]:
            shared = [wire for wire in _wires(topology, name) if wire in _wires(topology, other)]
            if one.vlan == network.vlan and shared:
                node.at(name).at("vlan").fail(
                    f"the networks {other!r} and {name!r} both have VLAN {network.vlan}, and {shared[0]} carries both",
                    "give each its own VLAN, or its own physical network",
                )


def _wires(topology: Topology, name: str) -> list[str]:
    """The physical networks to which a network of VDSM's own comes, through switches too."""
    hosts = [host for cluster in topology.clusters.values() for host in cluster.hosts.values()]
    found = [host.networks[name].physical for host in hosts if name in host.networks]
    joined = [wire for switch in topology.switches.values() if set(switch.joins) & set(found) for wire in switch.joins]
    return [*found, *joined]


def _check_switches(topology: Topology, node: Node) -> None:
    hosts = [host for cluster in topology.clusters.values() for host in cluster.hosts.values()]
    physical = [one for host in hosts for one in host.nics().values()]
    for name, switch in topology.switches.items():
        if not switch.joins:
            node.at(name).at("joins").fail("a switch that joins nothing carries nothing", "name a physical network")
        for number, joined in enumerate(switch.joins):
            if joined not in physical:
                node.at(name).at("joins").value[number].fail(
                    f"no host has the physical network {shown(joined)}",
                    nearest(joined, dict.fromkeys(physical)),
                )
        if switch.vlans:
            check_vlans(switch.vlans, node.at(name).at("vlans"))


def check_vlans(text: str, node: Node) -> None:
    """Refuse a range of VLAN ids that is none."""
    for part in text.split(","):
        match = _RANGE.fullmatch(part.strip())
        if match is None:
            node.fail(f"{shown(text)} is no range of VLAN ids", "write it as 1-4094 or 100-199,300")
        low, high = int(match[1]), int(match[2] or match[1])
        if low not in VLANS or high not in VLANS:
            node.fail(f"{shown(text)} goes beyond the VLAN ids", "stay within 1 to 4094")
        if low > high:
            node.fail(f"{shown(text)} ends before it begins", f"write {high}-{low}")

"""Refuses hosts of a topology that contradict themselves: fabrics, interfaces, VDSM's own networks.

Facts: docs/facts/ovirt.md 4.5, quantum.md 3.1, 3.2 (an agent has one physical interface).
"""

from __future__ import annotations

import re

from fakes.plugins import PLUGINS
from fakes.topology import VLANS, FabricModel, HostModel, Topology
from scenarios.nearest import nearest
from scenarios.tree import Node, shown

_NIC = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,9}")
"""An interface whose name leaves room for a VLAN's number: a VLAN device is called ``eth1.4094``."""

LONGEST = 15
"""Characters of an interface's name in the kernel (docs/facts/libvirt.md 8)."""


def check_host(topology: Topology, name: str, node: Node) -> None:
    """Refuse a host that cannot be as it is written."""
    host = _model(topology, name)
    _check_physical(host.physical, node)
    if host.fabric:
        _check_server(topology, host.fabric, node.at("fabric"))
    if "fabrics" in node:
        _check_long_form(topology, host, node)
    taken = {one.nic: server for server, one in host.carried().items()}
    physical = {one.nic: one.physical for one in host.carried().values()}
    for network in host.networks:
        _check_host_network(topology, host, network, node.at("networks"), taken, physical)
        physical[host.networks[network].nic] = host.networks[network].physical


def _model(topology: Topology, name: str) -> HostModel:
    return next(cluster.hosts[name] for cluster in topology.clusters.values() if name in cluster.hosts)


def _check_server(topology: Topology, server: str, node: Node) -> None:
    if server not in topology.quantum:
        node.fail(f"there is no Quantum server {shown(server)} here", nearest(server, topology.quantum))


def _check_long_form(topology: Topology, host: HostModel, node: Node) -> None:
    for key in ("fabric", "physical"):
        if key in node:
            node.keys[key].fail(f"{key!r} and 'fabrics' are two forms of one thing", f"keep 'fabrics', drop {key!r}")
    nics: dict[str, str] = {}
    plugins: dict[str, str] = {}
    for server, fabric in host.fabrics.items():
        place = node.at("fabrics")
        if server not in topology.quantum:
            _check_server(topology, server, place.keys[server])
        _check_nic(fabric.nic, place.at(server).at("nic"))
        _check_physical(fabric.physical, place.at(server))
        other = nics.setdefault(fabric.nic, server)
        if other != server:
            place.at(server).at("nic").fail(
                f"{other} and {server} both use {fabric.nic}, and an agent has an interface of its own",
                "give each its own",
            )
        plugin = topology.quantum[server].plugin
        other = plugins.setdefault(plugin, server)
        if other != server:
            place.keys[server].fail(
                f"{other} and {server} both have the plugin {plugin}, and their agents would undo each other's work",
                "put one of them on another host",
            )
        _check_agent(plugin, fabric, place.at(server))


def _check_nic(nic: str, node: Node) -> None:
    if _NIC.fullmatch(nic) is None:
        node.fail(
            f"{shown(nic)} is no name for an interface",
            "write one such as eth1, up to 10 letters, digits, dashes and underscores",
        )


def _check_agent(plugin: str, fabric: FabricModel, node: Node) -> None:
    """An agent that runs is installed, and works in a mode that its plugin has."""
    if fabric.running and not fabric.installed and "running" in node:
        node.at("running").fail("an agent that is not installed cannot run", "drop 'running'")
    types = PLUGINS[plugin].types
    if fabric.mode and fabric.mode not in types:
        node.at("mode").fail(f"the agent of {plugin} has no mode {fabric.mode}", f"write {' or '.join(types)}")


def _check_physical(physical: str, node: Node) -> None:
    if not physical:
        node.at("physical").fail("an interface leads somewhere", "name its physical network, or drop 'physical'")


def _check_host_network(
    topology: Topology, host: HostModel, name: str, node: Node, taken: dict[str, str], physical: dict[str, str]
) -> None:
    """A network of VDSM's own: of the data centre, without a server, on an interface that has room for it."""
    own, place = host.networks[name], node.at(name)
    network = topology.networks.get(name)
    if network is None:
        node.keys[name].fail(f"there is no network {shown(name)} here", nearest(name, topology.networks))
    if network.server:
        node.keys[name].fail(
            f"the network {name!r} is of {network.server}, and a host's own networks are of no server",
            "drop it here, or its 'server'",
        )
    if len(name) > LONGEST:
        node.keys[name].fail(f"{shown(name)} is too long for a bridge", f"write up to {LONGEST} characters")
    _check_nic(own.nic, place.at("nic"))
    _check_physical(own.physical, place)
    if own.vlan is not None and own.vlan not in VLANS:
        place.at("vlan").fail(f"{own.vlan} is no VLAN id", "write one of 1 to 4094")
    if own.vlan != network.vlan:
        (place.at("vlan") if "vlan" in place else place).fail(
            f"the network {name!r} has {_vlan(network.vlan)}, and {_vlan(own.vlan)} here", "write the same in both"
        )
    if own.nic in taken:
        place.at("nic").fail(f"{own.nic} is the interface of {taken[own.nic]}'s agent", "use another interface")
    if physical.get(own.nic, own.physical) != own.physical:
        place.fail(f"{own.nic} leads to {physical[own.nic]} and to {own.physical}", "write the same in both")
    for other, one in host.networks.items():
        if other == name:
            break
        if one.nic == own.nic and None in (one.vlan, own.vlan):
            place.at("nic").fail(
                f"{other} and {name} share {own.nic}, and one of them is untagged", "use another interface"
            )


def _vlan(vlan: int | None) -> str:
    return "no VLAN" if vlan is None else f"VLAN {vlan}"


def check_networks(topology: Topology, node: Node) -> None:
    """Refuse a network that no host of its clusters could ever carry."""
    for name, network in topology.networks.items():
        hosts = [host for cluster in network.clusters for host in topology.clusters[cluster].hosts.values()]
        if network.server or not hosts or any(host.carried() or name in host.networks for host in hosts):
            continue
        node.keys[name].fail(
            f"no host of {', '.join(network.clusters)} carries the network {name!r}",
            "give it a 'server', or put it among the 'networks' of a host",
        )

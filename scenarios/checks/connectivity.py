"""Who reaches whom: right-network, wired, isolated; computed on the wiring, never assumed."""

from __future__ import annotations

from collections.abc import Iterable
from operator import attrgetter

from fakes.records import (
    BRIDGED_NICS,
    BRIDGES,
    DOMAINS,
    FLOWS,
    NETWORKS,
    OVS_PORTS,
    QUANTUM_PORTS,
    SERVERS,
    SWITCHES,
    TAPS,
    TRUNKS,
    TUNNEL_FLOWS,
    TUNNEL_PORTS,
    VLAN_BINDINGS,
    VLAN_DEVICES,
    VMS,
    VNICS,
)
from fakes.records.engine import LogicalNetwork, Vnic
from fakes.records.host import OvsPort, Tap
from fakes.wiring import (
    DEAD_VLAN,
    fabric_bridge,
    leaves_as,
    neighbours,
    network_bridge,
    port_of,
    segment,
    sends,
)
from scenarios.checks.base import Settled, vnic_of, vnic_of_mac
from sim.checks import Breach, Check, Expectation, Subject, View
from sim.store import Delta
from sim.tables import Key


class RightNetwork(Settled):
    """Each tap against its vNIC."""

    id = "right-network"
    statement = "each tap's segment, its port's network and MAC equal its vNIC's; nothing forwards without a port"
    judged = (TAPS,)
    depends = (
        OVS_PORTS, VNICS, QUANTUM_PORTS, VLAN_BINDINGS, NETWORKS, TUNNEL_FLOWS, SERVERS, BRIDGES, VLAN_DEVICES,
    )  # fmt: skip

    def wrong(self, view: View, node: str, row: Tap) -> str:
        port = port_of(view, node, row)
        if port is None and row.bridge:
            return _off_its_bridge(view, node, row)
        vnic = vnic_of(view, port.iface_id) if port is not None else None
        network = view.anywhere(NETWORKS, vnic.network) if vnic is not None else None
        if port is None or vnic is None or network is None:
            return ""
        if row.mac != vnic.mac:
            return f"tap {row.name} on {node} has MAC {row.mac}; {vnic.name} has {vnic.mac}"
        plugged = [
            other
            for server, other in view.where(QUANTUM_PORTS, "attachment", port.iface_id)
            if server == network.server
        ]
        for other in plugged:
            if other.network != network.uuid:
                return f"{vnic.name} is of network {network.name}, and its port is on {other.network}"
        return _off_its_segment(view, node, row.name, port, network) if port.tag not in (None, DEAD_VLAN) else ""


def _off_its_segment(view: View, node: str, name: str, port: OvsPort, network: LogicalNetwork) -> str:
    """How a live tap's segment differs from its network's: by type and id; "" if it does not."""
    bindings = view.where(VLAN_BINDINGS, "network", network.uuid)
    ids = [one.vlan for server, one in bindings if server == network.server]
    server = view.get(SERVERS, network.server, network.server)
    type_, here = leaves_as(view, node, port)
    wanted = server.type if server is not None else type_
    words = {"vlan": "VLAN", "gre": "GRE key"}
    if here in ids and type_ == wanted:
        return ""
    return f"tap {name} on {node} is on {words[type_]} {here}; {network.name} is {words[wanted]} {ids}"


def _off_its_bridge(view: View, node: str, tap: Tap) -> str:
    """A tap in a Linux bridge: it is the network's, and has the network's VLAN."""
    vnic = vnic_of_mac(view, tap.mac, tap.vm)
    network = view.anywhere(NETWORKS, vnic.network) if vnic is not None else None
    if network is None:
        return ""
    own = network_bridge(network.uuid) if network.server else network.name
    if tap.bridge != own or fabric_bridge(view, network.server):
        return f"tap {tap.name} on {node} is in {tap.bridge}; {network.name} is not there"
    bound = view.where(VLAN_BINDINGS, "network", network.uuid)
    vlans = [row.vlan for server, row in bound if server == network.server] if network.server else [network.vlan]
    for device in view.of(VLAN_DEVICES, node):
        if device.bridge == tap.bridge and device.vlan not in vlans:
            return f"tap {tap.name} on {node} is on VLAN {device.vlan}; {network.name} is VLAN {vlans}"
    return ""


def running(view: View, network: str) -> list[tuple[str, Vnic, Tap | None]]:
    """The plugged vNICs of running VMs on a network, each with its host and its tap there."""
    found = []
    for _, vnic in view.where(VNICS, "network", network):
        vm = view.anywhere(VMS, vnic.vm)
        if not vnic.plugged or vm is None or vm.status != "Up":
            continue
        domain = view.get(DOMAINS, vm.host, vm.id)
        if domain is None or domain.state != "RUNNING":
            continue
        target = next((one.target for one in domain.definition.interfaces if one.mac == vnic.mac), "")
        found.append((vm.host, vnic, view.get(TAPS, vm.host, target)))
    return found


class Wired(Settled):
    """Each running vNIC reaches the others of its network."""

    id = "wired"
    statement = "a running vNIC reaches every other running vNIC of its network"
    judged = (NETWORKS,)
    depends = (
        TAPS, OVS_PORTS, FLOWS, DOMAINS, VMS, VNICS, TRUNKS, SWITCHES, TUNNEL_PORTS, TUNNEL_FLOWS, BRIDGES,
        VLAN_DEVICES, BRIDGED_NICS,
    )  # fmt: skip

    def wrong(self, view: View, node: str, row: LogicalNetwork) -> str:
        apart: dict[str, tuple[Vnic, str, Tap]] = {}
        for host, vnic, tap in running(view, row.id):
            found = segment(view, host, tap) if tap is not None else ""
            if not found or found.startswith("untagged") or tap is None:
                return f"{vnic.name} runs on {host} and is wired to nothing"
            for segment_, (other, far, far_tap) in apart.items() if found not in apart else ():
                ends = ((host, tap), (far, far_tap))
                if not (sends(view, *ends) and sends(view, *reversed(ends))):
                    return f"{vnic.name} is on {found}, and {other.name} of the same network on {segment_}"
            apart.setdefault(found, (vnic, host, tap))
        return ""


class Isolated(Check):
    """No vNIC of another network on the segment.  Keys: (host, name of the tap)."""

    id = "isolated"
    expectation = Expectation.ALWAYS
    statement = "no vNIC reaches one of another network, from the agent's first pass on"
    watches = (
        "ovs_ports", "flows", "taps", "vnics", "tunnel_flows", "tunnel_ports", "bridges", "vlan_devices",
        "bridged_nics",
    )  # fmt: skip
    asks = {"vnics": attrgetter("mac", "network", "attachment", "vm")}

    def keys(self, delta: Delta, view: View) -> Iterable[Key]:
        row = delta.new if delta.new is not None else delta.old
        if delta.schema == "vnics":
            rows = [one for one in (delta.old, delta.new) if one is not None]
            for iface_id in dict.fromkeys([row.id, *(one.attachment for one in rows)]):
                yield from ((node, port.name) for node, port in view.where(OVS_PORTS, "iface_id", iface_id))
            for mac in dict.fromkeys(one.mac for one in rows):
                yield from ((node, tap.name) for node, tap in view.where(TAPS, "mac", mac) if tap.bridge)
        elif delta.schema == "ovs_ports":
            tap = view.get(TAPS, delta.node, row.name)
            if (delta.new is not None and delta.new.tag is not None) or (tap is not None and tap.bridge):
                yield (delta.node, row.name)
        elif delta.schema == "tunnel_flows":
            ports = view.of(OVS_PORTS, delta.node)
            yield from ((delta.node, port.name) for port in ports if row.local_vlan in (0, port.tag))
        elif delta.schema in ("tunnel_ports", "bridges"):
            yield from ((delta.node, port.name) for port in view.of(OVS_PORTS, delta.node))
        elif delta.schema in ("vlan_devices", "bridged_nics"):
            yield from ((delta.node, tap.name) for tap in _in_bridge(view, delta.node, row.bridge))
        else:
            yield (delta.node, row.in_port if delta.schema == "flows" else row.name)

    def every(self, view: View) -> Iterable[Key]:
        found = [(node, row.name) for node, row in view.rows(OVS_PORTS)]
        return dict.fromkeys(found + [(node, tap.name) for node, tap in view.rows(TAPS) if tap.bridge])

    def judge(self, view: View, key: Key) -> Breach | None:
        node, name = key
        tap = view.get(TAPS, node, name)
        mine = _plugged(view, node, tap) if tap is not None else None
        here = segment(view, node, tap) if tap is not None and mine is not None else ""
        if tap is None or mine is None or not here or here.startswith("untagged"):
            return None
        for other_node, other in _neighbours(view, node, tap):
            theirs = _plugged(view, other_node, other)
            if theirs is None or theirs.network == mine.network:
                continue
            ends = ((node, tap), (other_node, other))
            there = segment(view, other_node, other)
            if sends(view, *ends) or sends(view, *reversed(ends)):
                where = f"both are on {here}" if here == there else f"a tunnel joins {here} and {there}"
                words = f"{mine.name} on {node} reaches {theirs.name} on {other_node}: {where}"
                table = "taps" if port_of(view, node, tap) is None else "ovs_ports"
                return Breach(Subject(table, node, name), "reachable-vnic", words)
        return None


def _plugged(view: View, node: str, tap: Tap) -> Vnic | None:
    """The vNIC that reaches the network through that tap."""
    port = port_of(view, node, tap)
    return vnic_of(view, port.iface_id) if port is not None else vnic_of_mac(view, tap.mac, tap.vm)


def _in_bridge(view: View, node: str, bridge: str) -> list[Tap]:
    return [tap for where, tap in view.where(TAPS, "bridge", bridge) if where == node] if bridge else []


def _neighbours(view: View, node: str, tap: Tap) -> list[tuple[str, Tap]]:
    """The taps that may be on its segment: those with its VLAN, in either technology, and those in its bridge."""
    port = port_of(view, node, tap)
    devices = [one.vlan for where, one in view.where(VLAN_DEVICES, "bridge", tap.bridge) if where == node]
    vlans = [port.tag] if port is not None else devices
    found = [(node, one) for one in _in_bridge(view, node, tap.bridge)]
    for vlan in vlans:
        ports = view.where(OVS_PORTS, "tag", vlan) if port is None else neighbours(view, node, port)
        there = [(where, view.get(TAPS, where, one.name)) for where, one in ports]
        found += [(where, one) for where, one in there if one is not None]
        tagged = view.where(VLAN_DEVICES, "vlan", vlan)
        found += [(where, one) for where, device in tagged for one in _in_bridge(view, where, device.bridge)]
    if not vlans:
        nics = view.rows(BRIDGED_NICS)
        found += [(where, one) for where, nic in nics for one in _in_bridge(view, where, nic.bridge)]
    return found


CHECKS = (RightNetwork(), Wired(), Isolated())

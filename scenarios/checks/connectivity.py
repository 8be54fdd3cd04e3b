"""Who reaches whom: right-network, wired, isolated; computed on the wiring, never assumed."""

from __future__ import annotations

from collections.abc import Iterable

from fakes.records import (
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
    VMS,
    VNICS,
)
from fakes.records.engine import LogicalNetwork, Vnic
from fakes.records.host import OvsPort, Tap
from fakes.wiring import DEAD_VLAN, leaves_as, neighbours, port_of, segment, sends
from scenarios.checks.base import ENGINE, Settled, vnic_of
from sim.checks import Breach, Check, Expectation, Subject, View
from sim.store import Delta
from sim.tables import Key


class RightNetwork(Settled):
    """Each tap against its vNIC."""

    id = "right-network"
    statement = "each tap's segment, its port's network and MAC equal its vNIC's; nothing forwards without a port"
    judged = (TAPS,)
    depends = (OVS_PORTS, VNICS, QUANTUM_PORTS, VLAN_BINDINGS, NETWORKS, TUNNEL_FLOWS, SERVERS, BRIDGES)

    def wrong(self, view: View, node: str, row: Tap) -> str:
        port = port_of(view, node, row)
        vnic = vnic_of(view, port.iface_id) if port is not None else None
        network = view.get(NETWORKS, ENGINE, vnic.network) if vnic is not None else None
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


def running(view: View, network: str) -> list[tuple[str, Vnic, Tap | None]]:
    """The plugged vNICs of running VMs on a network, each with its host and its tap there."""
    found = []
    for _, vnic in view.where(VNICS, "network", network):
        vm = view.get(VMS, ENGINE, vnic.vm)
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
    depends = (TAPS, OVS_PORTS, FLOWS, DOMAINS, VMS, VNICS, TRUNKS, SWITCHES, TUNNEL_PORTS, TUNNEL_FLOWS, BRIDGES)

    def wrong(self, view: View, node: str, row: LogicalNetwork) -> str:
        apart: dict[str, tuple[Vnic, str, Tap]] = {}
        for host, vnic, tap in running(view, row.id) if row.server else ():
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
    """No vNIC of another network on the segment.  Keys: (host, port name)."""

    id = "isolated"
    expectation = Expectation.ALWAYS
    statement = "no vNIC reaches one of another network, from the agent's first pass on"
    watches = ("ovs_ports", "flows", "taps", "vnics", "tunnel_flows", "tunnel_ports", "bridges")

    def keys(self, delta: Delta, view: View) -> Iterable[Key]:
        row = delta.new if delta.new is not None else delta.old
        if delta.schema == "vnics":
            for iface_id in {row.id: None, row.attachment: None}:
                yield from ((node, port.name) for node, port in view.where(OVS_PORTS, "iface_id", iface_id))
        elif delta.schema == "ovs_ports":
            if delta.new is not None and delta.new.tag is not None:
                yield (delta.node, row.name)
        elif delta.schema == "tunnel_flows":
            ports = view.of(OVS_PORTS, delta.node)
            yield from ((delta.node, port.name) for port in ports if row.local_vlan in (0, port.tag))
        elif delta.schema in ("tunnel_ports", "bridges"):
            yield from ((delta.node, port.name) for port in view.of(OVS_PORTS, delta.node))
        else:
            yield (delta.node, row.in_port if delta.schema == "flows" else row.name)

    def every(self, view: View) -> Iterable[Key]:
        return [(node, row.name) for node, row in view.rows(OVS_PORTS)]

    def judge(self, view: View, key: Key) -> Breach | None:
        node, name = key
        port, tap = view.get(OVS_PORTS, node, name), view.get(TAPS, node, name)
        if port is None or tap is None or port.tag is None:
            return None
        here, mine = segment(view, node, tap), vnic_of(view, port.iface_id)
        for other_node, other in neighbours(view, node, port) if here and mine else ():
            theirs, their_tap = vnic_of(view, other.iface_id), view.get(TAPS, other_node, other.name)
            if theirs is None or their_tap is None or mine is None or theirs.network == mine.network:
                continue
            ends = ((node, tap), (other_node, their_tap))
            there = segment(view, other_node, their_tap)
            if sends(view, *ends) or sends(view, *reversed(ends)):
                where = f"both are on {here}" if here == there else f"a tunnel joins {here} and {there}"
                words = f"{mine.name} on {node} reaches {theirs.name} on {other_node}: {where}"
                return Breach(Subject("ovs_ports", node, name), "reachable-vnic", words)
        return None


CHECKS = (RightNetwork(), Wired(), Isolated())

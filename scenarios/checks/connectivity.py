"""Who reaches whom: right-network, wired, isolated; computed on the wiring, never assumed."""

from __future__ import annotations

from collections.abc import Iterable

from fakes.records import (
    DOMAINS,
    FLOWS,
    NETWORKS,
    OVS_PORTS,
    QUANTUM_PORTS,
    SWITCHES,
    TAPS,
    TRUNKS,
    VLAN_BINDINGS,
    VMS,
    VNICS,
)
from fakes.records.engine import LogicalNetwork, Vnic
from fakes.records.host import Tap
from fakes.wiring import DEAD_VLAN, port_of, segment
from scenarios.checks.base import ENGINE, Settled, vnic_of
from sim.checks import Breach, Check, Expectation, Subject, View
from sim.store import Delta
from sim.tables import Key


class RightNetwork(Settled):
    """Each tap against its vNIC."""

    id = "right-network"
    statement = "each tap's segment, its port's network and MAC equal its vNIC's; nothing forwards without a port"
    judged = (TAPS,)
    depends = (OVS_PORTS, VNICS, QUANTUM_PORTS, VLAN_BINDINGS, NETWORKS)

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
        vlans = [
            one.vlan for server, one in view.where(VLAN_BINDINGS, "network", network.uuid) if server == network.server
        ]
        if port.tag not in (None, DEAD_VLAN, *vlans):
            return f"tap {row.name} on {node} is on VLAN {port.tag}; {network.name} is VLAN {vlans}"
        return ""


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
    depends = (TAPS, OVS_PORTS, FLOWS, DOMAINS, VMS, VNICS, TRUNKS, SWITCHES)

    def wrong(self, view: View, node: str, row: LogicalNetwork) -> str:
        first: tuple[str, str] | None = None
        for host, vnic, tap in running(view, row.id) if row.server else ():
            found = segment(view, host, tap) if tap is not None else ""
            if not found or found.startswith("untagged"):
                return f"{vnic.name} runs on {host} and is wired to nothing"
            if first is None:
                first = (vnic.name, found)
            elif first[1] != found:
                return f"{vnic.name} is on {found}, and {first[0]} of the same network on {first[1]}"
        return ""


class Isolated(Check):
    """No vNIC of another network on the segment.  Keys: (host, port name)."""

    id = "isolated"
    expectation = Expectation.ALWAYS
    statement = "no vNIC reaches one of another network, from the agent's first pass on"
    watches = ("ovs_ports", "flows", "taps", "vnics")

    def keys(self, delta: Delta, view: View) -> Iterable[Key]:
        row = delta.new if delta.new is not None else delta.old
        if delta.schema == "vnics":
            for iface_id in {row.id: None, row.attachment: None}:
                yield from ((node, port.name) for node, port in view.where(OVS_PORTS, "iface_id", iface_id))
        elif delta.schema == "ovs_ports":
            if delta.new is not None and delta.new.tag is not None:
                yield (delta.node, row.name)
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
        for other_node, other in view.where(OVS_PORTS, "tag", port.tag) if here and mine else ():
            theirs, their_tap = vnic_of(view, other.iface_id), view.get(TAPS, other_node, other.name)
            if theirs is None or their_tap is None or mine is None or theirs.network == mine.network:
                continue
            if segment(view, other_node, their_tap) == here:
                words = f"{mine.name} on {node} reaches {theirs.name} on {other_node}: both are on {here}"
                return Breach(Subject("ovs_ports", node, name), "reachable-vnic", words)
        return None


CHECKS = (RightNetwork(), Wired(), Isolated())

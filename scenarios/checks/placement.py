"""Where a vNIC may be: by what the host reported when it was plugged, and by the wiring."""

from __future__ import annotations

from collections.abc import Iterable

from fakes.records import (
    ATTACHED,
    DOMAINS,
    HOSTS,
    NETWORKS,
    OVS_PORTS,
    SERVERS,
    SWITCHES,
    TRUNKS,
    VLAN_BINDINGS,
    VNICS,
)
from fakes.records.engine import MANAGEMENT, Fabric, Host, LogicalNetwork
from fakes.records.host import Trunk
from fakes.wiring import reach, tunnelled
from scenarios.checks.base import ENGINE, Always, vnic_of
from sim.checks import Breach, Check, Expectation, Subject, View
from sim.store import Delta
from sim.tables import Key


class AtPlug(Check):
    """Judged when a port of a vNIC comes onto a host's bridge; what happens later is no placement.

    Keys: (host, port name).
    """

    expectation = Expectation.ALWAYS
    watches = ("ovs_ports",)

    def keys(self, delta: Delta, view: View) -> Iterable[Key]:
        """A record without a device plugs nothing: it was added late, for a VM that is gone."""
        old, new = delta.old, delta.new
        if new is not None and new.device and (old is None or not old.device or old.iface_id != new.iface_id):
            yield (delta.node, delta.key)

    def every(self, view: View) -> Iterable[Key]:
        return ()

    def judge(self, view: View, key: Key) -> Breach | None:
        node, name = key
        port = view.get(OVS_PORTS, node, name)
        vnic = vnic_of(view, port.iface_id) if port is not None else None
        host = view.get(HOSTS, ENGINE, node)
        network = view.get(NETWORKS, ENGINE, vnic.network) if vnic is not None else None
        if vnic is None or host is None or network is None:
            return None
        wrong = self.wrong(view, host, network)
        return Breach(Subject("ovs_ports", node, name), "plugged-vnic", f"{vnic.name} {wrong}") if wrong else None

    def wrong(self, view: View, host: Host, network: LogicalNetwork) -> str:
        """Why the network may not be plugged there, in words; "" if it may."""
        raise NotImplementedError


def _type(view: View, network: LogicalNetwork) -> str:
    """The segmentation type of the network's server."""
    server = view.get(SERVERS, network.server, network.server)
    return server.type if server is not None else "vlan"


def _fabric(host: Host, network: LogicalNetwork) -> Fabric | None:
    """What the host reports of the network's server, if it runs an agent of it."""
    return next((one for one in host.fabrics if one.name == network.server and one.running), None)


def _lacks(view: View, host: Host, network: LogicalNetwork) -> str:
    """Which agent the host's report lacks, in words; "" if it has it."""
    fabric = _fabric(host, network)
    if fabric is None:
        return f"which reports no running agent of {network.server}"
    if fabric.type != _type(view, network):
        return f"whose agent of {network.server} is for {fabric.type}, and {network.name} is {_type(view, network)}"
    return ""


class PlacementPlugin(AtPlug):
    """A running agent that implements the network."""

    id = "placement-plugin"
    statement = "at plug, a running agent or driver there implements the network, by its host's last report"

    def wrong(self, view: View, host: Host, network: LogicalNetwork) -> str:
        lacks = _lacks(view, host, network) if network.server else ""
        return f"was plugged on {host.id}, {lacks}" if lacks else ""


class PlacementFabric(AtPlug):
    """An interface of the fabric."""

    id = "placement-fabric"
    statement = "and through an interface of that fabric that is up, with one agent on it"

    def wrong(self, view: View, host: Host, network: LogicalNetwork) -> str:
        if any(one.name == network.server and one.type == "gre" for one in host.fabrics):
            return "" if tunnelled(view, host.id) else f"was plugged on {host.id}, which has no tunnel bridge"
        if not any(trunk.bridge == "br-int" for trunk in view.of(TRUNKS, host.id)):
            return f"was plugged on {host.id}, whose br-int has no physical interface"
        return ""


class PlacementCluster(AtPlug):
    """A network of the host's cluster."""

    id = "placement-cluster"
    statement = "at plug, the network is attached to the cluster and operational on the host"

    def wrong(self, view: View, host: Host, network: LogicalNetwork) -> str:
        row = view.get(ATTACHED, ENGINE, (network.id, host.cluster))
        if row is None:
            return f"was plugged on {host.id}, and {network.name} is not attached to {host.cluster}"
        return "" if row.status == "Operational" else f"was plugged on {host.id}, and {network.name} is {row.status}"


class PlacementVmNetwork(Always):
    """Logical networks that have a Quantum network."""

    id = "placement-vm-network"
    statement = "a network that is not for VMs, and the management network, are never on Quantum"
    judged = (NETWORKS,)

    def wrong(self, view: View, node: str, row: LogicalNetwork) -> str:
        if not row.uuid or (row.vm_network and row.name != MANAGEMENT):
            return ""
        kind = "the management network" if row.name == MANAGEMENT else "not for VMs"
        return f"network {row.name} is {kind}, and {row.server} has it as {row.uuid}"


class PlacementMigration(Check):
    """Judged at Prepare.  Keys: (target host, VM id)."""

    id = "placement-migration"
    expectation = Expectation.ALWAYS
    statement = "at Prepare, the target accepts every network of the VM, by its reports and by the wiring"
    watches = ("domains",)

    def keys(self, delta: Delta, view: View) -> Iterable[Key]:
        if delta.old is None and delta.new.job == "in":
            yield (delta.node, delta.key)

    def every(self, view: View) -> Iterable[Key]:
        return ()

    def judge(self, view: View, key: Key) -> Breach | None:
        node, vm_id = key
        host = view.get(HOSTS, ENGINE, node)
        sources = [source for source, _ in view.where(DOMAINS, "uuid", vm_id) if source != node]
        if host is None or view.get(DOMAINS, node, vm_id) is None:
            return None
        for _, vnic in view.where(VNICS, "vm", vm_id):
            if not vnic.plugged:
                continue
            network = view.get(NETWORKS, ENGINE, vnic.network)
            if network is None or not network.server:
                continue
            lacks = _lacks(view, host, network)
            if lacks:
                return self._breach(node, vm_id, f"{vnic.name} is prepared on {node}, {lacks}")
            if sources and _segment(view, sources[0], network) != _segment(view, node, network):
                return self._breach(
                    node, vm_id, f"{vnic.name} is prepared on {node}, which is on another segment than {sources[0]}"
                )
        return None

    def _breach(self, node: str, vm_id: str, words: str) -> Breach:
        return Breach(Subject("domains", node, vm_id), "migration-target", words)


def _segment(view: View, host: str, network: LogicalNetwork) -> str:
    """Which part of the physical networks the network's VLAN is on, seen from that host; or which mesh."""
    row = view.get(HOSTS, ENGINE, host)
    fabric = _fabric(row, network) if row is not None else None
    if fabric is not None and fabric.type == "gre":
        return f"tunnels of {network.server}"
    switches = tuple(row for _, row in view.rows(SWITCHES))
    for node, binding in view.where(VLAN_BINDINGS, "network", network.uuid):
        for trunk in view.of(TRUNKS, host) if node == network.server else ():
            return reach(switches, trunk.physical, binding.vlan)
    return host


class SegmentCollision(Check):
    """Keys: VLAN ids."""

    id = "segment-collision"
    expectation = Expectation.ALWAYS
    statement = "no two networks of one segmentation type with one id on one physical segment"
    watches = ("vlan_bindings",)

    def keys(self, delta: Delta, view: View) -> Iterable[Key]:
        yield delta.key

    def every(self, view: View) -> Iterable[Key]:
        return dict.fromkeys(row.vlan for _, row in view.rows(VLAN_BINDINGS))

    def judge(self, view: View, key: Key) -> Breach | None:
        servers = [(node, row) for node, row in view.rows(VLAN_BINDINGS) if row.vlan == key] if _several(view) else []
        switches = tuple(row for _, row in view.rows(SWITCHES))
        seen: dict[str, str] = {}
        for node, _ in servers:
            for part in dict.fromkeys(reach(switches, trunk.physical, key) for trunk in _trunks(view, node)):
                if seen.setdefault(part, node) != node:
                    words = f"VLAN {key} is given out by {seen[part]} and by {node} on {part}"
                    return Breach(Subject("vlan_bindings", node, key), "vlan", words)
        return None


def _several(view: View) -> bool:
    return len({node for node, _ in view.rows(VLAN_BINDINGS)}) > 1


def _trunks(view: View, server: str) -> list[Trunk]:
    """The trunks of the hosts that carry the server's fabric."""
    model = view.get(SERVERS, server, server)
    if model is not None and model.type != "vlan":
        return []  # where an agent makes VLANs of its keys all the same, that is seen in the wiring
    hosts = [(row.id, one.nics) for _, row in view.rows(HOSTS) for one in row.fabrics if one.name == server]
    return [trunk for host, nics in hosts for trunk in view.of(TRUNKS, host) if trunk.nic in (nics or (trunk.nic,))]


CHECKS = (
    PlacementPlugin(),
    PlacementFabric(),
    PlacementCluster(),
    PlacementVmNetwork(),
    PlacementMigration(),
    SegmentCollision(),
)

"""Where a vNIC may be: by what the host reported when it was plugged, and by the wiring."""

from __future__ import annotations

from collections.abc import Iterable
from operator import attrgetter
from typing import Any

from fakes.records import (
    ATTACHED,
    DOMAINS,
    HOST_NETWORKS,
    HOSTS,
    LOCKS,
    NETWORKS,
    OVS_PORTS,
    SERVERS,
    TAPS,
    TRUNKS,
    VLAN_BINDINGS,
    VNICS,
)
from fakes.records.engine import MANAGEMENT, Fabric, Host, LogicalNetwork, Vnic
from fakes.records.host import Trunk
from fakes.wiring import NATIVE, bridged, fabric_bridge, part, physical, tunnelled
from scenarios.checks.base import Always, vnic_of, vnic_of_mac, wired_by_open_vswitch
from sim.checks import Breach, Check, Expectation, Subject, View
from sim.store import Delta
from sim.tables import Key


class AtPlug(Check):
    """Judged when a port of a vNIC comes onto a host's bridge, or a tap for which there will be no port.

    What happens later is no placement.  Keys: (table, host, name).
    """

    expectation = Expectation.ALWAYS
    watches = ("ovs_ports", "taps")

    def keys(self, delta: Delta, view: View) -> Iterable[Key]:
        """A record without a device plugs nothing: it was added late, for a VM that is gone."""
        old, new = delta.old, delta.new
        if new is not None and (old is None or self._another(delta.schema, old, new)) and getattr(new, "device", 1):
            yield (delta.schema, delta.node, delta.key)

    @staticmethod
    def _another(table: str, old: Any, new: Any) -> bool:
        """Whether the row is now of another plug."""
        if table == "taps":
            return bool(old.ifindex != new.ifindex)
        return not old.device or bool(old.iface_id != new.iface_id)

    def every(self, view: View) -> Iterable[Key]:
        return ()

    def judge(self, view: View, key: Key) -> Breach | None:
        table, node, name = key
        host, vnic = view.anywhere(HOSTS, node), _vnic(view, *key)
        network = view.anywhere(NETWORKS, vnic.network) if vnic is not None else None
        if vnic is None or host is None or network is None:
            return None
        if table == "taps" and wired_by_open_vswitch(view, node, network):
            return None  # its port is judged
        wrong = self.wrong(view, host, vnic, network)
        return Breach(Subject(table, node, name), "plugged-vnic", f"{vnic.name} {wrong}") if wrong else None

    def wrong(self, view: View, host: Host, vnic: Vnic, network: LogicalNetwork) -> str:
        """Why the network may not be plugged there, in words; "" if it may."""
        raise NotImplementedError


def _vnic(view: View, table: str, node: str, name: str) -> Vnic | None:
    """The vNIC that a port or a tap is of."""
    if table == "ovs_ports":
        port = view.get(OVS_PORTS, node, name)
        return vnic_of(view, port.iface_id) if port is not None else None
    tap = view.get(TAPS, node, name)
    return vnic_of_mac(view, tap.mac, tap.vm) if tap is not None else None


def _type(view: View, network: LogicalNetwork) -> str:
    """The segmentation type of the network's server."""
    server = view.get(SERVERS, network.server, network.server)
    return server.type if server is not None else "vlan"


def _fabric(host: Host, network: LogicalNetwork) -> Fabric | None:
    """What the host reports of the network's server, if it runs an agent of it."""
    return next((one for one in host.fabrics if one.name == network.server and one.running), None)


def _lacks(view: View, host: Host, vnic: Vnic, network: LogicalNetwork) -> str:
    """What the host's report lacks, in words; "" if it has it.

    An agent that dies later is no placement: what the host has told since the command began, which still holds its
    VM's lock, nobody could ask when the host was chosen.  A migration may wait long for its turn.
    """
    if any(lock.id == vnic.vm and lock.since < host.reported for _, lock in view.rows(LOCKS)):
        return ""
    if not network.server:
        return "" if network.name in host.networks else f"which reports no network {network.name}"
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

    def wrong(self, view: View, host: Host, vnic: Vnic, network: LogicalNetwork) -> str:
        lacks = _lacks(view, host, vnic, network)
        return f"was plugged on {host.id}, {lacks}" if lacks else ""


class PlacementFabric(AtPlug):
    """An interface of the fabric."""

    id = "placement-fabric"
    statement = "and through an interface of that fabric that is up, with one agent on it"

    def wrong(self, view: View, host: Host, vnic: Vnic, network: LogicalNetwork) -> str:
        if any(one.name == network.server and one.type == "gre" for one in host.fabrics):
            return "" if tunnelled(view, host.id) else f"was plugged on {host.id}, which has no tunnel bridge"
        missing = _interface(view, host, network)
        return f"was plugged on {host.id}, {missing}" if missing else ""


def _interface(view: View, host: Host, network: LogicalNetwork) -> str:
    """Which physical interface the host lacks for the network, in words; "" if it has it."""
    bridge = fabric_bridge(view, network.server)
    if bridge:
        there = any(trunk.bridge == bridge for trunk in view.of(TRUNKS, host.id))
        return "" if there else f"whose {bridge} has no physical interface"
    if network.server:
        return "" if interfaces(view, host.id, network.server) else f"which has no interface of {network.server}'s"
    there = not bridged(view, host.id, network.name).startswith("bridge ")
    return "" if there else f"whose bridge {network.name} has no physical interface"


class PlacementCluster(AtPlug):
    """A network of the host's cluster."""

    id = "placement-cluster"
    statement = "at plug, the network is attached to the cluster and operational on the host"

    def wrong(self, view: View, host: Host, vnic: Vnic, network: LogicalNetwork) -> str:
        row = view.anywhere(ATTACHED, (network.id, host.cluster))
        if row is None:
            return f"was plugged on {host.id}, and {network.name} is not attached to {host.cluster}"
        return "" if row.status == "Operational" else f"was plugged on {host.id}, and {network.name} is {row.status}"


class PlacementVmNetwork(Always):
    """Logical networks that have a Quantum network."""

    id = "placement-vm-network"
    statement = "a network that is not for VMs, and the management network, are never on Quantum"
    judged = (NETWORKS,)
    asks = {"networks": attrgetter("name", "uuid", "vm_network", "server")}

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
    asks = {"domains": lambda domain: None}  # only a new one is asked about

    def keys(self, delta: Delta, view: View) -> Iterable[Key]:
        if delta.old is None and delta.new is not None and delta.new.job == "in":
            yield (delta.node, delta.key)

    def every(self, view: View) -> Iterable[Key]:
        return ()

    def judge(self, view: View, key: Key) -> Breach | None:
        node, vm_id = key
        host = view.anywhere(HOSTS, node)
        sources = [source for source, _ in view.where(DOMAINS, "uuid", vm_id) if source != node]
        if host is None or view.get(DOMAINS, node, vm_id) is None:
            return None
        for _, vnic in view.where(VNICS, "vm", vm_id):
            if not vnic.plugged:
                continue
            network = view.anywhere(NETWORKS, vnic.network)
            if network is None:
                continue
            lacks = _lacks(view, host, vnic, network)
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
    """Which part of the physical networks the network is on, seen from that host; or which mesh."""
    row = view.anywhere(HOSTS, host)
    # Where its interfaces lead does not depend on whether its agent runs at the moment.
    of_server = [fabric for fabric in row.fabrics if fabric.name == network.server] if row is not None else []
    if any(fabric.type == "gre" for fabric in of_server):
        return f"tunnels of {network.server}"
    if not network.server:
        return bridged(view, host, network.name)
    for node, binding in view.where(VLAN_BINDINGS, "network", network.uuid):
        for trunk in interfaces(view, host, network.server) if node == network.server else ():
            return part(view, trunk.physical, binding.vlan)
    return host


def interfaces(view: View, host: str, server: str) -> list[Trunk]:
    """The interfaces of the host that its agent of that server uses, as it reports; of an old report, all."""
    row = view.anywhere(HOSTS, host)
    nics = {nic for fabric in row.fabrics if fabric.name == server for nic in fabric.nics} if row is not None else set()
    return [trunk for trunk in view.of(TRUNKS, host) if trunk.nic in nics or not nics]


class SegmentCollision(Check):
    """Keys: VLAN ids (0: untagged)."""

    id = "segment-collision"
    expectation = Expectation.ALWAYS
    statement = "no two networks of one segmentation type, untagged included, with one id on one physical segment"
    watches = ("vlan_bindings", "host_networks")

    def keys(self, delta: Delta, view: View) -> Iterable[Key]:
        if delta.schema == "vlan_bindings":
            yield delta.key
        else:
            yield from (row.vlan or NATIVE for row in (delta.old, delta.new) if row is not None)

    def every(self, view: View) -> Iterable[Key]:
        vlans = [row.vlan for _, row in view.rows(VLAN_BINDINGS)]
        return dict.fromkeys(vlans + [row.vlan or NATIVE for _, row in view.rows(HOST_NETWORKS)])

    def judge(self, view: View, key: Key) -> Breach | None:
        seen: dict[str, tuple[str, str]] = {}
        for schema, node, row, name, parts in (*_given_out(view, key), *_configured(view, key)):
            for one in parts:
                if seen.setdefault(one, (name, node))[0] != name:
                    words = f"{_vlan(key)} is given out by {seen[one][0]} and by {name} on {one}"
                    return Breach(Subject(schema, node, row), "vlan", words)
        return None


Use = tuple[str, str, Key, str, list[str]]
"""Who uses a VLAN: table, node and key of the row that says so, a name for it, and the parts that it is on."""


def _vlan(vlan: int) -> str:
    return f"VLAN {vlan}" if vlan != NATIVE else "the native VLAN"


def _given_out(view: View, vlan: int) -> list[Use]:
    """By Quantum servers with networks of type vlan, on the interfaces of their agents."""
    servers = [node for node, row in view.rows(VLAN_BINDINGS) if row.vlan == vlan]
    if not servers or not _several(view):
        return []
    return [("vlan_bindings", node, vlan, node, _parts(view, node, vlan)) for node in servers]


def _several(view: View) -> bool:
    return len({node for node, _ in view.rows(VLAN_BINDINGS)}) > 1 or bool(view.rows(HOST_NETWORKS))


def _parts(view: View, server: str, vlan: int) -> list[str]:
    model = view.get(SERVERS, server, server)
    if model is not None and model.type != "vlan":
        return []  # where an agent makes VLANs of its keys all the same, that is seen in the wiring
    hosts = [row.id for _, row in view.rows(HOSTS) if any(fabric.name == server for fabric in row.fabrics)]
    trunks = [trunk for host in hosts for trunk in interfaces(view, host, server)]
    return list(dict.fromkeys(part(view, trunk.physical, vlan) for trunk in trunks))


def _configured(view: View, vlan: int) -> list[Use]:
    """By networks of VDSM's own."""
    rows = [(node, row) for node, row in view.rows(HOST_NETWORKS) if (row.vlan or NATIVE) == vlan]
    return [
        ("host_networks", node, row.name, f"the network {row.name}", [physical(view, node, row.nic, vlan)])
        for node, row in rows
    ]


CHECKS = (
    PlacementPlugin(),
    PlacementFabric(),
    PlacementCluster(),
    PlacementVmNetwork(),
    PlacementMigration(),
    SegmentCollision(),
)

"""Quantum's rows: ports, networks, attachments, VLANs."""

from __future__ import annotations

from fakes.records import NETWORKS, QUANTUM_NETWORKS, QUANTUM_PORTS, VLAN_BINDINGS, VLAN_IDS, VLAN_MAP, VMS, VNICS
from fakes.records.engine import Vnic
from fakes.records.quantum import QuantumNetwork, QuantumPort, VlanBinding, VlanId
from scenarios.checks.base import Settled, active, engines, port_of, vm_of
from sim.checks import View


def owners(view: View, server: str, port: QuantumPort) -> list[Vnic]:
    """The vNICs that have this port: on record, or by its attachment."""
    found = {row.id: row for _, row in view.where(VNICS, "port", port.id)}
    for _, row in view.where(VNICS, "attachment", port.attachment) if port.attachment else ():
        found.setdefault(row.id, row)
    own = view.anywhere(VNICS, port.attachment)
    if own is not None:
        found.setdefault(own.id, own)
    return [row for row in found.values() if (net := view.anywhere(NETWORKS, row.network)) and net.server == server]


class LeftoverPort(Settled):
    """Ports and their owners."""

    id = "leftover-port"
    statement = "no Quantum port without an owner; none owned twice; no owner with two"
    judged = (QUANTUM_PORTS,)
    depends = (QUANTUM_PORTS, VNICS, NETWORKS, QUANTUM_NETWORKS)

    def wrong(self, view: View, node: str, row: QuantumPort) -> str:
        network = view.get(QUANTUM_NETWORKS, node, row.network)
        if network is not None and network.tenant not in engines(view):
            return ""
        found = owners(view, node, row)
        plugged = f"plugged with {row.attachment}" if row.attachment else "unplugged"
        if not found:
            return f"port {row.id} of network {row.network} is {plugged}, and no vNIC has it"
        if len(found) > 1:
            return f"port {row.id} is owned by {' and '.join(vnic.name for vnic in found)}"
        if found[0].port not in ("", row.id) and view.get(QUANTUM_PORTS, node, found[0].port) is not None:
            return f"{found[0].name} has port {found[0].port} and also {row.id}"
        return ""


class LeftoverNetwork(Settled):
    """Quantum networks and the logical networks that own them."""

    id = "leftover-network"
    statement = "no Quantum network that an engine made and no logical network owns; one per logical network and server"
    judged = (QUANTUM_NETWORKS,)
    depends = (NETWORKS,)

    def wrong(self, view: View, node: str, row: QuantumNetwork) -> str:
        if row.tenant not in engines(view):
            return ""
        found = [net for _, net in view.where(NETWORKS, "uuid", row.id) if net.server == node]
        if not found:
            return f"Quantum network {row.id} ({row.name!r}) is on {node}, and no logical network has it"
        if len(found) > 1:
            return f"Quantum network {row.id} is had by {' and '.join(net.name for net in found)}"
        return ""


class LeftoverBinding(Settled):
    """Attachments and the VMs that use them."""

    id = "leftover-binding"
    statement = (
        "a running vNIC's port has exactly one attachment, its own; that of an unplugged vNIC or of a VM that is down "
        "has none"
    )
    judged = (QUANTUM_PORTS, VNICS)
    depends = (QUANTUM_PORTS, VNICS, VMS, NETWORKS)

    def wrong(self, view: View, node: str, row: QuantumPort | Vnic) -> str:
        return self._port(view, node, row) if isinstance(row, QuantumPort) else self._vnic(view, row)

    def _port(self, view: View, node: str, port: QuantumPort) -> str:
        for vnic in owners(view, node, port) if port.attachment else ():
            vm = vm_of(view, vnic.vm)
            if not active(vm):
                return f"port {port.id} is still plugged with {port.attachment} of {vnic.name}, whose VM is down"
            if not vnic.plugged:
                return f"port {port.id} is still plugged with {port.attachment} of {vnic.name}, which is unplugged"
            if port.attachment not in (vnic.id, vnic.attachment):
                return f"port {port.id} of {vnic.name} is plugged with {port.attachment}"
        return ""

    def _vnic(self, view: View, vnic: Vnic) -> str:
        network, vm = view.anywhere(NETWORKS, vnic.network), vm_of(view, vnic.vm)
        if network is None or not network.server or not vnic.plugged or vm is None or vm.status != "Up":
            return ""
        port = port_of(view, network.server, vnic)
        if port is None or not port.attachment:
            return f"{vnic.name} of a running VM is not plugged in Quantum"
        return ""


class LeftoverSegment(Settled):
    """VLAN ids held."""

    id = "leftover-segment"
    statement = "no segmentation id held without its network"
    judged = (VLAN_BINDINGS, VLAN_MAP, VLAN_IDS)
    depends = (QUANTUM_NETWORKS,)

    def wrong(self, view: View, node: str, row: VlanBinding | VlanId) -> str:
        if view.get(QUANTUM_NETWORKS, node, row.network) is None:
            return f"VLAN {row.vlan} is held for network {row.network}, which does not exist"
        return ""


CHECKS = (LeftoverPort(), LeftoverNetwork(), LeftoverBinding(), LeftoverSegment())

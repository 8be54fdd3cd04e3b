"""What is on hosts: taps, Open vSwitch records, flows, domains, entries, files, leases."""

from __future__ import annotations

from fakes.records import (
    AGENT_VIFS,
    DOMAINS,
    FLOWS,
    HOST_NETWORKS,
    HOSTS,
    LEASES,
    LINUX_BRIDGES,
    LOCAL_VLANS,
    OVS_PORTS,
    QEMUS,
    QUANTUM_NETWORKS,
    QUANTUM_PORTS,
    RECOVERY_FILES,
    TAPS,
    TUNNEL_FLOWS,
    VDSM_VMS,
    VLAN_BINDINGS,
    VLAN_DEVICES,
    VMS,
    VNICS,
)
from fakes.records.agent import AgentVif
from fakes.records.host import Flow, LinuxBridge, OvsPort, Qemu, Tap, VlanDevice
from fakes.records.libvirt import Domain
from fakes.records.storage import Lease
from fakes.records.tunnels import LocalVlan, TunnelFlow
from fakes.records.vdsm import RecoveryFile, VdsmVm
from fakes.wiring import DEAD_VLAN, network_bridge, tap_name
from scenarios.checks.base import Settled, active, switched_off, vm_of
from sim.checks import View
from sim.nodes import MACHINES


class LeftoverTap(Settled):
    """Taps and the interfaces that use them."""

    id = "leftover-tap"
    statement = "no tap without an active domain's interface that is a plugged vNIC"
    judged = (TAPS,)
    depends = (DOMAINS, VNICS)

    def wrong(self, view: View, node: str, row: Tap) -> str:
        domain = view.get(DOMAINS, node, row.vm)
        interfaces = domain.definition.interfaces if domain is not None else ()
        if not any(one.target == row.name and one.mac == row.mac for one in interfaces):
            return f"tap {row.name} (made by {row.maker}) is on {node}, and no domain there has it"
        if not any(vnic.plugged and vnic.vm == row.vm for _, vnic in view.where(VNICS, "mac", row.mac)):
            return f"tap {row.name} is on {node} with MAC {row.mac}, and no plugged vNIC has that"
        return ""


class LeftoverInterface(Settled):
    """What a VM has, in its live XML and in its guest, against the vNICs that the engine holds plugged."""

    id = "leftover-interface"
    statement = "no domain interface that the engine holds unplugged, in the live XML or in the guest; none twice"
    judged = (DOMAINS, QEMUS)
    depends = (DOMAINS, VNICS, VMS)

    def wrong(self, view: View, node: str, row: Domain | Qemu) -> str:
        vm_id = row.uuid if isinstance(row, Domain) else row.vm
        vm = vm_of(view, vm_id)
        if vm is None:
            return ""  # all of it is `leftover-domain`'s
        plugged = {vnic.mac for _, vnic in view.where(VNICS, "vm", vm_id) if vnic.plugged}
        if isinstance(row, Domain):
            return self._domain(row, plugged, node)
        domain = view.get(DOMAINS, node, vm_id)
        known = {one.mac for one in domain.definition.interfaces} if domain is not None else set(row.nics)
        for mac in row.nics:
            if mac not in known and mac not in plugged:
                return f"the guest of {vm.name} on {node} has a NIC {mac}, and the engine holds none of that plugged"
        return ""

    @staticmethod
    def _domain(domain: Domain, plugged: set[str], node: str) -> str:
        macs = [one.mac for one in domain.definition.interfaces]
        for mac in macs:
            if mac not in plugged:
                return f"{domain.definition.name} on {node} has an interface {mac}, which the engine holds unplugged"
            if macs.count(mac) > 1:
                return f"{domain.definition.name} on {node} has {macs.count(mac)} interfaces {mac}"
        return ""


class LeftoverOvs(Settled):
    """Open vSwitch records and their devices."""

    id = "leftover-ovs"
    statement = "no Open vSwitch record of a VIF without its device"
    judged = (OVS_PORTS,)
    depends = (TAPS, HOSTS, MACHINES)

    def wrong(self, view: View, node: str, row: OvsPort) -> str:
        if switched_off(view, node):
            return ""
        tap = view.get(TAPS, node, row.name)
        if tap is None or tap.ifindex != row.device:
            return (
                f"{row.bridge} of {node} has a record {row.name} with iface-id {row.iface_id}, and its device is gone"
            )
        return ""


class LeftoverLocalVlan(Settled):
    """Tags, taps in networks' bridges, flows and the agent's memory."""

    id = "leftover-local-vlan"
    statement = "no local VLAN, VLAN tag, flow or tap in a network's bridge without a port plugged on that host"
    judged = (OVS_PORTS, FLOWS, AGENT_VIFS, TUNNEL_FLOWS, LOCAL_VLANS, TAPS)
    depends = (OVS_PORTS, QUANTUM_PORTS, HOSTS, MACHINES)

    def wrong(self, view: View, node: str, row: OvsPort | Flow | AgentVif | TunnelFlow | LocalVlan | Tap) -> str:
        if switched_off(view, node):
            return ""
        if isinstance(row, TunnelFlow | LocalVlan):
            return self._of_tunnels(view, node, row)
        if isinstance(row, Tap):
            plugged = not row.bridge.startswith("brq") or any(
                tap_name(port.attachment) == row.name for _, port in view.rows(QUANTUM_PORTS)
            )
            return "" if plugged else f"{row.name} on {node} is in {row.bridge}, and no port is plugged for it"
        if isinstance(row, Flow):
            gone = view.get(OVS_PORTS, node, row.in_port) is None
            return f"{row.bridge} of {node} has a flow of {row.in_port}, which does not exist" if gone else ""
        if isinstance(row, OvsPort):
            live = row.tag not in (None, DEAD_VLAN)
            unplugged = live and not view.where(QUANTUM_PORTS, "attachment", row.iface_id)
            return (
                f"{row.name} on {node} has VLAN {row.tag}, and no port is plugged with {row.iface_id}"
                if unplugged
                else ""
            )
        unknown = row.network and not view.where(QUANTUM_PORTS, "attachment", row.iface_id)
        return f"the agent of {node} remembers {row.name} on network {row.network}, unplugged since" if unknown else ""

    @staticmethod
    def _of_tunnels(view: View, node: str, row: TunnelFlow | LocalVlan) -> str:
        vlan = row.local_vlan if isinstance(row, TunnelFlow) else row.vlan
        used = [port for port in view.of(OVS_PORTS, node) if port.tag == vlan]
        if not vlan or any(view.where(QUANTUM_PORTS, "attachment", port.iface_id) for port in used):
            return ""
        if isinstance(row, TunnelFlow):
            return f"br-tun of {node} has a flow {row.match} of local VLAN {vlan}, and no port there is plugged on it"
        return f"the agent of {node} keeps local VLAN {vlan} for network {row.network}, and no port there is on it"


class LeftoverDomain(Settled):
    """Domains, qemu processes and VDSM's entries."""

    id = "leftover-domain"
    statement = (
        "every domain and every VDSM entry is of a VM that the engine places there; PAUSED/MIGRATION needs a job"
    )
    judged = (DOMAINS, QEMUS, VDSM_VMS)
    depends = (QEMUS, VMS)

    def wrong(self, view: View, node: str, row: Domain | Qemu | VdsmVm) -> str:
        vm_id = row.uuid if isinstance(row, Domain) else row.vm if isinstance(row, Qemu) else row.id
        what = {"Domain": "a domain", "Qemu": "a qemu", "VdsmVm": "a VDSM entry"}[type(row).__name__]
        vm = vm_of(view, vm_id)
        if vm is None:
            return f"{what} of {vm_id} is on {node}, and the engine knows no such VM"
        if not active(vm) or vm.host != node:
            return f"{what} of {vm.name} is on {node}, and the engine places that VM {_place(vm.host)}"
        if isinstance(row, Domain) and (row.state, row.reason) == ("PAUSED", "MIGRATION") and not row.job:
            return f"the domain of {vm.name} on {node} is PAUSED/MIGRATION without a job"
        if isinstance(row, Domain) and view.get(QEMUS, node, row.uuid) is None:
            return f"the domain of {vm.name} on {node} has no qemu"
        return ""


def _place(host: str) -> str:
    return f"on {host}" if host else "nowhere"


class LeftoverRecovery(Settled):
    """Recovery files and leases."""

    id = "leftover-recovery"
    statement = "no recovery file, hook state or lease without its VM"
    judged = (RECOVERY_FILES, LEASES)
    depends = (VMS, VDSM_VMS, QEMUS)

    def wrong(self, view: View, node: str, row: RecoveryFile | Lease) -> str:
        if isinstance(row, Lease):
            runs = view.get(QEMUS, row.host, row.vm) is not None
            return "" if runs else f"{row.host} holds the lease of {row.vm}, which does not run there"
        vm = vm_of(view, row.id)
        if vm is None or vm.host != node or not active(vm):
            return f"{node} has a recovery file of {row.conf.name}, which the engine does not place there"
        return ""


class LeftoverBridge(Settled):
    """Linux bridges and VLAN devices, and the networks that they are for."""

    id = "leftover-bridge"
    statement = "a network's bridge and VLAN device only while the network exists; VDSM's own while it is configured"
    judged = (LINUX_BRIDGES, VLAN_DEVICES)
    depends = (QUANTUM_NETWORKS, VLAN_BINDINGS, HOST_NETWORKS)

    def wrong(self, view: View, node: str, row: LinuxBridge | VlanDevice) -> str:
        if row.maker == "vdsm":
            own = view.of(HOST_NETWORKS, node)
            name = row.name if isinstance(row, LinuxBridge) else row.bridge
            return "" if any(one.name == name for one in own) else f"{row.name} is up on {node}, and not configured"
        if isinstance(row, LinuxBridge):
            there = any(network_bridge(network.id) == row.name for _, network in view.rows(QUANTUM_NETWORKS))
            return "" if there else f"{node} has a bridge {row.name}, and no network is its"
        bound = [view.get(QUANTUM_NETWORKS, *one) for one in _networks_of(view, row.vlan)]
        return "" if any(bound) else f"{node} has a device {row.name}, and no network has VLAN {row.vlan}"


def _networks_of(view: View, vlan: int) -> list[tuple[str, str]]:
    return [(server, row.network) for server, row in view.rows(VLAN_BINDINGS) if row.vlan == vlan]


CHECKS = (
    LeftoverTap(), LeftoverInterface(), LeftoverOvs(), LeftoverLocalVlan(), LeftoverDomain(), LeftoverRecovery(),
    LeftoverBridge(),
)  # fmt: skip

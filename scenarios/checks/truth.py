"""What is said against what is: statuses, VMs as asked, commands and what they told."""

from __future__ import annotations

from typing import Any

from fakes.records import (
    ATTACHED,
    COMMANDS,
    DOMAINS,
    HOSTS,
    JOBS,
    NETWORKS,
    QEMUS,
    QUANTUM_NETWORKS,
    QUANTUM_PORTS,
    VDSM_VMS,
    VMS,
    VNICS,
)
from fakes.records.engine import Host, Job, LogicalNetwork, NetworkInCluster, Vm, Vnic
from fakes.records.quantum import QuantumPort
from fakes.records.vdsm import VdsmVm
from scenarios.checks.base import Eventually, Settled, carries, of_engine, port_of, vm_of
from sim.checks import View
from sim.messages import CUTS
from sim.nodes import MACHINES, PROGRAMS

UNMONITORED = ("Installing", "InstallFailed", "Reboot", "Maintenance", "PendingApproval", "Down")
ANSWERING = ("Up", "PreparingForMaintenance", "NonOperational", "Error")
"""Host statuses (docs/facts/ovirt.md 1.2): those that say nothing of its VDSM, those that say it answers."""


class TrueStatus(Eventually):
    """Reports of hosts, networks, VMs and ports."""

    id = "true-status"
    statement = "what the engine, Quantum and VDSM report of hosts, networks, VMs and ports is the truth"
    judged = (HOSTS, ATTACHED, VMS, VDSM_VMS, QUANTUM_PORTS)
    depends = (DOMAINS, QEMUS, NETWORKS, QUANTUM_NETWORKS, HOSTS, ATTACHED, PROGRAMS, MACHINES, CUTS)

    def wrong(self, view: View, node: str, row: Any) -> str:
        if isinstance(row, Host):
            return self._host(view, node, row)
        if isinstance(row, NetworkInCluster):
            return self._network(view, row)
        if isinstance(row, Vm):
            qemu = view.get(QEMUS, row.host, row.id) if row.host else None
            lie = row.status == "Up" and (qemu is None or not qemu.running)
            return f"the engine says that {row.name} is Up on {row.host}; it does not run there" if lie else ""
        if isinstance(row, VdsmVm):
            qemu = view.get(QEMUS, node, row.id)
            lie = row.status == "Up" and (qemu is None or not qemu.running)
            return f"VDSM of {node} says that {row.conf.name} is Up; it does not run there" if lie else ""
        return self._port(row)

    def _host(self, view: View, engine: str, host: Host) -> str:
        program = view.get(PROGRAMS, host.id, "vdsm")
        cut = any({row.first, row.second} == {engine, host.id} for _, row in view.rows(CUTS))
        answers = view.has_power(host.id) and program is not None and program.up and not cut
        if host.status in UNMONITORED or answers == (host.status in ANSWERING):
            return self._carrying(view, host)
        return (
            f"the engine says that {host.id} is {host.status}; its VDSM {'answers' if answers else 'does not answer'}"
        )

    def _carrying(self, view: View, host: Host) -> str:
        """Whether its status fits what its cluster requires of it."""
        for _, row in view.where(ATTACHED, "cluster", host.cluster):
            network = view.anywhere(NETWORKS, row.network)
            if (
                network is None
                or not row.required
                or row.status != "Operational"
                or _truly_carries(view, host, network)
            ):
                continue
            lie = host.status == "Up"
            return f"the engine says that {host.id} is Up; it cannot carry {network.name}" if lie else ""
        unreachable = host.status == "NonOperational" and host.reason == "NETWORK_UNREACHABLE"
        return f"the engine says that {host.id} is NonOperational; it carries all that it must" if unreachable else ""

    def _network(self, view: View, row: NetworkInCluster) -> str:
        network = view.anywhere(NETWORKS, row.network)
        if network is None:
            return ""
        if row.required:
            up = [host for _, host in view.where(HOSTS, "cluster", row.cluster) if host.status == "Up"]
            carrying = [host.id for host in up if _truly_carries(view, host, network)]
            if row.status == "Operational" and not carrying:
                return f"the engine says that {network.name} is Operational in {row.cluster}; no host there carries it"
            if row.status == "NonOperational" and len(carrying) < max(len(up), 1):
                return ""
        if not network.server:
            return ""
        there = bool(network.uuid) and view.get(QUANTUM_NETWORKS, network.server, network.uuid) is not None
        if there == (row.status == "Operational"):
            return ""
        return f"the engine says that {network.name} is {row.status}; Quantum {'has' if there else 'does not have'} it"

    def _port(self, port: QuantumPort) -> str:
        lie = port.op_status == "UP" and not port.attachment
        return f"Quantum says that port {port.id} is UP; it is unplugged" if lie else ""


def _truly_carries(view: View, host: Host, network: LogicalNetwork) -> bool:
    """Whether it does: VDSM's own networks are as reported; of Quantum's, the agent truly runs there."""
    if not network.server:
        return carries(host, network)
    agents = [view.get(PROGRAMS, host.id, name) for name in ("agent", f"agent-{network.server}")]
    return carries(host, network) and any(agent is not None and agent.up for agent in agents)


class VmRuns(Eventually):
    """Each VM as last asked."""

    id = "vm-runs"
    statement = (
        "each VM is as last asked, there and nowhere else; a running one has all its vNICs plugged, ACTIVE and UP"
    )
    judged = (VMS,)
    depends = (DOMAINS, QEMUS, VNICS, QUANTUM_PORTS, NETWORKS)

    def wrong(self, view: View, node: str, row: Vm) -> str:
        places = [host for host, qemu in view.where(QEMUS, "vm", row.id)]
        if row.wanted == "down":
            if places or row.status != "Down":
                qemus = ", ".join(places) or "no host"
                return f"{row.name} was asked to be down; it is {row.status} and has a qemu on {qemus}"
            return ""
        domain = view.get(DOMAINS, row.host, row.id) if row.host else None
        if row.status != "Up" or places != [row.host] or domain is None or domain.state != "RUNNING":
            qemus = ", ".join(places) or "no host"
            return f"{row.name} was asked to run; it is {row.status} on {row.host or 'no host'}, with a qemu on {qemus}"
        return self._vnics(view, row, {one.mac for one in domain.definition.interfaces})

    def _vnics(self, view: View, vm: Vm, macs: set[str]) -> str:
        for _, vnic in view.where(VNICS, "vm", vm.id):
            if vnic.plugged and vnic.mac not in macs:
                return f"{vm.name} runs without {vnic.name}, which the engine holds plugged"
            network = view.anywhere(NETWORKS, vnic.network)
            if network is None or not network.server or not vnic.plugged:
                continue
            port = port_of(view, network.server, vnic)
            if port is None or not port.attachment:
                return f"{vm.name} runs, and {vnic.name} is not plugged"
            if port.state != "ACTIVE" or port.op_status != "UP":
                return f"{vm.name} runs, and the port of {vnic.name} is {port.state}/{port.op_status}"
        return ""


class CommandsEnd(Eventually):
    """No command for ever."""

    id = "commands-end"
    statement = "every command has ended"
    judged = (JOBS, COMMANDS)

    def wrong(self, view: View, node: str, row: Any) -> str:
        if isinstance(row, Job) and row.status != "STARTED":
            return ""
        return f"{row.action} {row.subject} has not ended"


def latest(view: View, engine: str, subject: str, actions: tuple[str, ...]) -> Job | None:
    """The youngest job of these actions on that subject of the engine's."""
    for node, row in reversed(view.where(JOBS, "subject", subject)):
        if node == engine and row.action in actions:
            return row
    return None


_VM_ACTIONS = ("AddVm", "RunVm", "StopVm", "MigrateVm", "RemoveVm")
_NETWORK_ACTIONS = ("AddNetwork", "AttachNetworkToVdsGroup", "DetachNetworkToVdsGroup", "RemoveNetwork")
_HOST_ACTIONS = ("MaintananceNumberOfVdss", "ActivateVds")
_POWER_ACTIONS = ("RestartVds", "StopVds", "StartVds", "FenceVdsManualy")
"""They change a host's status too: what was told of it before is no longer so."""


def jobs_of_vnic(view: View, engine: str, vm: str, vnic: str) -> list[Job]:
    """The jobs about that vNIC of that VM, both by name, oldest first."""
    return [row for row in of_engine(view, engine, JOBS, "subject", vm) if row.vnic == vnic]


def vnic_named(view: View, engine: str, vm: str, name: str) -> Vnic | None:
    """The vNIC of that name."""
    for row in of_engine(view, engine, VMS, "name", vm):
        for _, vnic in view.where(VNICS, "vm", row.id):
            if vnic.name == name:
                return vnic
    return None


class AllOrNothing(Settled):
    """What a failed command leaves."""

    id = "all-or-nothing"
    statement = "a failed command leaves the state before it, or a reported debt"
    judged = (JOBS,)
    depends = (JOBS, VMS, VNICS, NETWORKS, ATTACHED, QEMUS, QUANTUM_PORTS)

    def wrong(self, view: View, node: str, row: Job) -> str:
        if row.vnic:
            failed = row.status == "FAILED" and jobs_of_vnic(view, node, row.subject, row.vnic)[-1] is row
            return self._vnic(view, node, row) if failed else ""
        actions = _VM_ACTIONS if row.action in _VM_ACTIONS else _NETWORK_ACTIONS
        if row.status != "FAILED" or latest(view, node, row.subject, actions) is not row:
            return ""
        if row.action in _VM_ACTIONS:
            return self._vm(view, node, row)
        return self._network(view, node, row)

    @staticmethod
    def _vnic(view: View, engine: str, job: Job) -> str:
        """An unplug that fails may still come: the guest lets go when it likes, and the row says so until then."""
        vnic = vnic_named(view, engine, job.subject, job.vnic)
        if job.action == "AddVmInterface" and vnic is not None:
            return f"adding {job.vnic} failed, and the vNIC exists"
        before = [row for row in jobs_of_vnic(view, engine, job.subject, job.vnic) if row.status == "FINISHED"]
        was_plugged = bool(before) and before[-1].asked == "plug"
        if job.asked == "plug" and vnic is not None and vnic.plugged and not was_plugged:
            return f"plugging {job.vnic} failed, and it is plugged"
        return ""

    def _vm(self, view: View, engine: str, job: Job) -> str:
        vm = next(iter(of_engine(view, engine, VMS, "name", job.subject)), None)
        if job.action == "AddVm" and vm is not None:
            return f"AddVm {job.subject} failed, and the VM exists"
        if job.action == "RunVm" and vm is not None and view.where(QEMUS, "vm", vm.id):
            return f"RunVm {job.subject} failed, and the VM has a qemu"
        if job.action == "RemoveVm" and vm is not None:
            for _, vnic in view.where(VNICS, "vm", vm.id):
                network = view.anywhere(NETWORKS, vnic.network)
                if vnic.port and network is not None and view.get(QUANTUM_PORTS, network.server, vnic.port) is None:
                    return f"RemoveVm {job.subject} failed, and took the port of {vnic.name} away"
        return ""

    def _network(self, view: View, engine: str, job: Job) -> str:
        network = next(iter(of_engine(view, engine, NETWORKS, "name", job.subject)), None)
        if job.action == "AddNetwork" and network is not None:
            return f"AddNetwork {job.subject} failed, and the network exists"
        if job.action == "AttachNetworkToVdsGroup" and network is not None and not network.uuid:
            attached = view.where(ATTACHED, "network", network.id)
            return f"attaching {job.subject} failed, and it is attached" if attached and network.server else ""
        if job.action == "RemoveNetwork" and network is not None and network.status == "Removing":
            return f"RemoveNetwork {job.subject} failed, and the network is half removed"
        return ""


class ToldTruth(Eventually):
    """What the administrator was told."""

    id = "told-truth"
    statement = "what an administrator was told (result, job) is what happened"
    judged = (JOBS,)
    depends = (JOBS, VMS, NETWORKS, VNICS, DOMAINS, HOSTS)

    def wrong(self, view: View, node: str, row: Job) -> str:
        if row.vnic:
            told = row.status == "FINISHED" and jobs_of_vnic(view, node, row.subject, row.vnic)[-1] is row
            return self._vnic(view, node, row) if told else ""
        lie, actions = self._lie(view, node, row)
        return lie if lie and latest(view, node, row.subject, actions) is row else ""

    def _lie(self, view: View, engine: str, job: Job) -> tuple[str, tuple[str, ...]]:
        """What is not as the job told, in words; and which jobs of its subject may have changed that since."""
        if job.action in _VM_ACTIONS:
            return self._vm(view, engine, job), _VM_ACTIONS
        if job.action in _NETWORK_ACTIONS:
            return self._network(view, engine, job), _NETWORK_ACTIONS
        return self._host(view, job) if job.action in _HOST_ACTIONS else "", _HOST_ACTIONS + _POWER_ACTIONS

    def _network(self, view: View, engine: str, job: Job) -> str:
        exists = bool(of_engine(view, engine, NETWORKS, "name", job.subject))
        if job.status != "FINISHED" or exists != (job.action == "RemoveNetwork"):
            return ""
        return f"{job.action} {job.subject} finished, and the network {'exists' if exists else 'is gone'}"

    def _host(self, view: View, job: Job) -> str:
        host = view.anywhere(HOSTS, job.subject)
        if job.status != "FINISHED" or host is None:
            return ""
        there = host.status == "Maintenance"
        lie = there != (job.action == "MaintananceNumberOfVdss")
        return f"{job.action} {job.subject} finished, and the host is {host.status}" if lie else ""

    def _vm(self, view: View, engine: str, job: Job) -> str:
        vm = next(iter(of_engine(view, engine, VMS, "name", job.subject)), None)
        status = vm.status if vm is not None else "gone"
        truth = {"StopVm": ("Down", "gone"), "RemoveVm": ("gone",), "AddVm": ("Down", "Up")}.get(job.action)
        if job.status == "FINISHED" and truth is not None and status not in truth:
            return f"{job.action} {job.subject} finished, and the VM is {status}"
        if job.status == "FAILED" and job.action == "RunVm" and status == "Up":
            return f"RunVm {job.subject} failed, and the VM is Up"
        return ""

    @staticmethod
    def _vnic(view: View, engine: str, job: Job) -> str:
        vnic = vnic_named(view, engine, job.subject, job.vnic)
        if job.action == "RemoveVmInterface":
            return f"{job.vnic} was removed, and exists" if vnic is not None else ""
        if vnic is None:
            return ""  # its VM may have been removed since
        if vnic.plugged != (job.asked == "plug"):
            return f"{job.action} finished: {job.asked} of {job.vnic}; the engine holds it otherwise"
        vm = vm_of(view, vnic.vm)
        domain = view.get(DOMAINS, vm.host, vm.id) if vm is not None and vm.status == "Up" else None
        has = domain is not None and any(one.mac == vnic.mac for one in domain.definition.interfaces)
        if domain is not None and has != vnic.plugged:
            return f"{job.action} finished: {job.asked} of {job.vnic}; its VM {'has' if has else 'does not have'} it"
        return ""


CHECKS = (TrueStatus(), VmRuns(), CommandsEnd(), AllOrNothing(), ToldTruth())

"""Flows of VMs that are down: add, remove; and what VDSM is told of a VM.

Facts: docs/facts/ovirt.md 2.3, 2.6, 1.5; proposal.md (ports at VM creation and deletion).
"""

from __future__ import annotations

from fakes.engine.base import EngineBase
from fakes.plugins import PLUGINS
from fakes.records.engine import LogicalNetwork, Vm, Vnic
from fakes.records.vdsm import NicConf, VmConf
from sim.outcomes import Failed


class Vms(EngineBase):
    """The commands."""

    async def on_AddVm(self, vm: str, cluster: str = "", memory: int = 512, ha: bool = False) -> str:
        """Make a VM in a cluster (the first by name, if none is given); `ha`: started again when its host is fenced."""
        self._free_name(vm)
        chosen = cluster or min((row.id for row in self.clusters), default="")
        if chosen not in self.clusters:
            raise Failed("VM_CLUSTER_IS_NOT_VALID", chosen)
        row = Vm(self.world.new_id("vm"), vm, chosen, memory=memory, ha=ha)
        return await self.command(
            "AddVm",
            vm,
            ((row.id, "VM"), (vm, "VM_NAME")),
            lambda job: self._add_vm(job, row),
            still=lambda: self._free_name(vm),
        )

    def _free_name(self, vm: str) -> None:
        if self.vms.first("name", vm) is not None:
            raise Failed("ACTION_TYPE_FAILED_VM_ALREADY_EXIST", vm)

    async def _add_vm(self, job: str, vm: Vm) -> None:
        await self.commit(f"VM {vm.name} saved", self.vms.put(vm), self.compensate_new(job, "vms", vm.id))

    async def on_RemoveVm(self, vm: str) -> str:
        """Remove a VM that is down, with its vNICs."""
        row = self.vm_named(vm)
        if row.status != "Down":
            raise Failed("ACTION_TYPE_FAILED_VM_IS_RUNNING", row.status)
        return await self.command(
            "RemoveVm",
            vm,
            ((row.id, "VM"),),
            lambda job: self._remove_vm(row.id),
            still=lambda: self.still_there(row.id),
        )

    def still_there(self, vm_id: str) -> Vm:
        """The VM once its lock is taken: what held that may have changed or removed it.

        Raises:
            Failed: it is gone.
        """
        vm = self.vms.get(vm_id)
        if vm is None:
            raise Failed("ACTION_TYPE_FAILED_VM_NOT_EXIST", vm_id)
        return vm

    async def _remove_vm(self, vm_id: str) -> None:
        vm = self.still_there(vm_id)
        if vm.status != "Down":
            raise Failed("ACTION_TYPE_FAILED_VM_IS_RUNNING", vm.status)
        await self.design.ports.vm_removed(self.engine, vm)
        vnics = self.vnics.where("vm", vm_id)
        rows = [self.vnics.drop(vnic.id) for vnic in vnics]
        macs = tuple(vnic.mac for vnic in vnics)
        self.design.addresses.removing(self.engine, macs)
        await self.commit(f"VM {vm.name} removed", self.vms.drop(vm_id), *rows)
        self.design.addresses.removed(self.engine, macs)

    def conf(self, vm: Vm) -> VmConf:
        """The VM as VDSM is told: each vNIC with its driver and its Quantum ids."""
        pairs = [(vnic, self.networks[vnic.network]) for vnic in self.vnics.where("vm", vm.id) if vnic.plugged]
        nics = tuple(self.nic(vnic, network) for vnic, network in pairs)
        return VmConf(vm.id, vm.name, vm.memory, nics, self.tenant)

    def nic(self, vnic: Vnic, network: LogicalNetwork) -> NicConf:
        """A vNIC as VDSM is told."""
        if not self.design.ports.wires(self.engine, vnic, network):
            return NicConf(vnic.id, vnic.mac, network.name, "bridge")
        plugin = self.plugins[network.server]
        return NicConf(
            vnic.id,
            vnic.mac,
            network.name,
            PLUGINS[plugin].drivers[self.design.driver],
            q_plugin=plugin,
            q_network_id=network.uuid,
            q_port_id=vnic.port,
            q_attachment_id=vnic.attachment,
        )

    def stranger(self, mac: str) -> NicConf:
        """A NIC that a VM has and no vNIC is: all that is known of it is its MAC."""
        return NicConf("", mac, "", self.design.driver)

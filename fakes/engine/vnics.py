"""Flows of a vNIC: add (to a VM that is up: plugged at once), plug, unplug, remove.

What plug and unplug do beyond the database, and what becomes of their failures, is the design's.

Facts: docs/facts/ovirt.md 2.3, 2.6 (E12), 1.5.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from fakes.engine.base import replace
from fakes.engine.vms import Vms
from fakes.records.engine import LogicalNetwork, Vm, Vnic
from fakes.records.vdsm import Report
from sim.outcomes import Failed
from sim.tables import Change

ADDABLE = ("Up", "Down", "ImageLocked")


class Vnics(Vms):
    """The commands."""

    def vnic_named(self, vm: Vm, nic: str) -> Vnic:
        """The VM's vNIC of that name.

        Raises:
            Failed: it has none.
        """
        for vnic in self.vnics.where("vm", vm.id):
            if vnic.name == f"{vm.name}.{nic}":
                return vnic
        raise Failed("VM_INTERFACE_NOT_EXIST", nic)

    def still_a_vnic(self, vnic_id: str) -> Vnic:
        """The vNIC as it is now: while an answer was waited for, it may have been removed.

        Raises:
            Failed: it has.
        """
        vnic = self.vnics.get(vnic_id)
        if vnic is None:
            raise Failed("VM_INTERFACE_NOT_EXIST", vnic_id)
        return vnic

    def _on_vm(self, action: str, vnic: Vnic, asked: str, work: Callable[[str], Awaitable[None]]) -> Awaitable[str]:
        """A command about a vNIC: it locks the VM, if the design locks."""
        vm = self.vms[vnic.vm]
        return self.command(
            action,
            vm.name,
            ((vm.id, "VM"),),
            work,
            vnic=vnic.name,
            asked=asked,
            still=lambda: self._still_to_do(vnic, new=action == "AddVmInterface"),
        )

    def _still_to_do(self, vnic: Vnic, new: bool) -> None:
        """Look again once the VM's lock is taken: at the VM, and at what has the vNIC's name.

        Raises:
            Failed: the VM is gone, the name is taken meanwhile, or the vNIC that is meant is gone.
        """
        self.still_there(vnic.vm)
        if new and any(other.name == vnic.name for other in self.vnics.where("vm", vnic.vm)):
            raise Failed("NETWORK_INTERFACE_NAME_ALREADY_IN_USE", vnic.name)
        if not new and vnic.id not in self.vnics:
            raise Failed("VM_INTERFACE_NOT_EXIST", vnic.name)

    # --- add -----------------------------------------------------------------------------------

    async def on_AddVmInterface(self, vm: str, nic: str, network: str, plugged: bool = True) -> str:
        """Add a vNIC; to a VM that is up it is plugged, if it is to be."""
        row, net = self.vm_named(vm), self.network_named(network)
        if row.status not in ADDABLE:
            raise Failed("NETWORK_CANNOT_ADD_INTERFACE_WHEN_VM_STATUS_NOT_UP_DOWN_LOCKED", row.status)
        if any(other.name == f"{vm}.{nic}" for other in self.vnics.where("vm", row.id)):
            raise Failed("NETWORK_INTERFACE_NAME_ALREADY_IN_USE", nic)
        if (net.id, row.cluster) not in self.attached:
            raise Failed("NETWORK_NOT_EXISTS_IN_CURRENT_CLUSTER", network)
        if not net.vm_network:
            raise Failed("ACTION_TYPE_FAILED_NOT_A_VM_NETWORK", network)
        vnic = Vnic(self.world.new_id("vnic"), row.id, f"{vm}.{nic}", net.id, "", plugged)
        asked = "plug" if plugged else "unplug"
        return await self._on_vm("AddVmInterface", vnic, asked, lambda job: self._add_vnic(job, row.id, vnic))

    async def _add_vnic(self, job: str, vm_id: str, vnic: Vnic) -> None:
        hot = vnic.plugged and self.still_there(vm_id).status == "Up"
        await self._save_new(job, replace(vnic, mac=self.take_mac(), plugged=vnic.plugged and not hot))
        network = self.networks[vnic.network]
        if network.server:
            await self.design.ports.vnic_added(self.engine, self.vms[vm_id], self.vnics[vnic.id], network)
        if hot:
            await self.design.hot_plug.plug(self.engine, self.still_there(vm_id), self.still_a_vnic(vnic.id))

    async def _save_new(self, job: str, vnic: Vnic) -> None:
        def new() -> list[Change]:
            """What it refers to must be there when it is written, as the database demands."""
            self.still_there(vnic.vm)
            self.engine.still_a_network(vnic.network)
            return [self.vnics.put(vnic), self.compensate_new(job, "vnics", vnic.id)]

        try:
            await self.amend(f"vNIC {vnic.name} saved", new)
        except Failed:
            self.free_macs((vnic.mac,))
            raise
        self.design.hosting.check_vnic(self.engine, vnic)

    # --- plug and unplug -----------------------------------------------------------------------

    async def on_HotPlugUnplugVmNic(self, vm: str, nic: str, plug: bool) -> str:
        """Plug a vNIC, or unplug it; that it is so already is no error."""
        row = self.vm_named(vm)
        vnic = self.vnic_named(row, nic)
        self.design.hot_plug.check(self.engine, row)
        work = self._plug if plug else self._unplug
        asked = "plug" if plug else "unplug"
        return await self._on_vm("HotPlugUnplugVmNic", vnic, asked, lambda job: work(vnic.id))

    async def _plug(self, vnic_id: str) -> None:
        vm, vnic = self._now(vnic_id)
        if vm.status == "Up":
            await self.design.hot_plug.plug(self.engine, vm, vnic)
            return
        network = self.networks[vnic.network]
        if network.server and not vnic.port:
            await self.design.ports.vnic_added(self.engine, vm, vnic, network)
        await self.save_vnic(vnic_id, "plugged, in the database alone", plugged=True, wanted="")

    async def _unplug(self, vnic_id: str) -> None:
        vm, vnic = self._now(vnic_id)
        if vm.status == "Up":
            await self.design.hot_plug.unplug(self.engine, vm, vnic)
        else:
            await self.save_vnic(vnic_id, "unplugged, in the database alone", plugged=False, wanted="")

    def _now(self, vnic_id: str) -> tuple[Vm, Vnic]:
        """The vNIC and its VM, as they are once the command has its lock.

        Raises:
            Failed: one of them has gone.
        """
        vnic = self.vnics.get(vnic_id)
        vm = self.vms.get(vnic.vm) if vnic is not None else None
        if vnic is None or vm is None:
            raise Failed("VM_INTERFACE_NOT_EXIST", vnic_id)
        self.design.hot_plug.check(self.engine, vm)
        return vm, vnic

    # --- remove --------------------------------------------------------------------------------

    async def on_RemoveVmInterface(self, vm: str, nic: str) -> str:
        """Remove a vNIC that is unplugged, or whose VM is down."""
        row = self.vm_named(vm)
        vnic = self.vnic_named(row, nic)
        self._removable(row, vnic)
        return await self._on_vm("RemoveVmInterface", vnic, "", lambda job: self._remove_vnic(vnic.id))

    @staticmethod
    def _removable(vm: Vm, vnic: Vnic) -> None:
        if vm.status != "Down" and (vnic.plugged or vnic.wanted):
            raise Failed("ACTION_TYPE_FAILED_CANNOT_REMOVE_ACTIVE_DEVICE", vnic.name)

    async def _remove_vnic(self, vnic_id: str) -> None:
        vm, vnic = self._now(vnic_id)
        self._removable(vm, vnic)
        network = self.networks[vnic.network]
        if network.server:
            await self.design.ports.vnic_removed(self.engine, vm, vnic, network)
        self.design.addresses.removing(self.engine, (vnic.mac,))
        await self.commit(f"vNIC {vnic.name} removed", self.vnics.drop(vnic_id))
        self.design.addresses.removed(self.engine, (vnic.mac,))
        if network.server:
            await self.design.ports.vnic_gone(self.engine, vm, vnic, network)

    # --- what strategies ask -------------------------------------------------------------------

    async def hotplug(self, vm: Vm, vnic_id: str) -> tuple[str, ...]:
        """`hotplugNic` at the VM's host; the MACs that the VM has then."""
        vnic = self.still_a_vnic(vnic_id)
        nic = self.nic(vnic, self.networks[vnic.network])
        return tuple(await self.vdsm(vm.host, "hotplugNic", vm.name, vm_id=vm.id, nic=nic))

    async def hotunplug(self, vm: Vm, vnic: Vnic) -> tuple[str, ...]:
        """`hotunplugNic` at the VM's host; the MACs that the VM has then."""
        nic = self.nic(vnic, self.networks[vnic.network])
        return tuple(await self.vdsm(vm.host, "hotunplugNic", vm.name, vm_id=vm.id, nic=nic))

    async def nics_of(self, vm: Vm) -> tuple[str, ...] | None:
        """The MACs that the VM's host reports of it; None if it does not report the VM."""
        reports: list[Report] = await self.vdsm(vm.host, "list", "")
        return next((report.nics for report in reports if report.vm == vm.id), None)

    def quantum_network(self, vnic: Vnic) -> LogicalNetwork | None:
        """The vNIC's network, if it is on Quantum."""
        network = self.networks[vnic.network]
        return network if network.server else None

"""Hot plug and unplug of a vNIC in VDSM, and how its list of NICs follows the domain.

As it was (V12), hot unplug takes the NIC from list and file first and then asks libvirt, whatever becomes of that;
repaired, a NIC is on the list as long as the domain has it.

Facts: docs/facts/ovirt.md 4.2, 4.3 (49, 50, 51), 5.6, 5.8 (recorded order), 6.4; libvirt.md 9, 10.
"""

from __future__ import annotations

from fakes.records import VDSM_VMS
from fakes.records.libvirt import Domain
from fakes.records.vdsm import NicConf, VdsmVm, VmConf
from fakes.vdsm import drivers
from fakes.vdsm.base import NO_VM, replace
from fakes.vdsm.life import Life
from sim.clock import SECOND
from sim.outcomes import Failed

LOOKS = 10
"""How often, a second apart, it looks whether the guest has released a NIC (ours)."""
TURN = 120 * SECOND
"""How long a change waits for another one of the same NIC (ours)."""
MIGRATING = ("Migration Source", "Migration Destination")
PLUG = "49 hotplugNic"
UNPLUG = "50 hotunplugNic"


def macs(row: VdsmVm) -> tuple[str, ...]:
    """The MACs of the NICs on the list."""
    return tuple(nic.mac for nic in row.conf.nics)


def of_domain(domain: Domain) -> tuple[str, ...]:
    """The MACs of the domain's interfaces."""
    return tuple(one.mac for one in domain.definition.interfaces)


class HotPlug(Life):
    """The two verbs; both answer the MACs that the VM has then (`vmList`)."""

    async def on_hotplugNic(self, vm_id: str, nic: NicConf) -> tuple[str, ...]:
        """Attach a NIC: object built (and wired, if that is VDSM's), attachDevice, lists, file.

        Raises:
            Failed: 1, 49; 51 while it migrates; 99.
        """
        await self._begin(vm_id, nic.mac, PLUG)
        try:
            if not (self.repairs.nics_as_libvirt_has_them and await self._has(vm_id, nic.mac, PLUG)):
                await self._attach(self.entry(vm_id), nic)
            await self._list(vm_id, nic)
        finally:
            self._end(vm_id, nic.mac)
        return macs(self.entry(vm_id))

    async def on_hotunplugNic(self, vm_id: str, nic: NicConf) -> tuple[str, ...]:
        """Detach a NIC; repaired, it is on the list until it is gone.

        Raises:
            Failed: 1, 50; 51 while it migrates; 99.
        """
        await self._begin(vm_id, nic.mac, UNPLUG)
        try:
            if self.repairs.nics_as_libvirt_has_them:
                await self._detach(vm_id, nic)
            else:
                await self._detach_unseen(vm_id, nic)
        finally:
            self._end(vm_id, nic.mac)
        return macs(self.entry(vm_id))

    # --- one change of a NIC at a time ---------------------------------------------------------

    async def _begin(self, vm_id: str, mac: str, code: str) -> None:
        self.ready()
        if self.repairs.nics_as_libvirt_has_them and not await self.until(lambda: not self._changing(vm_id, mac), TURN):
            raise Failed(code, f"{mac} is being changed")
        row = self.entry(vm_id)
        if row.status in MIGRATING:
            raise Failed("51 migInProgress", row.status)
        if row.status != "Up" or row.destroyed:
            raise Failed(code, row.status)
        self.note(vm_id, f"changes {mac}", changing=(*row.changing, mac))

    def _changing(self, vm_id: str, mac: str) -> bool:
        row = self.table(VDSM_VMS).get(vm_id)
        return row is not None and mac in row.changing

    def _end(self, vm_id: str, mac: str) -> None:
        row = self.table(VDSM_VMS).get(vm_id)
        if row is not None:
            self.note(vm_id, f"changed {mac}", changing=tuple(one for one in row.changing if one != mac))

    # --- attach --------------------------------------------------------------------------------

    async def _attach(self, row: VdsmVm, nic: NicConf) -> None:
        alone = replace(row.conf, nics=(nic,))
        await drivers.plug(self, alone)
        try:
            interface = replace(drivers.interface(0, nic), slot=0)
            await self.libvirt("attachDevice", row.conf.name, uuid=row.id, interface=interface)
        except Failed as error:
            if self.repairs.nics_as_libvirt_has_them and await self._has(row.id, nic.mac, PLUG):
                return  # it was attached all the same
            if self.repairs.hot_unplug_removes_wiring:
                await drivers.unplug(self, alone)
            raise self._told(error, PLUG) from error

    @staticmethod
    def _told(error: Failed, code: str) -> Failed:
        return Failed(NO_VM if error.code.startswith("42") else code, str(error))

    async def _has(self, vm_id: str, mac: str, code: str) -> bool:
        """Whether the domain has the NIC.

        Raises:
            Failed: 1, there is no domain; the verb's own code when libvirt does not say.
        """
        try:
            domain: Domain = await self.libvirt("lookup", self.entry(vm_id).conf.name, uuid=vm_id)
        except Failed as error:
            raise self._told(error, code) from error
        return mac in of_domain(domain)

    # --- detach --------------------------------------------------------------------------------

    async def _detach_unseen(self, vm_id: str, nic: NicConf) -> None:
        """As V12 did: list and file first, then detachDevice; put back on error."""
        row = self.entry(vm_id)
        found = [one for one in row.conf.nics if one.mac == nic.mac]
        if not found:
            raise Failed(UNPLUG, "NIC not found")
        await self._unlist(vm_id, nic.mac)
        try:
            await self.libvirt("detachDevice", row.conf.name, uuid=vm_id, mac=nic.mac)
        except Failed as error:
            if not error.code.startswith("42"):
                await self._list(vm_id, found[0])
            raise self._told(error, UNPLUG) from error
        await self._unwire(row.conf, found)

    async def _detach(self, vm_id: str, nic: NicConf) -> None:
        """Repaired: ask, then look; what the guest still has stays on the list."""
        row = self.entry(vm_id)
        if await self._has(vm_id, nic.mac, UNPLUG):
            try:
                await self.libvirt("detachDevice", row.conf.name, uuid=vm_id, mac=nic.mac)
            except Failed as error:
                if await self._has(vm_id, nic.mac, UNPLUG):
                    raise self._told(error, UNPLUG) from error
        for _ in range(LOOKS):
            if not await self._has(vm_id, nic.mac, UNPLUG):
                await self._drop(vm_id, nic.mac, nic)
                return
            await self.sleep(SECOND)

    async def _drop(self, vm_id: str, mac: str, known: NicConf | None = None) -> None:
        """The domain has no such NIC: off the list, and off the host what VDSM had wired for it."""
        row = self.entry(vm_id)
        gone = [one for one in row.conf.nics if one.mac == mac] or ([known] if known is not None else [])
        await self._unlist(vm_id, mac)
        await self._unwire(row.conf, gone)

    async def _unwire(self, conf: VmConf, gone: list[NicConf]) -> None:
        if self.repairs.hot_unplug_removes_wiring:
            await drivers.unplug(self, replace(conf, nics=tuple(gone)))

    # --- the list ------------------------------------------------------------------------------

    async def _list(self, vm_id: str, nic: NicConf) -> None:
        """In memory, then in the file."""
        row = self.entry(vm_id)
        kept = tuple(one for one in row.conf.nics if one.mac != nic.mac or not self.repairs.nics_as_libvirt_has_them)
        self.note(vm_id, f"has {nic.mac}", conf=replace(row.conf, nics=(*kept, nic)))
        await self.save(vm_id, self.entry(vm_id).status)

    async def _unlist(self, vm_id: str, mac: str) -> None:
        row = self.entry(vm_id)
        kept = tuple(one for one in row.conf.nics if one.mac != mac)
        if kept != row.conf.nics:
            self.note(vm_id, f"has no {mac}", conf=replace(row.conf, nics=kept))
            await self.save(vm_id, self.entry(vm_id).status)

    async def on_deviceRemoved(self, uuid: str, mac: str) -> None:
        """libvirt's event of today; V12 knew none."""
        row = self.table(VDSM_VMS).get(uuid)
        if row is not None and self.repairs.nics_as_libvirt_has_them and mac in macs(row) and mac not in row.changing:
            await self._drop(uuid, mac)

    async def follow_domain(self, domain: Domain) -> None:
        """Repaired: the list is what the domain has; what libvirt alone knows is taken from its XML."""
        row = self.table(VDSM_VMS).get(domain.uuid)
        if row is None or row.status != "Up" or row.changing or not self.repairs.nics_as_libvirt_has_them:
            return
        for interface in domain.definition.interfaces:
            if interface.mac not in macs(row):
                await self._list(row.id, drivers.recovered(interface))
        for mac in macs(row):
            if mac not in of_domain(domain):
                await self._drop(row.id, mac)

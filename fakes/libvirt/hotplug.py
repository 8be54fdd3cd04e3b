"""Hot plug and unplug of a NIC: attachDevice, detachDevice, and the guest that lets go when it likes.

detachDevice only asks the guest; it answers success although everything is still there.  What is half made or half
removed stands in the domain's status file (`half`), so a daemon that starts again can finish it (ours).

Facts: docs/facts/libvirt.md 3 (numbers), 4 (jobs), 9.
"""

from __future__ import annotations

import msgspec

from fakes.libvirt.daemon import LibvirtBase
from fakes.libvirt.profiles import JOB_WAIT
from fakes.records import DOMAINS, QEMUS
from fakes.records.libvirt import Domain, Interface
from fakes.repairs import UNREPAIRED, Repairs
from sim.clock import SECOND
from sim.outcomes import Failed, Outcome

replace = msgspec.structs.replace

RELEASE_WAIT = 5 * SECOND
"""How long today's detachDevice waits for the guest."""
FIRST_SLOT = 3


def without(interfaces: tuple[Interface, ...], mac: str) -> tuple[Interface, ...]:
    """The interfaces but those of that MAC."""
    return tuple(one for one in interfaces if one.mac != mac)


class HotPlug(LibvirtBase):
    """NICs of a running domain."""

    repairs: Repairs = UNREPAIRED

    # --- attach --------------------------------------------------------------------------------

    async def on_attachDevice(self, uuid: str, interface: Interface) -> None:
        """Make and plug the tap, give it to qemu, and note it in the live XML; a failure undoes all of it.

        Raises:
            Failed: 42, 68 (during a migration, after 30 s); what `plug` raises; 1 when qemu refuses; 9 (a repair) when
                the domain has that MAC.
        """
        await self.job(uuid, "modify")
        try:
            if not await self.until(lambda: not self._half(uuid), JOB_WAIT):  # one that goes must be gone first
                raise Failed("68 operation timeout", "cannot acquire state change lock")
            if self.repairs.nic_attached_once and self._listed(uuid, interface.mac):
                raise Failed("9 operation failed", f"the domain has a device with MAC {interface.mac}")
            await self._attach(self.domain(uuid), interface)
        finally:
            await self.end_job(uuid)

    async def _attach(self, domain: Domain, interface: Interface) -> None:
        uuid = domain.uuid
        numbered = replace(interface, slot=self._free_slot(domain))
        plugged = await self.plug(replace(domain.definition, interfaces=(numbered,)))
        made = plugged.interfaces[0]
        try:
            await self.become(uuid, "attaching", half=(*self.domain(uuid).half, made))
            await self._give(self.domain(uuid), made)
        except Outcome as error:
            if not self._guest_has(uuid, made.mac):
                await self.undo(plugged)
                await self._no_longer_half(uuid, made.mac)
                raise Failed("1 internal error", str(error)) from error
        await self._note(uuid, made)

    async def _give(self, domain: Domain, made: Interface) -> None:
        await self.monitor(domain, "device-add", mac=made.mac, tap=made.target)

    @staticmethod
    def _free_slot(domain: Domain) -> int:
        used = {one.slot for one in (*domain.definition.interfaces, *domain.half)}
        return next(slot for slot in range(FIRST_SLOT, FIRST_SLOT + len(used) + 1) if slot not in used)

    async def _note(self, uuid: str, made: Interface) -> None:
        """The interface is part of the domain from now on."""
        definition, half = self.domain(uuid).definition, without(self.domain(uuid).half, made.mac)
        definition = replace(definition, interfaces=(*definition.interfaces, made))
        await self.become(uuid, "attached", definition=definition, half=half)

    def _guest_has(self, uuid: str, mac: str) -> bool:
        qemu = self.table(QEMUS).get(uuid)
        return qemu is not None and mac in qemu.nics

    async def _no_longer_half(self, uuid: str, mac: str) -> None:
        domain = self.table(DOMAINS).get(uuid)
        if domain is not None:
            await self.become(uuid, "nothing half made", half=without(domain.half, mac))

    def _half(self, uuid: str) -> tuple[Interface, ...]:
        domain = self.table(DOMAINS).get(uuid)
        return domain.half if domain is not None else ()

    # --- detach --------------------------------------------------------------------------------

    async def on_detachDevice(self, uuid: str, mac: str) -> None:
        """Ask the guest to release the NIC; success says only that it was asked.

        libvirt of 2012 as it was removes tap and definition right away, guest ready or not (a repair).

        Raises:
            Failed: 42, 68; 99 (2012: 9) when the domain has no such NIC; 9 when several have the MAC (2012: none).
        """
        domain = await self.job(uuid, "modify")
        try:
            found = [one for one in domain.definition.interfaces if one.mac == mac]
            if not found:
                raise Failed(f"{self.profile.no_device} device not found", mac)
            if len(found) > 1 and self.profile.several_devices:
                raise Failed(f"{self.profile.several_devices} operation failed", "multiple devices matching MAC")
            await self.monitor(domain, "device-del", mac=mac)
            if not (self.repairs.detach_follows_guest or self.profile.removal_event):
                await self._take_out(uuid, mac)
            elif self.profile.removal_event:
                await self.until(lambda: not self._listed(uuid, mac), RELEASE_WAIT)
        finally:
            await self.end_job(uuid)

    def _listed(self, uuid: str, mac: str) -> bool:
        domain = self.table(DOMAINS).get(uuid)
        return domain is not None and any(one.mac == mac for one in domain.definition.interfaces)

    async def on_deviceDeleted(self, uuid: str, mac: str) -> None:
        """qemu says that the guest has released the NIC: tap and record go, and today's clients are told."""
        domain = self.table(DOMAINS).get(uuid)
        if domain is None or domain.ending or not self._listed(uuid, mac):
            return
        await self._take_out(uuid, mac)
        if self.profile.removal_event:
            await self.tell_removed(domain, mac)

    async def _take_out(self, uuid: str, mac: str) -> None:
        """The live XML first, then what it stood for; errors are ignored, as in life."""
        domain = self.domain(uuid)
        gone = tuple(one for one in domain.definition.interfaces if one.mac == mac)
        definition = replace(domain.definition, interfaces=without(domain.definition.interfaces, mac))
        await self.become(uuid, "detached", definition=definition, half=(*domain.half, *gone))
        await self._remove(self.domain(uuid), gone)

    async def _remove(self, domain: Domain, gone: tuple[Interface, ...]) -> None:
        for interface in gone:
            for _ in range(2):  # a monitor that was stuck is asked once more
                try:
                    await self.monitor(domain, "netdev-del", tap=interface.target)
                    break
                except Outcome:
                    continue
        await self.unplug(replace(domain.definition, interfaces=gone))
        for interface in gone:
            await self._no_longer_half(domain.uuid, interface.mac)

    # --- the daemon's start --------------------------------------------------------------------

    async def settle_devices(self, uuid: str) -> None:
        """qemu knows what its guest has: finish what was half made, take out what was released meanwhile (ours)."""
        for interface in self.domain(uuid).half:
            if self._guest_has(uuid, interface.mac):
                await self._note(uuid, interface)
            else:
                await self._remove(self.domain(uuid), (interface,))
        for interface in self.domain(uuid).definition.interfaces:
            if not self._guest_has(uuid, interface.mac):
                await self._take_out(uuid, interface.mac)

"""The life of a VM on a host: create, destroy, and what libvirt's events say.

Facts: docs/facts/ovirt.md 4.2, 5.1, 5.2, 5.8, 5.9, 6.4; links.md 1, row 8.
"""

from __future__ import annotations

from fakes.records import RECOVERY_FILES, VDSM_VMS
from fakes.records.libvirt import Domain
from fakes.records.vdsm import VmConf
from fakes.vdsm import drivers
from fakes.vdsm.base import NO_VM, VdsmBase
from sim.outcomes import Failed


class Life(VdsmBase):
    """Start, stop, and death by itself."""

    # --- create --------------------------------------------------------------------------------

    async def on_create(self, conf: VmConf) -> str:
        """Begin to start a VM; the reply comes before anything was tried.

        Raises:
            Failed: 4 when the VM is in the list; 99.
        """
        self.ready()
        await self.add(conf, "WaitForLaunch")
        self.spawn(self._start(conf), f"start {conf.name}")
        return "WaitForLaunch"

    async def _start(self, conf: VmConf) -> None:
        await drivers.plug(self, conf)
        await self.save(conf.id, "WaitForLaunch", wired=True)
        try:
            await self.libvirt("create", conf.name, definition=drivers.definition(conf, self.leases))
        except Failed as error:
            await self.down(conf.id, 1, str(error))
            return
        row = self.table(VDSM_VMS).get(conf.id)
        if row is None or row.destroyed:  # destroyed while it started (ovirt.md 5.8)
            await self.end_domain(conf)
            await drivers.unplug(self, conf)
        else:
            await self.save(conf.id, "Up")

    async def down(self, vm_id: str, code: int, message: str) -> None:
        """The entry is Down and stays until `destroy`; its wiring stays too, if the start failed."""
        await self.save(vm_id, "Down", exit_code=code, exit_message=message)

    # --- destroy -------------------------------------------------------------------------------

    async def on_destroy(self, vm_id: str, attempt: str = "", seen: str = "") -> None:
        """End the VM and forget it; `attempt`: the source of that migration asks, for the entry that it made here.

        Args:
            seen: the status for whose sake the engine asks (ours: the verb had the id alone).

        Raises:
            Failed: 1, it is not in the list, or (repaired) is another migration's, or in another status; 99.
        """
        self.ready()
        row = self.entry(vm_id)
        if seen not in ("", row.status) and self.repairs.destroy_of_what_was_seen:
            raise Failed(NO_VM, f"{vm_id} {seen}")
        if attempt not in ("", row.attempt) and self.repairs.peer_destroys_its_own:
            raise Failed(NO_VM, f"{vm_id} of {attempt}")
        self.note(vm_id, "destroyed", destroyed=True)
        await self.release(vm_id)
        files = self.table(RECOVERY_FILES)
        await self.commit(f"{row.conf.name} file removed", files.drop(vm_id))
        self.set(f"{row.conf.name} forgotten", self.table(VDSM_VMS).drop(vm_id))

    async def release(self, vm_id: str) -> None:
        """`releaseVm`: wiring of its own is removed, then the domain ends; errors are only logged."""
        row = self.entry(vm_id)
        if row.wired:
            await drivers.unplug(self, row.conf)
        incoming = row.status == "Migration Destination"
        if incoming and not self.repairs.destroy_ends_incoming:
            return
        if not await self.end_domain(row.conf) and self.repairs.destroy_reports_failure:
            raise Failed("42 destroyErr", row.conf.name)

    async def end_domain(self, conf: VmConf) -> bool:
        """Destroy the domain, twice if need be; whether it is gone."""
        for _ in range(2):
            try:
                await self.libvirt("destroy", conf.name, uuid=conf.id)
                return True
            except Failed as error:
                if error.code.startswith("42"):
                    return True
        return False

    # --- events --------------------------------------------------------------------------------

    async def on_lifecycle(self, uuid: str, event: str, detail: str) -> None:
        """A life-cycle event of libvirt."""
        row = self.table(VDSM_VMS).get(uuid)
        if row is None:
            if (event, detail) == ("STARTED", "MIGRATED") and self.repairs.unknown_arrival_ended:
                await self._end_unknown(uuid)
            return
        self.note(uuid, f"told {event}", told=f"{event}/{detail}")
        own_doing = row.destroyed or row.status in ("Migration Source", "Migration Destination", "Down")
        if event == "STOPPED" and detail != "MIGRATED" and not own_doing:
            await self._died(uuid, detail)

    async def _end_unknown(self, uuid: str) -> None:
        """Repaired: a migration that nobody awaits here any more, or not yet, is ended before it arrives.

        As at VDSM's start, a domain that has a recovery file is known (ovirt.md 5.9).
        """
        for domain in await self.libvirt("list", ""):
            if domain.uuid == uuid and uuid not in self.table(VDSM_VMS) and uuid not in self.table(RECOVERY_FILES):
                await self.kill_loose(domain)

    async def kill_loose(self, domain: Domain) -> None:
        """End a domain of VDSM's without a file; an incoming one may be of a call that VDSM forgot."""
        try:
            await self.libvirt("destroy", domain.definition.name, uuid=domain.uuid)
        except Failed:
            return

    async def _died(self, vm_id: str, detail: str) -> None:
        """qemu ended by itself: the VM is released at once, without the engine."""
        row = self.entry(vm_id)
        if row.status == "WaitForLaunch":
            return  # the start's own thread learns it from createXML
        if row.wired:
            await drivers.unplug(self, row.conf)
        clean = detail == "SHUTDOWN"
        message = "User shut down" if clean else "Lost connection with qemu process"
        await self.save(vm_id, "Down", exit_code=0 if clean else 1, exit_message=message, wired=False)

    # --- the proposal's two verbs --------------------------------------------------------------

    async def on_quantumAttach(self, conf: VmConf) -> None:
        """Ours for `proposed` (docs/facts/README.md, Ours): wire these vNICs on this host."""
        self.ready()
        await drivers.plug(self, conf)

    async def on_quantumDetach(self, conf: VmConf) -> None:
        """Ours for `proposed`: remove the wiring of these vNICs from this host."""
        self.ready()
        await drivers.unplug(self, conf)

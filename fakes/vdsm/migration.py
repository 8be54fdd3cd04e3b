"""Live migration in VDSM: the source's thread and the target's.

Facts: docs/facts/ovirt.md 5.3 (steps), 5.5 (failures); libvirt.md 10; links.md 2 row 11.
"""

from __future__ import annotations

from collections.abc import Awaitable

from fakes.links import VDSM_PEER
from fakes.records import VDSM_VMS
from fakes.records.libvirt import Domain
from fakes.records.vdsm import VmConf
from fakes.vdsm import drivers
from fakes.vdsm.base import EXISTS, NO_VM
from fakes.vdsm.outgoing import CANCELLED, Outgoing
from sim.clock import SECOND
from sim.outcomes import Failed, Outcome, Unknown

MIGRATION_TIMEOUT = 300 * SECOND
ASK_AGAIN = 10 * SECOND


class Migration(Outgoing):
    """Both ends of a migration as VDSM drives it."""

    # --- the source ----------------------------------------------------------------------------

    async def on_migrate(self, vm_id: str, host: str, nics: tuple[str, ...] | None = None) -> None:
        """Start the source thread; returns at once.

        Args:
            nics: the MACs for which the engine chose the target (ours: the verb had no such argument).

        Raises:
            Failed: 1 when the VM cannot migrate from here; 4 when it is migrating; 12 (a repair) when it has a NIC of
                which the engine did not know; 99.
        """
        self.ready()
        row = self.entry(vm_id)
        if row.status == "Migration Source":
            raise Failed(EXISTS, "already migrating")
        if row.status in ("WaitForLaunch", "Down", "Migration Destination"):
            raise Failed(NO_VM, row.status)
        if nics is not None and self.repairs.migrate_of_what_was_known:
            more = sorted({*row.changing, *(nic.mac for nic in row.conf.nics)}.difference(nics))
            if more:
                raise Failed("12 migrateErr", f"{row.conf.name} has {', '.join(more)}")
        attempt = self.world.new_id("migration")
        begun = {"migration": "started", "peer": host, "step": "", "cancelled": False, "attempt": attempt}
        await self.save(vm_id, "Migration Source", **begun)
        self.spawn(self._source(row.conf, host, attempt), f"migrate {row.conf.name}")

    def on_migrateStatus(self, vm_id: str) -> str:
        """The source thread's status."""
        self.ready()
        return self.entry(vm_id).migration

    def _peer(self, host: str, verb: str, conf: VmConf, /, **args: object) -> Awaitable[object]:
        return self.call(VDSM_PEER, host, "vdsm", verb, conf.name, args)

    async def _source(self, conf: VmConf, host: str, attempt: str) -> None:
        made_there = False
        try:
            await self._probe(conf, host)
            if not await self.take_slot(conf):
                return
            made_there = True
            await self._peer(host, "migrationCreate", conf, conf=conf, attempt=attempt)
            await self._perform(conf, host)
        except Outcome as error:
            if isinstance(error, Failed) and error.code == EXISTS:
                made_there = False
            self.note(conf.id, "slot free", step="")
            await self._recover(conf, host, made_there, error)
            return
        await self._migrated(conf)

    async def _perform(self, conf: VmConf, host: str) -> None:
        """libvirt's part.  As it was, one that was cancelled skips it and goes on as if it were done (ovirt.md 5.5)."""
        self.not_cancelled(conf)
        if not self.cancelled(conf.id):
            self.note(conf.id, "copies", step="copying")
            await self.libvirt("perform", conf.name, uuid=conf.id, host=host)

    async def _probe(self, conf: VmConf, host: str) -> None:
        """Ask the peer whether it has the VM: recorded only, the thread goes on (ovirt.md 5.3, row 1)."""
        try:
            await self._peer(host, "getVmStats", conf, vm_id=conf.id)
        except Outcome:
            return
        self.note(conf.id, "exists on the peer", migration=EXISTS)

    async def _migrated(self, conf: VmConf) -> None:
        """Done: Down with exit code 0; what VDSM itself wired stays until `destroy` (ovirt.md 5.4)."""
        await self.save(conf.id, "Down", exit_code=0, exit_message="Migration succeeded", migration="", step="")

    async def _recover(self, conf: VmConf, host: str, made_there: bool, error: Outcome) -> None:
        """The migration failed: the peer's VM is destroyed, and this one is Up again (ovirt.md 5.5)."""
        status = CANCELLED if self.cancelled(conf.id) else f"12 migrateErr: {error}"
        if not self.repairs.migration_settled_by_asking:
            await self._destroy_peer(conf, host)
            await self.save(conf.id, "Up", migration=status)
            return
        domain = await self._own_domain(conf)
        if domain is None:
            await self._gone_from_here(conf, host, made_there)
        elif self._source_paused(domain):
            await self._settle_with(conf, host, status)
        else:
            if made_there:
                await self._destroy_peer(conf, host)
            await self._still_here(conf, status)

    async def _gone_from_here(self, conf: VmConf, host: str, made_there: bool) -> None:
        """Repaired: the domain has left this host, whatever the caller was told; the peer knows whether it arrived."""
        while (there := await self._state_there(conf, host)) not in ("Up", "", "Down"):
            await self.sleep(ASK_AGAIN)
        if there == "Up":
            await self._migrated(conf)
            return
        if made_there:
            await self._destroy_peer(conf, host)
        await self._still_here(conf, "")

    async def resume_source(self, conf: VmConf, host: str) -> None:
        """Repaired: VDSM was started in the middle of a migration from here; libvirt may still be at it."""
        while (domain := await self._own_domain(conf)) is not None and domain.job:
            await self.sleep(ASK_AGAIN)
        await self._recover(conf, host, True, Failed("12 migrateErr", "VDSM was restarted"))

    async def _destroy_peer(self, conf: VmConf, host: str) -> None:
        """Of this migration; errors are only logged."""
        row = self.table(VDSM_VMS).get(conf.id)
        try:
            await self._peer(host, "destroy", conf, vm_id=conf.id, attempt=row.attempt if row is not None else "")
        except Outcome:
            return

    async def _own_domain(self, conf: VmConf) -> Domain | None:
        """The domain on this host, None if there is none; as it was, any error means that there is none."""
        while True:
            try:
                found = await self.libvirt("lookup", conf.name, uuid=conf.id)
                return found if isinstance(found, Domain) else None
            except Failed as error:
                if error.code.startswith("42") or not self.repairs.migration_settled_by_asking:
                    return None
            await self.sleep(ASK_AGAIN)

    @staticmethod
    def _source_paused(domain: Domain | None) -> bool:
        return domain is not None and domain.state == "PAUSED" and domain.reason == "MIGRATION"

    async def _still_here(self, conf: VmConf, status: str) -> None:
        if await self._own_domain(conf) is None:
            await self.save(conf.id, "Down", exit_code=1, exit_message="Lost connection with qemu process")
        else:
            await self.save(conf.id, "Up", migration=status)

    async def _settle_with(self, conf: VmConf, host: str, status: str) -> None:
        """Repaired: the source could not resume (its lease is the target's), so the target decides."""
        while True:
            there = await self._state_there(conf, host)
            if there == "Up":
                await self.end_domain(conf)
                await self._migrated(conf)
                return
            if there in ("", "Down"):
                await self._destroy_peer(conf, host)
                try:
                    await self.libvirt("resume", conf.name, uuid=conf.id)
                    await self.save(conf.id, "Up", migration=status)
                    return
                except Failed as error:
                    if error.code.startswith(("42", "55")):
                        await self._still_here(conf, status)
                        return
            await self.sleep(ASK_AGAIN)

    async def _state_there(self, conf: VmConf, host: str) -> str:
        """The VM's status on the peer: "" none, "?" unknown."""
        try:
            return str(await self._peer(host, "getVmStats", conf, vm_id=conf.id))
        except Unknown:
            return "?"
        except Failed as error:
            return "" if error.code == NO_VM else "?"

    # --- the target ----------------------------------------------------------------------------

    async def on_migrationCreate(self, conf: VmConf, attempt: str = "") -> None:
        """Make an entry that waits for the incoming domain.

        Raises:
            Failed: 4 when the VM is in the list; 99.
        """
        self.ready()
        await self.add(conf, "Migration Destination", attempt)
        self.spawn(self.target(conf), f"await {conf.name}")

    async def target(self, conf: VmConf, look_first: bool = False) -> None:
        """Wait for the event that the domain runs here, then look; a domain found is a success."""
        vms = self.table(VDSM_VMS)

        def woken() -> bool:
            row = vms.get(conf.id)
            if row is None or row.destroyed:
                return self.repairs.destroy_ends_incoming
            if row.told == "RESUMED/MIGRATED":
                return True
            return self.repairs.migration_settled_by_asking and row.told.startswith("STOPPED")

        domain = await self._own_domain(conf) if look_first else None
        if domain is None or domain.state != "RUNNING":
            await self.until(woken, MIGRATION_TIMEOUT)
            domain = await self._own_domain(conf)
        row = vms.get(conf.id)
        if row is None or row.destroyed:
            if domain is not None:
                await self.end_domain(conf)
        elif domain is None:
            await self.down(conf.id, 1, "Timed out")
        elif domain.state == "PAUSED" and self.repairs.migration_settled_by_asking:
            await self.end_domain(conf)
            await self.down(conf.id, 1, "Migration did not complete")
        else:
            own = any(nic.driver == "ethernet" for nic in row.conf.nics)
            await self.save(conf.id, "Up", wired=own)

    async def rewire(self, conf: VmConf) -> None:
        """Remove wiring of this host's own for a VM that is gone (a repair)."""
        await drivers.unplug(self, conf)

"""libvirtd as a whole: the verbs of a domain's life, and the daemon's own start.

Facts: docs/facts/libvirt.md 2, 3, 4 and 6 (daemon restart, by recorded phase); links.md 3, 4.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from fakes.libvirt.daemon import qemu_of
from fakes.libvirt.hotplug import HotPlug
from fakes.libvirt.lease import acquire, release
from fakes.libvirt.migration import MIGRATION_ENDED, Migration
from fakes.libvirt.profiles import PROFILES
from fakes.libvirt.saving import Saving
from fakes.links import QEMU_MONITOR
from fakes.records import DOMAINS, QEMUS
from fakes.records.libvirt import Definition, Domain
from fakes.repairs import UNREPAIRED, Repairs
from sim.connections import Connection
from sim.nodes import Process, Service, configured
from sim.outcomes import Failed, Outcome

replace = msgspec.structs.replace


def daemon(profile: str, repairs: Repairs = UNREPAIRED) -> Callable[[Process], Service]:
    """The libvirtd of that profile: ``2012-05`` or ``9.0``."""
    return configured(Libvirt, profile=PROFILES[profile], repairs=repairs)


class Libvirt(Migration, HotPlug, Saving):
    """The daemon."""

    serves_while_starting = False

    async def on_create(self, definition: Definition) -> None:
        """createXML: a transient domain (libvirt.md 1).

        Raises:
            Failed: 55 already active; 9 the name is another's; what `launch` raises; 38 when its lease is
                held elsewhere.
        """
        self.is_new(definition)
        domain = await self.launch(definition, job="modify")
        await self.emit(domain, *self.profile.started)

    async def on_destroy(self, uuid: str) -> None:
        """destroy: never blocked by a job (libvirt.md 4); who comes second finds no domain."""
        if self.domain(uuid).ending:
            await self.gone(uuid)
            self.domain(uuid)
        await self.stop(uuid, "DESTROYED", *self.profile.destroyed)

    async def on_suspend(self, uuid: str) -> None:
        """suspend: twice is no error and no event; allowed during a migration out (libvirt.md 4)."""
        domain = await self.wait_for(uuid, "", "out")
        if domain.state == "PAUSED":
            return
        await self.monitor(domain, "stop")
        domain = self.domain(uuid)
        if domain.state == "PAUSED":  # the migration has switched over meanwhile, or another suspend was first
            return
        moving = domain.job == "out"
        await self.become(uuid, "suspended", state="PAUSED", reason="MIGRATION" if moving else "USER")
        await self.emit(domain, ("SUSPENDED", "MIGRATED" if moving else "PAUSED"))
        if domain.definition.lease:
            await release(self, domain)

    async def on_resume(self, uuid: str) -> None:
        """resume: of a running domain it is error 55; without its lease it stays paused."""
        domain = await self.job(uuid, "modify")
        try:
            if domain.state == "RUNNING":
                raise Failed("55 operation invalid", "domain is already running")
            if domain.definition.lease and not await acquire(self, domain):
                raise Failed("38 system error", "the lease is held by another host")
            await self.monitor(domain, "cont")
            await self.become(uuid, "resumed", state="RUNNING", reason="UNPAUSED")
            await self.emit(domain, ("RESUMED", "UNPAUSED"))
        finally:
            await self.end_job(uuid)

    def on_list(self) -> list[Domain]:
        """Every active domain."""
        return self.table(DOMAINS).all()

    def on_lookup(self, uuid: str) -> Domain:
        """The domain; 42 if there is none."""
        return self.domain(uuid)

    # --- connections ---------------------------------------------------------------------------

    async def closed(self, connection: Connection) -> None:
        """A monitor or a migration's connection has closed."""
        if connection.link is not QEMU_MONITOR:
            await self.peer_closed(connection)
            return
        for domain in self.table(DOMAINS).where("monitor", connection.name):
            if not domain.ending and domain.reason != "STARTING_UP":  # else its starter or ender sees to it
                await self.qemu_died(domain)

    # --- the daemon's start --------------------------------------------------------------------

    async def started(self) -> None:
        """Take up the domains of the status files: reconnect, or clean up after those that are gone."""
        self.reserve_names()
        for domain in self.table(DOMAINS).all():
            unfinished = domain.ending or domain.reason == "STARTING_UP"
            if unfinished or self.table(QEMUS).get(domain.uuid) is None:
                await self._finish_off(domain)
            else:
                await self._reconnect(domain)

    async def _finish_off(self, domain: Domain) -> None:
        """Its qemu is gone, or was being started or killed: nobody is told (libvirt.md 2)."""
        await self.end_program(qemu_of(domain.definition))
        await self.removed(domain)

    async def _reconnect(self, domain: Domain) -> None:
        try:
            monitor = await self.connect(QEMU_MONITOR, self.node, qemu_of(domain.definition))
        except Outcome:
            await self._finish_off(domain)
            return
        await self.become(domain.uuid, "monitored again", monitor=monitor.name, **self._truth(domain))
        domain = self.domain(domain.uuid)
        if domain.definition.lease and domain.state == "PAUSED":
            await release(self, domain)
        try:
            await self._recover(self.domain(domain.uuid))
            if self.table(DOMAINS).get(domain.uuid) is not None:
                await self.settle_devices(domain.uuid)
        except Outcome:  # its qemu does not answer: the job is over all the same
            await self.become(domain.uuid, "job forgotten", **MIGRATION_ENDED)

    def _truth(self, domain: Domain) -> dict[str, str]:
        """qemu says whether its CPUs run; the status file may be older."""
        running = self.table(QEMUS)[domain.uuid].running
        if running and domain.state == "PAUSED" and domain.phase != "PREPARE":
            return {"state": "RUNNING", "reason": "UNPAUSED"}
        if not running and domain.state == "RUNNING":
            return {"state": "PAUSED", "reason": self.profile.switch_over[0] if domain.phase else "UNKNOWN"}
        return {}

    async def _recover(self, domain: Domain) -> None:
        """What a restart makes of each recorded phase (libvirt.md 6), and of a save (2.1)."""
        if domain.job == "save":
            await self.give_up_save(domain.uuid)
            return
        match domain.phase:
            case "PREPARE":
                await self.stop(domain.uuid, "FAILED")
            case "FINISH3":
                await self._recover_target(domain)
            case "PERFORM3" | "ABORTED" | "PEER_LOST":
                await self.monitor(domain, "cancel")
                await self.resume_source(domain.uuid)
            case "PERFORM3_DONE":
                await self.become(domain.uuid, "left paused", **MIGRATION_ENDED)
            case "CONFIRM3_CANCELLED":
                await self.resume_source(domain.uuid)
            case "CONFIRM3":
                await self.stop(domain.uuid, "MIGRATED")
            case _:
                await self.become(domain.uuid, "job forgotten", **MIGRATION_ENDED)

    async def _recover_target(self, domain: Domain) -> None:
        running = self.table(QEMUS)[domain.uuid].running
        if not (running and self.profile.keeps_running_target):
            await self.stop(domain.uuid, "FAILED")
            return
        await self.become(domain.uuid, "kept", state="RUNNING", reason="MIGRATED", job="", phase="", autodestroy="")

"""libvirtd: domains and their life.  Migration is in `fakes.libvirt.migration`.

Facts: docs/facts/libvirt.md 1 to 4, 6 (daemon restart), 8; links.md 3 (leases).
"""

from __future__ import annotations

from collections.abc import Awaitable

import msgspec

from fakes.libvirt.devices import Devices
from fakes.libvirt.lease import acquire
from fakes.libvirt.profiles import JOB_WAIT, LAUNCH, PROFILES, Event, Profile
from fakes.libvirt.qemu import SIGNAL, QemuProcess
from fakes.links import LIBVIRT_EVENT, QEMU_MONITOR
from fakes.records import DOMAINS, QEMUS
from fakes.records.host import Qemu
from fakes.records.libvirt import Definition, Domain
from sim.outcomes import Failed, Outcome

replace = msgspec.structs.replace


def qemu_of(definition: Definition) -> str:
    """The name of the domain's qemu process."""
    return f"qemu-{definition.name}"


class LibvirtBase(Devices):
    """What every part of the daemon uses: domains, events, monitors, starting and stopping qemu."""

    uncaught = "1 internal error"
    profile: Profile = PROFILES["2012-05"]

    def domain(self, uuid: str) -> Domain:
        """The active domain.

        Raises:
            Failed: 42, there is none (a transient domain disappears when it stops).
        """
        row = self.table(DOMAINS).get(uuid)
        if row is None:
            raise Failed("42 no domain", uuid)
        return row

    def is_new(self, definition: Definition) -> None:
        """Refuse a domain that is active, or whose name another has.

        Raises:
            Failed: 55, 9.
        """
        for domain in self.table(DOMAINS):
            if domain.uuid == definition.uuid:
                raise Failed("55 operation invalid", "domain is already active")
            if domain.definition.name == definition.name:
                raise Failed("9 operation failed", f"domain {definition.name} exists with uuid {domain.uuid}")

    def become(self, uuid: str, why: str, /, **columns: object) -> Awaitable[None]:
        """Save the domain's status."""
        domain = self.domain(uuid)
        return self.commit(f"{domain.definition.name} {why}", self.table(DOMAINS).put(replace(domain, **columns)))

    async def emit(self, domain: Domain, *events: Event) -> None:
        """Tell the host's VDSM; events are not stored, and travel apart from replies (libvirt.md 2)."""
        for event, detail in events:
            args = {"uuid": domain.uuid, "event": event, "detail": detail}
            subject = f"{domain.definition.name} {event}/{detail}"
            await self.cast(LIBVIRT_EVENT, self.node, "vdsm", "lifecycle", subject, args)

    async def tell_removed(self, domain: Domain, mac: str) -> None:
        """DEVICE_REMOVED: today's event, unknown in 2012 (libvirt.md 2)."""
        args = {"uuid": domain.uuid, "mac": mac}
        await self.cast(LIBVIRT_EVENT, self.node, "vdsm", "deviceRemoved", domain.definition.name, args)

    def monitor(self, domain: Domain, command: str, /, **args: object) -> Awaitable[object]:
        """A command on qemu's monitor."""
        name = domain.definition.name
        return self.call(QEMU_MONITOR, self.node, qemu_of(domain.definition), command, name, args)

    # --- jobs ----------------------------------------------------------------------------------

    async def wait_for(self, uuid: str, *jobs: str) -> Domain:
        """Wait until the domain's job is one of these and nobody is ending it.

        Raises:
            Failed: 42, or 68 when that took more than 30 s (libvirt.md 4).
        """
        domains = self.table(DOMAINS)

        def free() -> bool:
            row = domains.get(uuid)
            return row is None or (row.job in jobs and not row.ending)

        self.domain(uuid)
        if not await self.until(free, JOB_WAIT):
            raise Failed("68 operation timeout", "cannot acquire state change lock")
        return self.domain(uuid)

    async def job(self, uuid: str, kind: str) -> Domain:
        """Take the domain's job, waiting for it if need be.

        Raises:
            Failed: 42, 68.
        """
        await self.wait_for(uuid, "")
        await self.become(uuid, f"job {kind}", job=kind)
        return self.domain(uuid)

    async def end_job(self, uuid: str) -> None:
        """Give the job back, if the domain still exists."""
        if self.table(DOMAINS).get(uuid) is not None:
            await self.become(uuid, "job ends", job="")

    # --- start ---------------------------------------------------------------------------------

    async def launch(self, definition: Definition, runs: str = "BOOTED", **columns: object) -> Domain:
        """Make the taps and start qemu; its CPUs run for the reason `runs`, or stand if that is "".

        Raises:
            Failed: something could not be made; what had been made is undone.
        """
        domain = replace(Domain(definition.uuid, definition, "PAUSED", "STARTING_UP"), **columns)
        domains = self.table(DOMAINS)
        await self.commit(f"{definition.name} starting", domains.put(domain))
        try:
            plugged = await self.plug(definition, starts=True)
            try:
                await self.become(domain.uuid, "plugged", definition=plugged)
                await self._execute(self._wanted(domain.uuid), runs)
            except Outcome:
                await self.end_program(qemu_of(definition))
                await self.undo(plugged)
                raise
        except Outcome:
            await self.commit(f"{definition.name} not started", domains.drop(domain.uuid))
            raise
        return self.domain(domain.uuid)

    def _wanted(self, uuid: str) -> Domain:
        """The domain that is being started, unless somebody has destroyed it meanwhile."""
        domain = self.domain(uuid)
        if domain.ending:
            raise Failed("1 internal error", "destroyed while it started")
        return domain

    async def _execute(self, domain: Domain, runs: str) -> None:
        uuid, definition, process = domain.uuid, domain.definition, qemu_of(domain.definition)
        nics = tuple(one.mac for one in definition.interfaces)
        qemu = Qemu(uuid, process, False, "incoming" if domain.job == "in" else "", nics=nics, since=self.now)
        taps = self.hand_over(definition, process)
        await self.run_program(process, QemuProcess, self.table(QEMUS).put(qemu), *taps)
        if definition.lease and runs and not await acquire(self, domain):
            raise Failed("38 system error", "the lease is held by another host")
        await self.sleep(LAUNCH)
        connection = await self.connect(QEMU_MONITOR, self.node, process)
        self._wanted(uuid)
        await self.become(uuid, "monitored", monitor=connection.name)
        if not runs:  # a paused VM that is restored shows that reason too (libvirt.md 2)
            await self.become(uuid, "prepared", reason="MIGRATION")
            return
        await self.monitor(domain, "cont")
        self._wanted(uuid)
        await self.become(uuid, "runs", state="RUNNING", reason=runs, job="")

    # --- end -----------------------------------------------------------------------------------

    async def stop(self, uuid: str, reason: str, *events: Event) -> None:
        """End the domain's qemu and remove what libvirt made for it; never blocked by a job."""
        domain = self.table(DOMAINS).get(uuid)
        if domain is None or domain.ending:
            await self.gone(uuid)
            return
        await self.become(uuid, f"stopping ({reason})", ending=reason)
        if domain.reason == "STARTING_UP":  # whoever starts it notices, and undoes what it has made
            await self.end_program(qemu_of(domain.definition))
            await self.gone(uuid)
        else:
            await self.emit(domain, *events[:-1])
            await self._terminate(domain)
            await self.removed(domain)
        await self.emit(domain, *events[-1:])

    async def gone(self, uuid: str) -> None:
        """Wait until whoever ends the domain has done so."""
        domains = self.table(DOMAINS)
        await self.until(lambda: (row := domains.get(uuid)) is None or not row.ending)

    async def _terminate(self, domain: Domain) -> None:
        """SIGTERM, and wait for qemu's exit."""
        qemus = self.table(QEMUS)
        if qemus.get(domain.uuid) is not None:
            process, name = qemu_of(domain.definition), domain.definition.name
            await self.cast(SIGNAL, self.node, process, "sigterm", name, {})
            await self.until(lambda: qemus.get(domain.uuid) is None)

    async def removed(self, domain: Domain) -> None:
        """The domain's qemu is gone: remove the Open vSwitch records (errors are ignored) and the domain."""
        domain = self.table(DOMAINS).get(domain.uuid) or domain
        interfaces = (*domain.definition.interfaces, *domain.half)
        await self.unplug(replace(domain.definition, interfaces=interfaces))
        await self.commit(f"{domain.definition.name} removed", self.table(DOMAINS).drop(domain.uuid))

    async def qemu_died(self, domain: Domain) -> None:
        """The monitor closed and nobody stops the domain: STOPPED/FAILED (libvirt.md 2)."""
        await self.become(domain.uuid, "qemu died", ending="CRASHED")
        await self.removed(domain)
        await self.emit(domain, ("STOPPED", "FAILED"))

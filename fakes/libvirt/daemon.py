"""libvirtd: domains and their life.  Migration is in `fakes.libvirt.migration`.

Facts: docs/facts/libvirt.md 1 to 4, 6 (daemon restart), 8.
"""

from __future__ import annotations

import msgspec

from fakes.libvirt.devices import Devices
from fakes.libvirt.lease import release
from fakes.libvirt.profiles import EXIT, JOB_WAIT, LAUNCH, PROFILES, Event, Profile
from fakes.libvirt.qemu import QemuProcess
from fakes.links import LIBVIRT_EVENT, QEMU_MONITOR
from fakes.records import DOMAINS, QEMUS
from fakes.records.host import Qemu
from fakes.records.libvirt import Definition, Domain
from sim.outcomes import Failed, Outcome

replace = msgspec.structs.replace


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

    async def become(self, uuid: str, why: str, /, **columns: object) -> None:
        """Save the domain's status."""
        domain = self.domain(uuid)
        await self.commit(f"{domain.definition.name} {why}", self.table(DOMAINS).put(replace(domain, **columns)))

    async def emit(self, domain: Domain, *events: Event) -> None:
        """Tell the host's VDSM; events are not stored, and travel apart from replies (libvirt.md 2)."""
        for event, detail in events:
            args = {"uuid": domain.uuid, "event": event, "detail": detail}
            await self.cast(LIBVIRT_EVENT, self.node, "vdsm", "lifecycle", f"{domain.definition.name} {event}/{detail}", args)

    async def monitor(self, domain: Domain, command: str, /, **args: object) -> object:
        """A command on qemu's monitor."""
        process = f"qemu-{domain.definition.name}"
        return await self.call(QEMU_MONITOR, self.node, process, command, domain.definition.name, args)

    async def job(self, uuid: str, kind: str) -> Domain:
        """Take the domain's job, waiting for it if need be.

        Raises:
            Failed: 42, or 68 when the job was not free within 30 s (libvirt.md 4).
        """
        domains = self.table(DOMAINS)
        self.domain(uuid)
        if not await self.until(lambda: (row := domains.get(uuid)) is None or not row.job, JOB_WAIT):
            raise Failed("68 operation timeout", "cannot acquire state change lock")
        await self.become(uuid, f"job {kind}", job=kind)
        return self.domain(uuid)

    async def launch(self, definition: Definition, **columns: object) -> Domain:
        """Make the taps and start qemu with its CPUs stopped.

        Raises:
            Failed: something could not be made; what had been made is undone.
        """
        domain = Domain(definition.uuid, definition, "PAUSED", "STARTING_UP")
        domain = replace(domain, **columns)
        domains = self.table(DOMAINS)
        await self.commit(f"{definition.name} starting", domains.put(domain))
        try:
            return await self._launch(domain)
        except Outcome:
            await self.unplug(self.domain(definition.uuid).definition)
            await self.end_program(f"qemu-{definition.name}")
            await self.commit(f"{definition.name} not started", domains.drop(definition.uuid))
            raise

    async def _launch(self, domain: Domain) -> Domain:
        name = domain.definition.name
        process = f"qemu-{name}"
        definition = await self.plug(domain.definition)
        await self.become(domain.uuid, "plugged", definition=definition)
        qemu = Qemu(domain.uuid, process, False, "incoming" if domain.job == "in" else "")
        await self.run_program(process, QemuProcess, self.table(QEMUS).put(qemu), *self.hand_over(definition, process))
        await self.sleep(LAUNCH)
        connection = await self.connect(QEMU_MONITOR, self.node, process)
        await self.become(domain.uuid, "monitored", monitor=connection.name)
        return self.domain(domain.uuid)

    async def stop(self, uuid: str, reason: str, *events: Event) -> None:
        """End the domain's qemu and remove what libvirt made for it."""
        domain = self.table(DOMAINS).get(uuid)
        if domain is None or domain.ending:
            return
        await self.become(uuid, f"stopping ({reason})", ending=reason)
        await self.emit(domain, *events[:-1])
        if self.table(QEMUS).get(uuid) is not None:
            await self.sleep(EXIT)
            await self.end_program(f"qemu-{domain.definition.name}")
        await self.removed(domain)
        await self.emit(domain, *events[-1:])

    async def removed(self, domain: Domain) -> None:
        """The domain's qemu is gone: remove the Open vSwitch records (errors are ignored) and the domain."""
        if domain.definition.lease:
            await release(self, domain)
        await self.unplug(domain.definition)
        await self.commit(f"{domain.definition.name} removed", self.table(DOMAINS).drop(domain.uuid))

    async def qemu_died(self, domain: Domain) -> None:
        """The monitor closed and nobody stops the domain: STOPPED/FAILED (libvirt.md 2)."""
        await self.become(domain.uuid, "qemu died", ending="CRASHED")
        await self.removed(domain)
        await self.emit(domain, ("STOPPED", "FAILED"))

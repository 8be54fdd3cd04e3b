"""The host's lock manager: it renews the host's leases, and kills what it can no longer protect.

Facts: docs/facts/links.md 3.  The host's session with the storage is a connection whose keepalive is the
time after which a dead host's leases may be taken (140 s).
"""

from __future__ import annotations

from fakes.links import SANLOCK
from fakes.records import LEASES, QEMUS
from fakes.records.storage import Lease
from sim.connections import Connection
from sim.nodes import Service
from sim.outcomes import Failed, Outcome


class Sanlock(Service):
    """The daemon on a host."""

    session: Connection | None = None

    async def started(self) -> None:
        """Join the lockspace."""
        await self._join()

    async def _join(self) -> Connection:
        while self.session is None or not self.session.open:
            try:
                self.session = await self.connect(SANLOCK, "storage", "leases")
            except Outcome:
                await self.sleep(20_000_000)
        return self.session

    async def on_acquire(self, vm: str, name: str) -> None:
        """Take a VM's lease for this host."""
        session = self.session
        if session is None or not session.open:
            raise Failed("lease error", "not in the lockspace")
        await self.call(SANLOCK, "storage", "leases", "acquire", name, {"vm": vm, "host": self.node}, connection=session)

    async def on_release(self, vm: str) -> None:
        """Give a VM's lease back."""
        if self.session is not None and self.session.open:
            await self.call(SANLOCK, "storage", "leases", "release", "", {"vm": vm, "host": self.node}, connection=self.session)

    async def closed(self, connection: Connection) -> None:
        """Renewal failed for too long: the holders are killed before another host may take their leases."""
        for qemu in self.table(QEMUS).all():
            if qemu.running:
                await self.end_program(qemu.process)
        await self._join()


class Leases(Service):
    """The leases on shared storage."""

    async def on_acquire(self, vm: str, host: str) -> None:
        """Refused while another living host holds it."""
        session = self.caller()
        leases = self.table(LEASES)
        held = leases.get(vm)
        if held is not None and held.host != host:
            raise Failed("lease error", f"held by {held.host}")
        await self.commit(f"lease to {host}", leases.put(Lease(vm, host, session.name if session else "")))

    async def on_release(self, vm: str, host: str) -> None:
        """Given back by its holder."""
        leases = self.table(LEASES)
        held = leases.get(vm)
        if held is not None and held.host == host:
            await self.commit(f"lease of {host} released", leases.drop(vm))

    async def closed(self, connection: Connection) -> None:
        """A host has not renewed for 140 s: its leases are free."""
        leases = self.table(LEASES)
        for lease in leases.where("session", connection.name):
            await self.commit(f"lease of {lease.host} expired", leases.drop(lease.vm))


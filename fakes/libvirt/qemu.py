"""A qemu process: its CPUs, and its end of a migration stream.

Facts: docs/facts/libvirt.md 5, 6 and links.md 1 row 10.  Its taps die with it (libvirt.md 8).
"""

from __future__ import annotations

import msgspec

from fakes.libvirt.profiles import COPY
from fakes.links import QEMU_STREAM
from fakes.records import QEMUS
from fakes.records.host import Qemu
from sim.connections import Connection
from sim.nodes import Service
from sim.outcomes import Failed, Outcome

replace = msgspec.structs.replace


class QemuProcess(Service):
    """One qemu; its row is made by the libvirtd that starts it."""

    @property
    def row(self) -> Qemu:
        """This process's own row."""
        return self.table(QEMUS).where("process", self.process.name)[0]

    async def _become(self, why: str, /, **columns: object) -> None:
        await self.commit(why, self.table(QEMUS).put(replace(self.row, **columns)))

    async def on_cont(self) -> None:
        """Start the CPUs."""
        await self._become("CPUs start", running=True)

    async def on_stop(self) -> None:
        """Stop the CPUs."""
        await self._become("CPUs stop", running=False)

    async def on_status(self) -> Qemu:
        """The state of CPUs and migration."""
        return self.row

    # --- the source of a migration -------------------------------------------------------------

    async def on_migrate(self, host: str, memory: int) -> None:
        """Copy the memory to the peer, then stop the CPUs and hand over.

        Raises:
            Failed: ``cancelled`` or ``broken``; the CPUs run as before.
        """
        name = self.process.name
        try:
            stream = await self.connect(QEMU_STREAM, host, name)
        except Outcome as error:
            raise Failed("broken", f"cannot connect: {error}") from error
        ran = self.row.running
        await self._become("migration active", migration="active", stream=stream.name)
        await self.until(lambda: self.row.migration != "active", max(COPY * memory // 512, COPY))
        if self.row.migration != "active":
            await self._give_up(stream, ran)
        await self._become("CPUs stop for the switch-over", running=False)
        try:
            await self.call(QEMU_STREAM, host, name, "complete", "", {}, connection=stream)
        except Outcome:
            await self._give_up(stream, ran)
        await self._become("migration completed", migration="completed")

    async def _give_up(self, stream: Connection, ran: bool) -> None:
        why = self.row.migration if self.row.migration != "active" else "broken"
        await self._become(f"migration {why}", migration="", stream="", running=ran)
        self.world.network.close(stream)
        raise Failed(why, "the migration did not complete")

    async def on_cancel(self) -> None:
        """``migrate_cancel``."""
        if self.row.migration == "active":
            await self._become("migration cancelled", migration="cancelled")

    # --- the target ----------------------------------------------------------------------------

    async def on_complete(self) -> None:
        """All state has arrived."""
        await self._become("state received", migration="received")

    async def closed(self, connection: Connection) -> None:
        """A stream that ends early breaks the source's migration, and ends an incoming qemu."""
        if connection.link is not QEMU_STREAM:
            return
        row = self.row
        if row.migration == "active" and row.stream == connection.name:
            await self._become("stream broken", migration="broken")
        elif row.migration == "incoming":
            await self.end_program(self.process.name)

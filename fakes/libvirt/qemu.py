"""A qemu process: its CPUs, its NICs, and its end of a migration stream.

Facts: docs/facts/libvirt.md 5, 6 and links.md 1 row 10.  Its taps die with it (libvirt.md 8).
"""

from __future__ import annotations

from collections.abc import Awaitable

import msgspec

from fakes.libvirt.profiles import COPY, EXIT
from fakes.links import GUEST, QEMU_EVENT, QEMU_STREAM
from fakes.records import QEMUS, TAPS
from fakes.records.host import Qemu
from sim.connections import Connection
from sim.links import LinkKind
from sim.nodes import Service
from sim.outcomes import Failed, Outcome

replace = msgspec.structs.replace

SIGNAL = LinkKind("signal", {}, latency=0)
"""The kernel delivers it: no fate can meet it."""

TERMINATED = "terminated"


class QemuProcess(Service):
    """One qemu; its row is made by the libvirtd that starts it."""

    @property
    def row(self) -> Qemu:
        """This process's own row."""
        return self.table(QEMUS).where("process", self.process.name)[0]

    def _become(self, why: str, /, **columns: object) -> Awaitable[None]:
        return self.commit(why, self.table(QEMUS).put(replace(self.row, **columns)))

    async def on_cont(self) -> None:
        """Start the CPUs."""
        if self.row.migration == TERMINATED:
            raise Failed("shutting down")
        await self._become("CPUs start", running=True)

    async def on_stop(self) -> None:
        """Stop the CPUs."""
        await self._become("CPUs stop", running=False)

    def on_status(self) -> Qemu:
        """The state of CPUs and migration."""
        return self.row

    async def on_sigterm(self) -> None:
        """CPUs and migration end at once, the process a little later, whoever lives to see it."""
        if self.row.migration == TERMINATED:
            return
        await self._become(TERMINATED, running=False, migration=TERMINATED)
        await self.sleep(EXIT)
        await self.end_program(self.process.name)

    # --- NICs ----------------------------------------------------------------------------------

    async def on_device_add(self, mac: str, tap: str) -> None:
        """``netdev_add`` and ``device_add``: the tap that was handed over is qemu's, and the guest has a NIC."""
        if self.row.migration == TERMINATED:
            raise Failed("shutting down")
        taps, row = self.table(TAPS), self.row
        device = taps.get(tap)
        if device is None:  # whoever held it open has died
            raise Failed("no such device", tap)
        changes = [taps.put(replace(device, holder=self.process.name))] if device.holder else []
        await self.commit(f"NIC {mac} added", self.table(QEMUS).put(replace(row, nics=(*row.nics, mac))), *changes)

    async def on_device_del(self, mac: str) -> None:
        """``device_del``: the guest is asked; what it does, and when, is its own."""
        name = self.process.name
        args = {"mac": mac, "life": self.process.starts}
        await self.cast(GUEST, self.node, name, "eject", name.removeprefix("qemu-"), args)

    async def on_eject(self, mac: str, life: int) -> None:
        """The guest has let go of the NIC; a guest that stands does nothing."""
        if life != self.process.starts or self.row.migration == TERMINATED:
            return
        await self.until(lambda: self.row.running)
        row = self.row
        if mac not in row.nics:
            return
        await self._become(f"NIC {mac} released", nics=tuple(one for one in row.nics if one != mac))
        args = {"uuid": row.vm, "mac": mac}
        vm = self.process.name.removeprefix("qemu-")
        await self.cast(QEMU_EVENT, self.node, "libvirt", "deviceDeleted", vm, args)

    async def on_netdev_del(self, tap: str) -> None:
        """``netdev_del``: a tap that is qemu's own is closed."""
        taps = self.table(TAPS)
        device = taps.get(tap)
        if device is not None and device.holder == self.process.name:
            await self.commit(f"tap {tap} closed", taps.drop(tap))

    # --- the source of a migration -------------------------------------------------------------

    async def on_migrate(self, host: str, memory: int) -> None:
        """Copy the memory to the peer, then stop the CPUs and hand over.

        Raises:
            Failed: ``cancelled``, ``broken`` or ``terminated``; the CPUs run as before.
        """
        if self.row.migration == TERMINATED:
            raise Failed(TERMINATED)
        attempt = self.row.attempt + 1
        await self._become("migration active", migration="active", attempt=attempt, switched=False)
        self.spawn(self._send(attempt, host, memory), "send")
        await self.until(lambda: self.row.migration != "active")
        if self.row.migration != "completed":
            await self._give_up()

    async def _give_up(self) -> None:
        why, stream = self.row.migration, self.row.stream
        if why != TERMINATED:
            running = self.row.running or self.row.switched
            await self._become(f"migration {why}", migration="", stream="", running=running)
        for connection in list(self.process.connections):
            if stream and connection.name == stream:
                self.world.network.close(connection)
        raise Failed(why, "the migration did not complete")

    async def _send(self, attempt: int, host: str, memory: int) -> None:
        """The migration thread: memory while the CPUs run, the rest while they stand."""
        try:
            await self._transfer(attempt, host, memory)
        except Outcome:
            if self._goes_on(attempt):
                await self._become("stream broken", migration="broken")

    async def _transfer(self, attempt: int, host: str, memory: int) -> None:
        name = self.process.name
        stream = await self.connect(QEMU_STREAM, host, name)
        if not self._goes_on(attempt):
            self.world.network.close(stream)
            return
        await self._become("stream open", stream=stream.name)
        await self.sleep(max(COPY * memory // 512, COPY))
        if not self._goes_on(attempt):
            return
        await self.call(QEMU_STREAM, host, name, "ram", "", {}, connection=stream)
        if not self._goes_on(attempt):
            return
        await self._become("CPUs stop for the switch-over", running=False, switched=self.row.running)
        await self.call(QEMU_STREAM, host, name, "complete", "", {}, connection=stream)
        if self._goes_on(attempt):
            await self._become("migration completed", migration="completed")

    def _goes_on(self, attempt: int) -> bool:
        return self.row.attempt == attempt and self.row.migration == "active"

    async def on_cancel(self) -> None:
        """``migrate_cancel``."""
        if self.row.migration == "active":
            await self._become("migration cancelled", migration="cancelled")

    # --- the target ----------------------------------------------------------------------------

    def on_ram(self) -> None:
        """All memory has arrived: what the stream carried so far was read."""
        self._incoming()

    async def on_complete(self) -> None:
        """All state has arrived."""
        self._incoming()
        await self._become("state received", migration="received")

    def _incoming(self) -> None:
        if self.row.migration != "incoming":
            raise Failed("broken", "nobody reads the stream")

    async def closed(self, connection: Connection) -> None:
        """A stream that ends early breaks the source's migration, and ends an incoming qemu."""
        if connection.link is not QEMU_STREAM:
            return
        row = self.row
        if row.migration == "active" and row.stream == connection.name:
            await self._become("stream broken", migration="broken")
        elif row.migration == "incoming":
            await self.end_program(self.process.name)

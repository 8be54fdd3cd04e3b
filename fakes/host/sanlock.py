"""The host's lock manager, the shared storage that it works on, and the host's watchdog.

A lease hangs on the socket that qemu inherited: a holder that exits gives it back at once, and restarts of
libvirtd or VDSM change nothing.  Renewals are I/O, not messages: one succeeds whenever the host's sanlock
runs and reaches the storage.  A host that could not renew kills its holders before another may take their
leases; a sanlock that died has its host reset.

Facts: docs/facts/links.md 3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fakes.links import SANLOCK
from fakes.records import HOLDERS, LAPSED, LEASES, OWED, SILENT
from fakes.records.storage import Holder, Lapsed, Lease, Owed, Silent
from sim.clock import SECOND
from sim.connections import Connection
from sim.messages import CUTS
from sim.nodes import MACHINES, PROGRAMS, Service
from sim.outcomes import Failed, Outcome
from sim.tasks import PENDING, Task, ask

if TYPE_CHECKING:
    from sim.world import World

STORAGE = "storage"

RENEWAL = 20 * SECOND
"""How often a host renews, and looks whether it could."""
FAILED_AFTER = 80 * SECOND
"""Renewal has failed: the holders are killed (with the round that notices: by 100 s; the facts allow 120 s)."""
FREE_AFTER = 140 * SECOND
"""A dead host's leases may be taken (with the round that notices: by 160 s; the facts allow 210 s)."""
RESET_AFTER = 60 * SECOND
"""The watchdog that nobody feeds resets the host within this."""


def reaches(world: World, host: str) -> bool:
    """Whether I/O of that host gets to the storage."""
    store = world.store
    machine = store.table(MACHINES, STORAGE).get(STORAGE)
    program = store.table(PROGRAMS, STORAGE).get("leases")
    cut = store.table(CUTS, "network").get(tuple(sorted((host, STORAGE))))
    return machine is not None and machine.up and program is not None and program.up and cut is None


class Sanlock(Service):
    """The daemon on a host."""

    async def started(self) -> None:
        """Join the lockspace, under the watchdog's eye."""
        await self.run_program("watchdog", Watchdog)
        await self.connect(SANLOCK, self.node, "watchdog")
        self.every("renew", RENEWAL, self._renew)

    @property
    def _session(self) -> str:
        """This run of the daemon: leases of an earlier one are renewed by nobody."""
        return session(self.node, self.process.starts)

    # --- leases of qemus -----------------------------------------------------------------------

    async def on_acquire(self, vm: str, process: str) -> None:
        """Take a VM's lease for that process of this host."""
        socket = await self._socket(vm, process)
        self._owe(vm, False)
        args = {"vm": vm, "host": self.node, "session": self._session}
        try:
            await self.call(SANLOCK, STORAGE, "leases", "acquire", vm, args)
        except Failed:
            raise
        except Outcome:
            self._owe(vm, True)  # it may have been granted
            raise
        if not socket.open:
            await self._give_back(vm)
            raise Failed("lease error", f"{process} has gone")

    async def _socket(self, vm: str, process: str) -> Connection:
        holders = self.table(HOLDERS)
        held = {row.socket for row in holders.where("vm", vm)}
        for socket in self.process.connections:
            if socket.name in held and socket.open:
                return socket
        socket = await self.connect(SANLOCK, self.node, process)
        self.set(f"{process} may hold {vm}", holders.put(Holder(socket.name, vm, process)))
        return socket

    def _owe(self, vm: str, owed: bool) -> None:
        """Note that the VM's lease is to be given back, or no longer is."""
        table = self.table(OWED)
        self.set(f"lease of {vm} {'' if owed else 'not '}owed", table.put(Owed(vm)) if owed else table.drop(vm))

    async def on_release(self, vm: str) -> None:
        """Give a VM's lease back; its qemu may want it again."""
        await self._release(vm)

    async def _release(self, vm: str) -> None:
        await self.call(SANLOCK, STORAGE, "leases", "release", vm, {"vm": vm, "host": self.node})

    async def _give_back(self, vm: str) -> None:
        """Nobody here holds it any more: at once, or as soon as the storage answers."""
        try:
            await self._release(vm)
            self._owe(vm, False)
        except Outcome:
            self._owe(vm, True)

    async def closed(self, connection: Connection) -> None:
        """A qemu has exited."""
        holders = self.table(HOLDERS)
        row = holders.get(connection.name)
        if row is None:
            return
        self.set(f"{row.process} has gone", holders.drop(row.socket))
        if not holders.where("vm", row.vm):
            await self._give_back(row.vm)

    # --- renewal -------------------------------------------------------------------------------

    async def _renew(self) -> None:
        """Renewal fails when the storage was out of reach for 80 s: then the holders are killed."""
        lapsed = self.table(LAPSED)
        if not reaches(self.world, self.node):
            if self.node in lapsed or await self.until(lambda: reaches(self.world, self.node), FAILED_AFTER):
                return
            self.set("renewal has failed", lapsed.put(Lapsed(self.node)))
            for row in self.table(HOLDERS).all():
                await self.end_program(row.process)
            return
        self.set("renewed", lapsed.drop(self.node))
        for owed in self.table(OWED).all():
            await self._give_back(owed.vm)
        if self.table(OWED).all():
            self.not_later_than(self.now + RENEWAL)


class Watchdog(Service):
    """wdmd and the device behind it: the host is reset when its sanlock dies, whatever is started anew."""

    async def closed(self, connection: Connection) -> None:
        """Nobody feeds it any more."""
        await self.sleep(RESET_AFTER)
        await ask((_reset, None))


def _reset(task: Task, _: None) -> Any:
    node, world = task.process.node.name, task.process.world
    world.power_off(node, task.event)
    world.power_on(node)
    return PENDING


class Leases(Service):
    """The leases on shared storage."""

    async def started(self) -> None:
        """Look after the hosts' renewals."""
        self.every("expire", RENEWAL, self._look)

    async def on_acquire(self, vm: str, host: str, session: str) -> None:
        """Refused while another host holds it, alive or not dead for long enough."""
        leases = self.table(LEASES)
        held = leases.get(vm)
        if held is not None and held.host != host:
            raise Failed("lease error", f"held by {held.host}")
        await self.commit(f"lease to {host}", leases.put(Lease(vm, host, session)))

    async def on_release(self, vm: str, host: str) -> None:
        """Given back by its holder."""
        leases = self.table(LEASES)
        held = leases.get(vm)
        if held is not None and held.host == host:
            await self.commit(f"lease of {host} released", leases.drop(vm))

    def _renews(self, lease: Lease) -> bool:
        store = self.world.store
        machine = store.table(MACHINES, lease.host).get(lease.host)
        program = store.table(PROGRAMS, lease.host).get("sanlock")
        if machine is None or not machine.up or program is None or not program.up:
            return False
        return session(lease.host, program.starts) == lease.session and reaches(self.world, lease.host)

    async def _look(self) -> None:
        for lease in self.table(LEASES):
            if not self._renews(lease) and lease.session not in self.table(SILENT):
                self.set(f"{lease.session} falls silent", self.table(SILENT).put(Silent(lease.session)))
                self.spawn(self._expire(lease), f"{lease.session} is silent")

    async def _expire(self, lease: Lease) -> None:
        """After 140 s without renewal the session's leases are free."""
        renewed = await self.until(lambda: self._renews(lease), FREE_AFTER)
        self.set(f"{lease.session} timed", self.table(SILENT).drop(lease.session))
        if not renewed:
            for one in self.table(LEASES).where("session", lease.session):
                await self.commit(f"lease of {one.host} expired", self.table(LEASES).drop(one.vm))


def session(host: str, starts: int) -> str:
    """The name of one run of a host's sanlock."""
    return f"{host} #{starts}"

"""Nodes, the processes on them, and the service (program) that a process runs.

A `Service` keeps no state of its own: what exists is a row.  It is made anew at each start of its
process, so what a restart forgets is exactly what its volatile tables held.
"""

from __future__ import annotations

import types
from collections.abc import Awaitable, Callable, Coroutine, Generator
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

import msgspec

from sim.messages import Call
from sim.tables import Change, Lifetime, Schema, Table
from sim.tasks import Op, Task, ask

if TYPE_CHECKING:
    from sim.connections import Connection
    from sim.kernel import Entry
    from sim.links import LinkKind
    from sim.periodic import Periodic
    from sim.world import World

R = TypeVar("R", bound=msgspec.Struct)


class Machine(msgspec.Struct, frozen=True, gc=False):
    """A node: `up` while it has power."""

    name: str
    up: bool


class Program(msgspec.Struct, frozen=True, gc=False):
    """A process of a node: `up` while it runs; `starts` counts its incarnations."""

    name: str
    up: bool
    starts: int


MACHINES = Schema("machines", Machine, "name", Lifetime.DURABLE)
PROGRAMS = Schema("programs", Program, "name", Lifetime.DURABLE)


class Node:
    """A machine.

    Args:
        reap: what its operating system does when a process has gone (closes what it held open):
            given the process's name, returns the changes.
    """

    __slots__ = ("booting", "boots", "machine", "name", "processes", "programs", "reap", "supplied", "up", "world")

    def __init__(self, world: World, name: str, reap: Callable[[str], list[Change]] | None = None) -> None:
        self.world = world
        self.name = name
        self.up = True
        self.supplied = True  # there is power to be had; else nobody can switch it on
        self.reap = reap
        self.processes: dict[str, Process] = {}
        self.boots: list[str] = []  # processes started at boot, in order
        self.booting: list[Entry] = []  # their starts, since power returned
        self.machine = world.store.table(MACHINES, name)
        self.programs = world.store.table(PROGRAMS, name)


class Process:
    """A place where one service runs, dies and runs again."""

    __slots__ = (
        "backlog", "connections", "factory", "name", "node", "periodics", "service", "starts", "tasks", "up",
        "where", "world",
    )  # fmt: skip

    def __init__(self, node: Node, name: str, factory: Callable[[Process], Service]) -> None:
        self.node = node
        self.world = node.world
        self.name = name
        self.where = f"{name}[{node.name}]"
        self.factory = factory
        self.service: Service | None = None
        self.up = False
        self.starts = 0
        self.tasks: dict[Task, None] = {}
        self.connections: dict[Connection, None] = {}
        self.periodics: list[Periodic] = []
        self.backlog: list[Call] | None = None  # requests that wait for the start's end; None once it has ended


def configured(program: type[Service], **settings: Any) -> Callable[[Process], Service]:
    """A program with its configuration: what a process starts."""

    def make(process: Process) -> Service:
        service = program(process)
        for name, value in settings.items():  # not by __dict__: once asked for, attributes are slower to read
            setattr(service, name, value)
        return service

    return make


class _Tables(dict[Schema[Any], Table[Any]]):
    """The tables of a process, each looked up in the store when first asked for."""

    def __init__(self, process: Process) -> None:
        self.process = process

    def __missing__(self, schema: Schema[Any]) -> Table[Any]:
        process = self.process
        made = self[schema] = process.world.store.table(schema, process.node.name, process.name)
        return made


class Service:
    """A program.  A method ``on_<verb>`` (dashes as underscores) answers that verb of its protocol.

    A handler returns the reply's value or raises `Failed`; nothing in it knows of fates.  One that only looks at
    rows, and waits for nothing, is a plain function: no task is made for it.
    """

    serves_while_starting: ClassVar[bool] = True
    """Whether requests are answered before `started` has ended; else they wait in the backlog."""

    uncaught: ClassVar[str] = "error"
    """The code answered when a handler lets an outcome escape that is not its own `Failed`."""

    def __init__(self, process: Process) -> None:
        self.process = process
        self.world = process.world
        self.node = process.node.name
        # A look-up in a dictionary: asked often, and tables are never replaced.
        self.tables: dict[Schema[Any], Table[Any]] = _Tables(process)
        self.table = self.tables.__getitem__

    async def started(self) -> None:
        """Runs as a task whenever the process has started."""

    async def closed(self, connection: Connection) -> None:
        """Runs as a task when a connection of this process has closed."""

    # --- what a service can do -----------------------------------------------------------------

    table: Callable[[Schema[R]], Table[R]]
    """The node's table of that schema, or the process's own, if it is volatile."""

    @property
    def now(self) -> int:
        """Virtual microseconds since the world began."""
        return self.world.kernel.now

    def sleep(self, microseconds: int) -> Awaitable[None]:
        """Do nothing for so long."""
        return ask((self.world.kernel.op_sleep, microseconds))

    @types.coroutine
    def commit(self, why: str, *changes: Change) -> Generator[Op, Any, None]:
        """Make changes durable, all or none.

        Raises:
            Failed: they were refused and nothing changed.
            Unknown: no success was heard; they may have been made.
        """
        yield (self.world.kernel.op_commit, (why, changes))

    def until(self, condition: Callable[[], bool], timeout: int | None = None) -> Awaitable[bool]:
        """Wait until a condition over rows holds; False if the time-out came first."""
        return ask((self.world.kernel.op_until, (condition, timeout)))

    def join(self, task: Task) -> Awaitable[Any]:
        """Wait for another task; its value, or what it raised."""
        return ask((self.world.kernel.op_join, task))

    @types.coroutine  # as `commit`: itself what `ask` is, of which there is one frame less to make
    def call(
        self,
        link: LinkKind,
        node: str,
        process: str,
        verb: str,
        subject: str,
        args: dict[str, Any],
        connection: Connection | None = None,
    ) -> Generator[Op, Any, Any]:
        """Ask another process; returns its reply.

        Raises:
            Failed: it answered an error (`Refused`: nobody listens there).
            Unknown: no reply came.
        """
        return (yield (self.world.network.op_call, (link, node, process, verb, subject, args, connection)))

    def cast(
        self, link: LinkKind, node: str, process: str, verb: str, subject: str, args: dict[str, Any]
    ) -> Awaitable[None]:
        """Tell another process something; no reply is expected."""
        return ask((self.world.network.op_cast, (link, node, process, verb, subject, args, None)))

    def connect(self, link: LinkKind, node: str, process: str) -> Awaitable[Connection]:
        """Open a connection that both ends can see break.

        Raises:
            Refused, Unknown: as `call`.
        """
        return ask((self.world.network.op_call, (link, node, process, "connect", "", {}, None)))

    def caller(self) -> Connection | None:
        """The connection over which the request came that the present task answers."""
        task = self.world.kernel_task()
        return task.call.connection if task.call is not None else None

    def spawn(self, coroutine: Coroutine[Any, Any, Any], name: str) -> Task:
        """Go on with this in a task of its own (a thread of the real program)."""
        return self.world.kernel.spawn(self.process, coroutine, name, self.world.kernel_task())

    def set(self, why: str, *changes: Change) -> None:
        """Change volatile rows at once: memory is written without waiting.

        Raises:
            HarnessError: one of the rows is durable, or another process's.
        """
        self.world.set_memory(self.process, why, changes)

    def every(self, name: str, period: int, round_: Callable[[], Coroutine[Any, Any, None]], phase: int = 0) -> None:
        """Run a round periodically from now on; a round that changes nothing sleeps until it may."""
        self.world.periodic(self.process, name, period, round_, phase)

    def not_later_than(self, time: int) -> None:
        """Within a round: let the next one come no later than this, asleep or not."""
        watch = self.world.kernel_task().watch
        if watch is not None and (watch.deadline is None or time < watch.deadline):
            watch.deadline = time

    def run_program(self, name: str, factory: Callable[[Process], Service], *changes: Change) -> Awaitable[Process]:
        """Start another process on this node (fork and exec); `changes` are what it holds from its first moment."""
        return ask((self.world.op_run_program, (self.process.node, name, factory, changes)))

    def end_program(self, name: str) -> Awaitable[None]:
        """Kill another process of this node (SIGKILL, or SIGTERM to one that obeys)."""
        return ask((self.world.op_end_program, (self.process.node, name)))

    def respawn(self, delay: int) -> Awaitable[None]:
        """End this process, as it ends itself on purpose; it is started again after the delay."""
        return ask((self.world.op_respawn, delay))

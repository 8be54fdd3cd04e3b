"""A toy world: a client on node a, a server and its disk on node b, and links that can meet every fate."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable
from typing import Any

import msgspec

from sim.checks import Check
from sim.clock import HOUR, MS, SECOND
from sim.connections import Connection
from sim.decisions import Decisions
from sim.decisions.replay import Replay
from sim.fates import MESSAGE, Fate
from sim.links import LinkKind
from sim.messages import CUTS, Call
from sim.nodes import MACHINES, PROGRAMS, Process, Service
from sim.outcomes import Failed
from sim.run import Play, Step
from sim.tables import Change, Lifetime, Schema
from sim.tally import Marks
from sim.tasks import Task
from sim.trace import Event
from sim.world import World


class Item(msgspec.Struct, frozen=True):
    """A row of the toy: `seen` is noise."""

    id: str
    value: str = ""
    seen: int = 0


ITEMS = Schema("items", Item, "id", Lifetime.DURABLE, ("value",), noise=("seen",))
FILES = Schema("files", Item, "id", Lifetime.HOST, ("value",))
NOTES = Schema("notes", Item, "id", Lifetime.VOLATILE, ("value",))
SCHEMAS: dict[str, Schema[Any]] = {one.name: one for one in (MACHINES, PROGRAMS, CUTS, ITEMS, FILES, NOTES)}

_EVERY = dict.fromkeys(MESSAGE, "the toy can meet everything")
ANY = LinkKind("any", _EVERY, latency=10 * MS, timeout=10 * SECOND, lateness=60 * SECOND, error="toy error")
PATIENT = LinkKind("patient", _EVERY, latency=10 * MS, timeout=None)
WIRE = LinkKind("wire", _EVERY, latency=10 * MS, timeout=None, keepalive=5 * SECOND)
SOLID = LinkKind("solid", {}, latency=10 * MS, timeout=10 * SECOND)

Act = Callable[[Any], Coroutine[Any, Any, Any]]


class Server(Service):
    """Makes rows, answers, and remembers in three lifetimes."""

    uncaught = "server error"

    async def on_make(self, id: str, value: str = "") -> str:
        """A durable row; making it again counts up."""
        items = self.table(ITEMS)
        old = items.get(id)
        await self.commit(f"{id} made", items.put(Item(id, value or f"{int(old.value) + 1 if old else 1}")))
        return f"made {id}"

    async def on_slow(self, id: str, after: int) -> str:
        """As make, after a while."""
        await self.sleep(after)
        return await self.on_make(id)

    def on_fail(self) -> None:
        """Always an error of its own."""
        raise Failed("E1", "as it is")

    def on_list(self) -> list[str]:
        """The ids of every durable row."""
        return [row.id for row in self.table(ITEMS)]

    async def on_remember(self, id: str) -> None:
        """A row of each lifetime."""
        row = Item(id)
        await self.commit(f"{id} remembered", self.table(ITEMS).put(row), self.table(FILES).put(row))
        self.set(f"{id} noted", self.table(NOTES).put(row))

    async def on_forward(self, id: str) -> str:
        """Through a second server."""
        return str(await self.call(ANY, "b", "disk", "make", id, {"id": id}))

    async def closed(self, connection: Connection) -> None:
        """Told that a connection has ended."""
        await self.commit(
            f"closed {connection.name}", self.table(ITEMS).put(Item(f"closed at {self.node}", f"{self.now}"))
        )


class Client(Server):
    """Whatever a test lets it do."""


def build(world: World, server: type[Service] = Server) -> Process:
    """Two nodes: a with the client, b with the server and the disk."""
    world.store.declare(SCHEMAS.values())
    a, b = world.add_node("a"), world.add_node("b")
    client = world.add_process(a, "client", Client)
    world.add_process(b, "disk", Server)
    world.add_process(b, "server", server)
    world.genesis()
    for node, name in (("b", "disk"), ("b", "server"), ("a", "client")):
        world.start(node, name)
    return client


def ask(id: str, verb: str = "make", link: LinkKind = ANY, **args: Any) -> Act:
    """Ask the server for a verb about a row."""
    return lambda client: client.call(link, "b", "server", verb, id, {"id": id, **args})


class Toy:
    """The toy world at work, without the phases of a run."""

    def __init__(
        self, decisions: Decisions | None = None, server: type[Service] = Server, skip_idle_rounds: bool = True
    ) -> None:
        self.world = World(decisions or Decisions(), skip_idle_rounds)
        self.kernel = self.world.kernel
        self.client = build(self.world, server)
        self.server = self.world.nodes["b"].processes["server"]

    def do(self, label: str, act: Act, process: Process | None = None, at: int | None = None) -> list[Task]:
        """Begin a task of the client now, or later; the list holds it once it has begun."""
        begun: list[Task] = []

        def begin() -> None:
            where = process or self.client
            event = self.world.trace.add(self.kernel.now, -1, "step", where.where, label)
            begun.append(Task(_whole(act(where.service)), where, None, label, event))
            self.kernel.start(begun[0])

        if at is None:
            begin()
        else:
            self.kernel.at(at, begin)
        return begun

    def at(self, time: int, function: Callable[..., Any], *args: Any) -> None:
        """Call the function then."""
        self.kernel.at(time, lambda: function(*args) and None)

    def play(self, until: int = HOUR) -> str:
        """Go on until rest or that time."""
        return self.kernel.advance(until, 100_000, lambda: self.kernel.live == 0 and self.kernel.tasks == 0)

    def rows(self, schema: Schema[Any], node: str = "b", process: str = "server") -> dict[str, str]:
        """Id and value of every row there."""
        return {row.id: row.value for row in self.world.store.table(schema, node, process).rows.values()}

    def fates(self) -> list[str]:
        """The words of what struck, in order."""
        return [fate.name for _, fate in self.world.gate.schedule]

    def trace_of(self, where: str, kind: str) -> list[Event]:
        """The events of that kind there; anywhere, if `where` is empty."""
        return [event for event in self.world.trace.events if event.kind == kind and where in ("", event.where)]


async def _whole(awaitable: Any) -> Any:
    return await awaitable


def outcome(task: list[Task]) -> str:
    """What a task came to: its value, its error in words, or that it is at work."""
    (one,) = task
    if not one.ended:
        return "at work"
    return str(one.value) if one.error is None else f"{type(one.error).__name__}: {one.error}"


def toy(*schedule: tuple[str, Fate], server: type[Service] = Server) -> Toy:
    """A toy world in which exactly this strikes."""
    return Toy(Replay(list(schedule)), server)


def play_of(
    *when: tuple[str, Act],
    checks: Iterable[Check] = (),
    most_events: int = 5_000,
    server: type[Service] = Server,
    **more: Any,
) -> Play:
    """A play of these steps in the toy world."""
    steps = [Step(name, _act(act), **more) for name, act in when]
    return Play(
        scenario="toy/play", design="toy", build=lambda world: build(world, server), schemas=SCHEMAS, given=[],
        when=steps, checks=list(checks), marks=Marks([]), must_reach=[], most_events=most_events,
    )  # fmt: skip


def _act(act: Act) -> Callable[[Process], Coroutine[Any, Any, str]]:
    return lambda process: _whole(act(process.service))


def put(service: Service, schema: Schema[Any], id: str, value: str = "", seen: int = 0) -> Change:
    """The change that puts a row into the service's table."""
    return service.table(schema).put(Item(id, value, seen))


class Recorder(Replay):
    """Replays a schedule, and notes the label of every point that was drawn, in order."""

    def __init__(self, *schedule: tuple[str, Fate], commits: bool = True) -> None:
        super().__init__(list(schedule))
        self.commits = commits or self.commits
        self.labels: list[str] = []

    def request(self, call: Call) -> Fate | None:
        """Noted."""
        self.labels.append(call.path)
        return super().request(call)

    def reply(self, call: Call) -> Fate | None:
        """Noted."""
        self.labels.append(call.reply_path)
        return super().reply(call)

    def commit(self, label: str, task: Task, why: str, moment: str) -> Fate | None:
        """Noted."""
        self.labels.append(label)
        return super().commit(label, task, why, moment)

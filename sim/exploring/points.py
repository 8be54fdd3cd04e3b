"""The points of a run: every message that crosses, and every durable write.

At each of them something can go wrong, and a process dies at no other: a task is suspended where it sends, where it
waits for an answer and where it writes; what it only remembers is gone with it, so dying between two of these is
dying at the first.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import takewhile
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import msgspec

from sim.decisions import Decisions
from sim.fates import Fate
from sim.links import LinkKind

if TYPE_CHECKING:
    from sim.messages import Call
    from sim.nodes import Process
    from sim.store import Delta
    from sim.tasks import Task
    from sim.world import World

Kind = Literal["request", "reply", "commit"]
Since = Literal["", "write", "request"]


class Place(NamedTuple):
    """A process on a node."""

    process: str
    node: str


class Point(msgspec.Struct):
    """One point.

    Args:
        label: by which decisions name it, unique in its run.
        trigger, nth: the words by which a scenario names it, and the how manieth point of these words it is.
        time: when the run came to it, in virtual microseconds.
        by, to: who sends and who is asked; of a write, who writes it, twice.
        link: over which it crosses; None for a write.
        answered: whether the sender waits for a reply.
        connected: whether it crosses on a connection that both ends can see break.
        request: of a write, the label of the request that its writer answers by it; "" if it answers none.
        since: since when nothing at all has happened: ``write``, the one before this point, made by whom it concerns;
            or ``request``, the arrival of the one that it belongs to; "" if something has.
        alone: of a reply: whether it was sent as soon as the request had arrived, and in this very instant nobody has
            done anything but who was asked.
        reads: whether the request was answered at once, and nothing was changed or asked for it.
        struck: the fates that struck there, in words.
    """

    kind: Kind
    label: str
    trigger: str
    nth: int
    time: int
    by: Place
    to: Place
    link: LinkKind | None = None
    answered: bool = True
    connected: bool = False
    request: str = ""
    since: Since = ""
    alone: bool = False
    reads: bool = False
    struck: list[str] = []


class Noting(Decisions):
    """Draws what another source draws, and notes each point that it is asked about once armed."""

    commits = True

    def __init__(self, first: Decisions) -> None:
        self.first = first
        self.changes = first.changes
        self.points: list[Point] = []
        self.seen: dict[str, int] = {}
        self.struck = 0  # how many points there were when something struck last
        self.asked: dict[Call, _Sent] = {}
        self.wrote: tuple[Task | None, _SoFar] = (None, (0, 0))  # who wrote last, and what had happened by then
        self.armed = False

    def arm(self) -> None:
        self.armed = True
        self.first.arm()

    def after_the_last_strike(self) -> list[Point]:
        """The points that the run came to after everything that was drawn had struck."""
        return self.points[self.struck :]

    def _note(self, point: Point) -> None:
        point.nth = self.seen[point.trigger] = self.seen.get(point.trigger, 0) + 1
        self.points.append(point)

    def _strike(self, fate: Fate | None) -> Fate | None:
        if fate is not None and self.points:
            self.points[-1].struck.append(fate.describe())
            self.struck = len(self.points)
        return fate

    # --- as the gate asks ----------------------------------------------------------------------

    def request(self, call: Call) -> Fate | None:
        if self.armed:
            point = _crossing("request", call.path, words(call), call)
            self.asked[call] = _Sent(point, call.event, _drawn(call.source.world), len(self.points))
            self._note(point)
        return self._strike(self.first.request(call))

    def reply(self, call: Call) -> Fate | None:
        if self.armed:
            point = _crossing("reply", call.reply_path, f"{words(call)} reply", call)
            sent = self.asked.get(call)
            if sent is not None:
                self._answered(call, point, sent)
            self._note(point)
        return self._strike(self.first.reply(call))

    def commit(self, label: str, task: Task, why: str, moment: str) -> Fate | None:
        if self.armed:
            writer = _place(task.process)
            trigger = f"{task.process.where} commits {why}"
            point = Point("commit", label, trigger, 0, task.process.world.kernel.now, writer, writer)
            point.request = task.call.path if task.call is not None else ""
            point.since = self._since(task)
            self._note(point)
        return self._strike(self.first.commit(label, task, why, moment))

    def committed(self, label: str, task: Task, why: str, deltas: list[Delta]) -> Iterable[Fate]:
        self.wrote = task, _so_far(task.process.world)
        for fate in self.first.committed(label, task, why, deltas):
            self._strike(fate)
            yield fate

    def changed(self, label: str, deltas: list[Delta], now: int) -> Iterable[Fate]:
        for fate in self.first.changed(label, deltas, now):
            self._strike(fate)
            yield fate

    def missed(self) -> list[str]:
        return self.first.missed()

    # --- what lies between ---------------------------------------------------------------------

    def _since(self, task: Task) -> Since:
        """Since when nothing has happened, as it is about to write."""
        world = task.process.world
        if self.wrote == (task, _so_far(world)) and self.struck < len(self.points):
            return "write"
        call = task.call
        sent = self.asked.get(call) if call is not None else None
        if call is None or sent is None or not self._as_it_arrived(call, sent):
            return ""
        return "request" if task.event == sent.event and world.trace.raw[-1][0] < world.kernel.now else ""

    def _answered(self, call: Call, reply: Point, sent: _Sent) -> None:
        """The reply leaves: what has come of the request until now; the last event is the reply's own."""
        world = call.source.world
        now, raw, queue = world.kernel.now, world.trace.raw, world.kernel.queue
        at_once = self._as_it_arrived(call, sent)
        sent.point.reads = reply.reads = at_once and _came_of(sent.event, raw) == [call.event]
        if queue and queue[0][0] == now:
            return  # whom something befalls as the reply leaves, it befalls after that
        wrote, (events, numbers) = self.wrote
        last = wrote is not None and wrote.call is call and (events + 1, numbers) == _so_far(world)
        if last and self.struck < len(self.points):
            reply.since = "write"
        if not at_once:
            return
        instant = list(takewhile(lambda event: event[0] == now, reversed(raw)))
        reply.alone = all(event[3] == instant[0][3] for event in instant)
        if reply.reads and len(instant) == 1:
            reply.since = "request"

    def _as_it_arrived(self, call: Call, sent: _Sent) -> bool:
        """Whether it is the very instant in which the request arrived, the only time, and nothing was drawn since."""
        world = call.source.world
        now, drawn = world.kernel.now, _drawn(world)
        undrawn = sent.number >= self.struck and sent.drawn == drawn
        return undrawn and call.served == 1 and now == sent.point.time + call.link.latency


class _Sent(NamedTuple):
    """A request: its point, the numbers of the event that sent it, of numbers drawn until then, and of its point."""

    point: Point
    event: int
    drawn: int
    number: int


_SoFar = tuple[int, int]


def _so_far(world: World) -> _SoFar:
    """How many events there are, and how many numbers were drawn: equal exactly if nothing has happened."""
    return len(world.trace.raw), _drawn(world)


def _drawn(world: World) -> int:
    return sum(world.numbers.values())


def _came_of(sent: int, raw: list[tuple[Any, ...]]) -> list[int]:
    """The numbers of the events that the one of that number has brought about."""
    return [number for number, event in enumerate(raw[sent + 1 :], sent + 1) if event[1] == sent]


def words(call: Call) -> str:
    """A request as a scenario names it."""
    return f"{call.process}[{call.node}] {call.verb} {call.subject}".rstrip()


def _place(process: Process) -> Place:
    return Place(process.name, process.node.name)


def _crossing(kind: Kind, label: str, trigger: str, call: Call) -> Point:
    by, to = _place(call.source), Place(call.process, call.node)
    connected, now = call.connection is not None, call.source.world.kernel.now
    return Point(kind, label, trigger, 0, now, by, to, call.link, call.expects_reply, connected)

"""The points of a run: every message that crosses, and every durable write.

At each of them something can go wrong, and a process dies at no other: a task is suspended where it sends, where it
waits for an answer and where it writes; what it only remembers is gone with it, so dying between two of these is
dying at the first.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal, NamedTuple

import msgspec

from sim.decisions import Decisions
from sim.fates import Fate
from sim.links import LinkKind

if TYPE_CHECKING:
    from sim.messages import Call
    from sim.nodes import Process
    from sim.store import Delta
    from sim.tasks import Task

Kind = Literal["request", "reply", "commit"]


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
        again: of a write: whether nothing at all has happened since the writer's last one.
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
    again: bool = False
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
        self.asked: dict[Call, tuple[Point, int]] = {}  # requests, with the number of the event that sent each
        self.wrote: tuple[Task | None, int] = (None, 0)  # who wrote last, and how many events there were then
        self.armed = False

    def arm(self) -> None:
        self.armed = True
        self.first.arm()

    def after_the_last_strike(self) -> list[Point]:
        """The points that the run came to after everything that was drawn had struck."""
        last = max((number for number, point in enumerate(self.points) if point.struck), default=-1)
        return self.points[last + 1 :]

    def _note(self, point: Point) -> None:
        point.nth = self.seen[point.trigger] = self.seen.get(point.trigger, 0) + 1
        self.points.append(point)

    def _strike(self, fate: Fate | None) -> Fate | None:
        if fate is not None and self.points:
            self.points[-1].struck.append(fate.describe())
        return fate

    # --- as the gate asks ----------------------------------------------------------------------

    def request(self, call: Call) -> Fate | None:
        if self.armed:
            point = _crossing("request", call.path, words(call), call)
            self.asked[call] = point, call.event
            self._note(point)
        return self._strike(self.first.request(call))

    def reply(self, call: Call) -> Fate | None:
        if self.armed:
            point = _crossing("reply", call.reply_path, f"{words(call)} reply", call)
            if call in self.asked:
                request, sent = self.asked[call]
                request.reads = point.reads = _reads(call, request, sent)
            self._note(point)
        return self._strike(self.first.reply(call))

    def commit(self, label: str, task: Task, why: str, moment: str) -> Fate | None:
        if self.armed:
            writer = _place(task.process)
            trigger = f"{task.process.where} commits {why}"
            world = task.process.world
            now, again = world.kernel.now, self.wrote == (task, len(world.trace.raw))
            self._note(Point("commit", label, trigger, 0, now, writer, writer, again=again))
        return self._strike(self.first.commit(label, task, why, moment))

    def committed(self, label: str, task: Task, why: str, deltas: list[Delta]) -> Iterable[Fate]:
        self.wrote = task, len(task.process.world.trace.raw)
        for fate in self.first.committed(label, task, why, deltas):
            self._strike(fate)
            yield fate

    def changed(self, label: str, deltas: list[Delta], now: int) -> Iterable[Fate]:
        for fate in self.first.changed(label, deltas, now):
            self._strike(fate)
            yield fate

    def missed(self) -> list[str]:
        return self.first.missed()


def words(call: Call) -> str:
    """A request as a scenario names it."""
    return f"{call.process}[{call.node}] {call.verb} {call.subject}".rstrip()


def _place(process: Process) -> Place:
    return Place(process.name, process.node.name)


def _crossing(kind: Kind, label: str, trigger: str, call: Call) -> Point:
    by, to = _place(call.source), Place(call.process, call.node)
    connected, now = call.connection is not None, call.source.world.kernel.now
    return Point(kind, label, trigger, 0, now, by, to, call.link, call.expects_reply, connected)


def _reads(call: Call, request: Point, sent: int) -> bool:
    """Whether the reply follows at once, and nothing has come of the request but that.

    `sent` is the number of the event that sent it, and `call.event` by now that of the reply.
    """
    world = call.source.world
    at_once = call.served == 1 and world.kernel.now == request.time + call.link.latency
    came_of_it = [number for number, event in enumerate(world.trace.raw[sent + 1 :], sent + 1) if event[1] == sent]
    return at_once and came_of_it == [call.event]

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
from sim.exploring.between import Between, Since
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
        self.between = Between()
        self.armed = False

    def arm(self) -> None:
        self.armed = True
        self.first.arm()

    def after_the_last_strike(self) -> list[Point]:
        """The points that the run came to after everything that was drawn had struck."""
        return self.points[self.between.struck :]

    def _note(self, point: Point) -> None:
        point.nth = self.seen[point.trigger] = self.seen.get(point.trigger, 0) + 1
        self.points.append(point)

    def _strike(self, fate: Fate | None) -> Fate | None:
        if fate is not None and self.points:
            self.points[-1].struck.append(fate.describe())
            self.between.struck = len(self.points)
        return fate

    # --- as the gate asks ----------------------------------------------------------------------

    def request(self, call: Call) -> Fate | None:
        if self.armed:
            point = _crossing("request", call.path, words(call), call)
            self.between.sends(call, point, len(self.points))
            self._note(point)
        return self._strike(self.first.request(call))

    def reply(self, call: Call) -> Fate | None:
        if self.armed:
            point = _crossing("reply", call.reply_path, f"{words(call)} reply", call)
            self.between.at_a_reply(call, point)
            self._note(point)
        return self._strike(self.first.reply(call))

    def commit(self, label: str, task: Task, why: str, moment: str) -> Fate | None:
        if self.armed:
            writer = _place(task.process)
            trigger = f"{task.process.where} commits {why}"
            point = Point("commit", label, trigger, 0, task.process.world.kernel.now, writer, writer)
            point.request = task.call.path if task.call is not None else ""
            point.since = self.between.before_a_write(task)
            self._note(point)
        return self._strike(self.first.commit(label, task, why, moment))

    def committed(self, label: str, task: Task, why: str, deltas: list[Delta]) -> Iterable[Fate]:
        self.between.wrote(task, len(self.points))
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

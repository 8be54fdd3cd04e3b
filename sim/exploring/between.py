"""What lies between two points at which a machine may die: if it is nothing, dying at the one is dying at the other.

Nothing means that in this instant of virtual time there is no other event, no number was drawn, and no fault was
drawn since the earlier of the two, which else would not be among the points that come after it.
"""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

if TYPE_CHECKING:
    from sim.exploring.points import Point
    from sim.messages import Call
    from sim.tasks import Task
    from sim.world import World

Since = Literal["", "write", "request"]
"""Since when nothing has happened: the write before, the arrival of the request; "" if something has."""


class _Sent(NamedTuple):
    """A request: its point, the number of that, the number of the event that sent it, how many numbers were drawn."""

    point: Point
    number: int
    event: int
    drawn: int


class Between:
    """Knows what has happened since the latest write, and since each request.

    `struck` is how many points there were when something was drawn last.
    """

    def __init__(self) -> None:
        self.struck = 0
        self.asked: dict[Call, _Sent] = {}
        self.writer: Task | None = None
        self.written = (0, (0, 0))  # of the latest write: how many points there were, and what had happened by then

    def sends(self, call: Call, point: Point, number: int) -> None:
        """The request leaves; its point is the one of that number."""
        self.asked[call] = _Sent(point, number, call.event, _drawn(call.source.world))

    def wrote(self, task: Task, points: int) -> None:
        """It has written, at the latest of so many points."""
        self.writer, self.written = task, (points, _so_far(task.process.world))

    def before_a_write(self, task: Task) -> Since:
        """Since when nothing has happened, as it is about to write."""
        world = task.process.world
        if self.writer is task and self._only_written(_so_far(world)):
            return "write"
        call = task.call
        if call is None or not self._arrives(call) or task.event != self.asked[call].event:
            return ""
        return "request" if world.trace.raw[-1][0] < world.kernel.now else ""

    def at_a_reply(self, call: Call, reply: Point) -> None:
        """Note at the reply, and at its request, what has come of that; the last event is the reply's own."""
        world = call.source.world
        now, raw, queue = world.kernel.now, world.trace.raw, world.kernel.queue
        at_once = self._arrives(call)
        if at_once:
            sent = self.asked[call]
            sent.point.reads = reply.reads = _came_of(sent.event, raw) == [call.event]
        if queue and queue[0][0] == now:
            return  # whom something befalls as the reply leaves, it befalls after that
        reply.since = self._before_a_reply(call, world)
        if at_once:
            instant = list(takewhile(lambda event: event[0] == now, reversed(raw)))
            reply.alone = all(event[3] == instant[0][3] for event in instant)
            if reply.reads and len(instant) == 1:
                reply.since = "request"

    def _before_a_reply(self, call: Call, world: World) -> Since:
        events, drawn = _so_far(world)
        by_a_write = self.writer is not None and self.writer.call is call
        return "write" if by_a_write and self._only_written((events - 1, drawn)) else ""

    def _only_written(self, so_far: tuple[int, int]) -> bool:
        """Whether nothing but the latest write has happened by then, and nothing was drawn since, nor at it."""
        points, then = self.written
        return then == so_far and self.struck < points

    def _arrives(self, call: Call) -> bool:
        """Whether it is the very instant in which the request arrived, the only time, and nothing was drawn since."""
        sent, world = self.asked.get(call), call.source.world
        if sent is None or sent.number < self.struck or sent.drawn != _drawn(world):
            return False
        return call.served == 1 and world.kernel.now == sent.point.time + call.link.latency


def _so_far(world: World) -> tuple[int, int]:
    """How many events there are, and how many numbers were drawn: equal exactly if nothing has happened."""
    return len(world.trace.raw), _drawn(world)


def _drawn(world: World) -> int:
    return sum(world.numbers.values())


def _came_of(sent: int, raw: list[tuple[Any, ...]]) -> list[int]:
    """The numbers of the events that the one of that number has brought about."""
    return [number for number, event in enumerate(raw[sent + 1 :], sent + 1) if event[1] == sent]

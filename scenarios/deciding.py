"""Sources of decisions put together: a scenario's faults with random ones, and a recorded run."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from sim.decisions import Decisions
from sim.decisions.replay import Replay
from sim.fates import Fate

if TYPE_CHECKING:
    from sim.messages import Call
    from sim.store import Delta
    from sim.tasks import Task


class Both(Decisions):
    """Draws from the first source, and from the second where the first says nothing."""

    def __init__(self, first: Decisions, second: Decisions) -> None:
        self.first = first
        self.second = second
        self.replies = first.replies or second.replies
        self.commits = first.commits or second.commits
        self.changes = first.changes or second.changes

    def arm(self) -> None:
        self.first.arm()
        self.second.arm()

    def request(self, call: Call) -> Fate | None:
        return self.first.request(call) or self.second.request(call)

    def reply(self, call: Call) -> Fate | None:
        return self.first.reply(call) or self.second.reply(call)

    def commit(self, label: str, task: Task, why: str, moment: str) -> Fate | None:
        return self.first.commit(label, task, why, moment) or self.second.commit(label, task, why, moment)

    def committed(self, label: str, task: Task, why: str, deltas: list[Delta]) -> Iterable[Fate]:
        yield from self.first.committed(label, task, why, deltas)
        yield from self.second.committed(label, task, why, deltas)

    def changed(self, label: str, deltas: list[Delta], now: int) -> Iterable[Fate]:
        yield from self.first.changed(label, deltas, now)
        yield from self.second.changed(label, deltas, now)

    def missed(self) -> list[str]:
        return self.first.missed() + self.second.missed()


class Recorded(Replay):
    """Replays a schedule, and misses again what the recorded run missed.

    `undrawn` says which decisions of the schedule never came: a divergence.
    """

    def __init__(self, schedule: list[tuple[str, Fate]], missed: list[str]) -> None:
        super().__init__(schedule)
        self.recorded = missed

    def missed(self) -> list[str]:
        return list(self.recorded)

    def undrawn(self) -> list[str]:
        """The decisions that were stated and never drawn, in words."""
        return super().missed()

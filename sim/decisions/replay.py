"""A recorded schedule, exactly: label by label."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from sim.decisions import Decisions
from sim.fates import Fate
from sim.messages import AGAIN

if TYPE_CHECKING:
    from sim.messages import Call
    from sim.store import Delta
    from sim.tasks import Task

Schedule = list[tuple[str, Fate]]


def _points(label: str) -> tuple[str, str]:
    """What a request and what a reply of that label names as its point: it tells most apart without their paths."""
    point = label.rpartition(" > ")[2]
    return point, point.removesuffix(AGAIN).removesuffix(" reply")


class Replay(Decisions):
    """Draws the recorded fate at each recorded label, and the default everywhere else.

    A label that is never drawn is a divergence: `missed` names it.
    """

    def __init__(self, schedule: Schedule) -> None:
        self.fates: dict[str, list[Fate]] = {}
        for label, fate in schedule:
            self.fates.setdefault(label, []).append(fate)
        self.points = {point for label in self.fates for point in _points(label)}
        self.commits = any(" : " in label for label in self.fates)
        self.changes = any(" = " in label for label in self.fates)

    def _take(self, label: str, moment: str | None = None) -> Fate | None:
        waiting = self.fates.get(label)
        if not waiting or (moment is not None and waiting[0].moment != moment):
            return None
        fate = waiting.pop(0)
        if not waiting:
            del self.fates[label]
        return fate

    def request(self, call: Call) -> Fate | None:
        return self._take(call.path) if self.fates and call.point in self.points else None

    def reply(self, call: Call) -> Fate | None:
        return self._take(call.reply_path) if self.fates and call.point in self.points else None

    def commit(self, label: str, task: Task, why: str, moment: str) -> Fate | None:
        return self._take(label, "before") if self.fates else None

    def committed(self, label: str, task: Task, why: str, deltas: list[Delta]) -> Iterable[Fate]:
        while (fate := self._take(label, "after")) is not None:
            yield fate

    def changed(self, label: str, deltas: list[Delta], now: int) -> Iterable[Fate]:
        while (fate := self._take(label)) is not None:
            yield fate

    def missed(self) -> list[str]:
        return [f"{fate.describe()} at {label}" for label, fates in self.fates.items() for fate in fates]

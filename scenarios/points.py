"""The points of a run at which a fault can strike, each as the trigger that names it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import msgspec

from scenarios.names import Names
from scenarios.programs import QEMU
from sim.decisions import Decisions
from sim.fates import Fate

if TYPE_CHECKING:
    from scenarios.model import Scenario
    from sim.messages import Call
    from sim.store import Delta
    from sim.tasks import Task


class Point(msgspec.Struct):
    """One point.

    Args:
        time: when the run came to it, in virtual microseconds.
        trigger: the words that name it.
        nth: the how manieth point of those words it is.
        struck: the faults of the scenario that struck there, in words.
    """

    time: int
    trigger: str
    nth: int
    struck: list[str]

    @property
    def process(self) -> str:
        """The process that is asked, or that writes."""
        return self.trigger.partition("[")[0]


class Noting(Decisions):
    """Draws what another source draws, and notes each point that it is asked about once armed."""

    commits = True

    def __init__(self, first: Decisions) -> None:
        self.first = first
        self.points: list[Point] = []
        self.seen: dict[str, int] = {}
        self.armed = False

    def arm(self) -> None:
        self.armed = True
        self.first.arm()

    def _note(self, trigger: str, task: Task) -> None:
        if self.armed:
            self.seen[trigger] = self.seen.get(trigger, 0) + 1
            self.points.append(Point(task.process.world.kernel.now, trigger, self.seen[trigger], []))

    def _strike(self, fate: Fate | None) -> Fate | None:
        if fate is not None and self.points:
            self.points[-1].struck.append(fate.describe())
        return fate

    def request(self, call: Call) -> Fate | None:
        self._note(_words(call), call.parent)
        return self._strike(self.first.request(call))

    def reply(self, call: Call) -> Fate | None:
        self._note(f"{_words(call)} reply", call.parent)
        return self._strike(self.first.reply(call))

    def commit(self, label: str, task: Task, why: str, moment: str) -> Fate | None:
        self._note(f"{task.process.where} commits {why}", task)
        return self._strike(self.first.commit(label, task, why, moment))

    def committed(self, label: str, task: Task, why: str, deltas: list[Delta]) -> Iterable[Fate]:
        for fate in self.first.committed(label, task, why, deltas):
            self._strike(fate)
            yield fate

    def changed(self, label: str, deltas: list[Delta], now: int) -> Iterable[Fate]:
        for fate in self.first.changed(label, deltas, now):
            self._strike(fate)
            yield fate

    def missed(self) -> list[str]:
        return self.first.missed()


def _words(call: Call) -> str:
    return f"{call.process}[{call.node}] {call.verb} {call.subject}".rstrip()


def points_of(scenario: Scenario, design: str) -> list[Point]:
    """The points that a scenario comes to under a design, in order, as far as a trigger may name them.

    Raises:
        InputError: a stated fault cannot strike.
    """
    from scenarios.playing import decisions_of, play

    noting = Noting(decisions_of(scenario))
    play(scenario, design, noting)
    known = Names(scenario.topology).processes()
    return [one for one in noting.points if one.process in known or one.process.startswith(QEMU)]

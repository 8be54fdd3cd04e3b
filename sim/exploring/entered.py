"""The states that rows come into in a run, as a fault can wait for them: a column that says where a thing stands."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from sim.decisions import Decisions
from sim.exploring.points import Noting
from sim.fates import Fate

if TYPE_CHECKING:
    from sim.store import Delta
    from sim.tasks import Task

Columns = Callable[[type[Any]], Iterable[str]]
"""Of a record: the columns that are noted."""


class Entered(NamedTuple):
    """A row of that table on that node has come into a state: a column has this value now, and had another before.

    `nth`: how many changes have brought a row there into this state so far, this one included.
    """

    schema: str
    node: str
    column: str
    value: Any
    nth: int


class NotingStates(Noting):
    """Notes the states that rows come into, beside the points; asked of whatever changes rows once armed."""

    def __init__(self, first: Decisions, columns: Columns) -> None:
        super().__init__(first)
        self.changes = True
        self.columns = columns
        self.entered: list[Entered] = []
        self.times: dict[tuple[str, str, str, Any], int] = {}

    def committed(self, label: str, task: Task, why: str, deltas: list[Delta]) -> Iterable[Fate]:
        self._enter(deltas)
        return super().committed(label, task, why, deltas)

    def changed(self, label: str, deltas: list[Delta], now: int) -> Iterable[Fate]:
        self._enter(deltas)
        return super().changed(label, deltas, now)

    def _enter(self, deltas: list[Delta]) -> None:
        if not self.armed:
            return
        states = (state for delta in deltas if delta.new is not None for state in self._states(delta))
        for state in dict.fromkeys(states):  # one change counts once, however many rows it brings there
            self.times[state] = self.times.get(state, 0) + 1
            self.entered.append(Entered(*state, self.times[state]))

    def _states(self, delta: Delta) -> Iterable[tuple[str, str, str, Any]]:
        for column in self.columns(type(delta.new)):
            value = getattr(delta.new, column)
            if delta.old is None or getattr(delta.old, column) != value:
                yield delta.schema, delta.node, column, value

"""What a trace comes to in names and numbers, told in a walk over it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from sim.store import Delta
from sim.tables import Schema


class Reached(NamedTuple):
    """A named state: reached when a change of a row of that schema matches.

    `column`: only a new row, or one in which that column has changed, is asked about; "": any but a removed one.
    `value`: and only if the column has that value now; None: whatever it has.
    `gone`: only the removal of a row counts.
    """

    name: str
    schema: str
    by: Callable[[Delta], bool]
    column: str = ""
    value: object = None
    gone: bool = False


_Named = tuple[str, Callable[[Delta], bool]]  # a mark's name, and what is asked


class _OfSchema:
    """The marks of one schema, as a change asks for them: by the column that changed, then by its value."""

    def __init__(self, marks: list[Reached]) -> None:
        self.gone = [mark for mark in marks if mark.gone]
        columns = dict.fromkeys(mark.column for mark in marks if not mark.gone)
        self.columns = [self._by_value([m for m in marks if not m.gone and m.column == one]) for one in columns]

    @staticmethod
    def _by_value(marks: list[Reached]) -> tuple[str, dict[object, list[_Named]], list[_Named]]:
        values = dict.fromkeys(mark.value for mark in marks if mark.value is not None)
        found = {value: [(one.name, one.by) for one in marks if one.value in (None, value)] for value in values}
        return marks[0].column, found, [(one.name, one.by) for one in marks if one.value is None]

    def reach(self, delta: Delta, reached: dict[str, None]) -> None:
        """Note what this change reaches."""
        old, new = delta.old, delta.new
        if new is None:
            for mark in self.gone:
                reached[mark.name] = None
            return
        for column, by_value, others in self.columns:
            marks = others
            if column:
                value = getattr(new, column)
                if old is not None and getattr(old, column) == value:
                    continue
                if value in by_value:
                    marks = by_value[value]
            for name, by in marks:
                if name not in reached and by(delta):
                    reached[name] = None


class Marks:
    """The states that may be reached, made ready once for any number of runs."""

    def __init__(self, marks: Iterable[Reached]) -> None:
        by_schema: dict[str, list[Reached]] = {}
        for mark in marks:
            by_schema.setdefault(mark.schema, []).append(mark)
        self.by_schema = {schema: _OfSchema(marks) for schema, marks in by_schema.items()}


class Tally(NamedTuple):
    """What was reached and how much was done.

    Args:
        reached: the names of the states, in the order in which they were reached.
        messages: requests and replies that no periodic task sent.
        writes: events that changed a row which outlives its process.
    """

    reached: list[str]
    messages: int
    writes: int


class Counting:
    """Walks over the bare events of a trace, as far as it goes, and later further."""

    __slots__ = ("by_round", "messages", "reached", "volatile", "waiting", "writes")

    def __init__(self, marks: Marks, schemas: dict[str, Schema[Any]]) -> None:
        self.waiting = marks.by_schema
        self.volatile = {name for name, schema in schemas.items() if schema.volatile}  # whose rows die with a process
        self.reached: dict[str, None] = {}
        self.messages = self.writes = 0
        self.by_round = [False]  # whether it came about by a round: of no event (cause -1), then of each

    def go_on(self, raw: list[tuple[Any, ...]]) -> Tally:
        """Walk to the end; what there was before is not looked at again."""
        waiting, reached, volatile, by_round = self.waiting, self.reached, self.volatile, self.by_round
        messages, writes = self.messages, self.writes
        for _, cause, kind, _, _, _, deltas in raw[len(by_round) - 1 :]:
            periodic = by_round[cause + 1] or kind == "round"
            by_round.append(periodic)
            if not periodic and (kind == "call" or kind == "reply"):
                messages += 1
            if not deltas:
                continue
            lasts = False
            for delta in deltas:
                schema = delta.schema
                if schema in waiting:
                    waiting[schema].reach(delta, reached)
                if schema not in volatile:
                    lasts = True
            if lasts and kind == "commit":
                writes += 1
        self.messages, self.writes = messages, writes
        return Tally(list(reached), messages, writes)


def tally(raw: list[tuple[Any, ...]], marks: Marks, schemas: dict[str, Schema[Any]]) -> Tally:
    """Walk the bare events of a whole trace."""
    return Counting(marks, schemas).go_on(raw)

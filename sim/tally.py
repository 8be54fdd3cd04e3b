"""What a trace comes to in names and numbers, told in one walk over it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from sim.store import Delta
from sim.tables import Schema


class Reached(NamedTuple):
    """A named state: reached when a change of a row of that schema matches."""

    name: str
    schema: str
    by: Callable[[Delta], bool]


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


def tally(raw: list[tuple[Any, ...]], marks: Iterable[Reached], schemas: dict[str, Schema[Any]]) -> Tally:
    """Walk the bare events of a trace."""
    waiting, reached = _by_schema(marks), list[str]()
    volatile = {name for name, schema in schemas.items() if schema.volatile}
    periodic: set[int] = set()  # the events that came about by rounds
    messages = writes = 0
    for number, (_, cause, kind, _, _, _, deltas) in enumerate(raw):
        if kind == "round" or cause in periodic:
            periodic.add(number)
        elif kind in _MESSAGES:
            messages += 1
        if deltas:
            lasting = False
            for delta in deltas:
                lasting = lasting or delta[0] not in volatile
                if delta[0] in waiting:
                    _reach(waiting, delta, reached)
            writes += lasting and kind == "commit"
    return Tally(reached, messages, writes)


_MESSAGES = ("call", "reply")


def _by_schema(marks: Iterable[Reached]) -> dict[str, list[Reached]]:
    found: dict[str, list[Reached]] = {}
    for mark in marks:
        found.setdefault(mark.schema, []).append(mark)
    return found


def _reach(waiting: dict[str, list[Reached]], delta: Delta, reached: list[str]) -> None:
    """What this change reaches waits no longer."""
    for mark in list(waiting[delta[0]]):
        if mark.by(delta):
            waiting[delta[0]].remove(mark)
            if mark.name not in reached:
                reached.append(mark.name)

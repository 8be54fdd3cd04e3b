"""What a run came to that other runs may not have: kinds of points, and states that rows went through.

A history that has something new is worth going on from.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

import msgspec

from sim.run import Run
from sim.store import Delta

STATES = ("status", "state", "op_status", "phase", "wanted", "migration", "reason")
"""Columns whose words say where a thing stands."""

_VARIES = re.compile(r"[\w-]*\d[\w.:-]*|\(.*\)|=.*")
"""What in the words of an event is a name, a number or a cause."""

_SENTENCE = re.compile(r".*\d|.*: ")
"""A value that is more than a word of a vocabulary: it tells of a thing by its name."""


def features(run: Run) -> list[str]:
    """The run's features, sorted: requests and writes by their kind, strikes, and changes of state."""
    found: dict[str, None] = {}
    for label, fate in run.result.struck:
        found[f"{fate.name} at {_kind(label.rpartition(' > ')[2])}"] = None
    for event in run.trace.events:
        if event.kind == "call":
            found[_kind(event.what)] = None
        elif event.kind == "commit":
            found[f"{_kind(event.where)} commits {_kind(event.what)}"] = None
        for feature in _of_deltas(event.deltas):
            found[feature] = None
    return sorted(found)


@lru_cache(maxsize=1 << 14)
def _kind(words: str) -> str:
    """The words without names and numbers."""
    place, _, rest = words.partition("[")
    program = place.partition("-")[0] if rest else place
    return " ".join(_VARIES.sub("", f"{program} {rest.partition(']')[2]}" if rest else words).split())


def _of_deltas(deltas: Iterable[Delta]) -> Iterable[str]:
    for delta in deltas:
        if delta.old is not None and delta.new is not None and columns(type(delta.new)):
            yield from _transitions(delta)


def _transitions(delta: Delta) -> Iterable[str]:
    for column in columns(type(delta.new)):
        old, new = getattr(delta.old, column), getattr(delta.new, column)
        if old != new:
            yield f"{delta.schema} {column} {_VARIES.sub('', str(old))} to {_VARIES.sub('', str(new))}"


def is_word(value: object) -> bool:
    """Whether a column's value says where a thing stands without naming one."""
    return not _SENTENCE.match(str(value))


_COLUMNS: dict[type, tuple[str, ...]] = {}


def columns(record: type[msgspec.Struct]) -> tuple[str, ...]:
    """The columns of a record that say where it stands."""
    if record not in _COLUMNS:
        _COLUMNS[record] = tuple(name for name in STATES if name in record.__struct_fields__)
    return _COLUMNS[record]

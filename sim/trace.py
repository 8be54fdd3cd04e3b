"""The trace: every event with its cause and its state deltas, and the fingerprint of it all.

An event's number is its place in the list; `cause` is the number of the event that brought it about
(-1: none), so the trace is a causal graph, and an explanation is a slice of it.  Because every change
of a row is in here, the state at any event can be rebuilt (time travel).
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b
from typing import Any, NamedTuple

import msgspec

from sim.store import Delta


class Event(NamedTuple):
    """One event.

    `kind` is one of: world, step, call, reply, commit, round, task, fate, kill, start, end, note.
    `where` is a process as ``service[node]``; `what` names the event; `data` is its content.
    """

    time: int
    cause: int
    kind: str
    where: str
    what: str
    data: Any
    deltas: list[Delta]


_NONE: list[Delta] = []


class Trace:
    """The events of one run, oldest first."""

    __slots__ = ("events",)

    def __init__(self) -> None:
        self.events: list[Event] = []

    def add(
        self,
        time: int,
        cause: int,
        kind: str,
        where: str,
        what: str,
        data: Any = None,
        deltas: list[Delta] = _NONE,
    ) -> int:
        """Append an event; returns its number."""
        events = self.events
        events.append(tuple.__new__(Event, (time, cause, kind, where, what, data, deltas)))
        return len(events) - 1

    def fingerprint(self) -> str:
        """Sixteen hexadecimal digits over every byte of every event."""
        return blake2b(_ENCODER.encode(self.events), digest_size=8).hexdigest()

    def causes(self, number: int) -> Iterator[int]:
        """The event and its causes, back to the first."""
        while number >= 0:
            yield number
            number = self.events[number].cause


def _plain(value: Any) -> Any:
    if isinstance(value, BaseException):
        return [type(value).__name__, str(value)]
    raise TypeError(f"a trace cannot hold {type(value).__name__}")


_ENCODER = msgspec.msgpack.Encoder(enc_hook=_plain)


def plain(value: Any) -> Any:
    """The value as JSON can hold it: structs as mappings, exceptions as [kind, text]."""
    return msgspec.to_builtins(value, enc_hook=_plain, str_keys=True)

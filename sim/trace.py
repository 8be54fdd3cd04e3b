"""The trace: every event with its cause and its state deltas, and the fingerprint of it all.

An event's number is its place in the list; `cause` is the number of the event that brought it about
(-1: none), so the trace is a causal graph, and an explanation is a slice of it.  Because every change
of a row is in here, the state at any event can be rebuilt (time travel).
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
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


NO_DELTAS: list[Delta] = []


class Beginning(NamedTuple):
    """The first events of more than one trace, and what they are encoded."""

    raw: list[tuple[Any, ...]]
    encoded: bytes


NOTHING = Beginning([], b"")


class Trace:
    """The events of one run, oldest first.

    They are kept as bare tuples, which are quick to make; `events` shows them with names.

    Args:
        begin: how another trace began, and this one.
    """

    __slots__ = ("_named", "begin", "raw")

    def __init__(self, begin: Beginning | None = None) -> None:
        self.begin = begin or NOTHING
        self.raw = list(self.begin.raw)
        self._named: list[Event] = []

    @property
    def events(self) -> list[Event]:
        """The events."""
        named = self._named
        if len(named) != len(self.raw):
            named += [tuple.__new__(Event, event) for event in self.raw[len(named) :]]
        return named

    def add(
        self,
        time: int,
        cause: int,
        kind: str,
        where: str,
        what: str,
        data: Any = None,
        deltas: list[Delta] = NO_DELTAS,
    ) -> int:
        """Append an event; returns its number."""
        raw = self.raw
        raw.append((time, cause, kind, where, what, data, deltas))
        return len(raw) - 1

    def fingerprint(self) -> str:
        """Sixteen hexadecimal digits over every byte of every event."""
        begin = self.begin
        every = sha256(_head(len(self.raw)))
        every.update(begin.encoded)
        every.update(encoded(self.raw[len(begin.raw) :]))
        return every.hexdigest()[:16]

    def so_far(self) -> Beginning:
        """What has happened, as the beginning of other traces."""
        return Beginning(list(self.raw), bytes(encoded(self.raw)))

    def causes(self, number: int) -> Iterator[int]:
        """The event and its causes, back to the first."""
        while number >= 0:
            yield number
            number = self.raw[number][1]


def _plain(value: Any) -> Any:
    if isinstance(value, BaseException):
        return [type(value).__name__, str(value)]
    raise TypeError(f"a trace cannot hold {type(value).__name__}")


ENCODER = msgspec.msgpack.Encoder(enc_hook=_plain)


def _head(count: int) -> bytes:
    """How an array of so many begins in MessagePack."""
    if count < 1 << 4:
        return bytes([0x90 | count])
    return b"\xdc" + count.to_bytes(2, "big") if count < 1 << 16 else b"\xdd" + count.to_bytes(4, "big")


def encoded(raw: list[tuple[Any, ...]]) -> memoryview:
    """The events one after the other, without the head of an array."""
    room = bytearray(200 * len(raw))  # about as long as they are: it need not grow with them
    ENCODER.encode_into(raw, room)
    return memoryview(room)[len(_head(len(raw))) :]


def plain(value: Any) -> Any:
    """The value as JSON can hold it: structs as mappings, exceptions as [kind, text]."""
    return msgspec.to_builtins(value, enc_hook=_plain, str_keys=True)

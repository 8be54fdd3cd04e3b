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


class Beginning:
    """The first events of more than one trace, encoded and hashed once."""

    __slots__ = ("_encoded", "_hashes", "raw", "room")

    def __init__(self, raw: list[tuple[Any, ...]]) -> None:
        self.raw = raw
        self.room = bytearray()  # where each that goes on is encoded: memory that is at hand, and as large as it takes
        self._encoded = bytes(encoded(raw, self.room))
        self._hashes: dict[bytes, Any] = {}  # by the head of the whole array; made when asked for

    def hashed(self, count: int) -> Any:
        """The hash of an array of so many events as far as these, to be gone on with."""
        head = _head(count)
        found = self._hashes.get(head)
        if found is None:
            found = self._hashes[head] = sha256(head)
            found.update(self._encoded)
        return found.copy()


class Trace:
    """The events of one run, oldest first.

    They are kept as bare tuples, which are quick to make; `events` shows them with names.

    Args:
        begin: how another trace began, and this one.
    """

    __slots__ = ("_named", "begin", "raw")

    def __init__(self, begin: Beginning | None = None) -> None:
        self.begin = begin or Beginning([])
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
        every = self.begin.hashed(len(self.raw))
        every.update(encoded(self.raw[len(self.begin.raw) :], self.begin.room))
        digits: str = every.hexdigest()[:16]
        return digits

    def so_far(self) -> Beginning:
        """What has happened, as the beginning of other traces."""
        return Beginning(list(self.raw))

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


def encoded(raw: list[tuple[Any, ...]], room: bytearray) -> memoryview:
    """The events one after the other, without the head of an array, in that room."""
    ENCODER.encode_into(raw, room)
    return memoryview(room)[len(_head(len(raw))) :]


def plain(value: Any) -> Any:
    """The value as JSON can hold it: structs as mappings, exceptions as [kind, text]."""
    return msgspec.to_builtins(value, enc_hook=_plain, str_keys=True)

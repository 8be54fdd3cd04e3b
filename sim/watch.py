"""Waking what sleeps when a row that it read changes.

A `Watch` notes what is read on its behalf: one row, one index value, or a whole table.  The first
change to any of it calls `wake` once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

Read = tuple[int, str, Any]  # table id; "" for a key, "*" for all rows, else a column; the key or value


class Watch:
    """What one sleeper has read, and what to do when that changes."""

    __slots__ = ("armed", "changed", "deadline", "disturbed", "index", "reads", "wake")

    def __init__(self, index: dict[Read, dict[Watch, None]], wake: Callable[[], None]) -> None:
        self.index = index
        self.wake = wake
        self.reads: dict[Read, None] = {}
        self.armed = False  # whether a change wakes, or is only noted
        self.changed = False  # what was read has changed, or the reader itself changed something
        self.disturbed = False  # a fate struck on its behalf, so the next time may differ
        self.deadline: int | None = None  # wake no later than this

    def note(self, read: Read) -> None:
        """Listen to one read from now on."""
        if read not in self.reads:
            self.reads[read] = None
            listeners = self.index.get(read)
            if listeners is None:
                self.index[read] = {self: None}
            else:
                listeners[self] = None

    def note_all(self, reads: Iterable[Read]) -> None:
        """Listen to several."""
        mine, index = self.reads, self.index
        for read in reads:
            if read not in mine:
                mine[read] = None
                listeners = index.get(read)
                if listeners is None:
                    index[read] = {self: None}
                else:
                    listeners[self] = None

    def strike(self) -> None:
        """Called by the store when something that was read changed."""
        self.changed = True
        if self.armed:
            self.armed = False
            self.wake()

    def forget(self) -> None:
        """Stop listening and start afresh."""
        index = self.index
        for read in self.reads:
            listeners = index[read]
            del listeners[self]
            if not listeners:
                del index[read]
        self.reads.clear()
        self.armed = self.changed = self.disturbed = False
        self.deadline = None

"""Waking what sleeps when a row that it read changes.

A `Watch` notes what is read on its behalf: one row, one index value, or a whole table.  The first
change to any of it calls `wake` once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Listeners = dict[Any, "Watch | dict[Watch, None]"]
"""Of one table: who listens, by what was read of it.  Mostly one does, and for one no dictionary is made."""


class Watch:
    """What one sleeper has read, and what to do when that changes."""

    __slots__ = ("armed", "changed", "deadline", "disturbed", "reads", "wake")

    def __init__(self, wake: Callable[[], None]) -> None:
        self.wake = wake
        self.reads: list[tuple[Listeners, Any]] = []  # each once
        self.armed = False  # whether a change wakes, or is only noted
        self.changed = False  # what was read has changed, or the reader itself changed something
        self.disturbed = False  # a fate struck on its behalf, so the next time may differ
        self.deadline: int | None = None  # wake no later than this

    def note(self, listeners: Listeners, read: Any) -> None:
        """Listen to one read from now on."""
        listening = listeners.get(read)
        if listening is None:
            listeners[read] = self
        elif listening is self:
            return
        elif type(listening) is not dict:
            listeners[read] = {listening: None, self: None}  # type: ignore[dict-item]
        elif self in listening:
            return
        else:
            listening[self] = None
        self.reads.append((listeners, read))

    def strike(self) -> None:
        """Called by the store when something that was read changed."""
        self.changed = True
        if self.armed:
            self.armed = False
            self.wake()

    def forget(self) -> None:
        """Stop listening and start afresh."""
        for listeners, read in self.reads:
            listening = listeners[read]
            if listening is self or len(listening) == 1:  # type: ignore[arg-type]
                del listeners[read]  # nobody else
            else:
                del listening[self]  # type: ignore[union-attr]
        self.reads.clear()
        self.armed = self.changed = self.disturbed = False
        self.deadline = None


def strike(listening: Watch | dict[Watch, None]) -> None:
    """Strike all who listen."""
    if type(listening) is dict:
        for watch in list(listening):  # who is struck may stop listening
            watch.strike()
    else:
        listening.strike()  # type: ignore[union-attr]

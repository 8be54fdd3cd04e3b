"""Where two runs that should be one part: the first event that differs, in words.

Whatever makes them part (the order of a set, an address, a counter that outlives its run) has acted at
that event or just before it.
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

from sim.clock import show
from sim.reproducer import DIGEST, digests
from sim.trace import ENCODER, Event, Trace

ENDED = "it has ended"


class Divergence(NamedTuple):
    """The first event that differs: its number, its columns that do, and what it is in each run, in words."""

    number: int
    columns: tuple[str, ...]
    first: str
    second: str

    def __str__(self) -> str:
        which = f" in its {', '.join(self.columns)}" if self.columns else ""
        return f"event {self.number} differs{which}: {self.first}; in the other run: {self.second}"


def divergence(first: Trace, second: Trace) -> Divergence | None:
    """Where the two traces part; None if they are the same, byte for byte."""
    number = parting(digests(first.events), digests(second.events))
    if number is None:
        return None
    return Divergence(number, _columns(first, second, number), words(first, number), words(second, number))


def parting(first: str, second: str) -> int | None:
    """The number of the first event at which two recordings (`sim.reproducer.digests`) differ; None if none does."""
    if first == second:
        return None
    shorter = min(len(first), len(second))
    differ = (at for at in range(0, shorter, DIGEST) if first[at : at + DIGEST] != second[at : at + DIGEST])
    return next(differ, shorter) // DIGEST


def _columns(first: Trace, second: Trace, number: int) -> tuple[str, ...]:
    if number >= min(len(first.events), len(second.events)):
        return ()
    pairs = zip(Event._fields, first.events[number], second.events[number], strict=True)
    return tuple(name for name, one, other in pairs if ENCODER.encode(one) != ENCODER.encode(other))


def words(trace: Trace, number: int) -> str:
    """An event in words: when, where and what, and its label."""
    if number >= len(trace.events):
        return ENDED
    event = trace.events[number]
    return f"{show(event.time)} {event.where} {event.what} ({label(trace, number)})"


def label(trace: Trace, number: int) -> str:
    """The path of what was being done at an event: the step, round or start, and the requests within it."""
    chain = [trace.events[cause] for cause in trace.causes(number)][::-1]
    path = [chain[0]]
    for before, event in pairwise(chain):
        if before.kind == "call" and path[-1] is before and event.where == before.where:
            path.pop()  # it went on at once: a message without a reply, or one that never came
        if event.kind == "reply":
            _back(path, event)
        elif event.kind in ("call", "task"):
            path.append(event)
    return " > ".join([f"{path[0].where} {path[0].what}", *(event.what for event in path[1:])])


def _back(path: list[Event], reply: Event) -> None:
    """The request that is answered has ended, and all within it."""
    for at in range(len(path) - 1, 0, -1):
        if path[at].what == reply.what:
            del path[at:]
            return

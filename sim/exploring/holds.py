"""Holds: a message waits until something else has come about, so that two things at once take another order.

A request is held until a later request of another root (another command, a round, a start) arrives.  Which of them is
asked for is a bound that a search states: those of commands alone, or so many of any.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from sim.exploring.points import Point
from sim.fates import Fate

HELD = "held"
_STEP = "when."


class Bound(NamedTuple):
    """Until what a request is held.

    Args:
        commands: only requests of commands under test, until one of another command; else any until any other.
        most: the number of later requests, each of other words, until which one is held; 0: all of them.
    """

    commands: bool = True
    most: int = 0


def holds(points: list[Point], bound: Bound) -> Iterator[tuple[str, Fate]]:
    """Every hold within the bound: the label of the request, and until what it waits."""
    requests = [point for point in points if point.kind == "request"]
    for number, point in enumerate(requests):
        if point.link is not None and HELD in point.link.fates and _concerns(point, bound):
            found = _until(point, requests[number + 1 :], bound)
            for trigger in islice(found, bound.most or None):
                yield point.label, Fate(HELD, until=trigger)


def _until(point: Point, later: list[Point], bound: Bound) -> Iterator[str]:
    mine, seen = root(point.label), {point.trigger}
    for other in later:
        if root(other.label) != mine and other.trigger not in seen and _concerns(other, bound):
            seen.add(other.trigger)
            yield other.trigger


def _concerns(point: Point, bound: Bound) -> bool:
    return not bound.commands or point.label.startswith(_STEP)


def root(label: str) -> str:
    """The command, round or start that a label begins with."""
    return label.partition(" > ")[0]

"""A behaviour: steps against a host, real or fake, that return what was seen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Seen = dict[str, Any]
"""What was seen: states, errors, devices, rows; plain data, as JSON has it."""


class NotHere(Exception):
    """This host cannot show it; the text says why.  For a fake: it has no such thing, and needs none."""


@dataclass(frozen=True)
class Behaviour:
    """One behaviour.

    Attributes:
        part: the real part that it is about; a name of `contract.parts.PARTS`.
        name: a sentence.
        fact: page and section of docs/facts that it comes from.
        says: what the fact says that is seen.
        act: the steps.
    """

    part: str
    name: str
    fact: str
    says: Seen
    act: Callable[[Any], Seen]


class Behaviours:
    """Those of one part, in the order in which they are written."""

    def __init__(self, part: str) -> None:
        self.part = part
        self.all: list[Behaviour] = []

    def __call__(self, fact: str, says: Seen) -> Callable[[Callable[[Any], Seen]], Callable[[Any], Seen]]:
        """A decorator: the function's name, with spaces, is the behaviour's."""

        def add(act: Callable[[Any], Seen]) -> Callable[[Any], Seen]:
            self.add(act.__name__.strip("_").replace("_", " "), fact, says, act)
            return act

        return add

    def add(self, name: str, fact: str, says: Seen, act: Callable[[Any], Seen]) -> None:
        """One more, whose name is given: a row of a table."""
        self.all.append(Behaviour(self.part, name, fact, says, act))

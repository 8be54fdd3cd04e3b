"""Which histories others go on from: those that came to something new, in the order of their numbers.

So that any number of workers plays the same, this goes by generations: what a generation may go on from is what was
known when the last but one had ended.  The last one may still be playing then.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from scenarios.generators.seeded import Seeded
from scenarios.loader import from_data
from scenarios.model import Scenario
from scenarios.searching.swept import RUNS, Trial
from scenarios.writing import to_data

GENERATION = 32
"""Units of a generation: 128 runs."""

BEHIND = 2
"""How many generations back the last one is that may be gone on from."""

ONE_IN = 4
"""One unit in so many goes on from a history that is known."""


class Corpus:
    """What is known, generation by generation."""

    def __init__(self) -> None:
        self.features: dict[str, None] = {}
        self.histories: list[dict[str, Any]] = []  # those that came to something new, in order
        self.known: list[int] = []  # how many of them, when each generation had ended
        self.waiting: dict[int, dict[int, list[Any]]] = {}  # generation -> unit -> what its runs came to

    @property
    def ended(self) -> int:
        """How many generations have ended."""
        return len(self.known)

    def known_for(self, unit: int, first: int) -> Scenario | None:
        """The history that the unit goes on from; None for one of its own."""
        draw = Seeded(first, "corpus")
        usable = unit // GENERATION - BEHIND
        if usable < 0 or not self.known[usable] or not draw.coin("goes on", ONE_IN):
            return None
        return from_data(self.histories[draw.number("history", 0, self.known[usable] - 1)], "the corpus")

    def ready(self, unit: int) -> bool:
        """Whether what the unit may go on from is known."""
        return unit // GENERATION - BEHIND < self.ended

    def fresh(self, trials: Sequence[Trial]) -> list[Any]:
        """What is to be kept of a unit: of each run the features that its generation did not know, with its scenario.

        It is what `add` takes, and plain data.
        """
        kept = []
        for trial in trials:
            new = [feature for feature in trial.features if feature not in self.features]
            if new:
                kept.append([new, to_data(trial.scenario)])
        return kept

    def add(self, unit: int, kept: Iterable[Any]) -> None:
        """A unit has been played."""
        generation = self.waiting.setdefault(unit // GENERATION, {})
        generation[unit] = list(kept)
        while len(self.waiting.get(self.ended, ())) == GENERATION:
            self._end(self.waiting.pop(self.ended))

    def _end(self, units: dict[int, list[Any]]) -> None:
        """A generation has ended: in the order of their numbers, units that came to something new are kept."""
        for number in sorted(units):
            for new, scenario in units[number]:
                if any(feature not in self.features for feature in new):
                    self.features.update(dict.fromkeys(new))
                    self.histories.append(scenario)
        self.known.append(len(self.histories))


def first_run(unit: int, seed: int) -> int:
    """The number of a unit's first run, where the sweep's is `seed`."""
    return seed + unit * RUNS

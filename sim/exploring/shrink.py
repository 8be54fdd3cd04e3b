"""Makes what fails smaller, greedily and always in the same order, until nothing smaller still fails.

What is made smaller, and how, is the caller's: `passes` make candidates, most wanted first, and `shows` plays one.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Generic, NamedTuple, TypeVar

T = TypeVar("T")

MOST_RUNS = 2_000
"""After so many the smallest so far is the answer."""

Candidate = Callable[[], T | None]
"""Makes a candidate when its turn comes; None if there is none after all."""

Pass = Callable[[T], Sequence[Candidate[T]]]
"""All candidates of one kind, each smaller than what is given, the boldest first."""


class Shrunk(NamedTuple, Generic[T]):
    """The smallest, how many runs it took to find, and whether every candidate of it has been tried."""

    smallest: T
    runs: int
    complete: bool


class _Search(Generic[T]):
    def __init__(
        self, start: T, shows: Callable[[T], T | None], key: Callable[[T], Hashable], goes_on: Callable[[int], bool]
    ) -> None:
        self.best = start
        self.shows = shows
        self.key = key
        self.goes_on = goes_on
        self.runs = 0
        self.tried = {key(start): True}

    def take(self, made: Candidate[T]) -> bool:
        """Play a candidate that was not played before; if it still fails it is the best."""
        candidate = made() if self.goes_on(self.runs) else None
        if candidate is None:
            return False
        key = self.key(candidate)
        if key in self.tried:
            return False
        self.tried[key] = True
        self.runs += 1
        shown = self.shows(candidate)
        if shown is None:
            return False
        self.tried[self.key(shown)] = True
        self.best = shown
        return True

    def round(self, passes: Sequence[Pass[T]]) -> bool:
        """Every pass once; whether any took something."""
        taken = [self.through(one) for one in passes]
        return any(taken)

    def through(self, candidates_of: Pass[T]) -> bool:
        """One pass: where a candidate is taken, the next of the smaller one takes its place; whether any was."""
        taken, place = False, 0
        candidates = candidates_of(self.best)
        while place < len(candidates):
            if self.take(candidates[place]):
                taken, candidates = True, candidates_of(self.best)
            else:
                place += 1
        return taken


def shrink(
    start: T,
    passes: Sequence[Pass[T]],
    shows: Callable[[T], T | None],
    key: Callable[[T], Hashable],
    most: int = MOST_RUNS,
    in_time: Callable[[], bool] = lambda: True,
) -> Shrunk[T]:
    """The smallest that still fails, by these passes, over and over until none of them finds anything.

    Args:
        shows: plays a candidate; what was played if it fails as the start does (it may say it in other words),
            None if it does not.
        key: the same for what would be played the same; nothing is tried twice.
        most: the bound on runs.
        in_time: whether there is time for another run.
    """

    def goes_on(runs: int) -> bool:
        return runs < most and in_time()

    search = _Search(start, shows, key, goes_on)
    while search.round(passes) and goes_on(search.runs):
        pass
    return Shrunk(search.best, search.runs, goes_on(search.runs))

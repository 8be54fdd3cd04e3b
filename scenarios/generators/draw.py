"""What a generator asks of its source: a whole number, a choice, a coin, each by a label.

Small numbers, first choices and coins that fall on no are the plain ones: a source that simplifies goes there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Draw:
    """A source; it answers `number`, and the rest follows from that."""

    def number(self, label: str, low: int, high: int) -> int:
        """A whole number from `low` to `high`, both among them."""
        raise NotImplementedError

    def choice(self, label: str, options: Sequence[T]) -> T:
        """One of the options, of which there is at least one."""
        return options[self.number(label, 0, len(options) - 1)]

    def coin(self, label: str, one_in: int = 2) -> bool:
        """Yes once in so many times."""
        return self.number(label, 0, one_in - 1) == one_in - 1

    def some(self, label: str, options: Sequence[T], most: int) -> list[T]:
        """One to `most` of the options, in their order."""
        left = list(range(len(options)))
        count = self.number(f"{label}, how many", 1, min(most, len(left)))
        chosen = [left.pop(self.number(label, 0, len(left) - 1)) for _ in range(count)]
        return [options[place] for place in sorted(chosen)]

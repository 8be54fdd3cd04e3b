"""Making smaller: greedy, in one order, nothing twice, to a fixed point."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from sim.exploring.shrink import shrink

Made = Callable[[], tuple[int, ...] | None]


def without_one(items: tuple[int, ...]) -> list[Made]:
    return [partial(tuple, items[:place] + items[place + 1 :]) for place in range(len(items))]


def smaller_numbers(items: tuple[int, ...]) -> list[Made]:
    """One less, as far as that is a number that counts."""
    return [partial(one_less, items, place) for place in range(len(items))]


def one_less(items: tuple[int, ...], place: int) -> tuple[int, ...] | None:
    return (*items[:place], items[place] - 1, *items[place + 1 :]) if items[place] > 0 else None


class Fails:
    """Fails while it holds a 3 or more and a 7 or more, or whatever is asked; notes what it is asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[int, ...]] = []

    def __call__(self, items: tuple[int, ...]) -> tuple[int, ...] | None:
        self.asked.append(items)
        return items if sum(one >= 3 for one in items) >= 2 and max(items, default=0) >= 7 else None


def test_it_ends_where_nothing_smaller_fails() -> None:
    found = shrink((1, 9, 4, 2, 8), [without_one, smaller_numbers], Fails(), tuple)
    assert sorted(found.smallest) == [3, 7]
    assert found.complete


def test_twice_the_same_and_nothing_is_played_twice() -> None:
    first, second = Fails(), Fails()
    one = shrink((5, 9, 4, 2, 8), [without_one, smaller_numbers], first, tuple)
    other = shrink((5, 9, 4, 2, 8), [without_one, smaller_numbers], second, tuple)
    assert one == other and first.asked == second.asked
    assert len(set(first.asked)) == len(first.asked) == one.runs
    assert (5, 9, 4, 2, 8) not in first.asked


def test_what_is_wanted_most_is_tried_first() -> None:
    asked = Fails()
    shrink((9, 9, 9), [without_one, smaller_numbers], asked, tuple)
    assert asked.asked[0] == (9, 9)


def test_what_was_played_goes_on_in_other_words() -> None:
    """`shows` may put a candidate into words of its own."""
    found = shrink((9, 8, 7), [without_one], lambda items: tuple(sorted(items)) if len(items) > 1 else None, tuple)
    assert found.smallest == (7, 8)


@pytest.mark.parametrize("most", [1, 2, 5])
def test_it_stops_at_its_bound_and_says_so(most: int) -> None:
    found = shrink((9,) * 9, [without_one, smaller_numbers], Fails(), tuple, most)
    assert (found.runs, found.complete) == (most, False)


def test_it_stops_when_there_is_no_time_and_says_so() -> None:
    asked = Fails()
    found = shrink((9,) * 9, [without_one, smaller_numbers], asked, tuple, in_time=lambda: len(asked.asked) < 3)
    assert (found.runs, found.complete) == (3, False)


def test_what_cannot_be_smaller_stays() -> None:
    found = shrink((3, 7), [without_one, smaller_numbers], Fails(), tuple)
    assert found.smallest == (3, 7) and found.complete

"""Fake, real part and fact are judged side by side."""

from __future__ import annotations

from dataclasses import replace

import pytest

from contract.behaviours import Behaviour, Seen
from contract.verdicts import (
    DIFFERENT,
    EITHER,
    EQUAL,
    EXCEPTION,
    FACT_ALONE,
    NOT_HERE,
    Allowed,
    Alternative,
    Look,
    Reviewed,
    judge,
    look,
)

ONE = Behaviour("linux", "a thing is so", "libvirt.md 8", {"a": 1, "b": 2}, lambda host: {})
KEY = ("linux", "a thing is so")
SO: Seen = {"a": 1, "b": 2}
OR_SO: Seen = {"a": 2, "b": 1}
NONE = Reviewed({}, {})
ALLOWED = Reviewed({KEY: Allowed({"b": 3}, "reviewed")}, {})
ALSO = Reviewed({}, {KEY: (Alternative(OR_SO, "a race"),)})


@pytest.mark.parametrize(
    ("fake", "real", "lists", "kind"),
    [
        (SO, SO, NONE, EQUAL),
        ({"a": 1, "b": 3}, SO, NONE, DIFFERENT),
        (SO, {"a": 1, "b": 3}, NONE, DIFFERENT),
        ({"a": 1, "b": 3}, {"a": 1, "b": 3}, NONE, DIFFERENT),  # both are otherwise than the fact says
        ({"a": 1}, SO, NONE, DIFFERENT),
        ({**SO, "c": None}, SO, NONE, DIFFERENT),
        ({"a": 1, "b": 3}, SO, ALLOWED, EXCEPTION),
        ({"a": 1, "b": 4}, SO, ALLOWED, DIFFERENT),  # otherwise than the exception says
        (SO, SO, ALLOWED, DIFFERENT),  # an exception that is none any more
        ("none", SO, NONE, FACT_ALONE),
        ("none", {"a": 1, "b": 3}, NONE, DIFFERENT),
        (SO, "no such kernel", NONE, NOT_HERE),
        ({"a": 1, "b": 3}, "no such kernel", NONE, DIFFERENT),
        (SO, SO, ALSO, EITHER),
        (SO, OR_SO, ALSO, EITHER),
        (OR_SO, SO, ALSO, EITHER),
        (SO, {"a": 1, "b": 1}, ALSO, DIFFERENT),  # each key as in one of the outcomes, and no outcome as a whole
        ({"a": 2, "b": 2}, SO, ALSO, DIFFERENT),
        (SO, {"a": 2}, ALSO, DIFFERENT),
        (SO, OR_SO, NONE, DIFFERENT),
        ("none", OR_SO, ALSO, FACT_ALONE),
    ],
)
def test_what_comes_of_it(fake: Look, real: Look, lists: Reviewed, kind: str) -> None:
    assert judge(ONE, fake, real, lists).kind == kind


def test_a_row_that_goes_either_way_says_why() -> None:
    assert judge(ONE, SO, OR_SO, ALSO).why == "a race"


def test_a_difference_says_who_saw_what() -> None:
    assert judge(ONE, {"a": 1, "b": 3}, SO, NONE).why == "b: fake 3, fact 2"


def test_a_behaviour_whose_step_fails_is_different_and_names_the_step() -> None:
    def act(host: str) -> Seen:
        assert host == "another"
        return SO

    seen = look(replace(ONE, act=act), "this")
    assert seen == {"broke off at": 'assert host == "another"'}
    assert judge(ONE, SO, seen, NONE).kind == DIFFERENT

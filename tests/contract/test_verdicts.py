"""Fake, real part and fact are judged side by side."""

from __future__ import annotations

import pytest

from contract.behaviours import Behaviour, Seen
from contract.verdicts import (
    DIFFERENT,
    EQUAL,
    EXCEPTION,
    FACT_ALONE,
    NOT_HERE,
    Allowed,
    Look,
    judge,
)

ONE = Behaviour("linux", "a thing is so", "libvirt.md 8", {"a": 1, "b": 2}, lambda host: {})
KEY = ("linux", "a thing is so")
SO: Seen = {"a": 1, "b": 2}
NONE: dict[tuple[str, str], Allowed] = {}
ALLOWED = {KEY: Allowed({"b": 3}, "reviewed")}


@pytest.mark.parametrize(
    ("fake", "real", "allowed", "kind"),
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
    ],
)
def test_what_comes_of_it(fake: Look, real: Look, allowed: dict[tuple[str, str], Allowed], kind: str) -> None:
    assert judge(ONE, fake, real, allowed).kind == kind


def test_a_difference_says_who_saw_what() -> None:
    assert judge(ONE, {"a": 1, "b": 3}, SO, NONE).why == "b: fake 3, fact 2"

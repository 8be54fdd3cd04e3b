"""What comes of a behaviour: what fake, real part and fact say of it, put side by side."""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from contract.behaviours import Behaviour, NotHere, Seen

EXCEPTIONS = Path(__file__).parent / "exceptions.yaml"
ALTERNATIVES = Path(__file__).parent / "alternatives.yaml"

EQUAL, EITHER, EXCEPTION, DIFFERENT = "equal", "either way", "exception", "different"
FACT_ALONE, NOT_HERE = "fact alone", "not comparable"
KINDS = (EQUAL, EITHER, EXCEPTION, FACT_ALONE, NOT_HERE, DIFFERENT)
"""In the order of the table.  `either way`: the real part does one of several stated things, and so does the fake;
`fact alone`: the fake has no such thing; `not comparable`: the real part has not."""

Key = tuple[str, str]
"""Part and name of a behaviour."""

Look = Seen | str
"""What was seen, or why nothing could be."""


@dataclass(frozen=True)
class Verdict:
    """The kind, and in a line what it rests on."""

    behaviour: Behaviour
    kind: str
    why: str = ""


@dataclass(frozen=True)
class Allowed:
    """A reviewed exception: what the fake shows instead, and why it is left so."""

    fake: Seen
    why: str


@dataclass(frozen=True)
class Alternative:
    """Another outcome, complete, that the real part may come to, and why it does not always come to the same one."""

    outcome: Seen
    why: str


@dataclass(frozen=True)
class Reviewed:
    """What was reviewed: exceptions of the fakes, and alternatives of the real parts."""

    exceptions: Mapping[Key, Allowed]
    alternatives: Mapping[Key, tuple[Alternative, ...]]


def reviewed(exceptions: Path = EXCEPTIONS, alternatives: Path = ALTERNATIVES) -> Reviewed:
    """Both lists, by part and name of the behaviour."""
    also: dict[Key, tuple[Alternative, ...]] = {}
    for row in _rows(alternatives):
        key = (row["part"], row["behaviour"])
        also[key] = (*also.get(key, ()), Alternative(row["outcome"], row["why"]))
    allowed = {(row["part"], row["behaviour"]): Allowed(row["fake"], row["why"]) for row in _rows(exceptions)}
    return Reviewed(allowed, also)


def _rows(path: Path) -> list[dict[str, Any]]:
    return YAML(typ="safe").load(path.read_text()) or []


def look(behaviour: Behaviour, host: Any) -> Look:
    """Play the behaviour on that host; if a step fails that it rests on, that is what was seen."""
    try:
        return behaviour.act(host)
    except NotHere as why:
        return str(why)
    except AssertionError as failed:
        return {"broke off at": traceback.extract_tb(failed.__traceback__)[-1].line or "a step"}


def judge(behaviour: Behaviour, fake: Look, real: Look, lists: Reviewed) -> Verdict:
    """Fake and real part each show what the fact says, or an alternative in full.

    Or the fake differs as a reviewed exception says it does, and in no other way.
    """
    key = (behaviour.part, behaviour.name)
    exception, also = lists.exceptions.get(key), lists.alternatives.get(key, ())
    outcomes = [behaviour.says, *(one.outcome for one in also)]
    wrong = [] if isinstance(real, str) else _outside("real", real, "fact", outcomes)
    if isinstance(fake, dict):
        instead = [{**behaviour.says, **exception.fake}] if exception is not None else outcomes
        wrong += _outside("fake", fake, "exception" if exception is not None else "fact", instead)
    if exception is not None and fake == behaviour.says:
        wrong.append("the exception is none any more: take it out of the list")
    if wrong:
        return Verdict(behaviour, DIFFERENT, "; ".join(wrong))
    if isinstance(real, str):
        return Verdict(behaviour, NOT_HERE, real)
    if isinstance(fake, str):
        return Verdict(behaviour, FACT_ALONE, fake)
    if exception is not None:
        return Verdict(behaviour, EXCEPTION, exception.why)
    return (
        Verdict(behaviour, EITHER, "; ".join(dict.fromkeys(one.why for one in also)))
        if also
        else Verdict(behaviour, EQUAL)
    )


def _outside(one: str, seen: Seen, other: str, outcomes: list[Seen]) -> list[str]:
    """What differs from the first of the outcomes, unless it is one of them."""
    return [] if seen in outcomes else differences(one, seen, other, outcomes[0])


def differences(one: str, seen: Seen, other: str, expected: Seen) -> list[str]:
    """A line for each key in which two looks differ."""
    return [
        f"{key}: {one} {seen.get(key)!r}, {other} {expected.get(key)!r}"
        for key in sorted({*seen, *expected})
        if seen.get(key) != expected.get(key) or (key in seen) != (key in expected)
    ]

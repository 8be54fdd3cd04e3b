"""What comes of a behaviour: what fake, real part and fact say of it, put side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from contract.behaviours import Behaviour, NotHere, Seen

EXCEPTIONS = Path(__file__).parent / "exceptions.yaml"

EQUAL, EXCEPTION, DIFFERENT = "equal", "exception", "different"
FACT_ALONE, NOT_HERE = "fact alone", "not comparable"
KINDS = (EQUAL, EXCEPTION, FACT_ALONE, NOT_HERE, DIFFERENT)
"""In the order of the table.  `fact alone`: the fake has no such thing; `not comparable`: the real part has not."""

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


def exceptions(path: Path = EXCEPTIONS) -> dict[tuple[str, str], Allowed]:
    """The reviewed exceptions by part and name of the behaviour."""
    rows = YAML(typ="safe").load(path.read_text()) or []
    return {(row["part"], row["behaviour"]): Allowed(row["fake"], row["why"]) for row in rows}


def look(behaviour: Behaviour, host: Any) -> Look:
    """Play the behaviour on that host."""
    try:
        return behaviour.act(host)
    except NotHere as why:
        return str(why)


def judge(behaviour: Behaviour, fake: Look, real: Look, allowed: Mapping[tuple[str, str], Allowed]) -> Verdict:
    """Fake, real part and fact agree; or the fake differs as a reviewed exception says it does, and in no other way."""
    exception = allowed.get((behaviour.part, behaviour.name))
    wrong = [] if isinstance(real, str) else differences("real", real, "fact", behaviour.says)
    if isinstance(fake, dict):
        expected = {**behaviour.says, **exception.fake} if exception is not None else behaviour.says
        wrong += differences("fake", fake, "exception" if exception is not None else "fact", expected)
    if exception is not None and fake == behaviour.says:
        wrong.append("the exception is none any more: take it out of the list")
    if wrong:
        return Verdict(behaviour, DIFFERENT, "; ".join(wrong))
    if isinstance(real, str):
        return Verdict(behaviour, NOT_HERE, real)
    if isinstance(fake, str):
        return Verdict(behaviour, FACT_ALONE, fake)
    return Verdict(behaviour, EXCEPTION, exception.why) if exception is not None else Verdict(behaviour, EQUAL)


def differences(one: str, seen: Seen, other: str, expected: Seen) -> list[str]:
    """A line for each key in which two looks differ."""
    return [
        f"{key}: {one} {seen.get(key)!r}, {other} {expected.get(key)!r}"
        for key in sorted({*seen, *expected})
        if seen.get(key) != expected.get(key) or (key in seen) != (key in expected)
    ]

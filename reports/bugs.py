"""Public bugs: whether each was found where it must be, and is absent where it must be."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from reports.played import Bug, Played
from reports.text import plural

NONE = "not said"

FAMILIES = ("class", "difficulty")
"""A bug has a tag of each: ``class-a``, ``difficulty-3``."""


def told(played: Played, bug: Bug) -> str:
    """What came of a bug, in a line."""
    found = [one.words for one in bug.under if one.found]
    missing = [one.words for one in bug.under if not one.found]
    parts = [f"found: {', '.join(found)}"] if found else []
    parts += [f"NOT FOUND: {', '.join(missing)}"] if missing else []
    parts.append(f"{'absent' if played.absent else 'FOUND'} under {played.result.design}")
    return f"{bug.id} {bug.reference}  {'; '.join(parts)}"


def kinds(bug: Bug) -> dict[str, str]:
    """The value of each family's tag, "" for none."""
    prefixes = {family: f"{family}-" for family in FAMILIES}
    return {
        family: next((tag.removeprefix(prefix) for tag in bug.tags if tag.startswith(prefix)), "")
        for family, prefix in prefixes.items()
    }


def counted(every: Iterable[Played]) -> dict[str, dict[str, int]]:
    """How many bugs there are of each family's values."""
    found: dict[str, dict[str, int]] = {family: {} for family in FAMILIES}
    for played in every:
        for family, value in kinds(played.bug).items() if played.bug is not None else ():
            found[family][value] = found[family].get(value, 0) + 1
    return {family: dict(sorted(values.items())) for family, values in found.items()}


def summary(every: Iterable[Played]) -> dict[str, Any]:
    """The counts, for programs."""
    bugs = [one for one in every if one.bug is not None]
    right = sum(one.as_it_must_be for one in bugs)
    return {"bugs": len(bugs), "as-they-must-be": right, **{f"by-{key}": value for key, value in counted(bugs).items()}}


def summary_line(every: Iterable[Played]) -> str:
    """The counts, as a line; "" without a bug."""
    bugs = [one for one in every if one.bug is not None]
    if not bugs:
        return ""
    right = sum(one.as_it_must_be for one in bugs)
    counts = [
        f"{family} {', '.join(f'{value or NONE}: {count}' for value, count in values.items())}"
        for family, values in counted(bugs).items()
    ]
    wrong = f", {len(bugs) - right} NOT" if right < len(bugs) else ""
    return f"{plural(len(bugs), 'bug')}: {right} found and absent where they must be{wrong}; {'; '.join(counts)}"

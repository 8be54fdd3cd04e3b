"""Several designs side by side: what each breaks, by check, review point and flow, and what each costs."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Sequence
from statistics import median
from typing import Any

import msgspec

from reports.played import NOT_APPLICABLE
from reports.text import plural, table, wrapped
from sim.exploring.matrix import VOID
from sim.findings import FINDINGS, PASSED, UNKNOWN


class Outcome(msgspec.Struct):
    """One thing that was played (a scenario, or a schedule of a flow) under one design.

    Args:
        what: the same under every design; `flow` and `tags` group it.
        verdict: as a run's, or ``not-applicable``.
        checks: those that were broken.
        messages: that no periodic task sent.
        seconds: virtual ones from its beginning until the world was at rest.
    """

    what: str
    flow: str
    tags: list[str]
    verdict: str
    checks: list[str]
    messages: int
    seconds: float


By = dict[str, list[Outcome]]
"""Of each design what it came to, in the same order."""


def compare_lines(by: By, what: str, columns: int) -> list[str]:
    """All tables."""
    shared = _shared(by)
    lines = table(("design", *_HEADS), [(design, *_row(every, shared)) for design, every in by.items()], columns)
    note = (
        f"messages and virtual seconds are medians over the {plural(len(shared), what)} that passed under every design"
    )
    lines += ["", *wrapped(note, columns, "", "  ")]
    for title, keys in (("check", _checks), ("review point", _points), ("flow", _flows)):
        lines += _by(title, keys, by, what, columns)
    return lines


_HEADS = ("played", "passed", "findings", "unknown", "void", "not applicable", "messages", "virtual s")
_VERDICTS = (PASSED, FINDINGS, UNKNOWN, VOID, NOT_APPLICABLE)


def _row(every: Sequence[Outcome], shared: Container[str]) -> tuple[str, ...]:
    counted = [sum(one.verdict == verdict for one in every) for verdict in _VERDICTS]
    costs = [one for one in every if one.what in shared]
    messages = f"{median(one.messages for one in costs):.0f}" if costs else "-"
    seconds = f"{median(one.seconds for one in costs):.1f}" if costs else "-"
    return (f"{len(every)}", *map(str, counted), messages, seconds)


def _shared(by: By) -> dict[str, None]:
    """What passed under every design: only there can costs be compared."""
    passed = [{one.what for one in every if one.verdict == PASSED} for every in by.values()]
    first = next(iter(by.values()))
    return {one.what: None for one in first if all(one.what in names for names in passed)}


Keys = Callable[[Outcome], Iterable[str]]


def _checks(one: Outcome) -> Iterable[str]:
    return one.checks


def _points(one: Outcome) -> Iterable[str]:
    return [tag for tag in one.tags if tag.startswith("R-")]


def _flows(one: Outcome) -> Iterable[str]:
    return [one.flow]


def _by(title: str, keys: Keys, by: By, what: str, columns: int) -> list[str]:
    """A table of failures grouped; a group in which nothing failed under any design is left out."""
    found = failures(keys, by)
    if not found:
        return []
    rows = [(name, *(f"{count}" if count else "·" for count in counts)) for name, counts in found.items()]
    return ["", f"{what}s that fail, by {title}", *table((title, *by), rows, columns)]


def failures(keys: Keys, by: By) -> dict[str, list[int]]:
    """How much fails under each design, by group; groups by name."""
    found: dict[str, list[int]] = {}
    for number, every in enumerate(by.values()):
        for one in every:
            if one.verdict == FINDINGS:
                for key in dict.fromkeys(keys(one)):
                    found.setdefault(key, [0] * len(by))[number] += 1
    return dict(sorted(found.items(), key=lambda item: _natural(item[0])))


def _natural(name: str) -> list[tuple[int, str]]:
    """R-3.9 before R-3.11."""
    parts = name.replace("-", ".").split(".")
    return [(int(part), "") if part.isdecimal() else (1 << 30, part) for part in parts]


def as_data(by: By) -> dict[str, Any]:
    """The same as plain data."""
    groups = {"check": _checks, "review-point": _points, "flow": _flows}
    shared = _shared(by)
    return {
        "designs": {design: dict(zip(_HEADS, _row(every, shared), strict=True)) for design, every in by.items()},
        "compared-costs-of": list(shared),
        **{
            f"failures-by-{name}": {key: dict(zip(by, counts, strict=True)) for key, counts in failures(of, by).items()}
            for name, of in groups.items()
        },
    }

"""What a matrix skips because it comes to the same as something else does come to the same: both are played."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

import msgspec
import pytest

from scenarios.flow import flow
from scenarios.many import Terms
from scenarios.searching.jobs import prepared
from scenarios.searching.victims import victims
from sim.decisions.replay import Replay
from sim.exploring.alternatives import Fated
from sim.exploring.matrix import Budget, Recorded, Schedule, record
from sim.exploring.points import Point
from sim.fates import MACHINE, Fate
from sim.repeated import Repeated

FLOWS = ("vm-start", "vm-stop", "hot-plug", "hot-unplug", "network-delete", "migrate", "maintenance")
AFTERWARDS = (("vm-stop", 59), ("hot-plug", 131), ("migrate", 181))
"""Flows, and of how many first faults one is taken, after which the same is asked again."""
Case = tuple[Point, Fated, Schedule]


@cache
def repeated(name: str) -> Repeated:
    """The flow, to be played any number of times."""
    return Repeated(prepared(flow(name), Terms()))


@cache
def recorded(name: str) -> Recorded:
    """The flow with everything that can befall it."""
    return record(repeated(name).run, (), victims(flow(name), "reference"), Budget(1))


def cases(found: Recorded) -> Iterator[Case]:
    """Every fate that is skipped for the sake of another, with what is played instead of it."""
    for cell in found.cells:
        point, fated = found.points[cell.point], cell.fated
        if fated.same is not None or fated.at == "nowhere":
            yield point, fated, _other(found, cell.point, fated)


def _other(found: Recorded, number: int, fated: Fated) -> Schedule:
    """What it comes to the same as: at most one deviation."""
    if fated.same is None:
        return ()
    point, fate = found.points[number], fated.same
    label = point.label
    if fated.at == "request":
        label = point.request or label.removesuffix(" reply")
    if fated.at == "before":
        label = [one for one in found.points[:number] if one.kind == "commit"][-1].label
        fate = msgspec.structs.replace(fate, moment="after")
    return _played(found, label, fate)


def _played(found: Recorded, label: str, fate: Fate) -> Schedule:
    """That deviation, or the one that it comes to the same as."""
    for cell in found.cells:
        if found.points[cell.point].label == label and cell.fated.fate == fate:
            return _other(found, cell.point, cell.fated) if cell.fated.skipped else ((label, fate),)
    return ((label, fate),)


class End(NamedTuple):
    """What a run leaves: its verdict, its findings, every row; and how often everything happened, and when.

    Of what happened it leaves out the faults themselves, a reply that nobody gets, and that a round was begun.
    """

    verdict: str
    findings: list[str]
    rows: Any
    events: Counter[Any]


def end_of(name: str, schedule: Schedule) -> End:
    """What the flow leaves with these faults."""
    run = repeated(name).run(Replay(list(schedule)))
    findings = sorted(finding.id for finding in run.result.findings)
    happened = (one for one in run.trace.events if one.kind not in ("fate", "reply", "round"))
    events = Counter((one.time, one.kind, one.where, one.what) for one in happened)
    return End(run.result.verdict, findings, run.snapshot, events)


def differing(name: str, base: Schedule, found: Recorded) -> list[str]:
    """What is skipped beyond the base, and does not leave what the other leaves; in words."""
    every = list(cases(found))
    assert every
    return [
        f"{fated.fate.describe()} {fated.fate.how} at {point.label}: {fated.skipped}"
        for point, fated, other in every
        if not _same(end_of(name, (*base, (point.label, fated.fate))), end_of(name, (*base, *other)), fated)
        or not set(other) <= set(found.further())
    ]


def _same(skipped: End, played: End, fated: Fated) -> bool:
    """A death at another moment changes nothing at all; what becomes of a message changes nothing that remains."""
    return skipped == played if fated.fate.name in MACHINE else skipped[:3] == played[:3]


@pytest.mark.parametrize("name", FLOWS)
def test_what_is_skipped_leaves_what_the_other_leaves(name: str) -> None:
    assert differing(name, (), recorded(name)) == []


@pytest.mark.parametrize(("name", "each"), AFTERWARDS)
def test_what_is_skipped_after_a_first_fault_leaves_what_the_other_leaves(name: str, each: int) -> None:
    for first in recorded(name).further()[7::each]:
        found = record(repeated(name).run, (first,), victims(flow(name), "reference"), Budget(2))
        assert differing(name, (first,), found) == []

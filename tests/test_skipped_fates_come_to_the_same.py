"""What a matrix skips because it comes to the same as something else does come to the same: both are played."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from scenarios.flow import flow
from scenarios.many import Terms
from scenarios.searching.jobs import playing, prepared
from scenarios.searching.victims import victims
from sim.decisions.replay import Replay
from sim.exploring.alternatives import Fated
from sim.exploring.matrix import Budget, Recorded, Schedule, record
from sim.exploring.points import Point

FLOWS = ("vm-start", "vm-stop", "hot-unplug", "network-delete", "migrate")
Case = tuple[Point, Fated, Schedule]


@cache
def recorded(name: str) -> Recorded:
    """The flow with everything that can befall it."""
    return record(playing(prepared(flow(name), Terms())), (), victims(flow(name), "reference"), Budget(1))


def cases(name: str) -> Iterator[Case]:
    """Every fate that is skipped for the sake of another, with the schedule of that other."""
    found = recorded(name)
    for cell in found.cells:
        point, fated = found.points[cell.point], cell.fated
        if fated.same is not None or fated.at == "nowhere":
            yield point, fated, _other(found, cell.point, fated)


def _other(found: Recorded, number: int, fated: Fated) -> Schedule:
    if fated.same is None:
        return ()
    label = found.points[number].label
    if fated.at == "request":
        label = label.removesuffix(" reply")
    if fated.at == "before":
        writes = [point for point in found.points[:number] if point.kind == "commit"]
        moment = type(fated.same)(**{**_columns(fated.same), "moment": "after"})
        return ((writes[-1].label, moment),)
    return ((label, fated.same),)


def _columns(fate: Any) -> dict[str, Any]:
    return {name: getattr(fate, name) for name in fate.__struct_fields__}


def end_of(name: str, schedule: Schedule) -> tuple[Any, ...]:
    """What a run leaves: its verdict, its findings, and every row."""
    once = playing(prepared(flow(name), Terms()))
    run = once(Replay(list(schedule)))
    findings = sorted(finding.id for finding in run.result.findings)
    return run.result.verdict, findings, run.snapshot


@pytest.mark.parametrize("name", FLOWS)
def test_what_is_skipped_leaves_what_the_other_leaves(name: str) -> None:
    every = list(cases(name))
    assert every
    differ = [
        f"{fated.fate.describe()} {fated.fate.how} at {point.label}: {fated.skipped}"
        for point, fated, other in every
        if end_of(name, ((point.label, fated.fate),)) != end_of(name, other)
    ]
    assert differ == []

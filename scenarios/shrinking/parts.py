"""Candidates with fewer faults, and with fewer steps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import pairwise
from typing import Any

from scenarios.shrinking.case import Case
from scenarios.shrinking.tidying import keeping, tidied
from sim.exploring.shrink import Candidate


def fewer_faults(case: Case) -> list[Candidate[Case]]:
    """Without all of its faults, without half of them, ..., without one."""
    return [partial(_without_faults, case, gone) for gone in _chunks(len(case.faults))]


def _without_faults(case: Case, gone: Sequence[int]) -> Case:
    return Case(case.scenario, tuple(fault for place, fault in enumerate(case.faults) if place not in gone))


def fewer_steps(case: Case) -> list[Candidate[Case]]:
    """Without those of one VM, without half of its steps, ..., without one, without two."""
    steps = case.steps()
    chunks: list[Sequence[int]] = [_about(case, vm) for vm in dict.fromkeys(_vm(step.args) for step in steps) if vm]
    chunks += [gone for gone in _chunks(len(steps)) if len(gone) < len(steps)]
    return [partial(_without_steps, case, gone) for gone in chunks + _pairs(case)]


def _without_steps(case: Case, gone: Sequence[int]) -> Case | None:
    return tidied(keeping(case, [place not in gone for place in range(len(case.steps()))]))


def _pairs(case: Case) -> list[Sequence[int]]:
    """Two steps that follow one another, or of which one VM has none between: one undoes what the other did."""
    places = range(len(case.steps()))
    of_vms = [_about(case, vm) for vm in dict.fromkeys(_vm(step.args) for step in case.steps()) if vm]
    return [pair for line in (list(places), *of_vms) for pair in pairwise(line)]


def _chunks(count: int) -> list[range]:
    """Places to take away: all, halves, quarters, ..., single ones; the last first, for they need the least."""
    return list(_halved(count)) if count else []


def _halved(count: int) -> Iterator[range]:
    size = count
    while size:
        for end in range(count, 0, -size):
            yield range(max(0, end - size), end)
        size //= 2


def _about(case: Case, vm: str) -> list[int]:
    """The places of the steps about a VM."""
    return [place for place, step in enumerate(case.steps()) if _vm(step.args) == vm]


def _vm(args: Any) -> str:
    return str(getattr(args, "vm", ""))

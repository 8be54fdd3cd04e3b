"""A defect that takes a history of twelve steps: after eleven commands the engine forgets the MACs of a removed VM."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from fakes.engine.designs.base import Addresses
from scenarios import defects
from scenarios.defects.base import Defect, using
from scenarios.words import vocabulary

if TYPE_CHECKING:
    from fakes.engine.service import Engine

NAME = "forgets-after-eleven"
ENOUGH = 11
ONE_A_STEP = ("StopVm", "HotPlugUnplugVmNic")
SEVERAL_A_STEP = ("RunVm", "MigrateVm")
FINDING = "leftover-mac"
STEPS = ENOUGH + 1
"""Eleven of these commands, and the removal: nothing shorter shows it."""


class ForgetsAfterEleven(Addresses):
    """MACs of what is removed come free, unless many commands have ended before."""

    def removed(self, engine: Engine, macs: tuple[str, ...]) -> None:
        if ended(engine) < ENOUGH:
            super().removed(engine, macs)


def ended(engine: Engine) -> int:
    """How many commands have ended well; of a kind of which one step may give several, those in a row count once."""
    actions = [job.action for job in engine.jobs if job.status == "FINISHED"]
    pairs = zip(["", *actions], actions, strict=False)
    return sum(now in ONE_A_STEP or (now in SEVERAL_A_STEP and now != before) for before, now in pairs)


@contextmanager
def planted() -> Iterator[str]:
    """The defect is there for a while; its name."""
    defects.ALL[NAME] = Defect(NAME, "Forgets.", "volatile state lost", using(addresses=ForgetsAfterEleven()))
    vocabulary.cache_clear()
    try:
        yield NAME
    finally:
        del defects.ALL[NAME]
        vocabulary.cache_clear()

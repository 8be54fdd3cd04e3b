"""Defects of what the engine keeps in memory and must keep in step with its rows: MACs, locks, what a restart makes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fakes.engine.designs.base import Addresses
from fakes.engine.designs.e12 import E12Recovery
from scenarios.defects.base import Defect, using

if TYPE_CHECKING:
    from fakes.engine.service import Engine


class FreesFirst(Addresses):
    """The pool is told before the rows are dropped, and is no part of their transaction."""

    def removing(self, engine: Engine, macs: tuple[str, ...]) -> None:
        engine.free_macs(macs)

    def removed(self, engine: Engine, macs: tuple[str, ...]) -> None:
        """It was done before."""


class FreesOne(Addresses):
    """Of a VM with several vNICs, the first one's MAC comes back."""

    def removed(self, engine: Engine, macs: tuple[str, ...]) -> None:
        engine.free_macs(macs[:1])


class StopsAtABadRow(E12Recovery):
    """The entity of a compensation row cannot be read back, and the whole recovery ends there."""

    async def recover(self, engine: Engine) -> None:
        if not engine.compensations.all():
            await super().recover(engine)


DEFECTS = (
    Defect(
        "frees-macs-first",
        "MACs of a VM come back to the pool before its rows are gone, and stay there if the removal is rolled back.",
        "memory outside the transaction",
        using(addresses=FreesFirst()),
    ),
    Defect(
        "frees-one-mac",
        "Of a removed VM's MACs only the first comes back to the pool.",
        "loop that stops at the first",
        using(addresses=FreesOne()),
    ),
    Defect(
        "takes-no-locks",
        "Two commands on one VM, host or network are done at the same time.",
        "check that is too old when it counts",
        using(locks=False),
    ),
    Defect(
        "keeps-locks-of-failures",
        "A command that fails does not free its locks.",
        "release missing on one path",
        using(frees_locks=("FINISHED",)),
    ),
    Defect(
        "compensation-unreadable",
        "A compensation row that cannot be read back ends the recovery of the engine, for all commands.",
        "recovery that ends at the first failure",
        using(recovery=StopsAtABadRow()),
    ),
)

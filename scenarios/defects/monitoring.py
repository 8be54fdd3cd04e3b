"""Defects of the monitoring: what the engine concludes from a host's answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fakes.engine.designs.base import Migration, Reports
from fakes.engine.designs.reference import YoungerThanTheRow
from fakes.records.engine import Vm
from fakes.records.vdsm import Report
from scenarios.defects.base import Defect, using

if TYPE_CHECKING:
    from fakes.engine.service import Engine


class KeepsTheTarget(YoungerThanTheRow):
    """A VM that has arrived keeps the field that names its target; only a failure clears it."""

    def handed_over(self, vm: Vm) -> dict[str, Any]:
        return {"host": vm.migrating_to}

    def has_stayed(self, vm: Vm) -> bool:
        return vm.status == "MigratingFrom"


class ClearsTheTarget(Migration):
    """The command that began the migration clears the field at its end; nobody does if it has died."""

    async def succeeded(self, engine: Engine, vm: Vm, source: str) -> None:
        await engine.save_vm(vm.id, "has arrived", migrating_to="")


class NeverMoved(YoungerThanTheRow):
    """A VM that is Down at its source is Down, whatever the exit code says."""

    def moved(self, vm: Vm, report: Report) -> bool:
        return False


DEFECTS = (
    Defect(
        "believes-old-reports",
        "A host's answer is judged by, though what it is about has changed since it was asked for.",
        "acting on a stale read",
        using(reports=Reports()),
    ),
    Defect(
        "keeps-the-target",
        "The migration target of a VM is cleared when a migration fails, and not when it succeeds.",
        "undo of one side only",
        using(reports=KeepsTheTarget()),
    ),
    Defect(
        "target-cleared-by-its-command",
        "Only the command that began a migration clears its target; after a restart of the engine nobody does.",
        "volatile state lost at restart",
        using(reports=KeepsTheTarget(), migration=ClearsTheTarget()),
    ),
    Defect(
        "down-is-down",
        "A VM that is Down at the source of its migration is taken for stopped, though it has arrived.",
        "answer read without its reason",
        using(reports=NeverMoved()),
    ),
)

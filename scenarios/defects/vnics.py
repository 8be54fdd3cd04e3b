"""Defects of hot plug and unplug: in the engine, and below it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from fakes.engine.designs.base import Addresses, Design
from fakes.engine.designs.hotplug import ComparedWithReports
from fakes.records.engine import Vm, Vnic
from fakes.records.vdsm import Report
from fakes.repairs import Repairs
from scenarios.defects.base import Defect

if TYPE_CHECKING:
    from fakes.engine.service import Engine

replace = msgspec.structs.replace


class ActsUnnoted(ComparedWithReports):
    """It plugs and unplugs first, notes it afterwards, and never compares."""

    async def intend(self, engine: Engine, vnic: Vnic, wanted: str) -> None:
        return

    async def reported(self, engine: Engine, vm: Vm, report: Report) -> None:
        return


class UndoesTheBegun(ComparedWithReports):
    """The vNIC of a command that was cut off is removed, whatever its VM has by then."""

    def begun(self, engine: Engine, vnic: Vnic) -> bool:
        return False


class KeepsThoseUndone(Addresses):
    """What a failed command took stays taken."""

    def undone(self, engine: Engine, macs: tuple[str, ...]) -> None:
        return


def _unnoted(design: Design, repairs: Repairs) -> tuple[Design, Repairs]:
    return replace(design, hot_plug=ActsUnnoted()), repairs


def _undone(design: Design, repairs: Repairs) -> tuple[Design, Repairs]:
    return replace(design, hot_plug=UndoesTheBegun()), repairs


def _attached(design: Design, repairs: Repairs) -> tuple[Design, Repairs]:
    return design, replace(repairs, nic_attached_once=False)


def _strays(design: Design, repairs: Repairs) -> tuple[Design, Repairs]:
    return replace(design, removes_strays=False), repairs


def _macs(design: Design, repairs: Repairs) -> tuple[Design, Repairs]:
    return replace(design, addresses=KeepsThoseUndone()), repairs


def _unseen(design: Design, repairs: Repairs) -> tuple[Design, Repairs]:
    return design, replace(repairs, nics_as_libvirt_has_them=False, nic_attached_once=False)


def _tap_first(design: Design, repairs: Repairs) -> tuple[Design, Repairs]:
    return design, replace(repairs, detach_follows_guest=False)


def _late(design: Design, repairs: Repairs) -> tuple[Design, Repairs]:
    return design, replace(repairs, late_removal_takes_its_own=False)


def _late_addition(design: Design, repairs: Repairs) -> tuple[Design, Repairs]:
    return design, replace(repairs, late_addition_takes_its_own=False)


def _wiring(design: Design, repairs: Repairs) -> tuple[Design, Repairs]:
    return replace(design, driver="ethernet"), replace(repairs, hot_unplug_removes_wiring=False)


DEFECTS = (
    Defect(
        "plugs-unnoted",
        "A vNIC is plugged or unplugged first and noted afterwards, and no report is compared with the note.",
        "effect before its intent",
        _unnoted,
    ),
    Defect(
        "undoes-the-begun",
        "An engine that restarts removes the vNIC of a plug that was begun, and gives its MAC out while the VM has it.",
        "undo of one side only",
        _undone,
    ),
    Defect(
        "attaches-twice",
        "libvirt attaches a NIC that the domain has, so a request that was held and asked again gives it twice.",
        "retry that makes a second",
        _attached,
    ),
    Defect(
        "leaves-strays",
        "A port of this engine's that no vNIC has is left where it is, such as that of a plug that failed.",
        "undo of one side only",
        _strays,
    ),
    Defect(
        "keeps-macs",
        "A command that fails removes its vNIC, and the pool keeps its MAC.",
        "memory outside the rollback",
        _macs,
    ),
    Defect(
        "unplug-says-done",
        "VDSM takes a NIC off its list before the guest has let go, and attaches one that the VM has.",
        "effect reported before it is done",
        _unseen,
    ),
    Defect(
        "tap-before-guest",
        "libvirt removes tap and definition of a NIC that the guest still holds.",
        "clean-up before the user has gone",
        _tap_first,
    ),
    Defect(
        "removes-by-name",
        "A removal of an Open vSwitch record that comes late takes the next record of its name.",
        "clean-up by the wrong key",
        _late,
    ),
    Defect(
        "adds-by-name",
        "An addition of an Open vSwitch record that comes late is made for the next tap of its name, another VM's.",
        "effect by the wrong key",
        _late_addition,
    ),
    Defect(
        "leaves-wiring",
        "VDSM makes tap and port itself, and leaves them at hot unplug.",
        "one path without clean-up",
        _wiring,
    ),
)

"""Defects of hot plug and unplug: in the engine, and below it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fakes.engine.designs.base import Addresses, Design
from fakes.engine.designs.hotplug import ComparedWithReports
from fakes.records.engine import Vm, Vnic
from fakes.records.vdsm import Report
from fakes.repairs import Repairs
from scenarios.defects.base import Defect, using, without

if TYPE_CHECKING:
    from fakes.engine.service import Engine


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


def _wiring(design: Design, repairs: Repairs) -> tuple[Design, Repairs]:
    return using(driver="ethernet")(*without("hot_unplug_removes_wiring")(design, repairs))


DEFECTS = (
    Defect(
        "plugs-unnoted",
        "A vNIC is plugged or unplugged first and noted afterwards, and no report is compared with the note.",
        "effect before its intent",
        using(hot_plug=ActsUnnoted()),
    ),
    Defect(
        "undoes-the-begun",
        "An engine that restarts removes the vNIC of a plug that was begun, and gives its MAC out while the VM has it.",
        "undo of one side only",
        using(hot_plug=UndoesTheBegun()),
    ),
    Defect(
        "attaches-twice",
        "libvirt attaches a NIC that the domain has, so a request that was held and asked again gives it twice.",
        "retry that makes a second",
        without("nic_attached_once"),
    ),
    Defect(
        "leaves-strays",
        "A port of this engine's that no vNIC has is left where it is, such as that of a plug that failed.",
        "undo of one side only",
        using(removes_strays=False),
    ),
    Defect(
        "keeps-macs",
        "A command that fails removes its vNIC, and the pool keeps its MAC.",
        "memory outside the rollback",
        using(addresses=KeepsThoseUndone()),
    ),
    Defect(
        "unplug-says-done",
        "VDSM takes a NIC off its list before the guest has let go, and attaches one that the VM has.",
        "effect reported before it is done",
        without("nics_as_libvirt_has_them", "nic_attached_once"),  # the other mends what comes of this one
    ),
    Defect(
        "tap-before-guest",
        "libvirt removes tap and definition of a NIC that the guest still holds.",
        "clean-up before the user has gone",
        without("detach_follows_guest"),
    ),
    Defect(
        "removes-by-name",
        "A removal of an Open vSwitch record that comes late takes the next record of its name.",
        "clean-up by the wrong key",
        without("late_removal_takes_its_own"),
    ),
    Defect(
        "adds-by-name",
        "An addition of an Open vSwitch record that comes late is made for the next tap of its name, another VM's.",
        "effect by the wrong key",
        without("late_addition_takes_its_own"),
    ),
    Defect(
        "leaves-wiring",
        "VDSM makes tap and port itself, and leaves them at hot unplug.",
        "one path without clean-up",
        _wiring,
    ),
)

"""Defects below the engine: a repair left out, so that a daemon does as it did in 2012."""

from __future__ import annotations

from typing import Any

import msgspec

from fakes.engine.designs.base import Design
from fakes.repairs import Repairs
from scenarios.defects.base import Defect


def _without(repair: str) -> Any:
    def change(design: Design, repairs: Repairs) -> tuple[Design, Repairs]:
        return design, msgspec.structs.replace(repairs, **{repair: False})

    return change


DEFECTS = (
    Defect(
        "sweeps-nothing",
        "Agents leave Open vSwitch records of devices that are gone.",
        "clean-up that is nobody's",
        _without("stale_ports_swept"),
    ),
    Defect(
        "takes-records-over",
        "A record of a device that is gone is taken over by the next device of its name, with its VLAN.",
        "clean-up by the wrong key",
        _without("stale_port_made_anew"),
    ),
    Defect(
        "last-status-wins",
        "A port's op-status is what any agent wrote last, so a migration ends DOWN.",
        "acting on a stale report",
        _without("op_status_after_migration"),
    ),
    Defect(
        "destroys-unseen",
        "After a failed migration VDSM destroys on its peer and says Up, without a look.",
        "rollback that undoes too much",
        _without("migration_settled_by_asking"),
    ),
    Defect(
        "half-made-network",
        "A Quantum network and its VLAN are written in two transactions.",
        "effect in two halves",
        _without("vlan_in_one_transaction"),
    ),
    Defect(
        "destroy-says-done",
        "VDSM's destroy reports success although qemu survived.",
        "effect reported before it is done",
        _without("destroy_reports_failure"),
    ),
)

"""What must hold, as checks over rows: a file a family.

They know the records (and `fakes.wiring`, pure functions of them), never the fakes.  `ALL` maps each id
to its check.
"""

from __future__ import annotations

from scenarios.checks import connectivity, engine_rows, hosts, identity, placement, ports, roles, truth
from sim.checks import Check

ALL: dict[str, Check] = {
    check.id: check
    for family in (ports, hosts, engine_rows, identity, placement, roles, connectivity, truth)
    for check in family.CHECKS
}

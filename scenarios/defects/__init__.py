"""Named defects: deliberately wrong strategies and drivers, by which the harness is judged.

`ALL` maps each name to its defect; a file a family.
"""

from __future__ import annotations

from scenarios.defects import data_centers, engine, fencing, hosting, hosts, memory, monitoring, ports, vnics
from scenarios.defects.base import Defect

ALL: dict[str, Defect] = {
    defect.name: defect
    for family in (engine, ports, monitoring, memory, hosts, vnics, fencing, hosting, data_centers)
    for defect in family.DEFECTS
}

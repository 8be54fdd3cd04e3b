"""What must hold, as checks over rows: a file a family.

They know the records (and `fakes.wiring`, pure functions of them), never the fakes.
"""

from __future__ import annotations

from sim.checks import Check

ALL: dict[str, Check] = {}

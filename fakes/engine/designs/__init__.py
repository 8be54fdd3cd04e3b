"""The designs to compare, by name."""

from __future__ import annotations

from fakes.engine.designs.base import Design
from fakes.engine.designs.proposed import PROPOSED
from fakes.engine.designs.reference import REFERENCE

DESIGNS: dict[str, Design] = {design.name: design for design in (PROPOSED, REFERENCE)}

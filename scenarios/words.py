"""The vocabularies of a scenario that other parts define: designs, defects, checks, marks, tables."""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

import msgspec

from fakes.engine.designs import DESIGNS
from fakes.records import SCHEMAS
from scenarios import checks, defects, expectations, marks

THEN = "then-"
"""Before an expectation's word, the check made of it."""

REACHED = "reached"
"""The check of what the scenario states must have happened."""


class Words(NamedTuple):
    """Words by kind."""

    designs: tuple[str, ...]
    defects: tuple[str, ...]
    checks: tuple[str, ...]
    marks: tuple[str, ...]
    columns: dict[str, dict[str, Any]]
    """Table -> column -> its type."""


@cache
def vocabulary() -> Words:
    """The words known today."""
    return Words(
        designs=tuple(DESIGNS),
        defects=tuple(defects.ALL),
        checks=(*checks.ALL, *(THEN + word for word in expectations.ALL), REACHED),
        marks=tuple(marks.ALL),
        columns={name: columns(schema.record) for name, schema in SCHEMAS.items()},
    )


def columns(record: type[msgspec.Struct]) -> dict[str, Any]:
    """The columns of a record and their types."""
    return {field.name: field.type for field in msgspec.structs.fields(record)}

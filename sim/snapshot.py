"""A snapshot: all rows as JSON, for checks and people; never resumed."""

from __future__ import annotations

from typing import Any

from sim.store import Store
from sim.trace import plain

Rows = list[tuple[str, str, list[Any]]]
"""Schema, node, and the rows of one table, oldest first."""


def rows(store: Store) -> Rows:
    """The rows of every table that has any."""
    return [
        (schema, table.node, list(table.rows.values()))
        for schema, tables in store.by_schema.items()
        for table in tables
        if table.rows
    ]


def as_json(taken: Rows) -> dict[str, dict[str, list[Any]]]:
    """The rows by schema and node; a node's rows of several processes stand together."""
    by_schema: dict[str, dict[str, list[Any]]] = {}
    for schema, node, found in taken:
        by_schema.setdefault(schema, {}).setdefault(node, []).extend(map(plain, found))
    return by_schema


def snapshot(store: Store) -> dict[str, dict[str, list[Any]]]:
    """All rows of a living store as JSON."""
    return as_json(rows(store))

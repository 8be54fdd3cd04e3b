"""A snapshot: all rows as JSON, for checks and people; never resumed."""

from __future__ import annotations

from typing import Any

from sim.store import Store
from sim.trace import plain


def snapshot(store: Store) -> dict[str, dict[str, list[Any]]]:
    """Rows by schema and node; a node's rows of several processes stand together, oldest first."""
    taken: dict[str, dict[str, list[Any]]] = {}
    for schema, tables in store.by_schema.items():
        for table in tables:
            if table.rows:
                taken.setdefault(schema, {}).setdefault(table.node, []).extend(map(plain, table.rows.values()))
    return taken

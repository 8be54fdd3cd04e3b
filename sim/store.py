"""All rows of a world, and the one way to change them.

Every change goes through `Store.apply`: it keeps the indexes, returns the deltas for the trace,
wakes who read what changed, and remembers the deltas that the checks have yet to judge.
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from typing import Any, TypeVar

import msgspec

from sim.tables import ALL_ROWS, Change, Index, Key, Schema, Table
from sim.watch import Watch, strike

R = TypeVar("R", bound=msgspec.Struct)


class Delta(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One row's change: `old` is None when it was made, `new` when it was removed.

    A struct that a trace keeps as a tuple: quicker to make, and to ask for its parts, than a named tuple.
    """

    schema: str
    node: str
    key: Key
    old: Any
    new: Any


class Store:
    """Tables by (schema, node, process), their indexes, and who listens."""

    def __init__(self) -> None:
        self.tables: dict[tuple[str, str, str], Table[Any]] = {}
        self.by_schema: dict[str, list[Table[Any]]] = {}
        self.by_place: dict[str, dict[str, list[Table[Any]]]] = {}  # by schema and node
        self.by_id: list[Table[Any]] = []
        self.indexes: dict[str, dict[str, Index]] = {}  # by schema and column
        self.reading: Watch | None = None
        self.changed: dict[Table[Any], None] = {}  # those of which a row was made, replaced or removed
        self.unjudged: list[Delta] = []
        self.judged: Container[str] | None = None  # the schemas whose changes are judged; None: all are

    def table(self, schema: Schema[R], node: str, process: str = "") -> Table[R]:
        """The table of that schema on that node, made when first asked for."""
        name = (schema.name, node, process if schema.volatile else "")
        found = self.tables.get(name)
        return found if found is not None else self._make(name, schema)

    def _make(self, name: tuple[str, str, str], schema: Schema[R]) -> Table[R]:
        _, node, owner = name
        if schema.name not in self.by_schema:
            self.declare((schema,))
        made = self.tables[name] = Table(self, schema, node, owner, len(self.by_id), self.indexes[schema.name])
        self.by_id.append(made)
        self.by_place.setdefault(schema.name, {}).setdefault(node, []).append(made)
        self.by_schema[schema.name].append(made)
        return made

    def declare(self, schemas: Iterable[Schema[Any]]) -> None:
        """Make the schemas known: each can be asked for by `where`, rows or no rows."""
        for schema in schemas:
            if schema.name not in self.by_schema:
                self.by_schema[schema.name] = []
                indexes = self.indexes[schema.name] = {}
                for column, _ in schema.indexes:  # few have any
                    indexes[column] = {}

    def forget_since(self, tables: int, schemas: int) -> None:
        """Forget every table and schema but the first so many of each; their rows are gone from the indexes already."""
        for table in reversed(self.by_id[tables:]):
            schema, node = table.schema.name, table.node
            self.tables.popitem()
            self.by_schema[schema].pop()
            place = self.by_place[schema]
            place[node].pop()
            if not place[node]:
                del place[node]
                if not place:
                    del self.by_place[schema]
        del self.by_id[tables:]
        for schema in list(self.by_schema)[schemas:]:
            del self.by_schema[schema], self.indexes[schema]

    def apply(self, changes: Iterable[Change]) -> list[Delta]:
        """Carry out the changes; returns one delta for each row that really changed."""
        deltas: list[Delta] = []
        judged, changed = self.judged, self.changed
        for table, key, new in changes:
            rows, schema = table.rows, table.schema
            old = rows.get(key)
            if old == new:
                continue
            changed[table] = None
            if new is None:
                del rows[key]
            else:
                rows[key] = new
            if schema.indexes:
                _reindex(table, key, old, new)
            if schema.noise and _only_noise(schema, old, new):
                continue
            delta = Delta(schema.name, table.node, key, old, new)
            deltas.append(delta)
            if judged is None or schema.name in judged:
                self.unjudged.append(delta)
            if key in table.key_listeners:
                strike(table.key_listeners[key])
            if table.listeners:
                _wake(table, old, new)
        return deltas


def _reindex(table: Table[Any], key: Key, old: Any, new: Any) -> None:
    name, indexes = (table.id, key), table.indexes
    for column, value_of in table.schema.indexes:
        index = indexes[column]
        value = value_of(new) if new is not None else None
        if old is not None:
            before = value_of(old)
            found = index[before]
            if new is not None and value == before:
                found[name] = new
                continue
            if len(found) > 1:
                del found[name]
            else:
                del index[before]
        if new is not None:
            found = index.get(value)  # type: ignore[assignment]
            if found is None:
                index[value] = {name: new}
            else:
                found[name] = new


def _wake(table: Table[Any], old: Any, new: Any) -> None:
    """Strike who has read all rows, or those with a value that the row had or has now."""
    listeners = table.listeners
    if ALL_ROWS in listeners:
        strike(listeners[ALL_ROWS])
    for column, value_of in table.schema.indexes:
        before = (column, value_of(old)) if old is not None else None
        after = (column, value_of(new)) if new is not None else None
        if before is not None and before in listeners:
            strike(listeners[before])
        if after is not None and after != before and after in listeners:
            strike(listeners[after])


def _only_noise(schema: Schema[Any], old: Any, new: Any) -> bool:
    if old is None or new is None:
        return False
    quiet = {column: getattr(old, column) for column in schema.noise}
    return bool(msgspec.structs.replace(new, **quiet) == old)

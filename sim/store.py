"""All rows of a world, and the one way to change them.

Every change goes through `Store.apply`: it keeps the indexes, returns the deltas for the trace,
wakes who read what changed, and remembers the deltas that the checks have yet to judge.
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from typing import Any, NamedTuple, TypeVar

import msgspec

from sim.tables import Change, Key, Schema, Table
from sim.watch import Read, Watch

R = TypeVar("R", bound=msgspec.Struct)
Index = dict[Any, dict[tuple[int, Key], Any]]


class Delta(NamedTuple):
    """One row's change: `old` is None when it was made, `new` when it was removed."""

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
        self.by_place: dict[tuple[str, str], list[Table[Any]]] = {}
        self.by_id: list[Table[Any]] = []
        self.indexes: dict[tuple[str, str], Index] = {}
        self.watches: dict[Read, dict[Watch, None]] = {}
        self.reading: Watch | None = None
        self.unjudged: list[Delta] = []
        self.judged: Container[str] | None = None  # the schemas whose changes are judged; None: all are

    def table(self, schema: Schema[R], node: str, process: str = "") -> Table[R]:
        """The table of that schema on that node, made when first asked for."""
        name = (schema.name, node, process if schema.volatile else "")
        found = self.tables.get(name)
        return found if found is not None else self._make(name, schema)

    def _make(self, name: tuple[str, str, str], schema: Schema[R]) -> Table[R]:
        _, node, owner = name
        made = self.tables[name] = Table(self, schema, node, owner, len(self.by_id))
        self.by_id.append(made)
        self.by_place.setdefault((schema.name, node), []).append(made)
        if schema.name not in self.by_schema:
            self.declare((schema,))
        self.by_schema[schema.name].append(made)
        return made

    def declare(self, schemas: Iterable[Schema[Any]]) -> None:
        """Make the schemas known: each can be asked for by `where`, rows or no rows."""
        by_schema, indexes = self.by_schema, self.indexes
        for schema in schemas:
            name = schema.name
            if name not in by_schema:
                by_schema[name] = []
                for column, _ in schema.indexes:
                    indexes[name, column] = {}

    def apply(self, changes: Iterable[Change]) -> list[Delta]:
        """Carry out the changes; returns one delta for each row that really changed."""
        deltas: list[Delta] = []
        judged = self.judged
        for change in changes:
            table, key, new = change.table, change.key, change.new
            rows, schema = table.rows, table.schema
            old = rows.get(key)
            if old == new:
                continue
            if new is None:
                del rows[key]
            else:
                rows[key] = new
            if schema.indexes:
                self._reindex(table, key, old, new)
            if schema.noise and _only_noise(schema, old, new):
                continue
            delta = tuple.__new__(Delta, (schema.name, table.node, key, old, new))
            deltas.append(delta)
            if judged is None or schema.name in judged:
                self.unjudged.append(delta)
            if self.watches:
                self._wake(table, key, old, new)
        return deltas

    def _reindex(self, table: Table[Any], key: Key, old: Any, new: Any) -> None:
        name, schema, indexes = (table.id, key), table.schema, self.indexes
        for column, value_of in schema.indexes:
            index = indexes[schema.name, column]
            if old is not None:
                before = value_of(old)
                found = index[before]
                if new is not None and value_of(new) == before:
                    found[name] = new
                    continue
                del found[name]
                if not found:
                    del index[before]
            if new is not None:
                index.setdefault(value_of(new), {})[name] = new

    def _wake(self, table: Table[Any], key: Key, old: Any, new: Any) -> None:
        number, watches = table.id, self.watches
        if (number, "", key) in watches:
            self._strike((number, "", key))
        if (number, "*", None) in watches:
            self._strike((number, "*", None))
        for column, value_of in table.schema.indexes:
            if old is not None and (number, column, value_of(old)) in watches:
                self._strike((number, column, value_of(old)))
            if new is not None and (number, column, value_of(new)) in watches:
                if old is None or value_of(new) != value_of(old):
                    self._strike((number, column, value_of(new)))

    def _strike(self, read: Read) -> None:
        for watch in list(self.watches[read]):
            watch.strike()


def _only_noise(schema: Schema[Any], old: Any, new: Any) -> bool:
    if old is None or new is None:
        return False
    quiet = {column: getattr(old, column) for column in schema.noise}
    return bool(msgspec.structs.replace(new, **quiet) == old)

"""Tables of typed immutable records, each with a stated lifetime.

A row is a frozen `msgspec.Struct`.  A change (`Table.put`, `Table.drop`) is a value; it takes effect
only when a task commits it or, for volatile tables, sets it at once.  Reads are noted while a
`Watch` is listening, so that a sleeping round or a waiting task wakes when what it read changes.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import msgspec

from sim.watch import Listeners

if TYPE_CHECKING:
    from sim.store import Store

R = TypeVar("R", bound=msgspec.Struct)
Key = Any  # a str, or a tuple of str: hashable, and the same in every run
Change = tuple["Table[Any]", Key, Any]
"""One row to put (the last is the row) or to drop (it is None) in one table."""
Index = dict[Any, dict[tuple[int, Key], Any]]
"""By the value of a column: the rows that have it, each by its table's id and its key."""
ALL_ROWS = ("*", None)
"""What is noted of a read of every row."""


class Lifetime(Enum):
    """What a table survives."""

    DURABLE = "durable"  # everything short of its disk: crashes, power loss
    HOST = "host"  # the death of a process, not a reboot of its node
    VOLATILE = "volatile"  # nothing: it is the memory of one process


class Schema(Generic[R]):
    """The shape of a table: the record, its key, its lifetime.

    Args:
        name: the table's name in traces and snapshots.
        record: the frozen struct of a row.
        key: the column(s) that name a row.
        lifetime: what the rows survive.
        indexes: columns that `where` may ask for.
        noise: columns whose change alone is no change (nothing wakes, no delta is traced).

    `volatile` is asked often, and members of an enumeration are slow to name.
    """

    __slots__ = ("indexes", "key_of", "lifetime", "name", "noise", "record", "volatile")

    def __init__(
        self,
        name: str,
        record: type[R],
        key: str | tuple[str, ...],
        lifetime: Lifetime,
        indexes: tuple[str, ...] = (),
        noise: tuple[str, ...] = (),
    ) -> None:
        self.name = name
        self.record = record
        self.key_of = attrgetter(key) if isinstance(key, str) else attrgetter(*key)
        self.lifetime = lifetime
        self.volatile = lifetime is Lifetime.VOLATILE
        self.indexes = tuple((column, attrgetter(column)) for column in indexes)
        self.noise = noise


_NOTHING: dict[Any, Any] = {}


class Table(msgspec.Struct, Generic[R], eq=False):
    """The rows of one schema on one node; of one process there, when volatile.

    `indexes` are the schema's, with the rows of all its tables.  Who listens is kept apart for reads of one key,
    most of all, and for the others: a column with a value, or all rows.
    """

    store: Store
    schema: Schema[R]
    node: str
    process: str
    id: int
    indexes: dict[str, Index]
    rows: dict[Key, R] = {}
    key_listeners: Listeners = {}
    listeners: Listeners = {}

    def get(self, key: Key) -> R | None:
        """The row of that key, or None."""
        reading = self.store.reading
        if reading is not None:
            reading.note(self.key_listeners, key)
        return self.rows.get(key)

    def __getitem__(self, key: Key) -> R:
        reading = self.store.reading
        if reading is not None:
            reading.note(self.key_listeners, key)
        try:
            return self.rows[key]
        except KeyError:
            raise KeyError(f"{self.schema.name}[{self.node}] has no row {key!r}") from None

    def __contains__(self, key: Key) -> bool:
        reading = self.store.reading
        if reading is not None:
            reading.note(self.key_listeners, key)
        return key in self.rows

    def __iter__(self) -> Iterator[R]:
        return iter(self.all())

    def all(self) -> list[R]:
        """Every row, in the order in which the rows were made."""
        reading = self.store.reading
        if reading is not None:
            reading.note(self.listeners, ALL_ROWS)
        return list(self.rows.values())

    def where(self, column: str, value: Any) -> list[R]:
        """The rows whose indexed column has that value, oldest first."""
        reading = self.store.reading
        if reading is not None:
            reading.note(self.listeners, (column, value))
        mine, rows = self.id, []
        for (table, _), row in self.indexes[column].get(value, _NOTHING).items():
            if table == mine:
                rows.append(row)
        return rows

    def first(self, column: str, value: Any) -> R | None:
        """The oldest row whose indexed column has that value, or None."""
        rows = self.where(column, value)
        return rows[0] if rows else None

    def put(self, row: R) -> Change:
        """The change that makes or replaces this row."""
        return self, self.schema.key_of(row), row

    def drop(self, key: Key) -> Change:
        """The change that removes the row of that key; no change if there is none."""
        return self, key, None

"""What must hold: checks, when each is asked, and the machinery that asks.

A check is pure: `keys` names what a change may have broken, `judge` says whether one thing is broken,
and `every` lists all things there are.  A run judges the touched keys after each task step (always) and
everything at rest (settled, eventually).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import Enum
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, TypeVar

import msgspec

from sim.nodes import MACHINES
from sim.store import Delta, Store
from sim.tables import Key, Schema, Table

if TYPE_CHECKING:
    from sim.kernel import Entry, Kernel

R = TypeVar("R", bound=msgspec.Struct)


class Expectation(Enum):
    """When a check is asked."""

    ALWAYS = "always"
    SETTLED = "settled"
    EVENTUALLY = "eventually"


class Subject(NamedTuple):
    """A row: what a finding is about."""

    schema: str
    node: str
    key: Key


class Breach(msgspec.Struct, frozen=True):
    """A broken check.

    Args:
        subject: the row that is left over, missing or wrong.
        role: what it is, in a word or two, the same for all such rows.
        remains: what is wrong, as a sentence of facts.
        allowed: microseconds for which it may be so.
        place: a node, beside the subject's own, on which it depends whether this can be undone.
    """

    subject: Subject
    role: str
    remains: str
    allowed: int = 0
    place: str = ""


_NOTHING: dict[Any, Any] = {}


class View:
    """What a check may see: every row of the world, and the time."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.now = 0

    def tables(self, schema: Schema[R]) -> list[Table[R]]:
        """The tables of that schema; some may be empty."""
        return self.store.by_schema.get(schema.name, [])

    def rows(self, schema: Schema[R]) -> list[tuple[str, R]]:
        """Every row of that schema with its node."""
        found: list[tuple[str, R]] = []
        for table in self.store.by_schema.get(schema.name, ()):
            if table.rows:
                node = table.node
                found += [(node, row) for row in table.rows.values()]
        return found

    def where(self, schema: Schema[R], column: str, value: Any) -> list[tuple[str, R]]:
        """The rows of any node whose indexed column has that value."""
        store, found = self.store, []
        for (table, _), row in store.indexes[schema.name][column].get(value, _NOTHING).items():
            found.append((store.by_id[table].node, row))
        return found

    def repeated(self, schema: Schema[R], column: str) -> list[Any]:
        """The values of an indexed column that more than one row has, whatever the node."""
        return [value for value, found in self.store.indexes[schema.name][column].items() if len(found) > 1]

    def several(self, schema: Schema[R], column: str, value: Any) -> bool:
        """Whether more than one row, of any node, has that value."""
        return len(self.store.indexes[schema.name][column].get(value, ())) > 1

    def get(self, schema: Schema[R], node: str, key: Key) -> R | None:
        """One row of one node, in whichever process's memory it is."""
        for table in self.store.by_place.get(schema.name, _NOTHING).get(node, ()):
            row: R | None = table.rows.get(key)
            if row is not None:
                return row
        return None

    def anywhere(self, schema: Schema[R], key: Key) -> R | None:
        """The row of that key, on whichever node: of keys that no two nodes have."""
        for table in self.store.by_schema.get(schema.name, ()):
            row: R | None = table.rows.get(key)
            if row is not None:
                return row
        return None

    def of(self, schema: Schema[R], node: str) -> list[R]:
        """The rows of one node."""
        found: list[R] = []
        for table in self.store.by_place.get(schema.name, _NOTHING).get(node, ()):
            found += table.rows.values()
        return found

    def has_power(self, node: str) -> bool:
        """Whether the node is up."""
        machine = self.get(MACHINES, node, node)
        return machine is not None and machine.up


class Check:
    """One thing that must hold.  Subclasses state `id`, `expectation`, `statement`, `watches`."""

    id: ClassVar[str]
    expectation: ClassVar[Expectation]
    statement: ClassVar[str]
    watches: ClassVar[tuple[str, ...]]
    """Names of the schemas whose changes may break or mend it."""

    asks: ClassVar[dict[str, Callable[[Any], Any]]] = {}
    """By schema: what is asked of a row.  A row that stays, with this the same, breaks and mends nothing."""

    of_rows: ClassVar[bool] = True
    """Whether it is about rows, at any time; else about what one history must come to."""

    def touched(self, delta: Delta, view: View) -> Iterable[Key]:
        """The keys that are to be judged again for this change."""
        old, new = delta.old, delta.new
        asked = self.asks.get(delta.schema)
        if asked is not None and old is not None and new is not None and asked(old) == asked(new):
            return ()
        return self.keys(delta, view)

    def keys(self, delta: Delta, view: View) -> Iterable[Key]:
        """The keys that this change may have broken or mended, if it is one of what the check asks."""
        raise NotImplementedError

    def every(self, view: View) -> Iterable[Key]:
        """Every key there is."""
        raise NotImplementedError

    def judge(self, view: View, key: Key) -> Breach | None:
        """Whether that key is broken now."""
        raise NotImplementedError

    def sweep(self, view: View) -> Iterable[tuple[Key, Breach]]:
        """Every key that is broken now, with its breach."""
        for key in self.every(view):
            breach = self.judge(view, key)
            if breach is not None:
                yield key, breach


class Broken(NamedTuple):
    """A breach that counts: which check, which key, and when it was found."""

    check: Check
    key: Key
    breach: Breach
    time: int
    event: int


class Judge:
    """Asks the checks in a run.  `broken` holds what counts, each (check, key) once."""

    def __init__(self, kernel: Kernel, view: View, checks: Iterable[Check]) -> None:
        self.kernel = kernel
        self.view = view
        self.broken: dict[tuple[str, Key], Broken] = {}
        self.tolerated: dict[tuple[str, Key], Entry] = {}
        self.by_schema: dict[str, list[tuple[Check, Callable[[Any], Any] | None]]] = {}  # with what it asks of a row
        self.asked: dict[Expectation, list[Check]] = {expectation: [] for expectation in Expectation}
        for check in checks:
            self.asked[check.expectation].append(check)
        for check in self.asked[Expectation.ALWAYS]:
            for schema in check.watches:
                self.by_schema.setdefault(schema, []).append((check, check.asks.get(schema)))
        kernel.store.judged = self.by_schema

    def after_step(self) -> None:
        """Judge what the last step may have broken."""
        kernel, view = self.kernel, self.view
        deltas, kernel.store.unjudged = kernel.store.unjudged, []
        view.now = kernel.now
        touched: dict[tuple[Check, Key], None] = {}
        for delta in deltas:
            old, new = delta.old, delta.new
            stays = old is not None and new is not None
            for check, asked in self.by_schema.get(delta.schema, ()):
                # as in `Check.touched`, without a call
                if asked is None or not stays or asked(old) != asked(new):
                    for key in check.keys(delta, view):
                        touched[check, key] = None
        for check, key in touched:
            breach = check.judge(view, key)
            if breach is not None or (self.tolerated and (check.id, key) in self.tolerated):
                self._weigh(check, key, breach)

    def _weigh(self, check: Check, key: Key, breach: Breach | None) -> None:
        """Tolerate the breach for as long as it is allowed, or count it; a timer of one that is mended stops."""
        name = (check.id, key)
        if breach is None:
            timer = self.tolerated.pop(name, None)
            if timer is not None:
                self.kernel.cancel(timer)
        elif breach.allowed and name not in self.broken:
            if name not in self.tolerated:
                self.tolerated[name] = self.kernel.at(self.kernel.now + breach.allowed, self._no_longer, check, key)
        else:
            self._count(check, key, breach)

    def _no_longer(self, check: Check, key: Key) -> None:
        """What was tolerated for a while is asked again."""
        self.tolerated.pop((check.id, key), None)
        self.view.now = self.kernel.now
        breach = check.judge(self.view, key)
        if breach is not None:
            self._count(check, key, breach)

    def _count(self, check: Check, key: Key, breach: Breach) -> None:
        event = len(self.kernel.trace.raw) - 1
        self.broken.setdefault((check.id, key), Broken(check, key, breach, self.kernel.now, event))

    def judge_all(self, expectation: Expectation) -> None:
        """Judge every key of the checks of that expectation."""
        self.view.now = self.kernel.now
        for check in self.asked[expectation]:
            for key, breach in check.sweep(self.view):
                if expectation is not Expectation.ALWAYS or not breach.allowed:
                    self._count(check, key, breach)

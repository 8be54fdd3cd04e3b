"""Time travel: the rows as they were after any event, rebuilt from the deltas of a trace."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sim.checks import View
from sim.store import Store
from sim.tables import Schema, Table
from sim.trace import Event


class Traveller:
    """Replays deltas into a store of its own.

    Args:
        schemas: every schema of the world that was traced, by name.
    """

    def __init__(self, schemas: dict[str, Schema[Any]]) -> None:
        self.schemas = schemas
        self.store = Store()
        self.store.declare(schemas.values())
        self.view = View(self.store)

    def table(self, schema: str, node: str) -> Table[Any]:
        """A table holding the rows of all processes of that node."""
        return self.store.table(self.schemas[schema], node)

    def play(self, event: Event) -> None:
        """Go on by one event."""
        self.view.now = event.time
        changes = [(self.table(delta.schema, delta.node), delta.key, delta.new) for delta in event.deltas]
        if changes:
            self.store.apply(changes)
            self.store.unjudged.clear()

    def play_all(self, events: Iterable[Event]) -> View:
        """Go on by these events; returns the view after them."""
        for event in events:
            self.play(event)
        return self.view

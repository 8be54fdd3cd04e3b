"""The rows of a table, as text: what time travel shows."""

from __future__ import annotations

from typing import Any

import msgspec

from reports.text import plural, width, wrapped
from sim.checks import View
from sim.clock import show
from sim.tables import Schema
from sim.trace import Event, plain


def event_line(number: int, event: Event) -> str:
    """One event on one line: number, time, kind, where, what."""
    return f"#{number:<6} {show(event.time):>12}  {event.kind:<6}  {event.where}  {event.what}"


def rows_lines(view: View, schema: Schema[Any], columns: int | None = None) -> list[str]:
    """Every row of a schema, by node, oldest first."""
    rows = view.rows(schema)
    lines = [f"{schema.name}: {plural(len(rows), 'row')}"]
    for node, row in rows:
        text = "  ".join(f"{name}={shown(getattr(row, name))}" for name in row.__struct_fields__)
        lines += wrapped(text, columns or width(), f"  {node:<8}  ", " " * 14)
    return lines


def shown(value: Any) -> str:
    """A value of a row: text as it is, anything else (and empty text) as JSON."""
    if isinstance(value, str) and value and not value.isspace():
        return value
    return msgspec.json.encode(plain(value)).decode()


def tables_lines(view: View, schemas: dict[str, Schema[Any]]) -> list[str]:
    """The tables that have rows, with how many."""
    filled = [(name, len(view.rows(schema))) for name, schema in schemas.items()]
    return [f"  {name:<20} {plural(count, 'row')}" for name, count in filled if count]

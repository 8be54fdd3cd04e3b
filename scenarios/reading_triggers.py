"""Reads triggers in words and rows' states, and refuses those that name what does not exist."""

from __future__ import annotations

from typing import Any

import msgspec

from scenarios.model import StateModel
from scenarios.names import Names
from scenarios.nearest import nearest
from scenarios.programs import verbs
from scenarios.reading import read_struct, text
from scenarios.tree import Node, shown
from scenarios.values import check_subject, check_word
from scenarios.words import vocabulary
from sim.triggers import Trigger, parse


def read_trigger(node: Node, names: Names) -> Trigger:
    """A trigger in words."""
    words = text(node, "the trigger")
    try:
        trigger = parse(words)
    except ValueError as error:
        problem, _, remedy = str(error).partition("; ")
        node.fail(problem, remedy)
    names.check_process(trigger.process, trigger.node, node)
    if trigger.verb == "commits" and trigger.kind != "commit":
        node.fail(f"{shown(words)} does not say what is committed", "name it, or write `commits *`")
    if trigger.verb == "reply":
        node.fail(f"{shown(words)} does not say to what it replies", "write the verb before `reply`")
    if trigger.kind != "commit" and trigger.verb not in verbs(trigger.process):
        node.fail(
            f"{trigger.process} has no verb {shown(trigger.verb)}",
            nearest(trigger.verb, verbs(trigger.process)),
        )
    if trigger.kind != "commit":
        check_subject(node, trigger.process, trigger.subject, names)
    return trigger


def read_request(node: Node, names: Names, what: str) -> Trigger:
    """A trigger that must name a request."""
    trigger = read_trigger(node, names)
    if trigger.kind != "request":
        node.fail(f"{what} at a request, and {shown(trigger.text)} names a {trigger.kind}", "name a request")
    return trigger


def read_state(node: Node, names: Names) -> StateModel:
    """A row's state: a known table, known columns, values of their types."""
    state = read_struct(node, StateModel, "the state")
    tables = vocabulary().columns
    if state.table not in tables:
        node.at("table").fail(f"unknown table {shown(state.table)}", nearest(state.table, tables))
    if state.node != "*":
        names.check_node(state.node, node.at("node"))
    where = node.at("where")
    if not state.where:
        where.fail("the state names no column", "write `where: {column: value}`")
    columns = tables[state.table]
    for column in state.where:
        if column not in columns:
            where.keys[column].fail(f"the table {state.table} has no column {shown(column)}", nearest(column, columns))
        _check_value(where.at(column), state.where[column], columns[column], column)
        check_word(where.at(column), state.table, column, state.where[column], names)
    return state


def _check_value(node: Node, value: Any, wanted: Any, column: str) -> None:
    """A value of another type than the column's would never be met."""
    if isinstance(value, list | dict):
        node.fail(f"the column {column!r} cannot be compared with a list or mapping here", "name another column")
    try:
        msgspec.convert(value, wanted)
    except msgspec.ValidationError as error:
        node.fail(
            f"the column {column!r} is never {shown(value)}: {str(error).lower()}",
            "write a value of that type",
        )

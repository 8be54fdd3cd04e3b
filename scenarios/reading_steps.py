"""Reads the steps of a scenario: a verb with its arguments, and when it begins."""

from __future__ import annotations

from typing import Any

import msgspec

from fakes.topology import Strict
from scenarios.model import StepModel
from scenarios.names import Names
from scenarios.nearest import nearest
from scenarios.reading import fields, items, mapping, read_struct
from scenarios.reading_triggers import read_request, read_state
from scenarios.tree import Node, shown
from scenarios.verbs import ALL as VERBS

TOGETHER = "together"
MODIFIERS = ("wait", "after", "until")


def read_steps(node: Node, names: Names, what: str) -> list[StepModel]:
    """The steps of `given` or `when`, in order; those of a `together` follow one another."""
    steps: list[StepModel] = []
    for item in items(node, f"`{what}`"):
        entries = mapping(item, "a step")
        if TOGETHER in entries:
            steps += _read_together(item, names)
        else:
            steps.append(_read_step(item, names, together=False))
    return steps


def _read_together(item: Node, names: Names) -> list[StepModel]:
    for key, place in item.keys.items():
        if key != TOGETHER:
            place.fail(f"{key!r} stands beside `together`", "write it in one of the steps that run together")
    inner = items(item.at(TOGETHER), "`together`")
    if len(inner) < 2:
        item.at(TOGETHER).fail("fewer than two steps run together", "list two or more, or leave `together` out")
    return [_read_step(step, names, together=number > 0) for number, step in enumerate(inner)]


def _read_step(item: Node, names: Names, together: bool) -> StepModel:
    verb = _verb(item)
    args = read_args(item.at(verb), VERBS[verb], verb, names)
    until = read_state(item.at("until"), names) if "until" in item else None
    after = read_request(item.at("after"), names, "a step begins").text if "after" in item else ""
    _check_modifiers(item, together)
    return StepModel(verb, args, together=together, wait="wait" in item, after=after, until=until)


def _verb(item: Node) -> str:
    """The only verb of a step."""
    words = [key for key in mapping(item, "a step") if key not in MODIFIERS]
    if not words:
        item.fail("the step has no verb", "write one, such as `vm.start: {vm: web1}`")
    for word in words:
        if word not in VERBS:
            item.keys[word].fail(f"unknown verb {shown(word)}", nearest(word, (*VERBS, TOGETHER, *MODIFIERS)))
    if len(words) > 1:
        item.keys[words[1]].fail(
            f"the step has two verbs, {words[0]} and {words[1]}", "begin a line with `- ` for each"
        )
    return words[0]


def _check_modifiers(item: Node, together: bool) -> None:
    if "wait" in item:
        place = item.at("wait")
        if place.value != "rest":
            place.fail(f"a step cannot wait for {shown(place.raw)}", "write `wait: rest`")
        if together:
            item.keys["wait"].fail("a step that runs together with another cannot wait for rest", "put it on the first")
    if "after" in item and ("wait" in item or "until" in item):
        item.keys["after"].fail("`after` stands beside `wait` or `until`", "keep one of them")


def read_args(node: Node, struct: type[Strict], word: str, names: Names) -> Any:
    """The arguments of a verb: references must exist, and what it makes exists from now on."""
    args = read_struct(node, struct, word)
    refers: dict[str, str] = getattr(struct, "refers", {})
    makes: dict[str, str] = getattr(struct, "makes", {})
    bounds: dict[str, range] = getattr(struct, "bounds", {})
    vm = getattr(args, "vm", "")
    for key, field in fields(struct).items():
        value = getattr(args, field.name)
        if field.name in refers and value not in ("", None):
            names.refer(refers[field.name], value, node.at(key), vm)
        if field.name in bounds and value is not None and value not in bounds[field.name]:
            node.at(key).fail(f"{key!r} cannot be {value}", _within(bounds[field.name]))
        if isinstance(value, dict):  # vNICs by name
            for nic, place in node.at(key).keys.items():
                names.make("nic", nic, place, vm)
    for name, kind in makes.items():
        names.make(kind, getattr(args, name), node.at(_key(struct, name)), vm)
    return args


def _within(bounds: range) -> str:
    return f"write a number from {bounds[0]} to {bounds[-1]}"


def _key(struct: type[msgspec.Struct], name: str) -> str:
    return next(key for key, field in fields(struct).items() if field.name == name)

"""From a node of the tree to a value of a stated type, refusing everything else with its place.

It is driven by the structs of the scenario model and of the verbs, so a new field or verb is read
without a line here.
"""

from __future__ import annotations

from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin

import msgspec

from scenarios.nearest import nearest
from scenarios.tree import NAMES, Node, shown

S = TypeVar("S", bound=msgspec.Struct)

_SHORT = 40


class Field(msgspec.Struct, frozen=True):
    """A field of a struct as YAML spells it."""

    name: str
    key: str
    type: Any
    required: bool


@cache
def fields(struct: type[msgspec.Struct]) -> dict[str, Field]:
    """The fields of a struct by their keys."""
    return {
        field.encode_name: Field(field.name, field.encode_name, field.type, field.required)
        for field in msgspec.structs.fields(struct)
    }


def mapping(node: Node, what: str) -> dict[str, Node]:
    """The entries of a mapping."""
    if node.kind != "mapping":
        node.fail(f"{what} must be a mapping, not {_named(node)}", "write `key: value`")
    found: dict[str, Node] = node.value
    return found


def items(node: Node, what: str) -> list[Node]:
    """The items of a list."""
    if node.kind != "sequence":
        node.fail(
            f"{what} must be a list, not {_named(node)}",
            "write `[one, another]`, or lines that begin with `- `",
        )
    found: list[Node] = node.value
    return found


def text(node: Node, what: str = "the value") -> str:
    """Text; what another reader could take for something else must be quoted."""
    if node.kind == "trap":
        node.fail(f"{what} {shown(node.raw)} is read by some as {node.value}", _quoted(node))
    if node.kind in ("integer", "number", "boolean"):
        node.fail(f"{what} must be text, and {node.raw} is read as {NAMES[node.kind]}", _quoted(node))
    if node.kind != "text":
        node.fail(f"{what} must be text, not {_named(node)}", "write a word")
    return str(node.value)


def integer(node: Node, what: str) -> int:
    """A whole number."""
    if node.kind != "integer":
        remedy = "remove the quotes" if node.kind == "text" and node.value.isdigit() else "write digits, such as 100"
        node.fail(f"{what} must be a whole number, not {_named(node)}", remedy)
    return int(node.value)


def boolean(node: Node, what: str) -> bool:
    """True or false, spelled so."""
    if node.kind != "boolean":
        node.fail(f"{what} must be true or false, not {_named(node)}", "write true or false")
    return bool(node.value)


def anything(node: Node, what: str) -> Any:
    """Any plain data that all readers of YAML agree about."""
    if node.kind == "trap":
        node.fail(f"{what} {shown(node.raw)} is read by some as {node.value}", "quote it, or write true or false")
    if node.kind == "mapping":
        return {key: anything(value, what) for key, value in node.value.items()}
    if node.kind == "sequence":
        return [anything(item, what) for item in node.value]
    return node.value


def one_of(node: Node, words: Any, what: str) -> str:
    """A word of a vocabulary."""
    word = text(node, f"the {what}")
    if word not in words:
        node.fail(f"unknown {what} {shown(word)}", nearest(word, words))
    return word


def read_struct(node: Node, struct: type[S], what: str, skip: tuple[str, ...] = ()) -> S:
    """A struct from a mapping; the keys of `skip` are read by the caller."""
    entries = mapping(node, what)
    known = fields(struct)
    check_keys(node, known, what)
    for key, field in known.items():
        if field.required and key not in entries:
            node.fail(f"{what} has no {key!r}", f"add `{key}: ...`")
    given = {
        known[key].name: read(value, known[key].type, f"{key!r}") for key, value in entries.items() if key not in skip
    }
    return struct(**given)


def check_keys(node: Node, known: Any, what: str) -> None:
    """Refuse a key that is none of those."""
    for key, place in node.keys.items():
        if key not in known:
            place.fail(f"{what} has no key {shown(key)}", nearest(key, known))


def read(node: Node, wanted: Any, what: str) -> Any:
    """A value of that type."""
    origin = get_origin(wanted)
    if origin in (Union, UnionType):
        return _read_union(node, get_args(wanted), what)
    if origin is Literal:
        return one_of(node, get_args(wanted), what)
    if origin is list:
        return [read(item, get_args(wanted)[0], f"an item of {what}") for item in items(node, what)]
    if origin is dict:
        inner = get_args(wanted)[1]
        return {key: read(value, inner, f"{key!r} of {what}") for key, value in mapping(node, what).items()}
    if origin is tuple:
        return _read_tuple(node, get_args(wanted), what)
    return _read_simple(node, wanted, what)


def _read_simple(node: Node, wanted: Any, what: str) -> Any:
    if wanted is Any:
        return anything(node, what)
    if wanted is str:
        return text(node, what)
    if wanted is int:
        return integer(node, what)
    if wanted is bool:
        return boolean(node, what)
    if isinstance(wanted, type) and issubclass(wanted, msgspec.Struct):
        return read_struct(node, wanted, what)
    raise TypeError(f"a scenario cannot hold a field of type {wanted}")


def _read_union(node: Node, choices: tuple[Any, ...], what: str) -> Any:
    """Nothing if it may be nothing; a mapping for a struct; else the first other type."""
    if node.kind == "nothing" and NoneType in choices:
        return None
    structs = [one for one in choices if isinstance(one, type) and issubclass(one, msgspec.Struct)]
    others = [one for one in choices if one is not NoneType and one not in structs]
    if structs and (node.kind == "mapping" or not others):
        return read(node, structs[0], what)
    return read(node, others[0], what)


def _read_tuple(node: Node, parts: tuple[Any, ...], what: str) -> tuple[Any, ...]:
    found = items(node, what)
    if len(found) != len(parts):
        node.fail(f"{what} must have {len(parts)} items, not {len(found)}", "write `[one, another]`")
    return tuple(read(item, part, f"an item of {what}") for item, part in zip(found, parts, strict=True))


def _quoted(node: Node) -> str:
    return f'quote it: "{node.raw}"' if len(node.raw) <= _SHORT else "quote it"


def _named(node: Node) -> str:
    if node.kind in ("mapping", "sequence", "nothing"):
        return NAMES[node.kind]
    return shown(node.raw)

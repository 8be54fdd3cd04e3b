"""A tree of what was written, each node with its place: what the loader reads and points at.

It is made of YAML text (`scenarios.yaml_text`) or of plain data (`from_plain`), so both are read by
the same rules and refused with the same words.
"""

from __future__ import annotations

from typing import Any, Literal, NoReturn

from sim.outcomes import InputError

Kind = Literal["mapping", "sequence", "text", "integer", "number", "boolean", "nothing", "trap"]

MOST_DEPTH = 40
_SHOWN = 60

NAMES: dict[str, str] = {
    "mapping": "a mapping",
    "sequence": "a list",
    "text": "text",
    "integer": "a number",
    "number": "a number",
    "boolean": "true or false",
    "nothing": "nothing",
    "trap": "text",
}


class Node:
    """One node: its kind, its value, its place.

    A mapping's value is a dict from key text to the value's node; `keys` has the keys' own nodes.
    A sequence's value is a list of nodes.  `raw` is a scalar as it was written.
    """

    __slots__ = ("keys", "kind", "place", "raw", "value")

    def __init__(self, kind: Kind, value: Any, place: str, raw: str = "") -> None:
        self.kind = kind
        self.value = value
        self.place = place
        self.raw = raw
        self.keys: dict[str, Node] = {}

    def fail(self, problem: str, remedy: str = "") -> NoReturn:
        """Refuse the input here.

        Raises:
            InputError: always; one line with place, problem and remedy.
        """
        line = f"{self.place}: {problem}; {remedy}" if remedy else f"{self.place}: {problem}"
        raise InputError(" ".join(line.split()))

    def at(self, key: str) -> Node:
        """The value of that key, or this node, when it has none: where to point."""
        if self.kind == "mapping" and key in self.value:
            found: Node = self.value[key]
            return found
        return self

    def __contains__(self, key: str) -> bool:
        return self.kind == "mapping" and key in self.value

    def add(self, key: Node, value: Node) -> None:
        """Put a key and its value into a mapping."""
        if key.kind != "text":
            key.fail(
                f"the key {shown(key.raw)} is read as {key.value if key.kind == 'trap' else NAMES[key.kind]}",
                "quote it",
            )
        if key.value in self.value:
            key.fail(
                f"the key {shown(key.value)} is given twice (first at {self.keys[key.value].place})",
                "keep one of them",
            )
        self.value[key.value] = value
        self.keys[key.value] = key


def shown(text: object) -> str:
    """A value as errors show it: quoted, on one line, not too long."""
    words = repr(text)
    return words if len(words) <= _SHOWN else f"{words[: _SHOWN - 4]}...{words[-1]}"


def from_plain(data: Any, where: str) -> Node:
    """The tree of plain data: mappings, lists, text, numbers, true, false, nothing."""
    return _from_plain(data, where, "", 0)


def _from_plain(data: Any, where: str, path: str, depth: int) -> Node:
    place = f"{where}: at {path.lstrip('.')}" if path else where
    if depth > MOST_DEPTH:
        raise InputError(f"{place}: nested more than {MOST_DEPTH} deep; write it flatter")
    if isinstance(data, dict):
        node = Node("mapping", {}, place)
        for key, value in data.items():
            keyed = _from_plain(key, where, f"{path}.{key}", depth + 1)
            node.add(keyed, _from_plain(value, where, f"{path}.{key}", depth + 1))
        return node
    if isinstance(data, list | tuple):
        items = [_from_plain(item, where, f"{path}[{number}]", depth + 1) for number, item in enumerate(data)]
        return Node("sequence", items, place)
    return Node(_plain_kind(data, place), data, place, str(data))


def _plain_kind(data: Any, place: str) -> Kind:
    kinds: dict[type, Kind] = {
        str: "text", bool: "boolean", int: "integer", float: "number", type(None): "nothing",
    }  # fmt: skip
    kind = kinds.get(type(data))
    if kind is None:
        raise InputError(
            f"{place}: a scenario cannot hold a {type(data).__name__}; write text, numbers, lists or mappings"
        )
    return kind

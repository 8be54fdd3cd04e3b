"""YAML text to a tree with places; stricter than YAML.

No tags, anchors, aliases, merge keys, directives, further documents or doubled keys.  The tree is
built from the parser's events, so nothing is ever constructed from what the text names.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from ruamel.yaml.reader import ReaderError

from scenarios.scalars import classify
from scenarios.tree import MOST_DEPTH, Node, shown
from sim.outcomes import InputError

MOST_BYTES = 1 << 20


def decode(data: bytes, name: str) -> str:
    """The text of a file.

    Raises:
        InputError: it is too large, binary, or not UTF-8.
    """
    if len(data) > MOST_BYTES:
        raise InputError(f"{name}:1:1: the file is larger than {MOST_BYTES >> 20} MiB; a scenario is a page of YAML")
    if b"\0" in data:
        place = _place(name, data, data.index(b"\0"))
        raise InputError(f"{place}: the file is binary (a zero byte); give a YAML file in UTF-8")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{_place(name, data, error.start)}: the file is not UTF-8; save it as UTF-8") from None


def _place(name: str, data: bytes, offset: int) -> str:
    before = data[:offset]
    return f"{name}:{before.count(10) + 1}:{offset - before.rfind(10)}"


def parse(text: str, name: str) -> Node:
    """The tree of one YAML document.

    Raises:
        InputError: one line with file, line, column and remedy.
    """
    try:
        return _Builder(name, iter(YAML(typ="safe", pure=True).parse(text))).document()
    except MarkedYAMLError as error:
        raise InputError(_marked(error, name)) from None
    except ReaderError as error:
        raise InputError(_unprintable(error, text, name)) from None
    except YAMLError as error:
        raise InputError(f"{name}:1:1: {' '.join(str(error).split())}; see https://yaml.org/spec/1.2.2") from None


def _unprintable(error: ReaderError, text: str, name: str) -> str:
    before = text[: error.position]
    place = f"{name}:{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}"
    return f"{place}: the character {text[error.position]!r} is not allowed in YAML; remove it"


def _marked(error: MarkedYAMLError, name: str) -> str:
    mark = error.problem_mark or error.context_mark
    place = f"{name}:{mark.line + 1}:{mark.column + 1}" if mark else f"{name}:1:1"
    problem = " ".join((error.problem or error.context or "this is not YAML").split())
    return f"{place}: {problem}; {_remedy(problem, error)}"


def _remedy(problem: str, error: MarkedYAMLError) -> str:
    if "'\\t'" in problem or "tab" in problem:
        return "indent with spaces"
    if "mapping values are not allowed" in problem:
        return "quote text that holds `: `, or mend the indentation"
    if "expected ',' or" in problem:
        return "close the bracket or add a comma"
    if "end of stream" in problem or "quoted scalar" in (error.context or ""):
        return "close what was opened"
    return "mend the indentation or the quotes there"


class _Builder:
    """Takes the parser's events and makes nodes."""

    def __init__(self, name: str, events: Iterator[Any]) -> None:
        self.name = name
        self.events = events

    def document(self) -> Node:
        """The only document."""
        next(self.events)
        event = next(self.events)
        if not isinstance(event, DocumentStartEvent):
            raise InputError(f"{self.name}:1:1: the file is empty; begin with `scenario: flow/name`")
        if event.version or event.tags:
            self._fail(event, "a YAML directive has no place here", "remove the line that begins with %")
        root = self._node(next(self.events), 0)
        next(self.events)
        event = next(self.events)
        if isinstance(event, DocumentStartEvent):
            self._fail(event, "a second document begins here", "keep one scenario a file")
        return root

    def _place(self, event: Any) -> str:
        return f"{self.name}:{event.start_mark.line + 1}:{event.start_mark.column + 1}"

    def _fail(self, event: Any, problem: str, remedy: str) -> None:
        raise InputError(f"{self._place(event)}: {problem}; {remedy}")

    def _node(self, event: Any, depth: int) -> Node:
        if isinstance(event, AliasEvent):
            self._fail(event, "an alias (*name) has no place here", "write the value out")
        if event.anchor is not None:
            self._fail(event, "an anchor (&name) has no place here", "remove it")
        if event.ctag is not None:
            self._fail(event, f"the tag {shown(str(event.tag))} has no place here", "remove it")
        if depth > MOST_DEPTH:
            self._fail(event, f"nested more than {MOST_DEPTH} deep", "write it flatter")
        if isinstance(event, ScalarEvent):
            return self._scalar(event)
        if isinstance(event, SequenceStartEvent):
            return self._sequence(event, depth)
        return self._mapping(event, depth)

    def _scalar(self, event: ScalarEvent) -> Node:
        place = self._place(event)
        if event.style is not None:
            return Node("text", event.value, place, event.value)
        kind, value = classify(event.value)
        return Node(kind, value, place, event.value)

    def _sequence(self, start: SequenceStartEvent, depth: int) -> Node:
        items: list[Node] = []
        while not isinstance(event := next(self.events), SequenceEndEvent):
            items.append(self._node(event, depth + 1))
        return Node("sequence", items, self._place(start))

    def _mapping(self, start: MappingStartEvent, depth: int) -> Node:
        node = Node("mapping", {}, self._place(start))
        while not isinstance(event := next(self.events), MappingEndEvent):
            if not isinstance(event, ScalarEvent | AliasEvent):
                self._fail(event, "a key must be a word", "write `key: value`")
            key = self._node(event, depth + 1)
            if key.raw == "<<":
                key.fail("a merge key (<<) has no place here", "write the values out")
            node.add(key, self._node(next(self.events), depth + 1))
        return node

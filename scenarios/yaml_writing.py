"""From a scenario to the text of its file, in the shape in which people write them: what belongs together on a line."""

from __future__ import annotations

import textwrap
from io import StringIO
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import DoubleQuotedScalarString, FoldedScalarString

from scenarios.model import Scenario
from scenarios.writing import to_data

_ORDER = ("scenario", "about", "tags", "topology", "given", "when", "faults", "then")
"""Which part comes before which; any other follows."""

_WIDTH = 116
_LISTS = ("given", "when", "faults", "eventually", "fails-under", "not-applicable")
"""What has an item a line."""

_QUOTED = ("at", "after", "until")
"""Triggers: their brackets need quotes in places, and are easier to read with them everywhere."""


def text_of(scenario: Scenario) -> str:
    """The scenario as YAML that the loader takes; what is at its default is left out."""
    yaml = YAML()
    yaml.width = 10 * _WIDTH  # it folds nothing by itself
    yaml.indent(mapping=2, sequence=4, offset=2)
    stream = StringIO()
    yaml.dump(_whole(to_data(scenario)), stream)
    return stream.getvalue().rstrip("\n") + "\n"


def _whole(data: dict[str, Any]) -> CommentedMap:
    whole = CommentedMap()
    for key in sorted(data, key=lambda key: _ORDER.index(key) if key in _ORDER else len(_ORDER)):
        value = data[key] if key != "about" else _folded(data[key])
        whole[key] = _block(value) if key in ("topology", "then", *_LISTS) else _line(value)
    return whole


def _folded(text: str) -> str:
    """A sentence on several lines, if it is long."""
    lines = textwrap.wrap(text, _WIDTH, break_long_words=False, break_on_hyphens=False)
    if len(lines) < 2 or " ".join(lines) != text:
        return text
    folded = FoldedScalarString(text)
    ends = [len(" ".join(lines[:number])) for number in range(1, len(lines))]
    folded.fold_pos = ends
    return folded


def _block(value: Any) -> Any:
    """A mapping or list with an entry a line."""
    if isinstance(value, dict):
        entries = CommentedMap()
        for key, one in value.items():
            entries[key] = _block(one) if key in _LISTS else _line(one, key)
        return entries
    return CommentedSeq([_step(one) for one in value]) if isinstance(value, list) else value


def _step(value: Any) -> Any:
    """An item: a step keeps its lines, with its arguments on one; anything else is one line."""
    if isinstance(value, dict) and ("together" in value or any("." in key for key in value)):
        lines = CommentedMap()
        for key, one in value.items():
            lines[key] = CommentedSeq([_step(item) for item in one]) if key == "together" else _line(one, key)
        return lines
    return _line(value)


def _line(value: Any, key: str = "") -> Any:
    """A value on one line."""
    if isinstance(value, dict):
        entries = CommentedMap((name, _line(one, name)) for name, one in value.items())
        entries.fa.set_flow_style()
        return entries
    if isinstance(value, list):
        items = CommentedSeq([_line(one) for one in value])
        items.fa.set_flow_style()
        return items
    return DoubleQuotedScalarString(value) if key in _QUOTED and isinstance(value, str) else value

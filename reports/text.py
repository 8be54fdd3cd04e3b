"""Lines of text that fit a width without breaking a word."""

from __future__ import annotations

import os
import re
import shutil
import sys
import textwrap
from collections.abc import Sequence

WIDEST = 120
NARROWEST = 60
PIPED = 100

LABEL = 15
"""The width of the first column of a block."""

GAP = "  "
LEAST = 8
"""Between the columns of a table, and how narrow one may become."""

_BREAKS = re.compile(r"(?<=[ /_-])")


def width() -> int:
    """How wide text may be: the terminal's width within bounds; piped, a fixed one."""
    if "COLUMNS" not in os.environ and not sys.stdout.isatty():
        return PIPED
    return max(NARROWEST, min(WIDEST, shutil.get_terminal_size((PIPED, 24)).columns))


def wrapped(text: str, columns: int, first: str = "", rest: str | None = None) -> list[str]:
    """The text in lines; the first begins with `first`, the others with `rest`."""
    lines = textwrap.wrap(
        text, columns, initial_indent=first, subsequent_indent=first if rest is None else rest,
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip
    return lines or [first.rstrip()]


def entry(label: str, text: str, columns: int) -> list[str]:
    """A labelled entry of a block."""
    return wrapped(text, columns, f"  {label:<{LABEL}}", " " * (LABEL + 2))


def command_entry(label: str, command: str, columns: int) -> list[str]:
    """A labelled command, never broken, so that it can be copied: on a line of its own if it is long."""
    beside = f"  {label:<{LABEL}}{command}"
    return [beside] if len(beside) <= columns else [f"  {label}", f"    {command}"]


def plural(count: int, noun: str) -> str:
    """``1 scenario``, ``2 scenarios``."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}".replace(",", " ")


def table(heads: Sequence[str], rows: Sequence[Sequence[str]], columns: int) -> list[str]:
    """Rows below their heads and a rule; cells are wrapped where the whole would be too wide."""
    every = [tuple(heads), *rows]
    widths = _widths([max(len(row[number]) for row in every) for number in range(len(heads))], columns)
    lines = [line for row in every for line in _row(row, widths)]
    height = len(_row(every[0], widths))
    return [*lines[:height], GAP.join("─" * one for one in widths), *lines[height:]]


def _widths(natural: list[int], columns: int) -> list[int]:
    """The widest columns give way until all fit."""
    widths = list(natural)
    excess = sum(widths) + len(GAP) * (len(widths) - 1) - columns
    while excess > 0 and max(widths) > LEAST:
        widths[widths.index(max(widths))] -= 1
        excess -= 1
    return widths


def _row(cells: Sequence[str], widths: list[int]) -> list[str]:
    wrapped_cells = [_cell(cell, one) for cell, one in zip(cells, widths, strict=True)]
    height = max(len(lines) for lines in wrapped_cells)
    padded = [lines + [""] * (height - len(lines)) for lines in wrapped_cells]
    return [
        GAP.join(f"{text:<{one}}" for text, one in zip(line, widths, strict=True)).rstrip()
        for line in zip(*padded, strict=True)
    ]


def _cell(text: str, wide: int) -> list[str]:
    """The text in lines, broken behind blanks, slashes and dashes; at last anywhere."""
    lines, line = [], ""
    for part in _BREAKS.split(text):
        if line and len(line) + len(part.rstrip()) > wide:
            lines.append(line.rstrip())
            line = ""
        line += part
        while len(line.rstrip()) > wide:
            lines.append(line[:wide])
            line = line[wide:]
    return [*lines, line.rstrip()]

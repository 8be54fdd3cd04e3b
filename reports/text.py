"""Lines of text that fit a width without breaking a word."""

from __future__ import annotations

import os
import shutil
import sys
import textwrap

WIDEST = 120
NARROWEST = 60
PIPED = 100

LABEL = 15
"""The width of the first column of a block."""


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

"""Virtual time: whole microseconds since the world began."""

from __future__ import annotations

import re

MS = 1_000
SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE

_UNITS = {"us": 1, "ms": MS, "s": SECOND, "m": MINUTE, "min": MINUTE, "h": HOUR}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(us|ms|s|min|m|h)\Z")


def duration(text: str) -> int:
    """Microseconds of a written duration such as ``60s``, ``250ms``, ``1.5h``.

    Raises:
        ValueError: the text is not a number with a unit.
    """
    match = _DURATION.match(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is no duration; write a number with a unit, such as 60s or 250ms")
    return round(float(match[1]) * _UNITS[match[2]])


def show(microseconds: int) -> str:
    """A point in time for people, in seconds with milliseconds."""
    return f"{microseconds / SECOND:.3f}s"

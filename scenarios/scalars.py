"""What a plain (unquoted) YAML scalar means, and where readers of YAML disagree about it.

YAML 1.1 and 1.2 read `on`, `0123` or `12:30:45` differently, and both read an unquoted `9.0` as a
number.  A scenario may hold none of the first kind, and the second only where a number is wanted.
"""

from __future__ import annotations

import re
from typing import Any, Literal, NamedTuple

Kind = Literal["text", "integer", "number", "boolean", "nothing", "trap"]

MOST_DIGITS = 18

_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)\Z")
_NUMBER = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
_BOOLEANS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_NOTHING = {"", "~", "null", "Null", "NULL"}
_SWITCHES = {"y", "n", "yes", "no", "on", "off"}
_PAIRS = re.compile(r"[0-9A-Fa-f]{1,2}([:-][0-9A-Fa-f]{1,2}){5}\Z")
_SEXAGESIMAL = re.compile(r"[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?\Z")
_DATE = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt\s].*)?\Z")
_OTHER_NUMBER = re.compile(r"[-+]?(0[0-7_]+|0o[0-7]+|0x[0-9a-fA-F_]+|0b[01_]+|[0-9][0-9_]*(\.[0-9_]*)?)\Z")
_SPECIAL = re.compile(r"([-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))\Z")


class Scalar(NamedTuple):
    """A scalar's kind and value; a trap's value says what others read in it."""

    kind: Kind
    value: Any


def classify(text: str) -> Scalar:
    """The meaning of an unquoted scalar."""
    if text in _NOTHING:
        return Scalar("nothing", None)
    if text in _BOOLEANS:
        return Scalar("boolean", _BOOLEANS[text])
    trap = _trap(text)
    if trap:
        return Scalar("trap", trap)
    if _INTEGER.match(text):
        return _integer(text)
    if _NUMBER.match(text):
        return Scalar("number", float(text))
    return Scalar("text", text)


def _integer(text: str) -> Scalar:
    if len(text) > MOST_DIGITS:
        return Scalar("trap", "a number of too many digits")
    return Scalar("integer", int(text))


def _trap(text: str) -> str:
    """What another reader of YAML would see in it, "" if all agree."""
    if text.lower() in _SWITCHES:
        return "true or false"
    if _PAIRS.match(text):
        return "a number in base 60" if _SEXAGESIMAL.match(text) else "a MAC address or a number, by its digits"
    if _SEXAGESIMAL.match(text):
        return "a number in base 60"
    if _DATE.match(text):
        return "a date"
    if _SPECIAL.match(text):
        return "infinity or no number"
    agreed = _INTEGER.match(text) or _NUMBER.match(text)
    if (_OTHER_NUMBER.match(text) and not agreed) or _octal(text):
        return "a number in another base"
    return ""


def _octal(text: str) -> bool:
    digits = text.lstrip("+-")
    return len(digits) > 1 and digits[0] == "0" and digits.isdigit()

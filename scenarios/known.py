"""Known findings: a reviewed file that says who answers for each, why it may stay, and until when."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import NamedTuple

import msgspec

from scenarios.reading import items, read_struct
from scenarios.tree import Node, shown
from scenarios.yaml_text import MOST_BYTES, decode, parse
from sim.outcomes import InputError

EXAMPLE = "{finding: ID, owner: WHO, reason: WHY, expires: 2027-01-31}"


class _Item(msgspec.Struct, frozen=True, rename="kebab", forbid_unknown_fields=True):
    finding: str
    owner: str
    reason: str
    expires: str = ""


class Known(NamedTuple):
    """One known finding.

    Args:
        finding: its id.
        owner: who answers for it.
        reason: why it may stay for now.
        expires: the last day on which it may.
        place: file, line and column.
    """

    finding: str
    owner: str
    reason: str
    expires: date
    place: str

    def expired(self, today: date) -> bool:
        """Whether its day is past."""
        return today > self.expires


def load_known(path: Path) -> dict[str, Known]:
    """The known findings of a file, by id; an empty file has none.

    Raises:
        InputError: it cannot be read, or is no list of known findings.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); name a file of known findings") from None
    text = decode(data, str(path))
    if not any(line.strip() and not line.lstrip().startswith("#") for line in text.splitlines()):
        return {}
    found: dict[str, Known] = {}
    for node in items(parse(text, str(path)), "the file of known findings"):
        known = _known(node)
        if known.finding in found:
            first = found[known.finding].place
            node.at("finding").fail(f"{known.finding} is here twice", f"keep one; the first is at {first}")
        found[known.finding] = known
    return found


def _known(node: Node) -> Known:
    for key in ("finding", "owner", "reason", "expires"):
        if node.kind == "mapping" and key not in node:
            node.fail(f"a known finding has no {key!r}", f"write `- {EXAMPLE}`")
    item = read_struct(node, _Item, "a known finding", skip=("expires",))  # a day may be written without quotes
    for key in ("finding", "owner", "reason"):
        if not getattr(item, key).strip():
            node.at(key).fail(f"{key!r} is empty", f"write `- {EXAMPLE}`")
    return Known(item.finding, item.owner, item.reason, _day(node.at("expires")), node.place)


def _day(node: Node) -> date:
    try:
        return date.fromisoformat(node.raw)
    except ValueError:
        node.fail(f"{shown(node.raw)} is no day", "write it as year-month-day, such as 2027-01-31")

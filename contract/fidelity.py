"""docs/fidelity.md: each behaviour, the fact that it comes from, the real part, and whether the fake is equal to it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from contract.explored import Explored
from contract.parts import PARTS, Part
from contract.recorded import Record
from contract.verdicts import KINDS, Verdict

PAGE = Path(__file__).parents[1] / "docs" / "fidelity.md"
_HEAD = """# How true the fakes are

Made by `make contract`; do not edit. Each behaviour is played on the fake and on the real part, and what is seen is
compared, with what the fact says too. Between two runs `make test` compares the fakes with what the real parts
were last seen to do.

*equal*: all three agree. *either way*: the real part comes to one of several stated outcomes, for the reason given, and
the fake to one of them. *exception*: the fake differs, for the reason given, in exactly the stated way. *fact alone*:
the fake has no such thing; real part and fact agree. *not comparable*: the machine of the run could not show it.
"""


def page(verdicts: Mapping[str, list[Verdict]], records: Mapping[str, Record], random: str) -> str:
    """The page; `random`: what it says of random calls."""
    parts = [_HEAD, _counts(verdicts, records), random]
    parts += [_part(PARTS[name], found, records[name]) for name, found in verdicts.items()]
    return "\n".join(parts)


def _counts(verdicts: Mapping[str, list[Verdict]], records: Mapping[str, Record]) -> str:
    lines = [f"| real part | version | seen on | {' | '.join(KINDS)} |", f"| --- | --- | --- |{' --- |' * len(KINDS)}"]
    for name, found in verdicts.items():
        counts = Counter(one.kind for one in found)
        numbers = " | ".join(str(counts[kind]) for kind in KINDS)
        lines.append(f"| {PARTS[name].title} | {records[name].version} | {records[name].date} | {numbers} |")
    return "\n".join([*lines, ""])


def random_calls(explored: Explored, wrong: list[str]) -> str:
    """Of the random calls: how many there were, and what differed."""
    times = ", ".join(f"{verb} {number}" for verb, number in sorted(explored.calls.items()))
    lines = [
        "## Random calls",
        "",
        f"A state machine drove libvirt {explored.version} and the fake with the same random calls on {explored.date}.",
        "After each call it compared errors, and on both hosts states, NICs, taps, Open vSwitch records and events:",
        f"{len(explored.runs)} runs, {explored.calls.total()} calls, {len(wrong) or 'none'} different.",
        f"So often was made: {times}.",
        *(f"- {line}" for line in wrong),
    ]
    return "\n".join([*lines, ""])


def _part(part: Part, found: list[Verdict], record: Record) -> str:
    lines = [f"## {part.title}", "", "| behaviour | fact | outcome |", "| --- | --- | --- |"]
    lines += [f"| {one.behaviour.name} | {one.behaviour.fact} | {outcome(one)} |" for one in found]
    return "\n".join([*lines, ""])


def outcome(verdict: Verdict) -> str:
    """The kind of a verdict, and why, in a line."""
    return f"{verdict.kind}: {verdict.why}" if verdict.why else verdict.kind

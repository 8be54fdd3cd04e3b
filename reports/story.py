"""Why: the chain of causes behind a finding, as lines."""

from __future__ import annotations

from collections.abc import Sequence

from reports.played import of_scenario
from reports.rows import event_line, shown
from reports.text import width, wrapped
from sim.findings import Finding
from sim.store import Delta
from sim.trace import Trace


def _names(delta: Delta) -> str:
    key = delta.key if isinstance(delta.key, str) else "/".join(map(str, delta.key))
    return f"{delta.schema}[{delta.node}] {key}"


def story_lines(trace: Trace, finding: Finding, columns: int | None = None) -> list[str]:
    """What led to the making, then what led to its being wrong."""
    columns = columns or width()
    if not finding.made:
        return []
    made, since = finding.made_event, finding.since_event
    lines: list[str] = []
    if not of_scenario(finding):
        lines += _chain(trace, made, f"how {finding.subject} came to be:", columns)
    if since != made:
        lines += _chain(trace, since, "since when it is wrong:", columns)
    return lines


def _chain(trace: Trace, number: int, title: str, columns: int) -> list[str]:
    lines = ["", f"  {title}"]
    if number < 0:
        return [*lines, "    it was given"]
    chain = list(trace.causes(number))[::-1]
    for one in chain:
        event = trace.events[one]
        lines += wrapped(event_line(one, event), columns, "    ", " " * 34)
        if one == number:
            lines += [line for delta in event.deltas for line in _delta_lines(delta, columns)]
    return lines


def _delta_lines(delta: Delta, columns: int) -> list[str]:
    verb = "made" if delta.old is None else "removed" if delta.new is None else "changed"
    text = f"{verb} {_names(delta)}"
    if verb == "changed":
        fields = delta.new.__struct_fields__
        changed = [name for name in fields if getattr(delta.old, name) != getattr(delta.new, name)]
        pairs = [(name, shown(getattr(delta.old, name)), shown(getattr(delta.new, name))) for name in changed]
        text += ": " + ", ".join(f"{name} {old} -> {new}" for name, old, new in pairs)
    return wrapped(text, columns, " " * 34, " " * 36)


def steps_lines(steps: Sequence[str], columns: int | None = None) -> list[str]:
    """What each step came to."""
    columns = columns or width()
    return ["what was done:", *(line for step in steps for line in wrapped(step, columns, "    ", "      "))]


def fates_lines(trace: Trace, columns: int | None = None) -> list[str]:
    """What struck, as it is in the trace."""
    columns = columns or width()
    found = [(number, event) for number, event in enumerate(trace.events) if event.kind == "fate"]
    lines = ["what struck:"] + ([] if found else ["    nothing"])
    for number, event in found:
        lines += wrapped(event_line(number, event), columns, "    ", " " * 34)
    return lines

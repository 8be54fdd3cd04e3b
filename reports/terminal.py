"""What `ovqsim run` prints: a line a scenario, a block a finding, and a summary."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from shlex import quote
from typing import TextIO

from reports import bugs
from reports.played import (
    NOT_APPLICABLE,
    Group,
    Played,
    counts,
    ends,
    grouped,
    of_scenario,
    shorter,
    struck,
    unfinished,
)
from reports.text import command_entry, entry, plural, width, wrapped
from sim.clock import show
from sim.findings import FINDINGS, PASSED, UNKNOWN, Finding

_COLOURS = {PASSED: "32", FINDINGS: "31;1", UNKNOWN: "33;1", NOT_APPLICABLE: "36"}
_WORDS = {PASSED: "passed", FINDINGS: "FINDINGS", UNKNOWN: "UNKNOWN", NOT_APPLICABLE: "not applicable"}
_VERDICT = 14
_MOST_NAMED = 6


def colourful(stream: TextIO) -> bool:
    """Whether colour is welcome there."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def paint(text: str, code: str, stream: TextIO | None = None) -> str:
    """The text in a colour, if the stream shows colours."""
    return f"\033[{code}m{text}\033[0m" if colourful(stream or sys.stdout) else text


def verdict_lines(played: Played, longest: int, columns: int | None = None) -> list[str]:
    """The lines of one scenario: verdict, id, what struck, what was reached."""
    result = played.result
    right = played.as_it_must_be or result.verdict != PASSED
    verdict = _WORDS[result.verdict] if right else "BUG NOT FOUND"
    head = f"{verdict:<{_VERDICT}}  {result.scenario:<{longest}}  "
    indent = " " * (_VERDICT + 4)
    if not sys.stdout.isatty() and columns is None:
        lines = [(head + _told(played)).rstrip()]
    else:
        lines = wrapped(_told(played), columns or width(), head, indent)
    lines[0] = paint(f"{verdict:<{_VERDICT}}", _COLOURS[result.verdict if right else FINDINGS]) + lines[0][_VERDICT:]
    return lines


def _told(played: Played) -> str:
    """What happened, in short."""
    result = played.result
    if played.bug is not None:
        return bugs.told(played, played.bug)
    if result.verdict == NOT_APPLICABLE:
        return result.not_applicable
    parts = [", ".join(struck(result.struck)) or "no fault"]
    if result.reached:
        parts.append("reached " + ", ".join(ends(played)))
    if result.excused:
        parts.append(f"{plural(len(result.excused), 'finding')} excused by a standing fault")
    return "; ".join(parts)


def finding_lines(group: Group, columns: int | None = None) -> list[str]:
    """The block of one finding, about a dozen lines."""
    finding, columns = group.finding, columns or width()
    title = f"{finding.check}: {finding.statement}"
    lines = wrapped(title, columns, "", "  ")
    lines[0] = lines[0].replace(finding.check, paint(finding.check, _COLOURS[FINDINGS]), 1)
    for label, text in _facts(finding):
        lines += entry(label, text, columns)
    if of_scenario(finding):
        lines += _steps(group.first, columns)
    lines += entry("shown by", _names(group.shown_by), columns)
    if "/" in finding.id and finding.check != "reached":
        lines += entry("id", finding.id, columns)
    for cite in (group.first.cites or {}).get(finding.id, ()):
        lines += entry("cites", f"{cite.fact}: {cite.was}", columns)
    return lines + _replay(group.first, columns)


def _facts(finding: Finding) -> Iterable[tuple[str, str]]:
    yield "remains", finding.remains
    if finding.check == "reached":
        return
    if not of_scenario(finding):
        yield "subject", finding.subject
        yield "made by", f"{shorter(finding.made)}, at {show(finding.made_at)}"
    if finding.since:
        since = "unowned since" if finding.check.startswith("leftover") else "wrong since"
        at = f", at {show(finding.since_at)}" if finding.since_event >= 0 or not of_scenario(finding) else ""
        yield since, f"{shorter(finding.since)}{at}"
    yield "fault", shorter(finding.fault) or "none: it goes wrong without any"
    yield "found", f"at {show(finding.found_at)}"
    if finding.excused:
        yield "excused by", finding.excused


def _names(shown_by: list[Played]) -> str:
    names = [one.result.scenario for one in shown_by]
    listed = ", ".join(names[:_MOST_NAMED]) + (", ..." if len(names) > _MOST_NAMED else "")
    return f"{plural(len(names), 'scenario')}: {listed}"


def never_lines(groups: list[Group]) -> list[str]:
    """What scenarios state and never came, one line each, in one block."""
    if not groups:
        return []
    columns = width()
    statement = groups[0].finding.statement
    lines = ["", *wrapped(f"{paint('reached', _COLOURS[FINDINGS])}: {statement}", columns, "", "  ")]
    for group in groups:
        lines += wrapped(f"{group.first.result.scenario}: {group.finding.remains}", columns, "  ", "    ")
        if all(finding.check == "reached" for finding in group.first.result.findings):
            lines += [*_steps(group.first, columns), *_replay(group.first, columns)]
    return lines


def _steps(played: Played, columns: int) -> list[str]:
    """The steps that did not end well: what a scenario expects often hangs on one."""
    told = "; ".join(unfinished(played.result))
    return entry("steps", told, columns) if told else []


def unknown_lines(played: Played, columns: int | None = None) -> list[str]:
    """The block of a run whose verdict is unknown."""
    columns = columns or width()
    lines = [paint("unknown", _COLOURS[UNKNOWN]) + f": {played.result.scenario} came to no verdict"]
    lines += entry("because", shorter(played.result.unknown), columns)
    return lines + _replay(played, columns)


def _replay(played: Played, columns: int) -> list[str]:
    """The command that replays it, if there is a reproducer."""
    if not played.reproducer:
        return []
    return command_entry("replay", f"ovqsim replay {quote(played.reproducer)}", columns)


def findings_lines(every: list[Played]) -> list[str]:
    """The blocks of all findings and unknowns, with empty lines between."""
    lines: list[str] = []
    groups = grouped(every)
    for group in groups:
        if group.finding.check != "reached":
            lines += ["", *finding_lines(group)]
    lines += never_lines([group for group in groups if group.finding.check == "reached"])
    for played in every:
        if played.result.unknown:
            lines += ["", *unknown_lines(played)]
    for played in every:
        for finding in played.result.excused:
            lines += ["", *finding_lines(Group(finding, [played]))]
    return lines


def summary_lines(every: list[Played], design: str, seconds: float) -> list[str]:
    """The table at the end."""
    found = counts(every)
    events = sum(played.result.events for played in every)
    virtual = sum(played.result.ended_at for played in every) / 60_000_000
    rows = [(_WORDS[word].lower(), f"{count}", _COLOURS[word]) for word, count in found.items() if count]
    different = len(grouped(every))
    lines = ["", *_table(rows, {"findings": f"{plural(different, 'different finding')}"})]
    lines += wrapped(line, width(), "", "  ") if (line := bugs.summary_line(every)) else []
    head = f"{plural(len(every), 'scenario')} under {design}"
    lines.append(f"{head}: {plural(events, 'event')}, {virtual:.0f} virtual minutes, in {seconds:.2f} s")
    return lines


def _table(rows: list[tuple[str, str, str]], notes: dict[str, str]) -> list[str]:
    wide = max((len(label) for label, _, _ in rows), default=0)
    digits = max((len(count) for _, count, _ in rows), default=0)
    lines = [
        f"  {paint(f'{label:<{wide}}', colour)}  {count:>{digits}}  {notes.get(label, '')}".rstrip()
        for label, count, colour in rows
    ]
    rule = "─" * (wide + digits + 4)
    return [rule, *lines, rule] if lines else []

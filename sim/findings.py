"""Findings and results: what a run says, as data that can be stored and printed."""

from __future__ import annotations

import msgspec

from sim.fates import Fate

PASSED = "passed"
FINDINGS = "findings"
UNKNOWN = "unknown"


class Finding(msgspec.Struct, frozen=True, rename="kebab"):
    """A broken check, with the facts that explain it.

    Args:
        id: check, role, the kind of event that made the subject, the kind of command that last held it;
            without names and numbers, so that many schedules print as one finding.
        check, statement: which check, and what it says.
        subject: the row, as ``schema[node] key``.
        remains: what is wrong.
        made, made_at: the event that made the subject, and when (microseconds).
        since, since_at: the event from which on it was wrong until it was found, and when.
        fault: the fate that struck last before that, "" if none.
        found_at: when the check was asked and broken.
        excused: the standing fault that excuses it, "" if none does.
        made_event, since_event: the numbers of these events in the trace, -1 for none.
    """

    id: str
    check: str
    statement: str
    subject: str
    remains: str
    made: str
    made_at: int
    since: str
    since_at: int
    fault: str
    found_at: int
    excused: str = ""
    made_event: int = -1
    since_event: int = -1


class Result(msgspec.Struct, rename="kebab"):
    """What one run came to.

    Args:
        verdict: ``passed``, ``findings`` or ``unknown``; unknown is never a pass.
        findings: what counts; `excused` what a standing fault excuses.
        unknown: why the verdict is unknown.
        reached: the named states that were reached, in order.
        struck: the fates that struck: label and fate; it is the schedule that replays the run.
        missed: stated faults and states that never came.
        fingerprint: of the whole trace.
        events, messages, writes: their number; messages without those of periodic tasks.
        ended_at: virtual microseconds.
        steps: what each step of the scenario came to, in words.
    """

    scenario: str
    design: str
    verdict: str
    findings: list[Finding]
    excused: list[Finding]
    unknown: str
    reached: list[str]
    struck: list[tuple[str, Fate]]
    missed: list[str]
    fingerprint: str
    events: int
    messages: int
    writes: int
    ended_at: int
    steps: list[str]
    not_applicable: str = ""

"""The report for programs: every result as JSON, the same bytes for the same results."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from reports import bugs
from reports.cites import uncited
from reports.played import Played, counts, grouped
from sim.findings import Finding, Result
from sim.reproducer import fate_data


class Head(msgspec.Struct, frozen=True, rename="kebab"):
    """What was played."""

    version: str
    design: str
    defect: str = ""
    repaired: bool = True
    seed: int | None = None


def report(head: Head, every: list[Played]) -> dict[str, Any]:
    """The report as plain data; times are virtual microseconds."""
    return {
        **msgspec.to_builtins(head),
        "scenarios": [_scenario(played) for played in every],
        "summary": _summary(every),
    }


def encode(head: Head, every: list[Played]) -> bytes:
    """The report's bytes."""
    return msgspec.json.format(msgspec.json.encode(report(head, every)), indent=2) + b"\n"


def _scenario(played: Played) -> dict[str, Any]:
    return _result(played.result, played.reproducer) | _cites(played) | _bug(played)


def _result(result: Result, reproducer: str) -> dict[str, Any]:
    return {
        "id": result.scenario,
        "verdict": result.verdict,
        "fingerprint": result.fingerprint,
        "struck": [{"label": label, "fate": fate_data(fate)} for label, fate in result.struck],
        "missed": result.missed,
        "reached": result.reached,
        "steps": result.steps,
        "events": result.events,
        "messages": result.messages,
        "writes": result.writes,
        "ended-at": result.ended_at,
        "findings": _findings(result.findings, reproducer),
        "excused": _findings(result.excused, ""),
        "unknown": result.unknown,
        "not-applicable": result.not_applicable,
    }


def _bug(played: Played) -> dict[str, Any]:
    """The bug that a scenario shows, with the runs under what has it."""
    if played.bug is None:
        return {}
    bug = played.bug
    under = [
        {"design": one.design, "defect": one.defect, "finding": one.finding, "found": one.found}
        | {"result": _result(one.result, "")}
        for one in bug.under
    ]
    head = {"id": bug.id, "reference": bug.reference, **bugs.kinds(bug)}
    return {"bug": {**head, "absent-here": played.absent, "as-it-must-be": played.as_it_must_be, "under": under}}


def _cites(played: Played) -> dict[str, Any]:
    """Of each finding, the facts that it cites."""
    if played.cites is None:
        return {}
    return {"cites": {name: [cite._asdict() for cite in cites] for name, cites in played.cites.items()}}


def _findings(findings: Iterable[Finding], reproducer: str) -> list[dict[str, Any]]:
    return [_finding(finding) | {"reproducer": reproducer} for finding in findings]


def _finding(finding: Finding) -> dict[str, Any]:
    data: dict[str, Any] = {
        "id": finding.id,
        "check": finding.check,
        "statement": finding.statement,
        "remains": finding.remains,
        "subject": finding.subject,
        "made": {"event": finding.made, "at": finding.made_at},
        "since": {"event": finding.since, "at": finding.since_at},
        "fault": finding.fault,
        "found-at": finding.found_at,
    }
    return data | {"excused": finding.excused} if finding.excused else data


def _summary(every: list[Played]) -> dict[str, Any]:
    return {
        "scenarios": len(every),
        **counts(every),
        "different-findings": len(grouped(every)),
        **({"different-findings-without-a-fact": len(uncited(every))} if any(one.cites for one in every) else {}),
        **(bugs.summary(every) if any(one.bug for one in every) else {}),
        "events": sum(played.result.events for played in every),
    }

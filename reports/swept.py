"""What a sweep came to: how much was played, and each finding with the smallest scenario that shows it."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from reports.shrunk import smaller
from reports.terminal import paint
from reports.text import command_entry, entry, plural, wrapped
from sim.findings import FINDINGS, PASSED, UNKNOWN

_RED = "31;1"


class SweptFinding(msgspec.Struct):
    """A finding of a sweep.

    Args:
        remains: in words; of the smallest, if there is one.
        seed: of the first run that shows it; `shown_by`: how many do.
        runs: in which it was made smaller; 0 if it was not, `problem`: why not.
        scenario, reproducer: where the smallest that there is is kept; "" if that could not be written.
    """

    id: str
    remains: str
    seed: int
    shown_by: int
    runs: int = 0
    complete: bool = False
    before: dict[str, int] = {}
    after: dict[str, int] = {}
    scenario: str = ""
    reproducer: str = ""
    problem: str = ""


class SweptReport(msgspec.Struct):
    """A sweep.

    Args:
        under: design and defect, in words.
        seed: of the first run.
        runs: all that are kept; `fresh`: those that were played now, in `seconds`.
        going_on: histories that went on from others; `known`: histories that came to something new.
    """

    under: str
    seed: int
    runs: int
    fresh: int
    seconds: float
    histories: int
    going_on: int
    known: int
    features: int
    verdicts: dict[str, int]
    findings: list[SweptFinding]
    results: str


def swept_lines(report: SweptReport, columns: int) -> list[str]:
    """Everything that is printed of it."""
    lines: list[str] = []
    for one in report.findings:
        lines += [*_finding_lines(one, columns), ""]
    lines += [f"{plural(report.runs, 'run')} under {report.under}, from seed {report.seed}"]
    rate = f"{report.fresh / report.seconds:.0f} a second" if report.fresh and report.seconds else ""
    if rate:
        lines += entry("played now", f"{plural(report.fresh, 'run')} in {report.seconds:.1f} s, {rate}", columns)
    lines += entry("histories", _histories(report), columns)
    lines += entry("came to", _verdicts(report.verdicts), columns)
    return lines + entry("kept in", report.results, columns)


def _histories(report: SweptReport) -> str:
    new = f"{report.features} kinds of points and states were come to, each first in one of {report.known}"
    return f"{report.histories}, of which {report.going_on} go on from others; {new}"


def _verdicts(verdicts: Mapping[str, int]) -> str:
    words = {PASSED: "passed", FINDINGS: "with findings", UNKNOWN: "without a verdict"}
    return ", ".join(f"{verdicts[verdict]} {word}" for verdict, word in words.items() if verdicts.get(verdict))


def _finding_lines(one: SweptFinding, columns: int) -> list[str]:
    check = one.id.partition("/")[0]
    lines = wrapped(f"{check}: {one.remains}", columns, "", "  ")
    lines[0] = lines[0].replace(check, paint(check, _RED), 1)
    lines += entry("id", one.id, columns)
    lines += entry("shown by", f"{plural(one.shown_by, 'run')}, first by seed {one.seed}", columns)
    lines += entry("smaller", _smaller(one), columns)
    if one.scenario:
        lines += command_entry("scenario", one.scenario, columns)
    return lines + (command_entry("replay", f"ovqsim replay {one.reproducer}", columns) if one.reproducer else [])


def _smaller(one: SweptFinding) -> str:
    if one.problem:
        return f"as it was: {one.problem}"
    if not one.runs:
        return "not yet: there was no time; the same command goes on"
    more = "" if one.complete else "; `ovqsim shrink` may go on"
    return f"{smaller(one.before, one.after)}, in {plural(one.runs, 'run')}{more}"

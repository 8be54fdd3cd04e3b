"""What a report is made of: results, where their reproducers are, and findings across scenarios."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from sim.fates import Fate
from sim.findings import FINDINGS, PASSED, UNKNOWN, Finding, Result

NOT_APPLICABLE = "not-applicable"

_TOLD = 3

_PATH = re.compile(r"[^,;:]+ > [^,;:]+")
_WHO = "administrator[administrator]"

VERDICTS = (PASSED, FINDINGS, UNKNOWN, NOT_APPLICABLE)


class Played(msgspec.Struct):
    """One scenario's result, its reproducer ("" none), and the end states that it was to reach."""

    result: Result
    reproducer: str = ""
    wanted: list[str] = []


class Group(NamedTuple):
    """One finding with everything that showed it."""

    finding: Finding
    shown_by: list[Played]

    @property
    def first(self) -> Played:
        """The run that the finding is told by."""
        return self.shown_by[0]


def grouped(every: Iterable[Played]) -> list[Group]:
    """The findings, each once, in the order in which they were first shown.

    What a scenario itself states and did not get is told for each: its remedy is in that file.
    """
    groups: dict[tuple[str, str], Group] = {}
    for played in every:
        for finding in played.result.findings:
            own = played.result.scenario if of_scenario(finding) else ""
            groups.setdefault((finding.id, own), Group(finding, [])).shown_by.append(played)
    return list(groups.values())


def of_scenario(finding: Finding) -> bool:
    """Whether the finding is about what the scenario states, and not about a row."""
    return finding.subject.partition("[")[0] == "scenario"


def counts(every: Iterable[Played]) -> dict[str, int]:
    """How many scenarios came to each verdict."""
    found = dict.fromkeys(VERDICTS, 0)
    for played in every:
        found[played.result.verdict] += 1
    return found


def exit_code(every: Iterable[Played]) -> int:
    """0 when nothing was found and nothing is unknown, else 1."""
    found = counts(every)
    return 1 if found[FINDINGS] or found[UNKNOWN] else 0


def place(label: str) -> str:
    """The last part of a label: where, without the path that led there."""
    return label.rpartition(" > ")[2]


def shorter(text: str) -> str:
    """Words that hold labels or events, with each path cut to its last part."""
    return _PATH.sub(_last, text).replace(f"within {_WHO} ", "within ")


def _last(match: re.Match[str]) -> str:
    head, at, label = match[0].partition(" at ")
    if at and " > " not in head:
        return f"{head} at {place(label)}"
    return " " * (len(match[0]) - len(match[0].lstrip())) + place(match[0])


def struck(one: tuple[str, Fate]) -> str:
    """A fate and where it struck, short."""
    label, fate = one
    return f"{fate.describe()} at {place(label)}"


def ends(played: Played) -> list[str]:
    """The end states to tell of: those that were wanted and reached; else the last ones reached."""
    reached = played.result.reached
    return [name for name in reached if name in played.wanted] or reached[-_TOLD:]

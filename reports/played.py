"""What a report is made of: results, where their reproducers are, and findings across scenarios."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from sim.fates import Fate
from sim.findings import FINDINGS, PASSED, UNKNOWN, Finding, Result

NOT_APPLICABLE = "not-applicable"

_TOLD = 3

_PATH = re.compile(r"[^,;:]+ > [^,;:]+")
_NUMBERED = re.compile(r" #\d+\Z")
_WHO = "administrator[administrator]"

VERDICTS = (PASSED, FINDINGS, UNKNOWN, NOT_APPLICABLE)


class Under(msgspec.Struct):
    """What a scenario came to under a design or defect that must break a check."""

    design: str
    defect: str
    finding: str
    result: Result

    @property
    def found(self) -> bool:
        """Whether that check was broken."""
        return self.finding in broken(self.result)

    @property
    def words(self) -> str:
        """The check, and under what it was asked."""
        return f"{self.finding} under {f'the defect {self.defect}' if self.defect else self.design}"


class Bug(msgspec.Struct):
    """A public bug that a scenario shows, and what came of it where it must be found."""

    id: str
    reference: str
    tags: list[str]
    under: list[Under]


class Cited(NamedTuple):
    """A repair that explains a finding, and the fact below the engine that it undoes."""

    repair: str
    fact: str
    was: str


class Played(msgspec.Struct):
    """One scenario's result, and what belongs to it.

    Args:
        reproducer: its path, "" for none.
        wanted: the end states that it was to reach.
        bug: the bug that it shows, if it was looked for.
        cites: of each finding's id, the repairs that explain it; None when nobody asked.
    """

    result: Result
    reproducer: str = ""
    wanted: list[str] = []
    bug: Bug | None = None
    cites: dict[str, list[Cited]] | None = None

    @property
    def cited(self) -> bool:
        """Whether each of its findings cites a fact, and it came to a verdict."""
        cites = self.cites or {}
        return not self.result.unknown and all(cites.get(finding.id) for finding in self.result.findings)

    @property
    def absent(self) -> bool:
        """Whether nothing was found that the bug would show."""
        return self.bug is None or not {one.finding for one in self.bug.under} & broken(self.result)

    @property
    def as_it_must_be(self) -> bool:
        """Whether the bug was found where it must be, and is absent here."""
        return self.bug is None or (self.absent and all(one.found for one in self.bug.under))


def broken(result: Result) -> set[str]:
    """The checks that a run broke."""
    return {finding.check for finding in result.findings}


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


def exit_code(every: Iterable[Played], allow_cited: bool = False) -> int:
    """0 when nothing was found, nothing is unknown, and each bug was found where it must be; else 1.

    Args:
        allow_cited: a run whose findings all cite a fact counts as one in which nothing was found.
    """
    every = list(every)
    wrong = [one for one in every if one.result.verdict == FINDINGS and not (allow_cited and one.cited)]
    return 1 if wrong or counts(every)[UNKNOWN] or not all(one.as_it_must_be for one in every) else 0


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


def struck(schedule: Iterable[tuple[str, Fate]]) -> list[str]:
    """Each fate and where it struck, short; what struck one place again and again is told once, with how often."""
    often = Counter(f"{fate.describe()} at {_NUMBERED.sub('', place(label))}" for label, fate in schedule)
    return [words + (f" ({count} times)" if count > 1 else "") for words, count in often.items()]


def unfinished(result: Result) -> list[str]:
    """The steps that did not end well, each with what it came to."""
    return [step for step in result.steps if not step.endswith(": finished")]


def ends(played: Played) -> list[str]:
    """The end states to tell of: those that were wanted and reached; else the last ones reached."""
    reached = played.result.reached
    return [name for name in reached if name in played.wanted] or reached[-_TOLD:]

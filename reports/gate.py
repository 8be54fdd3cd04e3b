"""What a gate came to: stages, what each covered and left out, new findings, known ones."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from reports.terminal import paint
from reports.text import command_entry, entry, plural, table, wrapped

_RED, _GREEN, _YELLOW = "31;1", "32", "33;1"


class Shown(msgspec.Struct):
    """A finding as a case shows it.

    Args:
        remains: what is wrong; `schedule` what struck, in words.
        replay: the path of its reproducer, "" for none.
    """

    id: str
    check: str
    remains: str
    schedule: str = ""
    replay: str = ""

    @property
    def command(self) -> str:
        """What plays it again; "" where nothing could be kept."""
        return f"ovqsim replay {self.replay}" if self.replay else ""


class Case(msgspec.Struct):
    """One thing that was judged: a scenario, the matrix of a flow, or the generated histories.

    Args:
        file: where an annotation points.
        runs: how many were played of it.
        unknown: why it came to no verdict; "" if it did.
        inapplicable: why the design cannot be asked; such a case is neither played nor passed.
        left_out: what of it the budget left out, in words.
    """

    name: str
    file: str
    runs: int
    found: list[Shown] = []
    unknown: str = ""
    inapplicable: str = ""
    left_out: str = ""

    @property
    def skipped(self) -> str:
        """Why it is no verdict on anything; "" if it is one."""
        return f"not applicable: {self.inapplicable}" if self.inapplicable else self.left_out


class Stage(msgspec.Struct):
    """A stage of the gate: what it covered, in which units, and what the budget left out.

    Args:
        lacks: what it must have played and has not; "" if nothing.
    """

    name: str
    cases: list[Case]
    covered: str
    left_out: str = ""
    seconds: float = 0.0
    lacks: str = ""

    @property
    def runs(self) -> int:
        """How many runs were played."""
        return sum(case.runs for case in self.cases)


class Excepted(msgspec.Struct):
    """A known finding: who answers for it, why it may stay, until when; whether that day is past."""

    id: str
    owner: str
    reason: str
    expires: str
    place: str
    expired: bool


class Gate(msgspec.Struct):
    """All of it; `enough`: in words, a budget in which each stage would have played what it must."""

    design: str
    stages: list[Stage]
    known: list[Excepted]
    seconds: float
    budget: float
    enough: str = "5m"

    def shown(self) -> dict[str, list[tuple[Case, Shown]]]:
        """Every finding, by id, with the cases that show it."""
        found: dict[str, list[tuple[Case, Shown]]] = {}
        for stage in self.stages:
            for case in stage.cases:
                for one in case.found:
                    found.setdefault(one.id, []).append((case, one))
        return found

    def new(self) -> dict[str, list[tuple[Case, Shown]]]:
        """The findings that nobody answers for."""
        known = {one.id for one in self.known}
        return {name: cases for name, cases in self.shown().items() if name not in known}

    def unknowns(self) -> list[Case]:
        """What came to no verdict."""
        return [case for stage in self.stages for case in stage.cases if case.unknown]

    def expired(self) -> list[Excepted]:
        """The known findings whose day is past."""
        return [one for one in self.known if one.expired]

    def lacking(self) -> str:
        """The line that tells what had to be played and was not; "" if nothing."""
        lacks = [stage.lacks for stage in self.stages if stage.lacks]
        return f"the budget was too small: {', '.join(lacks)}; give at least {self.enough}" if lacks else ""

    @property
    def opens(self) -> bool:
        """Whether it lets a change through: nothing is wrong, and enough was played to say so."""
        return not self.new() and not self.unknowns() and not self.expired() and not self.lacking()


def gate_lines(gate: Gate, columns: int) -> list[str]:
    """New findings, unknowns, known ones, then the table of what was covered, and the verdict."""
    lines: list[str] = []
    for name, cases in gate.new().items():
        lines += [*_new_lines(name, cases, columns), ""]
    for case in gate.unknowns():
        lines += [*wrapped(f"{paint('unknown', _YELLOW)}: {case.name}: {case.unknown}", columns, "", "  "), ""]
    for case in (case for stage in gate.stages for case in stage.cases if case.inapplicable):
        lines += wrapped(f"not applicable under {gate.design}: {case.name}: {case.inapplicable}", columns, "", "  ")
    lines += _known_lines(gate, columns)
    rows = [_stage_row(one) for one in gate.stages]
    lines += table(("stage", "runs", "covered", "left out by the budget", "seconds"), rows, columns)
    lacking = ["", *wrapped(paint(gate.lacking(), _RED), columns, "", "  ")] if gate.lacking() else []
    return [*lines, *lacking, "", *wrapped(_verdict(gate), columns, "", "  ")]


def _stage_row(one: Stage) -> tuple[str, ...]:
    return one.name, f"{one.runs}", one.covered, one.left_out or "nothing", f"{one.seconds:.1f}"


def _new_lines(name: str, cases: Sequence[tuple[Case, Shown]], columns: int) -> list[str]:
    case, one = cases[0]
    lines = wrapped(f"{paint('new finding', _RED)}: {one.check}: {one.remains}", columns, "", "  ")
    lines += entry("id", name, columns)
    lines += entry("in", f"{case.name}{f': {one.schedule}' if one.schedule else ''}", columns)
    if len(cases) > 1:
        lines += entry("shown by", f"{plural(len(cases), 'case')}, the first is told", columns)
    return lines + (command_entry("replay", one.command, columns) if one.command else [])


def _known_lines(gate: Gate, columns: int) -> list[str]:
    shown = gate.shown()
    lines: list[str] = []
    for one in gate.known:
        state = paint("expired", _RED) if one.expired else "known"
        found = f"shown by {plural(len(shown[one.id]), 'case')}" if one.id in shown else "not found any more"
        told = f"{state} until {one.expires}: {one.id} ({one.owner}: {one.reason}); {found}; {one.place}"
        lines += wrapped(told, columns, "", "  ")
    return [*lines, ""] if lines else []


def _verdict(gate: Gate) -> str:
    runs = sum(stage.runs for stage in gate.stages)
    took = f"{plural(runs, 'run')} under {gate.design} in {gate.seconds:.1f} s of {gate.budget:.0f} s"
    if gate.opens:
        return f"{paint('the gate is open', _GREEN)}: {took}"
    reasons = [plural(len(gate.new()), "new finding")] if gate.new() else []
    reasons += [plural(len(gate.unknowns()), "unknown")] if gate.unknowns() else []
    reasons += [f"{plural(len(gate.expired()), 'known finding')} whose day is past"] if gate.expired() else []
    reasons += ["a budget that was too small"] if gate.lacking() else []
    return f"{paint('the gate is shut', _RED)} by {', '.join(reasons)}: {took}"

"""What a matrix came to: a table of flows, what was skipped, findings with their smallest schedules, a heat map."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from reports.played import place
from reports.terminal import paint
from reports.text import command_entry, entry, plural, table, wrapped
from sim.exploring.holds import Bound
from sim.exploring.matrix import VOID, Cell, Schedule, Trial
from sim.exploring.points import Point
from sim.fates import Fate
from sim.findings import FINDINGS, PASSED, UNKNOWN, Finding

MARKS = {PASSED: "·", FINDINGS: "#", UNKNOWN: "?", VOID: "o", "skipped": " "}
_COLOURS = {"#": "31;1", "?": "33;1", "·": "32", "o": "36"}


class Found(msgspec.Struct):
    """A finding, the smallest schedule that shows it, how many do, and where that is kept.

    Args:
        options: with which the scenario is played as it was here.
    """

    finding: Finding
    schedule: Schedule
    shown_by: int
    scenario: str = ""
    reproducer: str = ""
    options: list[str] = []


class Matrix(msgspec.Struct):
    """The matrix of one flow under a design.

    Args:
        inapplicable: why the design cannot be asked; then nothing was played, and nothing passed.
        points: of the run without deviations; `cells` are all fates at them.
        held: how many holds there are, each within `bound`.
        fresh, seconds: the runs that were played now, and in how many seconds; others were kept before.
        runs: by the number of deviations, how many were played; `verdicts` what they came to.
        skipped: by reason, how many fates at these points were not played.
        skipped_later: the same for the points after a first deviation.
        trials: the schedules of one deviation, and every one that found something or came to no verdict.
    """

    flow: str
    design: str
    faults: int
    holds: int
    bound: Bound
    inapplicable: str = ""
    points: list[Point] = []
    cells: list[Cell] = []
    held: int = 0
    runs: dict[str, int] = {}
    verdicts: dict[str, int] = {}
    skipped: dict[str, int] = {}
    skipped_later: dict[str, int] = {}
    trials: list[Trial] = []
    found: list[Found] = []
    fresh: int = 0
    seconds: float = 0.0
    digest: str = ""

    @property
    def kinds(self) -> dict[str, int]:
        """How many points there are of each kind."""
        found = {"request": 0, "reply": 0, "commit": 0}
        for point in self.points:
            found[point.kind] += 1
        return found

    @property
    def clean(self) -> bool:
        """Whether nothing was found, and everything came to a verdict."""
        return not self.found and not self.verdicts.get(UNKNOWN)


# --- in the terminal -----------------------------------------------------------------------------


def flows_lines(every: Sequence[Matrix], columns: int) -> list[str]:
    """A table with a line a flow; how many of them do not apply."""
    heads = ("flow", "points", "fates", "skipped", "holds", "runs", "findings", "unknown", "void", "seconds")
    lines = table(heads, [_flow_row(one) for one in every], columns)
    not_applicable = sum(bool(one.inapplicable) for one in every)
    return lines + ([f"{not_applicable} of {plural(len(every), 'flow')} not applicable"] if not_applicable else [])


def _flow_row(one: Matrix) -> tuple[str, ...]:
    counts = [len(one.points), len(one.cells), sum(one.skipped.values()), one.held, sum(one.runs.values())]
    found = [len(one.found), one.verdicts.get(UNKNOWN, 0), one.verdicts.get(VOID, 0)]
    name = one.flow.removeprefix("flow/")
    if one.inapplicable:
        return (f"{name} (not applicable)", *["-"] * (len(counts) + len(found) + 1))
    return (name, *map(_number, counts + found), f"{one.seconds:.1f}")


def _number(count: int) -> str:
    return f"{count:,}".replace(",", " ")


def matrix_lines(one: Matrix, columns: int) -> list[str]:
    """The block of one flow: what was counted, what was played, what was found."""
    if one.inapplicable:
        return wrapped(f"{one.flow} is not applicable under {one.design}: {one.inapplicable}", columns, "", "  ")
    kinds = one.kinds
    deviations = [plural(one.faults, "fault")] if one.faults else []
    deviations += [plural(one.holds, "hold")] if one.holds else []
    lines = [f"{one.flow} under {one.design}, up to {' and '.join(deviations)}"]
    counted = (
        f"{plural(kinds['request'], 'request')}, {kinds['reply']} replies, {plural(kinds['commit'], 'durable write')}"
    )
    lines += entry(
        "points", f"{_number(len(one.points))}: {counted}; counted twice, by those who play and apart", columns
    )
    if one.cells:
        skipped = sum(one.skipped.values())
        played = len(one.cells) - skipped
        sums = f"{_number(len(one.cells))} at these points = {_number(played)} played + {_number(skipped)} skipped"
        lines += entry("fates", sums, columns)
        lines += entry("skipped", _reasons(one.skipped), columns)
    if one.holds:
        lines += entry("holds", f"{_number(one.held)}: {_held(one.bound)}", columns)
    lines += entry("runs", _runs(one), columns)
    if one.skipped_later:
        lines += entry("skipped there", _reasons(one.skipped_later), columns)
    lines += entry("came to", ", ".join(f"{_number(count)} {word}" for word, count in one.verdicts.items()), columns)
    return lines + entry("digest", f"{one.digest} over all fingerprints", columns)


def _held(bound: Bound) -> str:
    later = f"each of the next {bound.most}" if bound.most > 1 else "the next one" if bound.most else "each later one"
    of = "another command" if bound.commands else "another command, round or start"
    return f"each request until {later} of {of}"


def _reasons(skipped: dict[str, int]) -> str:
    return "; ".join(f"{_number(count)} {reason}" for reason, count in sorted(skipped.items(), key=lambda it: -it[1]))


def _runs(one: Matrix) -> str:
    each = " + ".join(f"{_number(count)} of {size}" for size, count in one.runs.items())
    rate = one.fresh / one.seconds if one.seconds else 0
    now = "" if one.fresh == sum(one.runs.values()) else f"; {_number(one.fresh)} of them now"
    return f"{each}{now}, in {one.seconds:.1f} s ({rate:.0f} a second)"


def found_lines(every: Sequence[Found], columns: int) -> list[str]:
    """Each finding with the smallest schedule that shows it."""
    lines: list[str] = []
    for one in every:
        title = f"{paint(one.finding.check, _COLOURS['#'])}: {one.finding.remains}"
        lines += ["", *wrapped(title, columns, "", "  ")]
        for number, (label, fate) in enumerate(one.schedule):
            lines += entry("then" if number else "schedule", f"{words(fate)} at {place(label)}", columns)
        lines += entry("shown by", plural(one.shown_by, "schedule"), columns)
        lines += entry("id", one.finding.id, columns)
        if one.scenario:
            lines += command_entry("play", " ".join(["ovqsim run", one.scenario, *one.options]), columns)
        if one.reproducer:
            lines += command_entry("replay", f"ovqsim replay {one.reproducer}", columns)
    return lines


def smallest_lines(every: Sequence[Found], columns: int) -> list[str]:
    """A table of findings by the size of the smallest schedule that shows each."""
    heads = ("finding", "faults", "smallest schedule", "shown by")
    rows = [(one.finding.id, f"{len(one.schedule)}", schedule_words(one.schedule), f"{one.shown_by}") for one in every]
    return table(heads, rows, columns) if rows else []


def schedule_words(schedule: Schedule) -> str:
    """A schedule in words, each point without the path that led there."""
    return "; ".join(f"{words(fate)} at {place(label)}" for label, fate in schedule)


def words(fate: Fate) -> str:
    """A fate in words, with how and when."""
    parts = [fate.describe()]
    parts += ["cut off"] if fate.how == "cut" else []
    parts += ["right after"] if fate.moment == "after" else []
    parts += [f"until {fate.until}"] if fate.until else []
    return " ".join(parts)


# --- the heat map --------------------------------------------------------------------------------


class Grid(msgspec.Struct):
    """Points by fates: a mark for each.  `rows` are the point's words, and a mark or "" for each column."""

    columns: list[str]
    rows: list[tuple[str, list[str]]]


def grid(one: Matrix) -> Grid:
    """The heat map of the schedules of one deviation."""
    came = {trial.schedule[0]: trial.verdict for trial in one.trials if len(trial.schedule) == 1}
    columns: dict[str, None] = {}
    found: list[dict[str, str]] = [{} for _ in one.points]
    for cell in one.cells:
        point, fate = one.points[cell.point], cell.fated.fate
        name = column(point, fate)
        columns[name] = None
        found[cell.point][name] = "skipped" if cell.fated.skipped else came.get((point.label, fate), "missing")
    rows = [
        (_point_words(point), [cells.get(name, "") for name in columns])
        for point, cells in zip(one.points, found, strict=True)
        if columns
    ]
    return Grid(list(columns), rows)


def column(point: Point, fate: Fate) -> str:
    """The column of a fate: its word, how, and which end of the message it strikes."""
    parts = [fate.name]
    parts += ["cut"] if fate.how == "cut" else []
    if fate.name in ("crash", "power-loss"):
        asked = (fate.process or point.to.process, fate.node) == (point.to.process, point.to.node)
        parts += [fate.moment] if point.kind == "commit" else ["asked" if asked else "asker"]
    return " ".join(parts)


def _point_words(point: Point) -> str:
    return point.trigger + (f" #{point.nth}" if point.nth > 1 else "")


def grid_lines(one: Grid) -> list[str]:
    """The heat map as text: a line a point, a column a fate, whose names stand above, written downwards."""
    wide = max((len(name) for name, _ in one.rows), default=0)
    high = max((len(name) for name in one.columns), default=0)
    heads = [name.rjust(high) for name in one.columns]
    lines = [" " * wide + "  " + " ".join(head[number] for head in heads) for number in range(high)]
    for name, cells in one.rows:
        lines.append(f"{name:<{wide}}  " + " ".join(_mark(cell) for cell in cells).rstrip())
    legend = f"{MARKS[PASSED]} passed  {MARKS[FINDINGS]} finding  {MARKS[UNKNOWN]} unknown  {MARKS[VOID]} struck nobody"
    return [line.rstrip() for line in lines] + ["", f"{legend}  - skipped"]


def _mark(verdict: str) -> str:
    if verdict == "skipped":
        return "-"
    mark = MARKS.get(verdict, " ")
    return paint(mark, _COLOURS[mark]) if mark in _COLOURS else mark


# --- as data -------------------------------------------------------------------------------------


def as_data(one: Matrix) -> dict[str, Any]:
    """The matrix as plain data, with the heat map."""
    map_ = grid(one)
    return {
        "flow": one.flow, "design": one.design, "not-applicable": one.inapplicable,
        "faults": one.faults, "holds": one.holds,
        "points": one.kinds, "fates": len(one.cells), "skipped": one.skipped, "skipped-later": one.skipped_later,
        "runs": one.runs, "verdicts": one.verdicts, "seconds": round(one.seconds, 3), "digest": one.digest,
        "findings": [_found_data(found) for found in one.found],
        "heat-map": {"fates": map_.columns, "points": [{"point": name, "came-to": cells} for name, cells in map_.rows]},
    }  # fmt: skip


def _found_data(one: Found) -> dict[str, Any]:
    return {
        "id": one.finding.id, "check": one.finding.check, "remains": one.finding.remains, "shown-by": one.shown_by,
        "schedule": [{"label": label, "fate": words(fate)} for label, fate in one.schedule],
        "scenario": one.scenario, "options": one.options, "reproducer": one.reproducer,
    }  # fmt: skip

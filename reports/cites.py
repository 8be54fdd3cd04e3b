"""Findings of unrepaired runs: which fact below the engine each cites."""

from __future__ import annotations

from reports.played import Group, Played, grouped
from reports.text import plural, table, width

_NAMED = 2
NOTHING = "no repair explains it"


def cited(group: Group) -> bool:
    """Whether the finding cites a fact in each run that shows it."""
    return all((one.cites or {}).get(group.finding.id) for one in group.shown_by)


def uncited(every: list[Played]) -> list[Group]:
    """The findings that cite none, wherever they are shown without a fact."""
    return [group for group in grouped(every) if not cited(group)]


def cites_lines(every: list[Played], columns: int | None = None) -> list[str]:
    """A table of the findings with the repairs and facts, and a line of counts; nothing without a finding."""
    groups = grouped(every)
    if not groups:
        return []
    rows = [row for group in groups for row in _rows(group)]
    return ["", *table(("finding", "scenario", "repair", "fact"), rows, columns or width()), "", _counts(groups)]


def _rows(group: Group) -> list[tuple[str, ...]]:
    """A row for each set of facts that the finding cites."""
    sets: dict[tuple[tuple[str, str], ...], list[str]] = {}
    for one in group.shown_by:
        found = tuple((cite.repair, cite.fact) for cite in (one.cites or {}).get(group.finding.id, ()))
        sets.setdefault(found, []).append(one.result.scenario)
    rows: list[tuple[str, ...]] = []
    for found, names in sets.items():
        first, *rest = found or ((NOTHING, ""),)
        rows.append((group.finding.id, _names(names), *first))
        rows += [("", "", *one) for one in rest]
    return rows


def _names(names: list[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def _counts(groups: list[Group]) -> str:
    without = sum(not cited(group) for group in groups)
    if not without:
        return f"all {plural(len(groups), 'finding')} cite a fact below the engine"
    return f"{without} of {plural(len(groups), 'finding')} cite no fact below the engine"

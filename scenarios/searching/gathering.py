"""What the results of a search come to: totals, and each finding once, with the smallest schedule that shows it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from sim.exploring.matrix import Schedule, Trial
from sim.findings import Finding


class Smallest(NamedTuple):
    """A finding, the smallest schedule that shows it, and how many do."""

    finding: Finding
    schedule: Schedule
    shown_by: int


def smallest(trials: Iterable[Trial]) -> list[Smallest]:
    """Each finding once: of the schedules with the fewest deviations that show it, the first."""
    found: dict[str, Smallest] = {}
    for trial in trials:
        for finding in trial.findings:
            known = found.get(finding.id)
            if known is None or len(trial.schedule) < len(known.schedule):
                found[finding.id] = Smallest(finding, trial.schedule, known.shown_by + 1 if known else 1)
            else:
                found[finding.id] = known._replace(shown_by=known.shown_by + 1)
    return sorted(found.values(), key=lambda one: (len(one.schedule), one.finding.id))


def added(tables: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """Tables of numbers, added up; the largest number first."""
    total: dict[str, int] = {}
    for one in tables:
        for key, count in one.items():
            total[key] = total.get(key, 0) + count
    return dict(sorted(total.items(), key=lambda pair: (-pair[1], pair[0])))

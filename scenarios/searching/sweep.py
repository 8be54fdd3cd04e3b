"""A sweep: generated histories by number, each finding shrunk; what is played does not depend on who plays it when."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import inf
from time import monotonic
from typing import Any, NamedTuple

import msgspec

from scenarios.lanes import played
from scenarios.many import Terms
from scenarios.model import Scenario
from scenarios.results import Results, Unit
from scenarios.searching.corpus import GENERATION, Corpus, first_run
from scenarios.searching.swept import (
    MOST_SHRINKING,
    RUNS,
    Shrinking,
    Shrunk,
    Swept,
    Trial,
    play_swept,
    scenario_of,
    shrink_one,
)
from scenarios.shrinking.committing import named
from scenarios.writing import to_data

SHRUNK = "shrunk "
"""How the names of units begin that hold a finding that was made smaller."""

REACHES = 100
"""About how many runs it takes to make a finding smaller, before that is known."""

Job = Swept | Shrinking


def play_job(job: Job) -> list[Trial] | Shrunk:
    """One unit of work, as a worker process plays it."""
    return play_swept(job) if isinstance(job, Swept) else shrink_one(job)


def runs_of(came: list[Trial] | Shrunk) -> int:
    """How many runs it took; of what stayed as it was only the bound is known."""
    if isinstance(came, Shrunk):
        return MOST_SHRINKING if came.problem else came.runs
    return len(came)


class Seen(NamedTuple):
    """Where a finding was seen first: the unit, the run, its place among those of the run; what remained, in words."""

    unit: int
    seed: int
    place: int
    remains: str


class _UnitSummary(msgspec.Struct, rename="kebab", forbid_unknown_fields=True):
    """What is kept of a unit; only what was read from a file is held against it."""

    runs: int
    verdicts: dict[str, int]
    goes_on: bool
    found: list[tuple[int, dict[str, str]]]
    kept: list[tuple[list[str], dict[str, Any]]]


class _ShrunkSummary(msgspec.Struct, forbid_unknown_fields=True):
    """What is kept of a finding that was made smaller."""

    seed: int
    runs: int
    complete: bool
    remains: str
    before: dict[str, int]
    problem: str
    scenario: dict[str, Any]


class Sweep:
    """One sweep, in progress.

    Args:
        seed: the number of its first run.
        goes_on: whether another unit is to be played, by its number.
        ends: until when findings are made smaller (`time.monotonic`); what is cut short is not kept.
        keep: is given each finding with a scenario that shows it, as plain data: at once the first run's, then smaller.
    """

    def __init__(
        self,
        results: Results,
        terms: Terms,
        seed: int,
        goes_on: Callable[[int], bool],
        ends: float = inf,
        keep: Callable[[str, dict[str, Any]], None] = lambda finding, scenario: None,
    ) -> None:
        self.results = results
        self.terms = terms
        self.seed = seed
        self.goes_on = goes_on
        self.ends = ends
        self.keep = keep
        self.corpus = Corpus()
        self.units: dict[int, dict[str, Any]] = {}  # what is done, by number, in numbers
        self.first: dict[str, Seen] = {}  # finding -> the first run that shows it
        self.shown_by: dict[str, int] = {}  # finding -> how many runs show it
        self.shrunk: dict[str, dict[str, Any]] = {}  # finding -> what it was made
        self.out = 0  # units that are being played
        for name, summary in sorted(results.done().items()):
            self._take_up(name, summary)

    def _take_up(self, name: str, summary: dict[str, Any]) -> None:
        """Go on with what an earlier sweep has kept.

        Raises:
            InputError: it is of another shape.
        """
        try:
            msgspec.convert(summary, _ShrunkSummary if name.startswith(SHRUNK) else _UnitSummary)
        except msgspec.ValidationError as error:
            raise self.results.of_another_shape(error) from None
        if name.startswith(SHRUNK):
            self.shrunk[name.removeprefix(SHRUNK)] = summary
        else:
            self._know(int(name), summary)

    def _know(self, unit: int, summary: dict[str, Any]) -> None:
        """A unit is done: its findings are counted, its histories may be gone on from."""
        self.units[unit] = {key: value for key, value in summary.items() if key not in ("found", "kept")}
        self.corpus.add(unit, summary["kept"])
        for seed, shown in summary["found"]:
            for place, (finding, remains) in enumerate(shown.items()):
                seen = Seen(unit, seed, place, remains)
                self.first[finding] = min(self.first.get(finding, seen), seen)
                self.shown_by[finding] = self.shown_by.get(finding, 0) + 1

    # --- playing -------------------------------------------------------------------------------

    def play(self, jobs: int) -> Iterator[int]:
        """Play what is missing, and keep each unit as it comes; yields how many runs that was."""
        for job, came in played(play_job, self._work(), jobs, runs_of):
            if isinstance(job, Swept):
                self._take(job, came)  # type: ignore[arg-type]
                yield RUNS
            else:
                self._take_shrunk(job, came)  # type: ignore[arg-type]
                yield 0

    def _work(self) -> Iterator[tuple[Job, int] | None]:
        """Units in order; between generations the findings of those that have ended; None to wait."""
        unit, ended = 0, 0
        while self.goes_on(unit):
            if unit not in self.units:
                while not self.corpus.ready(unit):
                    yield None
                if ended < self.corpus.ended:
                    ended = self.corpus.ended
                    yield from self._shrinkings(ended * GENERATION)
                yield self._unit(unit), RUNS
                self.out += 1
            unit += 1
        while self.out:
            yield None
        yield from self._shrinkings()

    def _unit(self, unit: int) -> Swept:
        first = first_run(unit, self.seed)
        return Swept(unit, first, self.terms, self.corpus.known_for(unit, first))

    def _shrinkings(self, before: float = inf) -> Iterator[tuple[Job, int]]:
        """A job for each finding of the units before that one that nobody has made smaller yet."""
        for finding, seen in self.seen().items():
            if seen.unit < before and finding not in self.shrunk and monotonic() < self.ends:
                self.shrunk[finding] = {}
                yield Shrinking(self._unit(seen.unit), seen.seed, finding, seen.remains, self.ends), REACHES

    def _take(self, job: Swept, trials: list[Trial]) -> None:
        verdicts: dict[str, int] = {}
        for trial in trials:
            verdicts[trial.verdict] = verdicts.get(trial.verdict, 0) + 1
        summary = {
            "runs": len(trials),
            "verdicts": verdicts,
            "goes-on": job.known is not None,
            "found": [[trial.seed, trial.found] for trial in trials if trial.found],
            "kept": self.corpus.fresh(trials),
        }
        self.results.add(Unit(f"{job.unit:09}", summary, []))
        self._know(job.unit, summary)
        self.out -= 1
        for trial in trials:
            for finding in trial.found:
                if self.first[finding].seed == trial.seed and not self.shrunk.get(finding):
                    self.keep(finding, self._as_it_was(finding, trial.scenario))

    def _take_shrunk(self, job: Shrinking, came: Shrunk) -> None:
        summary = {
            "seed": job.seed,
            "runs": came.runs,
            "complete": came.complete,
            "remains": came.remains,
            "before": came.before,
            "problem": came.problem,
            "scenario": self._as_it_was(job.finding, came.scenario) if came.problem else to_data(came.scenario),
        }
        if not came.cut:
            self.results.add(Unit(f"{SHRUNK}{job.finding}", summary, []))
        self.shrunk[job.finding] = summary
        self.keep(job.finding, summary["scenario"])

    # --- what it came to -----------------------------------------------------------------------

    def seen(self) -> dict[str, Seen]:
        """Each finding with the first run that shows it, in the order of these."""
        return dict(sorted(self.first.items(), key=lambda one: one[1]))

    def shown(self, finding: str) -> dict[str, Any]:
        """The smallest scenario of it that there is, as plain data."""
        summary = self.shrunk.get(finding)
        if summary:
            return summary["scenario"]  # type: ignore[no-any-return]
        seen = self.first[finding]
        return self._as_it_was(finding, scenario_of(self._unit(seen.unit), seen.seed))

    def _as_it_was(self, finding: str, scenario: Scenario) -> dict[str, Any]:
        """A run's scenario under the name that it has when it is made smaller."""
        return to_data(named(scenario, finding, self.first[finding].remains))

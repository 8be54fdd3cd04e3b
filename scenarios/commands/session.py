"""The playing of some scenarios by `ovqsim run`, and what is printed of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from reports.played import Bug, Cited, Played, Under
from scenarios.many import Came, Failure, Task, Terms, play_many
from scenarios.model import Scenario
from scenarios.selection import Chosen
from sim.findings import Result
from sim.outcomes import HarnessError, InputError
from sim.reproducer import Reproducer


class Session:
    """The playing of some scenarios, and what is printed of it."""

    def __init__(self, chosen: list[Chosen], terms: Terms, reproducers: Path, jobs: int | None) -> None:
        self.chosen = chosen
        self.terms = terms
        self.reproducers = reproducers
        self.jobs = jobs
        self.played: list[Played] = []
        self.waiting: list[tuple[Played, Reproducer]] = []

    # --- playing -------------------------------------------------------------------------------

    def play(self) -> None:
        """Play them all; a line is printed as each result comes, in order."""
        from reports.progress import Bar

        longest = max(len(one.scenario.scenario) for one in self.chosen)
        tasks = [task for one in self.chosen for task in self._tasks(one.scenario)]
        came = play_many(tasks, self.jobs)
        with Bar(len(self.chosen), "playing") as bar:
            for one in self.chosen:
                self._take(one, came, longest)
                bar.advance()

    def _tasks(self, scenario: Scenario) -> list[Task]:
        """The scenario; that of a bug is played where the bug must be found, too."""
        own = [Task(scenario, self.terms)]
        if scenario.bug is None or self.terms != Terms():
            return own
        under = [self.terms.failing(one.design, one.defect) for one in scenario.fails_under]
        return own + [Task(scenario, terms) for terms in under]

    def _take(self, one: Chosen, every: Iterator[Came], longest: int) -> None:
        from reports.terminal import verdict_lines

        came = next(every)
        result = self._checked(came, one.path)
        played = Played(result, wanted=list(one.scenario.then.reached))
        self.played.append(played)
        if came.reproducer is not None:
            self.waiting.append((played, came.reproducer))
        rest = [self._checked(next(every), one.path) for _ in self._tasks(one.scenario)[1:]]
        played.bug = _bug(one.scenario, rest)
        click.echo("\n".join(verdict_lines(played, longest)))

    def _checked(self, came: Came, path: Path) -> Result:
        """The result, if it could be played."""
        if came.failure is not None:
            if not came.failure.harness:
                self.waiting.clear()
            raise failed(came.failure, path)
        assert came.result is not None
        return came.result

    # --- citing --------------------------------------------------------------------------------

    def cite(self) -> None:
        """Find of each finding which fact below the engine explains it."""
        from fakes.repairs import FACTS
        from scenarios.citing import Case, explained

        pairs = [(one, played) for one, played in zip(self.chosen, self.played, strict=True) if played.result.findings]
        cases = [
            Case(one.scenario, self.terms, [finding.id for finding in played.result.findings]) for one, played in pairs
        ]
        found = explained(cases, self._play_quietly)
        for (_, played), repairs in zip(pairs, found, strict=True):
            played.cites = {
                finding: [Cited(name, *FACTS[name]) for name in names] for finding, names in repairs.items()
            }

    def _play_quietly(self, tasks: Sequence[Task]) -> list[Came]:
        """What each came to, with a progress bar alone."""
        from reports.progress import Bar

        found: list[Came] = []
        with Bar(len(tasks), "looking for facts") as bar:
            for task, came in zip(tasks, play_many(tasks, self.jobs), strict=True):
                self._checked(came, Path(task.scenario.scenario))
                found.append(came)
                bar.advance()
        return found

    # --- what is left --------------------------------------------------------------------------

    def write_reproducers(self) -> None:
        """Write those of all that was found; only now, so that nothing is written when input is wrong."""
        from sim.reproducer import write

        for played, reproducer in self.waiting:
            path = self.reproducers / name_of(reproducer, self.terms.seed)
            played.reproducer = str(write(path, reproducer))
        self.waiting.clear()

    def conclude(self, seconds: float) -> None:
        """Print findings and summary."""
        from reports.cites import cites_lines
        from reports.terminal import findings_lines, summary_lines

        lines = findings_lines(self.played) + summary_lines(self.played, self._under(), seconds)
        if any(one.cites for one in self.played):
            lines += cites_lines(self.played)
        click.echo("\n".join(lines))

    def _under(self) -> str:
        """The terms in words."""
        design = self.terms.design + (f" with the defect {self.terms.defect}" if self.terms.defect else "")
        design += "" if self.terms.repaired else ", unrepaired"
        return design + (f", seed {self.terms.seed}" if self.terms.seed is not None else "")


def _bug(scenario: Scenario, results: list[Result]) -> Bug | None:
    """The bug of a scenario with the results where it must be found; None if it was not looked for."""
    if scenario.bug is None or not results:
        return None
    under = [
        Under(one.design or "reference", one.defect, one.finding, result)
        for one, result in zip(scenario.fails_under, results, strict=True)
    ]
    return Bug(scenario.bug.id, scenario.bug.reference, list(scenario.tags), under)


def failed(failure: Failure, path: Path) -> Exception:
    """The exception of a failure: the input's, or the harness's own."""
    if not failure.harness:
        return InputError(failure.text if failure.text.startswith(str(path)) else f"{path}: {failure.text}")
    error = HarnessError(failure.text)
    if failure.where:
        error.add_note(failure.where)
    return error


def name_of(reproducer: Reproducer, seed: int | None = None) -> str:
    """The name of a reproducer's file: the scenario, and under what it was played."""
    parts = [str(reproducer.scenario["scenario"]).replace("/", "--"), reproducer.design, reproducer.defect]
    parts += ["" if reproducer.repaired else "unrepaired", "" if seed is None else f"seed{seed}"]
    return ".".join(part for part in parts if part) + ".json"

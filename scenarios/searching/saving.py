"""What is kept of a sweep's findings: a scenario of each as a file, the smallest that there is, and its reproducer."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from scenarios.loader import from_data
from scenarios.many import Terms, reproducer_of
from scenarios.playing import play
from scenarios.searching.swept import MOST_EVENTS
from scenarios.yaml_writing import text_of
from sim.outcomes import InputError
from sim.reproducer import Reproducer, encode, read, replace, write


class Saved(NamedTuple):
    """Where both are."""

    scenario: str
    reproducer: str


class Saving:
    """Writes findings into a folder as they come, each in the place of what was written of it before.

    What cannot be written ends nothing: `problem` says so, once all else is told.
    """

    def __init__(self, folder: Path, terms: Terms) -> None:
        self.folder = folder
        self.terms = terms._replace(most_events=MOST_EVENTS)
        self.saved: dict[str, Saved] = {}
        self.problem = ""

    def keep(self, finding: str, scenario: dict[str, Any]) -> None:
        """Write the scenario, as plain data, and its reproducer, under the finding's id."""
        try:
            self.saved[finding] = self._written(finding, scenario)
        except InputError as error:
            self.problem = self.problem or str(error)

    def of(self, finding: str) -> Saved:
        """Where that one is; nowhere if it could not be written."""
        return self.saved.get(finding, Saved("", ""))

    def _written(self, finding: str, data: dict[str, Any]) -> Saved:
        scenario, terms = from_data(data, finding), self.terms
        run = play(scenario, terms.design, None, terms.defect, terms.repaired, most_events=terms.most_events)
        path = self.folder / f"{finding.replace('/', '--')}.yaml"
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            replace(path, text_of(scenario).encode())
            recorded = self._recorded(finding, path.with_suffix(".json"), reproducer_of(scenario, terms, run))
        except OSError as error:
            raise InputError(f"{path}: cannot be written ({error.strerror}); name another folder") from None
        return Saved(str(path), str(recorded))

    def _recorded(self, finding: str, path: Path, reproducer: Reproducer) -> Path:
        """Where the reproducer is: in the place of that of a larger scenario of the same run, if there is one."""
        former = self.of(finding).reproducer
        if not former and not _is_of(path, reproducer):
            return write(path, reproducer)
        replace(Path(former or path), encode(reproducer))
        return Path(former or path)


def _is_of(path: Path, reproducer: Reproducer) -> bool:
    try:
        return path.exists() and read(path).same_place(reproducer)
    except InputError:
        return False

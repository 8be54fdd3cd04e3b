"""What is kept of a sweep's findings: the smallest scenario of each as a file, and its reproducer."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from scenarios.loader import from_data
from scenarios.many import Terms, reproducer_of
from scenarios.playing import play
from scenarios.yaml_writing import text_of
from sim.outcomes import InputError
from sim.reproducer import replace, write


class Saved(NamedTuple):
    """Where both are, and how large the scenario is."""

    scenario: str
    reproducer: str


def save(folder: Path, finding: str, summary: dict[str, Any], terms: Terms) -> Saved:
    """Write them into the folder, under the finding's id.

    Raises:
        InputError: the folder cannot be written.
    """
    scenario = from_data(summary["scenario"], finding)
    path = folder / f"{finding.replace('/', '--')}.yaml"
    run = play(scenario, terms.design, None, terms.defect, terms.repaired)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        replace(path, text_of(scenario).encode())
    except OSError as error:
        raise InputError(f"{path}: cannot be written ({error.strerror}); name another folder") from None
    return Saved(str(path), str(write(path.with_suffix(".json"), reproducer_of(scenario, terms, run))))

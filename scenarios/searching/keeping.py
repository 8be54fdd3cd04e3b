"""What is kept of a finding: its smallest schedule as a scenario file, and as a reproducer."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import NamedTuple

from scenarios.many import Terms, reproducer_of
from scenarios.model import Scenario
from scenarios.playing import decisions_of
from scenarios.searching.gathering import Smallest
from scenarios.searching.jobs import prepared
from scenarios.searching.stating import stated
from scenarios.shrinking import case as shrinking
from scenarios.shrinking import committing
from scenarios.yaml_writing import text_of
from sim.decisions.replay import Replay
from sim.outcomes import InputError
from sim.reproducer import replace, write
from sim.run import run


class Kept(NamedTuple):
    """Where both are; `scenario` is "" if the schedule has no words, or they do not bring the same finding."""

    scenario: str
    reproducer: str


def keep(folder: Path, scenario: Scenario, terms: Terms, found: Smallest) -> Kept:
    """Write them below the folder, in one for the scenario and the terms, under the finding's id.

    Raises:
        InputError: the folder cannot be written.
    """
    name = found.finding.id.replace("/", "--")
    place = folder / ".".join([scenario.scenario.replace("/", "--"), *terms.words()])
    shown = run(prepared(scenario, terms), Replay(list(found.schedule)))
    recorded = write(place / f"{name}.json", reproducer_of(scenario, terms.searched(), shown))
    file = in_words(scenario, terms, found)
    if file is None:
        return Kept("", str(recorded))
    path = place / f"{name}.yaml"
    try:
        replace(path, text_of(file).encode())
    except OSError as error:
        raise InputError(f"{path}: cannot be written ({error.strerror}); name another folder") from None
    return Kept(str(path), str(recorded))


def in_words(scenario: Scenario, terms: Terms, found: Smallest) -> Scenario | None:
    """The scenario that states the schedule, if playing it shows the same finding."""
    said = stated(scenario, terms.design, found.schedule, partial(run, prepared(scenario, terms)))
    if said is None:
        return None
    again = run(prepared(said, terms), decisions_of(said)).result
    if found.finding.id not in [one.id for one in again.findings]:
        return None
    shown = shrinking.Terms(found.finding.id, terms.design, terms.defect, terms.repaired)
    return committing.stated(said, shown, found.finding.remains)

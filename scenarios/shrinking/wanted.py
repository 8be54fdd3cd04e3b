"""What `ovqsim shrink` is given: a scenario file that fails, or a reproducer; and which finding is to remain."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import msgspec

from scenarios.deciding import Recorded
from scenarios.loader import from_data, load
from scenarios.model import FaultModel, Scenario, StateModel
from scenarios.playing import decisions_of, play
from scenarios.searching.victims import with_leases
from scenarios.shrinking.case import NEVER_STRUCK, Terms, ids_of, scripted_fault
from scenarios.stating import faults_in_words
from sim.exploring.points import Noting
from sim.fates import Fate
from sim.outcomes import InputError
from sim.reproducer import Reproducer, read


class Wanted(NamedTuple):
    """A scenario, and under what it shows which findings."""

    scenario: Scenario
    terms: Terms
    findings: list[str]


def wanted(path: Path, design: str | None, defect: str | None) -> Wanted:
    """What the file holds, played.

    Raises:
        InputError: it is neither, or something else is asked for than a reproducer was recorded under.
    """
    if path.suffix == ".json":
        return _recorded(path, design, defect)
    scenario = load(path)
    terms = Terms("", design or "reference", defect or "")
    return Wanted(scenario, terms, _found(scenario, terms))


def _found(scenario: Scenario, terms: Terms) -> list[str]:
    result = play(scenario, terms.design, None, terms.defect, terms.repaired).result
    return sorted(ids_of(result), key=lambda one: one.startswith((NEVER_STRUCK, "then-")))


# --- reproducers --------------------------------------------------------------------------------


def _recorded(path: Path, design: str | None, defect: str | None) -> Wanted:
    recorded = read(path)
    for option, asked, there in (("--design", design, recorded.design), ("--defect", defect, recorded.defect)):
        if asked is not None and asked != there:
            raise InputError(f"{path}: was recorded under {there or 'no defect'}; leave out {option}")
    scenario = stated(recorded, str(path))
    terms = Terms("", recorded.design, recorded.defect, recorded.repaired)
    return Wanted(scenario, terms, _found(scenario, terms))


def stated(recorded: Reproducer, name: str) -> Scenario:
    """The scenario of a reproducer, with the faults of its schedule in words.

    Raises:
        InputError: one of them has no words.
    """
    scenario = from_data(recorded.scenario, name)
    own = play(scenario, recorded.design, decisions_of(scenario), recorded.defect, recorded.repaired).result
    if own.struck == recorded.decisions():
        return scenario
    noting = Noting(Recorded(recorded.decisions(), recorded.missed))
    bare = with_leases(scenario, recorded.design)
    play(bare, recorded.design, noting, recorded.defect, recorded.repaired)
    deviations = recorded.decisions()
    faults: list[FaultModel] = []
    for (label, fate), said in zip(deviations, faults_in_words(bare, noting.points, deviations), strict=True):
        own = said or _of_a_state(fate, scenario, faults)
        if own is None:
            raise InputError(
                f"{name}: {fate.describe()} at {label} has no words in a scenario; it can only be replayed"
            )
        faults.append(own)
    return msgspec.structs.replace(bare, faults=faults)


def _of_a_state(fate: Fate, scenario: Scenario, before: list[FaultModel]) -> FaultModel | None:
    """The next of the scenario's own faults that strikes so at a row's state."""
    states = (one for one in scenario.faults if isinstance(one.at, StateModel) and one not in before)
    return next((one for one in states if _strikes(one, fate)), None)


def _strikes(own: FaultModel, fate: Fate) -> bool:
    """Whether it is that fault of a row's state which struck."""
    return msgspec.structs.replace(scripted_fault(own).fate, moment="after") == fate

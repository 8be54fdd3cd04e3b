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
from scenarios.stating import Speaker, Words, fault_of
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
    said = Speaker(bare).words(noting.points)
    words = {point.label: one for point, one in zip(noting.points, said, strict=True) if one is not None}
    faults: list[FaultModel] = []
    for label, fate in recorded.decisions():
        faults.append(_fault(label, fate, words, faults, scenario, name))
    return msgspec.structs.replace(bare, faults=faults)


def _fault(
    label: str, fate: Fate, words: dict[str, Words], before: list[FaultModel], scenario: Scenario, name: str
) -> FaultModel:
    """One fault; a point at which one before it strikes is none of its own, and a row's state is the scenario's."""
    if label in words:
        said = words[label]
        same = sum(one.at == said.trigger for one in before)
        return fault_of(said._replace(nth=said.nth - same), fate)
    for own in scenario.faults:
        if isinstance(own.at, StateModel) and own not in before and _strikes(own, fate):
            return own
    raise InputError(f"{name}: {fate.describe()} at {label} has no words in a scenario; it can only be replayed")


def _strikes(own: FaultModel, fate: Fate) -> bool:
    """Whether it is that fault of a row's state which struck."""
    return msgspec.structs.replace(scripted_fault(own).fate, moment="after") == fate

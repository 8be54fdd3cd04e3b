"""Draws faults, all up front, over the points and the rows' states that the history came to without them.

What is drawn is data: the words of a trigger or a row's state, the how manieth of these, a fate.  A second fault may
lie behind what the first prevents; then it never strikes, and `played` drops it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from scenarios.generators.draw import Draw
from scenarios.generators.states import States, at_state, spared, states
from scenarios.model import FaultModel, Scenario, StateModel, StepModel
from scenarios.names import Names
from scenarios.stating import Speaker, Words, fault_of
from scenarios.verbs.power import HostConfirmRebooted
from sim.clock import MINUTE, SECOND
from sim.exploring.alternatives import Victims, alternatives
from sim.exploring.entered import NotingStates
from sim.exploring.holds import HELD, root
from sim.exploring.points import Point
from sim.fates import MACHINE, Fate

MOST = 3
"""Faults in one history."""

SOON = 20 * SECOND
"""How long after a request come those until which it may be held; most rounds come in that time."""

STATES_ONE_IN = 8
"""Once in so many times a fault waits for a row's state."""

COUNTS = (1, 1, 1, 2, 2, MOST)
BACK_AFTER = (5 * SECOND, SECOND, 30 * SECOND, 2 * MINUTE, 10 * MINUTE, 0)
"""When what befell a machine is over; 0 is at the calm."""


CONFIRMS = HostConfirmRebooted.word

Kinds = dict[str, list[tuple[Point, Words]]]


class Chances(NamedTuple):
    """What a history came to at which something can go wrong: its points by kind, its rows' states; and for whom."""

    kinds: Kinds
    states: States
    victims: Victims


def chances(scenario: Scenario, noted: NotingStates, victims: Victims) -> Chances:
    """What can be said of what was noted."""
    return Chances(_by_kind(scenario, noted.points), states(scenario, noted, victims), victims)


def with_faults(draw: Draw, scenario: Scenario, chances: Chances) -> Scenario:
    """The scenario with some of these faults, beside its own; as it is if there are none.

    So is one that confirms a reboot: with another fault that might be a lie.
    """
    if not chances.kinds or any(step.verb == CONFIRMS for step in scenario.when):
        return scenario
    drawn: list[FaultModel] = []
    for _ in range(draw.choice("faults", COUNTS)):
        fault = _fault(draw, chances)
        if fault is not None and fault not in drawn:
            drawn.append(fault)
    faulted = msgspec.structs.replace(scenario, faults=[*scenario.faults, *drawn])
    return faulted if scenario.faults else _confirmed(draw, faulted)


def _fault(draw: Draw, chances: Chances) -> FaultModel | None:
    """One fault; None if nothing can befall what was drawn."""
    if chances.states.kinds and draw.coin("at a row's state", STATES_ONE_IN):
        state, fate = at_state(draw, chances.states)
        return fault_of(*state, _varied(draw, fate))
    return _at_point(draw, chances.kinds, chances.victims)


def _by_kind(scenario: Scenario, points: Sequence[Point]) -> Kinds:
    """The points that have words, by what happens there.

    A poll comes a thousand times, and is drawn no oftener than what comes once.
    """
    found: Kinds = {}
    for point, said in zip(points, Speaker(scenario).words(points), strict=True):
        if said is not None:
            found.setdefault(kind_of(point), []).append((point, said))
    return found


def kind_of(point: Point) -> str:
    """What happens there, without names: who is asked what, or who writes."""
    program, verb = point.to.process.partition("-")[0], point.trigger.partition("] ")[2].split()
    return f"{point.kind} {program} {verb[0] if point.kind != 'commit' else verb[-1]}"


def _at_point(draw: Draw, kinds: Kinds, victims: Victims) -> FaultModel | None:
    """One fault at a point; None if nothing can befall it."""
    point, words = draw.choice("point", kinds[draw.choice("kind of point", list(kinds))])
    fates = [one.fate for one in alternatives(point, victims) if not one.skipped and not spared(one.fate)]
    awaited = _awaited(point, kinds)
    if awaited:
        fates.append(Fate(HELD))
    if not fates:
        return None
    fate = draw.choice("fate", fates)
    if fate.name == HELD:
        fate = Fate(HELD, until=draw.choice("until", awaited))
    if fate.name in MACHINE:
        fate = _varied(draw, fate)
    lasts = draw.choice("for", ("0s",) * 7 + ("90s",)) if fate.name in ("refused", "error-before", "lost") else "0s"
    return msgspec.structs.replace(fault_of(*words, fate), for_=lasts)


def _awaited(point: Point, kinds: Kinds) -> list[str]:
    """Until which requests this one can be held: those of another command or round that follow it soon, in words."""
    if point.kind != "request" or point.link is None or HELD not in point.link.fates:
        return []
    others = (one for kind, found in kinds.items() if kind.startswith("request ") for one in found)
    mine, last = root(point.label), point.time + SOON
    return [
        said.trigger
        for other, said in others
        if point.time <= other.time <= last and root(other.label) != mine and said.trigger != point.trigger
    ]


def _varied(draw: Draw, fate: Fate) -> Fate:
    delay = draw.choice("delay", (0, 0, 0, SECOND, 20 * SECOND))
    return msgspec.structs.replace(fate, back_after=draw.choice("back after", BACK_AFTER), delay=delay)


# --- a confirmed reboot -------------------------------------------------------------------------


def without_power(scenario: Scenario) -> str:
    """The host that has lost its power until the calm, if that is all that is wrong; "" if it is not."""
    lost = [one for one in scenario.faults if one.fate == "power-loss" and not one.back_after and not one.standing]
    hosts = Names(scenario.topology).by_kind["host"]
    return lost[0].node if len(scenario.faults) == 1 and lost and lost[0].node in hosts else ""


def _confirmed(draw: Draw, scenario: Scenario) -> Scenario:
    """If all that is wrong is a host without power, an administrator may say so: of any other it would be a lie."""
    host = without_power(scenario)
    if not host or not draw.coin("confirmed"):
        return scenario
    silent = StateModel("hosts", {"id": host, "status": "NonResponsive"})
    step = StepModel(CONFIRMS, HostConfirmRebooted(host), until=silent)
    return msgspec.structs.replace(scenario, when=[*scenario.when, step])

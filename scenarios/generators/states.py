"""Draws faults that wait for a row's state: there only machines are struck, as what brought it there goes on.

What is written durably is a point too; but what a process remembers, and what the world itself does to a row, is none.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from scenarios.generators.draw import Draw
from scenarios.model import Scenario, StateModel
from scenarios.names import POWER
from scenarios.searching.features import is_word
from scenarios.stating import Speaker
from sim.exploring.alternatives import PASSING, Victims
from sim.exploring.entered import Entered, NotingStates
from sim.exploring.points import Place
from sim.fates import Fate


class Stated(NamedTuple):
    """A row's state as a fault names it, and the how manieth change that brings a row there is meant."""

    state: StateModel
    nth: int


class States(NamedTuple):
    """By kind, the states that rows came into; and by node, what can befall the machine."""

    kinds: dict[str, list[Stated]]
    fates: dict[str, list[Fate]]


def states(scenario: Scenario, noted: NotingStates, victims: Victims) -> States:
    """The states that a scenario can name, on nodes that something can befall.

    One into which rows come a thousand times is drawn no oftener than one that comes once.  A value that names a thing
    is none of them: its history may lose that.
    """
    fates = _fates(noted, victims)
    speaker = Speaker(scenario)
    kinds: dict[str, list[Stated]] = {}
    for one in noted.entered:
        state = StateModel(one.schema, {one.column: one.value}, one.node)
        if fates.get(one.node) and is_word(one.value) and speaker.takes(state):
            kinds.setdefault(kind_of(one), []).append(Stated(state, one.nth))
    return States(kinds, fates)


def kind_of(one: Entered) -> str:
    """What has come to be, whatever the node."""
    return f"{one.schema} {one.column} {one.value}"


def at_state(draw: Draw, states: States) -> tuple[Stated, Fate]:
    """A state, and what befalls the machine whose row it is."""
    stated = draw.choice("state", states.kinds[draw.choice("kind of state", list(states.kinds))])
    return stated, draw.choice("fate at a state", states.fates[stated.state.node])


def spared(fate: Fate) -> bool:
    """The fence device keeps its power (docs/facts/README.md): its scripts have no time-out that would end them."""
    return fate.name == "power-loss" and fate.node == POWER


# --- what can befall a machine -------------------------------------------------------------------


def _fates(noted: NotingStates, victims: Victims) -> dict[str, list[Fate]]:
    """By node: the deaths of the processes that were asked or did something there, its power, its links."""
    places = list(dict.fromkeys(place for point in noted.points for place in (point.to, point.by)))
    nodes = [node for node in dict.fromkeys(place.node for place in places) if victims.node(node)]
    mortal = [place for place in places if victims.process(place)]
    return {node: [fate for fate in _of_node(node, nodes, mortal) if not spared(fate)] for node in nodes}


def _of_node(node: str, nodes: list[str], mortal: list[Place]) -> Iterator[Fate]:
    for place in mortal:
        if place.node == node:
            yield _lasting(Fate("crash", process=place.process, node=node))
    yield _lasting(Fate("power-loss", node=node))
    for other in nodes:
        if other != node:
            first, second = sorted((node, other))
            yield _lasting(Fate("partition", between=(first, second)))


def _lasting(fate: Fate) -> Fate:
    return msgspec.structs.replace(fate, back_after=PASSING[fate.name])

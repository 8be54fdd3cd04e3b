"""Draws whole histories: from nothing, or going on from one that is known; and their faults."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import takewhile
from typing import NamedTuple

import msgspec

from scenarios.generators import steps, topologies
from scenarios.generators.draw import Draw
from scenarios.generators.faults import CONFIRMS, Chances, chances, with_faults, without_power
from scenarios.generators.state import State
from scenarios.model import FaultModel, Scenario, StepModel
from scenarios.playing import decisions_of, play
from scenarios.searching.features import columns
from scenarios.searching.victims import victims, with_leases
from scenarios.stating import Speaker
from sim.decisions import Decisions
from sim.exploring.entered import NotingStates
from sim.run import Run

LONGEST = 16
"""Steps of a history that is drawn from nothing."""

GROWTH = 6
"""Steps by which one is drawn that goes on from another."""

NAME = "generated"
ABOUT = "A generated history: steps that make sense, and faults at points that it comes to."


def history(draw: Draw) -> Scenario:
    """A world and what happens in it, without faults."""
    topology = topologies.topology(draw)
    state = State(topology)
    given = steps.given(draw, state)
    when = steps.when(draw, state, 1, LONGEST)
    return Scenario(NAME, ABOUT, topology, when, given) if when else history(draw)


def grown(draw: Draw, known: Scenario) -> Scenario:
    """A history that begins as the known one, faults included, leaves it somewhere and goes on."""
    kept = known.when[: draw.number("steps that are kept", 1, len(known.when))]
    if not draw.coin("the known faults"):
        known = msgspec.structs.replace(known, faults=[])
    kept = _without_lies(kept, without_power(known))
    state = State(known.topology, [*known.given, *kept])
    more = steps.when(draw, state, 1, GROWTH)
    one = msgspec.structs.replace(known, when=[*kept, *more])
    return msgspec.structs.replace(one, faults=_that_can_be_said(one, known.faults))


def _without_lies(kept: Sequence[StepModel], dark: str) -> list[StepModel]:
    """The steps up to one that confirms the reboot of another host than the one without power."""
    return list(takewhile(lambda step: step.verb != CONFIRMS or step.args.host == dark, kept))


def _that_can_be_said(one: Scenario, faults: Sequence[FaultModel]) -> list[FaultModel]:
    """Those that name only what is there: a VM or a network of a step that was left out is not."""
    speaker = Speaker(one)
    processes = ("", *speaker.names.processes())
    said = [each for each in faults if speaker.takes(each.at) and each.process in processes]
    return [each for each in said if not each.until or speaker.takes(each.until)]


Playing = Callable[[Scenario, Decisions], Run]
"""Plays a scenario with these decisions."""


class Recording(NamedTuple):
    """A history, played under a design, with what it came to at which something can go wrong."""

    scenario: Scenario
    run: Run
    chances: Chances


def record(
    scenario: Scenario, design: str, defect: str = "", repaired: bool = True, playing: Playing | None = None
) -> Recording:
    """Play it and note its points and its rows' states; what holds leases is stated if the design has them."""
    scenario = with_leases(scenario, design)
    noting = NotingStates(decisions_of(scenario), columns)
    run = playing(scenario, noting) if playing is not None else play(scenario, design, noting, defect, repaired)
    return Recording(scenario, run, chances(scenario, noting, victims(scenario, design)))


def faulted(draw: Draw, recording: Recording) -> Scenario:
    """The recorded history with faults drawn over its points and its rows' states."""
    return with_faults(draw, recording.scenario, recording.chances)

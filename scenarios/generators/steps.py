"""Draws steps that make sense one after the other, some of them together."""

from __future__ import annotations

import msgspec

from scenarios.generators.draw import Draw
from scenarios.generators.moves import WORDS, new_vms, sensible
from scenarios.generators.state import State
from scenarios.model import StepModel
from scenarios.verbs.base import Verb
from scenarios.verbs.vm import VmCancelMigration

OFTEN = {
    "vm.start": 6, "vm.migrate": 8, "vm.stop": 4, "vnic.add": 4, "vnic.plug": 4, "vnic.unplug": 4, "vnic.remove": 2,
    "vm.remove": 2, "host.maintenance": 2, "host.activate": 3, "host.move": 2, "host.power-off": 2, "host.power-on": 3,
}  # fmt: skip
"""Verbs that are drawn more often than once."""


def given(draw: Draw, state: State) -> list[StepModel]:
    """VMs that run before the history begins."""
    steps: list[StepModel] = []
    for _ in range(draw.number("VMs given", 0, 2)):
        options = [verb for verb in new_vms(state) if not getattr(verb, "ha", False)]
        if options:
            steps.append(_taken(state, draw.choice("a VM given", options)))
    return steps


def when(draw: Draw, state: State, least: int, most: int) -> list[StepModel]:
    """The history, from the state that is given."""
    steps: list[StepModel] = []
    for _ in range(draw.number("steps", least, most)):
        steps += _next(draw, state)
    return steps


def _next(draw: Draw, state: State) -> list[StepModel]:
    """One step, or two together; none if nothing makes sense."""
    first = _verb(draw, state)
    if first is None:
        return []
    second = _beside(draw, first, state) if draw.coin("together", 6) else None
    step = msgspec.structs.replace(_taken(state, first), wait=draw.coin("at rest", 8))
    if second is None:
        return [step]
    return [step, msgspec.structs.replace(_taken(state, second), together=True)]


def _verb(draw: Draw, state: State) -> Verb | None:
    """A verb that makes sense, with arguments that do; None if none does."""
    words = [word for word in WORDS for _ in range(OFTEN.get(word, 1))]
    while words:
        word = draw.choice("verb", words)
        options = sensible(state, word)
        if options:
            return draw.choice(word, options)
        words = [other for other in words if other != word]
    return None


def _beside(draw: Draw, first: Verb, state: State) -> Verb | None:
    """What runs together with it: of a migration often its cancel, else whatever makes sense before either."""
    if first.word == "vm.migrate" and draw.coin("cancelled"):
        return VmCancelMigration(first.subject)
    second = _verb(draw, state)
    two_leave = second is not None and first.word == second.word == "host.maintenance"  # each makes sense alone
    return second if second != first and not two_leave else None


def _taken(state: State, verb: Verb) -> StepModel:
    step = StepModel(verb.word, verb)
    state.take(step)
    return step

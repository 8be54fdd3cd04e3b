"""A state machine of Hypothesis over the verbs: each rule adds a step that makes sense, and the end is judged.

It needs Hypothesis, which only tests have.  Nothing is played while steps are drawn: one run judges the whole.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from fakes.topology import Topology
from scenarios.generators.moves import WORDS, sensible
from scenarios.generators.state import State
from scenarios.generators.strategies import show, topologies
from scenarios.model import Scenario, StepModel
from scenarios.playing import play
from scenarios.searching.swept import found_in


class Verbs(RuleBasedStateMachine):
    """Steps, one after the other; under which design and defect they are played is a subclass's to say."""

    design = "reference"
    defect = ""

    def __init__(self) -> None:
        super().__init__()
        self.topology = Topology()
        self.state = State(self.topology)
        self.steps: list[StepModel] = []

    @initialize(topology=topologies())
    def begin(self, topology: Topology) -> None:
        """A world."""
        self.topology, self.state = topology, State(topology)

    def add(self, data: Any, word: str) -> None:
        """A step with that verb, sometimes together with the one before."""
        options = sensible(self.state, word)
        verb = options[data.draw(st.integers(0, len(options) - 1), label=word)]
        together = bool(self.steps) and data.draw(st.integers(0, 5), label="together") == 5
        step = StepModel(verb.word, verb, together=together)
        self.state.take(step)
        self.steps.append(step)

    def teardown(self) -> None:
        """Play and judge."""
        if self.steps:
            scenario = Scenario("generated", "A history of a state machine.", self.topology, self.steps)
            found = found_in(play(scenario, self.design, None, self.defect).result)
            if found:
                show(scenario)
            assert found == {}


def _rule(word: str) -> Any:
    @rule(data=st.data())
    @precondition(lambda self: bool(sensible(self.state, word)))
    def add(self: Verbs, data: Any) -> None:
        self.add(data, word)

    return add


for _word in WORDS:
    setattr(Verbs, _word.replace(".", "_").replace("-", "_"), _rule(_word))

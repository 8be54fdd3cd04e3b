"""The same generator under Hypothesis: whole scenarios as strategies, for tests of this and of other projects.

It needs Hypothesis, which only tests have.  Everything is drawn up front, over points recorded so far: to draw at each
point of a run would be slow, and what failed would not become small.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import note
from hypothesis import strategies as st

from scenarios.generators import histories
from scenarios.generators.draw import Draw
from scenarios.generators.topologies import topology
from scenarios.model import Scenario
from scenarios.yaml_writing import text_of


class Strategic(Draw):
    """Draws from Hypothesis."""

    def __init__(self, draw: Callable[..., Any]) -> None:
        self.draw = draw

    def number(self, label: str, low: int, high: int) -> int:
        """As `Draw`; Hypothesis goes towards `low`."""
        return int(self.draw(st.integers(low, high)))


@st.composite
def topologies(draw: Callable[..., Any]) -> Any:
    """Worlds."""
    return topology(Strategic(draw))


@st.composite
def peaceful(draw: Callable[..., Any]) -> Scenario:
    """Histories without faults."""
    return histories.history(Strategic(draw))


@st.composite
def scenarios(draw: Callable[..., Any], design: str = "reference", defect: str = "") -> Scenario:
    """Histories with faults, drawn over the points to which they come under the design without any."""
    recording = histories.record(draw(peaceful()), design, defect)
    return histories.faulted(Strategic(draw), recording)


def show(scenario: Scenario) -> None:
    """Tell the scenario as the text of a file, ready to save, if the example fails."""
    note(f"\n{text_of(scenario)}")

"""The points of a scenario's run at which a fault can strike, as far as a trigger may name them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scenarios.names import Names
from scenarios.programs import QEMU
from sim.exploring.points import Noting, Point

if TYPE_CHECKING:
    from scenarios.model import Scenario


def points_of(scenario: Scenario, design: str) -> list[Point]:
    """The points that a scenario comes to under a design, in order.

    Raises:
        InputError: a stated fault cannot strike.
    """
    from scenarios.playing import decisions_of, play

    noting = Noting(decisions_of(scenario))
    play(scenario, design, noting)
    known = Names(scenario.topology).processes()
    return [one for one in noting.points if one.to.process in known or one.to.process.startswith(QEMU)]

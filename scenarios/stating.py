"""A fate at a point, as a scenario states it: in words that the loader takes, and the how manieth point of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec

from scenarios.model import FaultModel, Scenario, StateModel
from scenarios.names import Names
from scenarios.reading_triggers import read_state, read_trigger
from scenarios.tree import from_plain
from scenarios.verbs.base import Verb
from sim.exploring.points import Point
from sim.fates import MACHINE, Fate
from sim.outcomes import InputError

_UNITS = (("s", 1_000_000), ("ms", 1_000), ("us", 1))


class Words(NamedTuple):
    """A trigger, and which of its points is meant."""

    trigger: str
    nth: int


def fault_of(at: str | StateModel, nth: int, fate: Fate) -> FaultModel:
    """The fault that strikes with this fate at the how manieth point of these words, or of this row's state."""
    passing = fate.name in MACHINE and fate.back_after > 0
    return FaultModel(
        at=at,
        fate=fate.name,
        node=fate.node,
        process=fate.process,
        between=fate.between if any(fate.between) else None,
        how="cut" if fate.how == "cut" else "silence",
        code=fate.code,
        until=fate.until,
        delay=written(fate.delay),
        back_after=written(fate.back_after) if passing else "",
        nth=nth,
        moment="after" if fate.moment == "after" else "before",
        standing=fate.back_after < 0,
    )


def written(microseconds: int) -> str:
    """A duration as it is written in a scenario, such as ``60s``."""
    unit, size = next(pair for pair in _UNITS if microseconds % pair[1] == 0)
    return f"{microseconds // size}{unit}"


class Speaker:
    """Puts points of a scenario's run into words.

    A request about something that has no name in a scenario, such as a tap, is meant by its number among all that
    its process was asked with that verb.  A process that the scenario's world does not state has no words.
    """

    def __init__(self, scenario: Scenario) -> None:
        self.names = names_of(scenario)
        self.known: dict[str, bool] = {}

    def words(self, points: Sequence[Point]) -> list[Words | None]:
        """The words of each of the points, which are all of a run, in order; None where there are none."""
        counted: dict[str, int] = {}
        found: list[Words | None] = []
        for point in points:
            wide = _wide(point)
            counted[wide] = counted.get(wide, 0) + 1
            ways = (Words(point.trigger, point.nth), Words(wide, counted[wide]))
            found.append(next((one for one in ways if self.takes(one.trigger)), None))
        return found

    def takes(self, at: str | StateModel) -> bool:
        """Whether the loader takes the words, or the row's state."""
        known = at if isinstance(at, str) else repr(at)
        if known not in self.known:
            self.known[known] = self._reads(at)
        return self.known[known]

    def _reads(self, at: str | StateModel) -> bool:
        read = read_trigger if isinstance(at, str) else read_state
        try:
            read(from_plain(msgspec.to_builtins(at), ""), self.names)
        except InputError:
            return False
        return True


def faults_in_words(
    scenario: Scenario, points: Sequence[Point], deviations: Iterable[tuple[str, Fate]]
) -> list[FaultModel | None]:
    """The faults that strike so at points of a run, named by label, in order; None for each that has no words.

    Of the points that are meant by the same words, one at which an earlier fault strikes is that one's.
    """
    words = {point.label: said for point, said in zip(points, Speaker(scenario).words(points), strict=True)}
    faults: list[FaultModel | None] = []
    for label, fate in deviations:
        said = words.get(label)
        if said is not None:
            earlier = sum(one is not None and one.at == said.trigger for one in faults)
            said = said._replace(nth=said.nth - earlier)
        faults.append(said and fault_of(*said, fate))
    return faults


def _wide(point: Point) -> str:
    """The words for any request with the point's verb to its process; of a write, for any write."""
    place, _, rest = point.trigger.partition("] ")
    reply = " reply" if point.kind == "reply" else ""
    return f"{place}] {rest.split()[0]} *{reply}"


def names_of(scenario: Scenario) -> Names:
    """The names of the scenario's world, and of what its steps make."""
    names = Names(scenario.topology)
    place = from_plain("", "")
    for step in [*scenario.given, *scenario.when]:
        verb: Verb = step.args
        vm = getattr(verb, "vm", "")
        for nic in getattr(verb, "nics", {}):
            names.make("nic", nic, place, vm)
        for name, kind in verb.makes.items():
            names.make(kind, getattr(verb, name), place, vm)
    return names

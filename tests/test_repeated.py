"""A play that is repeated gives what it gives when it is run whole, whatever was played with it before."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from types import CellType, FunctionType, MethodType, ModuleType
from typing import Any

import msgspec
import pytest

from scenarios.flow import flow, names
from scenarios.loader import load_text
from scenarios.many import Terms
from scenarios.playing import decisions_of, make_play
from scenarios.searching.jobs import prepared
from scenarios.searching.victims import victims
from scenarios.selection import select
from sim.checks import Check
from sim.decisions import Decisions
from sim.decisions.replay import Replay
from sim.exploring.matrix import Budget, Recorded, record
from sim.exploring.points import Noting
from sim.outcomes import HarnessError
from sim.repeated import Repeated
from sim.run import Play, Run, run
from sim.tables import Schema
from sim.trace import Trace

SAMPLE = 12
"""Of each flow so many single faults are played, and as many pairs."""


def recorded(name: str) -> tuple[Play, Recorded]:
    """A flow's play, and what can befall it; both by runs of the whole."""
    play = prepared(flow(name), Terms())
    return play, record(lambda decisions: run(play, decisions), (), victims(flow(name), "reference"), Budget(1))


def told(played: Run) -> Any:
    """All that a run tells: its result, each event, each row."""
    return played.result, played.trace.events, played.snapshot


# --- the same as the whole ------------------------------------------------------------------------


@pytest.mark.parametrize("name", names())
def test_single_faults_and_pairs_come_to_the_same_in_any_order(name: str) -> None:
    play, found = recorded(name)
    repeated, random = Repeated(play), Random(name)
    singles = random.sample(found.further(), SAMPLE)
    schedules = [(one,) for one in singles] + [_pair(play, name, one, random) for one in singles] + [()]
    random.shuffle(schedules)
    for schedule in schedules:
        again, whole = (call(Replay(list(schedule))) for call in (repeated.run, lambda one: run(play, one)))
        assert told(again) == told(whole), schedule
    assert repeated.rest is not None
    repeated.close()


def _pair(play: Play, name: str, first: Any, random: Random) -> Any:
    further = record(lambda one: run(play, one), (first,), victims(flow(name), "reference"), Budget(2)).further()
    return (first, random.choice(further)) if further else (first,)


@pytest.mark.parametrize("name", names())
def test_the_same_points_are_noted(name: str) -> None:
    play, found = recorded(name)
    repeated = Repeated(play)
    for first in [(), *((one,) for one in found.further()[::97])]:
        noted = [Noting(Replay(list(first))) for _ in range(2)]
        repeated.run(noted[0])
        run(play, noted[1])
        assert noted[0].points == noted[1].points
        assert noted[0].between.struck == noted[1].between.struck
    repeated.close()


@pytest.mark.parametrize(("design", "each"), [("reference", 6), ("proposed", 25)])
def test_scenarios_of_the_library_come_to_the_same_twice(design: str, each: int) -> None:
    for scenario in [file.scenario for file in select([], [])][::each]:
        if scenario.inapplicable(design):
            continue
        play = make_play(scenario, design)
        whole, repeated = told(run(play, decisions_of(scenario))), Repeated(play)
        assert [told(repeated.run(decisions_of(scenario))) for _ in range(2)] == [whole, whole], scenario.scenario
        repeated.close()


# --- everything is put back ------------------------------------------------------------------------

LEAVES = (str, bytes, int, float, type(None), type, ModuleType, Check, Schema, Decisions, Trace, Play)
"""What never changes, or is another in each run."""


class Walk:
    """Everything that hangs on an object, in the order in which it is met; a thing that is met again by its number."""

    def __init__(self, root: Any) -> None:
        self.seen: dict[int, int] = {}
        self.alive: list[Any] = []  # else another thing could have the number of one that is gone
        self.told: list[str] = []
        waiting = [("", root)]
        while waiting:
            place, one = waiting.pop()
            waiting += reversed(list(self._visit(place, one)))

    def _visit(self, place: str, one: Any) -> Iterator[tuple[str, Any]]:
        if isinstance(one, LEAVES) or _is_constant(one):
            self.told.append(f"{place} = {one!r}" if isinstance(one, LEAVES[:5]) else f"{place}: {type(one).__name__}")
            return
        number = self.seen.get(id(one))
        self.told.append(f"{place}: {type(one).__name__} {len(self.seen) if number is None else number}")
        if number is None:
            self.seen[id(one)] = len(self.seen)
            self.alive.append(one)
            yield from ((f"{place}{name}", part) for name, part in parts(one))


def _is_constant(one: Any) -> bool:
    frozen = isinstance(one, msgspec.Struct) and one.__struct_config__.frozen
    return frozen or type(one).__module__ in ("operator", "enum", "re") or type(one).__name__ in BUILT_IN


BUILT_IN = ("builtin_function_or_method", "method-wrapper", "attrgetter", "coroutine")


def parts(one: Any) -> Iterator[tuple[str, Any]]:
    """What a thing holds, by name."""
    if isinstance(one, dict):
        yield from ((f"[{number}].key", key) for number, key in enumerate(one))
        yield from ((f"[{number}]", value) for number, value in enumerate(one.values()))
    elif isinstance(one, tuple | list | set | frozenset) or type(one).__name__ == "deque":
        yield from ((f"[{number}]", value) for number, value in enumerate(one))
    elif isinstance(one, MethodType):
        yield from ((".self", one.__self__), (".function", one.__func__))
    elif isinstance(one, FunctionType):
        yield from ((f".{number}", cell) for number, cell in enumerate(one.__closure__ or ()))
    elif isinstance(one, CellType):
        yield ".contents", one.cell_contents
    elif type(one).__name__ == "partial":
        yield from ((".func", one.func), (".args", one.args), (".keywords", one.keywords))
    else:
        yield from _attributes(one)


def _attributes(one: Any) -> Iterator[tuple[str, Any]]:
    names = [name for kind in type(one).__mro__ for name in getattr(kind, "__slots__", ())]
    names += getattr(type(one), "__struct_fields__", ())
    names += getattr(one, "__dict__", ())
    yield from ((f".{name}", getattr(one, name)) for name in dict.fromkeys(names) if hasattr(one, name))


def walked(repeated: Repeated) -> list[str]:
    """All that hangs on its world, but for who decided last: who does is told at the beginning of each run."""
    assert repeated.runner is not None
    repeated.runner.world.gate.decide_by(Decisions())
    return Walk(repeated.runner).told


@pytest.mark.parametrize("name", names())
def test_everything_that_hangs_on_the_world_is_put_back(name: str) -> None:
    play, found = recorded(name)
    repeated = Repeated(play)
    repeated.run(Replay([]))
    before = walked(repeated)
    for one in found.further()[:: max(1, len(found.further()) // SAMPLE)]:
        repeated.run(Replay([one]))
        assert walked(repeated) == before, one
    assert len(before) > 3_000
    repeated.close()


def test_the_walk_sees_what_would_be_left() -> None:
    repeated = Repeated(recorded("vm-stop")[0])
    repeated.run(Replay([]))
    before, world = walked(repeated), repeated.runner.world
    for change in (
        lambda: world.numbers.update({"planted": 1}),
        lambda: world.nodes["h1"].processes["vdsm"].service.tables.popitem(),
        lambda: world.kernel.queue.append([0, 0, None, (), True]),
        lambda: setattr(world.nodes["h1"].processes["vdsm"].periodics[0], "quiet", 7),
        lambda: setattr(world.nodes["h1"].processes["vdsm"].periodics[0].watch, "changed", None),
        lambda: setattr(world.nodes["h1"].processes["vdsm"].service, "planted", 1),
    ):
        change()
        assert walked(repeated) != before
        before = walked(repeated)
    repeated.close()


# --- what cannot be repeated is run whole -----------------------------------------------------------

RESTLESS = """
scenario: restless
about: What is given fails.
topology: pair
given:
  - vm.start: {vm: web1, host: h1, nics: {nic1: red}}
  - vm.start: {vm: web1, host: h1, nics: {nic1: red}}
when:
  - vm.stop: {vm: web1}
"""


def test_what_is_given_and_refused_is_told_each_time() -> None:
    play = make_play(load_text(RESTLESS, "restless.yaml"), "reference")
    repeated = Repeated(play)
    found = [repeated.run(Replay([])).result.findings[0].id for _ in range(2)]
    assert found == ["reached/given-step-failed"] * 2
    repeated.close()


def test_a_play_that_fails_before_its_rest_fails_each_time() -> None:
    def build(world: Any) -> Any:
        raise HarnessError("planted")

    repeated = Repeated(recorded("vm-stop")[0]._replace(build=build))
    for _ in range(2):
        with pytest.raises(HarnessError, match="planted"):
            repeated.run(Replay([]))
    assert repeated.rest is None
    repeated.close()


def test_one_that_passes_a_bound_before_its_rest_is_unknown_each_time() -> None:
    repeated = Repeated(recorded("vm-stop")[0]._replace(most_events=50))
    assert {repeated.run(Replay([])).result.verdict for _ in range(2)} == {"unknown"}
    repeated.close()


def test_a_run_that_fails_leaves_the_world_as_it_was() -> None:
    class Planted(Decisions):
        def request(self, call: Any) -> None:
            raise HarnessError("planted")

    play = recorded("vm-stop")[0]
    repeated, whole = Repeated(play), told(run(play, Replay([])))
    for _ in range(2):
        with pytest.raises(HarnessError, match="planted"):
            repeated.run(_Armed(Planted()))
        assert told(repeated.run(Replay([]))) == whole
    repeated.close()


class _Armed(Noting):
    """Asks another source once it is armed."""

    def request(self, call: Any) -> Any:
        return super().request(call) if self.armed else None

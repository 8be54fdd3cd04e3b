"""The set of schedules is complete, by a closed form on a small flow, and none is played twice."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from itertools import combinations, product

import pytest
from toy_world import ANY, Act, Client, play_of

from sim.clock import SECOND
from sim.decisions import Decisions
from sim.exploring.alternatives import Victims, alternatives
from sim.exploring.counting import Census
from sim.exploring.holds import Bound
from sim.exploring.matrix import NO_END, Budget, Playing, Schedule, record, try_all, try_one
from sim.exploring.points import Noting
from sim.fates import Fate
from sim.findings import UNKNOWN
from sim.outcomes import HarnessError, Outcome
from sim.run import Play, Run, run

NOBODY = Victims(lambda place: False, lambda node: False, lambda place: ())
ANYBODY = Victims(lambda place: True, lambda node: True, lambda place: ("commit-refused", "commit-unknown"))


def calls(count: int) -> Act:
    """A step that asks for so many rows, one after the other, whatever comes of each."""

    async def act(client: Client) -> str:
        for number in range(count):
            with suppress(Outcome):
                await client.call(ANY, "b", "server", "make", f"r{number}", {"id": f"r{number}"})
        return "asked"

    return act


def playing(play: Play) -> Playing:
    """The one way in which it is played."""

    def once(decisions: Decisions) -> Run:
        return run(play, decisions)

    return once


def all_of(once: Playing, victims: Victims, budget: Budget, base: Schedule = ()) -> Iterator[Schedule]:
    """Every schedule that a search of this budget plays."""
    further = record(once, base, victims, budget).further()
    for trial in try_all(once, base, further):
        yield trial.schedule
        if budget.left(trial.schedule).size:
            yield from all_of(once, victims, budget, trial.schedule)


def test_single_faults_are_all_fates_at_all_points() -> None:
    once = playing(play_of(("s", calls(3))))
    recorded = record(once, (), ANYBODY, Budget(1))
    cells = {(cell.point, cell.fated.fate) for cell in recorded.cells}
    every = {(number, one.fate) for number, point in enumerate(recorded.points) for one in alternatives(point, ANYBODY)}
    assert cells == every
    assert len(recorded.cells) == len(cells) == len(recorded.further()) + sum(recorded.skipped().values())


@pytest.mark.parametrize("count", [2, 3, 4])
def test_pairs_are_as_many_as_a_closed_form_says(count: int) -> None:
    """Each call has four fates that leave the later calls as they are: so there are C(n, 2) x 4 x 4 pairs of them."""
    four = [Fate("lost"), Fate("refused"), Fate("error-before"), Fate("lost", how="cut")]
    once = playing(play_of(("s", calls(count))))
    found = list(all_of(once, NOBODY, Budget(2)))
    requests = [f"when.1 s > server[b] make r{number}" for number in range(count)]
    expected = {
        ((first, one), (second, other))
        for first, second in combinations(requests, 2)
        for one, other in product(four, four)
    }
    pairs = {schedule for schedule in found if len(schedule) == 2}
    simple = {s for s in pairs if all(fate in four and label in requests for label, fate in s)}
    assert simple == expected
    assert len(simple) == count * (count - 1) // 2 * 16


def test_no_schedule_is_played_twice() -> None:
    once = playing(play_of(("s", calls(2))))
    found = list(all_of(once, ANYBODY, Budget(2)))
    assert len(found) == len(set(found))
    unordered = [frozenset(schedule) for schedule in found]
    assert len(unordered) == len(set(unordered))


def test_the_second_fault_is_drawn_from_what_comes_after_the_first() -> None:
    """A call that is given up is asked again: the points of the second try exist only after the first has failed."""

    async def again(client: Client) -> str:
        try:
            return str(await client.call(ANY, "b", "server", "make", "x", {"id": "x"}))
        except Outcome:
            return str(await client.call(ANY, "b", "server", "make", "y", {"id": "y"}))

    once = playing(play_of(("s", again)))
    base: Schedule = (("when.1 s > server[b] make x", Fate("lost")),)
    labels = {label for label, _ in record(once, base, NOBODY, Budget(2)).further()}
    assert labels and all("make y" in label for label in labels)


def test_what_never_comes_to_rest_is_extended_no_further() -> None:
    """Its points have no end; what could befall those up to the bound is counted, and not played."""

    async def for_ever(client: Client) -> str:
        try:
            return str(await client.call(ANY, "b", "server", "make", "x", {"id": "x"}))
        except Outcome:
            while True:
                await client.call(ANY, "b", "server", "make", "y", {"id": "y"})
                await client.sleep(SECOND)

    once = playing(play_of(("s", for_ever))._replace(most_events=400))
    base: Schedule = (("when.1 s > server[b] make x", Fate("lost")),)
    assert try_one(once, base).verdict == UNKNOWN
    found = record(once, base, NOBODY, Budget(2, 1))
    assert found.further() == [] and len(found.points) > 50
    assert found.skipped()[NO_END] > 50 and sum(found.skipped().values()) == len(found.cells)
    assert record(once, (), NOBODY, Budget(2, 1)).further()


def test_points_are_counted_apart_from_those_who_play_them() -> None:
    play, census, noting = play_of(("s", calls(3))), Census(), Noting(Decisions())
    run(play._replace(build=census.of(play.build)), noting)
    kinds = [point.kind for point in noting.points]
    assert dict(census.found) == {kind: kinds.count(kind) for kind in kinds}
    assert census.found["request"] == 3


def test_a_label_that_does_not_come_again_is_the_harness_own_fault() -> None:
    once = playing(play_of(("s", calls(1))))
    with pytest.raises(HarnessError, match="not drawn again"):
        try_one(once, (("when.1 s > server[b] make nobody", Fate("lost")),))


def test_two_steps_at_once_are_held_against_each_other() -> None:
    play = play_of(("s", calls(2)), ("t", calls(2)))
    second = play.when[1]._replace(together=True)
    once = playing(play._replace(when=[play.when[0], second]))
    held = record(once, (), NOBODY, Budget(0, 1, Bound())).held
    assert held
    assert {label.partition(" > ")[0] for label, _ in held} <= {"when.1 s", "when.2 t"}
    assert all(try_one(once, (one,)).verdict == "passed" for one in held)


def test_holds_are_bounded_by_how_many_later_requests_they_wait_for() -> None:
    play = play_of(("s", calls(2)), ("t", calls(3)))
    once = playing(play._replace(when=[play.when[0], play.when[1]._replace(together=True)]))
    few = record(once, (), NOBODY, Budget(0, 1, Bound(most=1))).held
    every = record(once, (), NOBODY, Budget(0, 1, Bound())).held
    assert 0 < len(few) < len(every)
    assert len(few) == len({label for label, _ in few})

"""A toy that is repeated gives what it gives when it is run whole, whatever steps and faults it has."""

from __future__ import annotations

import gc
from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from toy_world import ANY, ITEMS, Client, play_of

from sim.clock import HOUR, SECOND
from sim.decisions import Decisions
from sim.decisions.seeded import Seeded
from sim.exploring.points import Noting
from sim.outcomes import HarnessError, Outcome
from sim.repeated import Repeated
from sim.run import Play, Run, run
from sim.triggers import parse

VERBS = ("make", "slow", "remember", "forward")


def told(play: Callable[..., Run], *arguments: Any) -> Any:
    """All that a run tells, or with what it ends."""
    try:
        came = play(*arguments)
    except HarnessError as error:
        return str(error)
    return came.result, came.trace.events, came.snapshot


def asks(verb: str, name: str) -> Callable[[Client], Any]:
    async def act(client: Client) -> str:
        try:
            arguments = {"id": name} | ({"after": 5 * SECOND} if verb == "slow" else {})
            return str(await client.call(ANY, "b", "server", verb, name, arguments))
        except Outcome as outcome:
            return f"{type(outcome).__name__}: {outcome}"

    return act


def drawn(random: Random) -> Play:
    """A toy with some steps before, and some after, that begin in every way in which a step can."""
    names = [f"given{number}" for number in range(3)] + [random.choice("xyz") for _ in range(5)]
    steps = [(f"s{number}", asks(random.choice(VERBS), name)) for number, name in enumerate(names)]
    plays = play_of(*steps)
    given, when = plays.when[:3], list(plays.when[3:])
    for place in range(1, len(when)):
        when[place] = when[place]._replace(**_begins(random))
    return plays._replace(given=given, when=when)


def _begins(random: Random) -> dict[str, Any]:
    way = random.choice(("in turn", "together", "wait", "after", "until"))
    if way == "after":
        return {"after": parse(f"server[b] {random.choice(VERBS)} *")}
    if way == "until":
        return {"until": lambda view: any(row.id == "x" for _, row in view.rows(ITEMS))}
    return {way: True} if way in ("together", "wait") else {}


@pytest.mark.parametrize("number", range(40))
@pytest.mark.parametrize("skipping", [True, False])
def test_any_steps_with_any_faults_come_to_the_same_in_any_order(number: int, skipping: bool) -> None:
    play = drawn(Random(number))
    repeated = Repeated(play, skipping)
    for seed in (1, 2, 3, 1):
        sources = [Noting(Seeded(100 * number + seed, one_in=4)) for _ in range(2)]
        again = told(repeated.run, sources[0])
        assert again == told(run, play, sources[1], skipping)
        assert sources[0].points == sources[1].points
    assert repeated.rest is not None
    repeated.close()


def test_what_comes_after_what_is_given_can_be_something_else() -> None:
    one, other = drawn(Random(1)), drawn(Random(2))
    repeated = Repeated(one)
    for when in (other.when, one.when, other.when):
        again = told(repeated.run, Decisions(), "other", when)
        assert again == told(run, one._replace(scenario="other", when=when), Decisions())
    repeated.close()


# --- what does not come to rest -------------------------------------------------------------------


def restless(ran: list[str]) -> Play:
    """Its given step waits for ever, and would clean up behind it."""

    async def stuck(client: Client) -> str:
        try:
            while True:
                await client.sleep(HOUR)
        finally:
            ran.append("clean-up")

    plays = play_of(("stuck", stuck), ("s", asks("make", "x")))
    return plays._replace(given=plays.when[:1], when=plays.when[1:])


def test_what_is_given_and_never_rests_is_ended_without_its_clean_up() -> None:
    ran: list[str] = []
    play = restless(ran)
    repeated = Repeated(play)
    assert told(repeated.run, Decisions()) == told(run, play, Decisions())
    assert repeated.rest is None
    del repeated
    gc.collect()
    assert ran == []


def test_it_can_be_closed_twice_and_is_then_played_whole() -> None:
    play = drawn(Random(3))
    repeated = Repeated(play)
    whole = told(run, play, Decisions())
    assert told(repeated.run, Decisions()) == whole
    repeated.close()
    repeated.close()
    assert told(repeated.run, Decisions()) == whole


def test_a_task_that_a_run_leaves_is_ended_without_its_clean_up_too() -> None:
    ran: list[str] = []

    async def left(client: Client) -> str:
        try:
            await client.sleep(SECOND)
            await client.sleep(100 * HOUR)
        finally:
            ran.append("clean-up")
        return ""

    plays = play_of(("s", asks("make", "x")), ("left", left))
    repeated = Repeated(plays._replace(given=plays.when[:1], when=plays.when[1:]))
    for _ in range(3):
        assert repeated.run(Decisions()).result.verdict == "unknown"
        gc.collect()
    assert repeated.rest is not None
    repeated.close()
    gc.collect()
    assert ran == []

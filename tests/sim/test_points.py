"""What a search knows of a point: since when nothing has happened, and so which deaths come to the same."""

from __future__ import annotations

from typing import Any

import pytest
from toy_world import ANY, WIRE, Act, Client, Server, ask, build, play_of

from sim.decisions import Decisions
from sim.exploring.alternatives import Victims
from sim.exploring.matrix import Budget, Recorded, record
from sim.exploring.points import Point
from sim.fates import Fate
from sim.run import Run, run

ANYBODY = Victims(lambda place: True, lambda node: True, lambda place: ())


class Numbering(Server):
    """Draws a number for each row that it makes."""

    async def on_make(self, id: str, value: str = "") -> str:
        return await super().on_make(id, str(self.world.number("row")))


def recorded(act: Act, server: type[Server] = Server, base: tuple[tuple[str, Fate], ...] = ()) -> Recorded:
    """A run of that step, with all that can befall it after the base."""
    play = play_of(("s", act))._replace(build=lambda world: build(world, server))

    def once(decisions: Decisions) -> Run:
        return run(play, decisions)

    return record(once, base, ANYBODY, Budget(2))


def only(found: Recorded, kind: str, words: str = "") -> Point:
    """The one point of that kind with these words."""
    (point,) = [one for one in found.points if one.kind == kind and words in one.trigger]
    return point


def deaths(found: Recorded, point: Point) -> list[str]:
    """The deaths that are played at that point."""
    label = point.label
    played = [fate for where, fate in found.further() if where == label and fate.name in ("crash", "power-loss")]
    return [f"{fate.name} {fate.process or fate.node} {fate.moment}" for fate in played]


AT_A_WRITE = ["crash server before", "crash server after", "power-loss b after"]


def test_a_machine_that_dies_before_the_first_write_dies_as_the_request_arrives() -> None:
    found = recorded(ask("x"))
    write = only(found, "commit")
    assert write.since == "request" and write.request == only(found, "request").label
    assert deaths(found, write) == AT_A_WRITE, "a program's death is told to who asked: refused, or cut off"


def test_who_dies_as_a_reply_leaves_has_died_after_the_write_or_while_it_waited() -> None:
    found = recorded(ask("x"))
    reply = only(found, "reply")
    assert reply.since == "write" and reply.alone and not reply.reads
    assert deaths(found, reply) == []


@pytest.mark.parametrize(
    ("act", "server", "why"),
    [
        (ask("x", "slow", after=5), Server, "time has passed"),
        (ask("x"), Numbering, "a number was drawn"),
    ],
)
def test_what_happens_before_the_first_write_makes_another_death_of_it(act: Act, server: Any, why: str) -> None:
    write = only(recorded(act, server), "commit")
    assert write.since == "", why


def test_what_happens_after_the_last_write_makes_another_death_of_it() -> None:
    found = recorded(ask("x", "remember"))
    reply = only(found, "reply")
    assert reply.since == "" and {"crash server before", "power-loss b before"} <= set(deaths(found, reply))


def test_a_caller_on_the_same_machine_may_be_seen_to_die_while_it_waits() -> None:
    found = recorded(ask("x", "forward"))
    inner = only(found, "reply", "disk")
    assert inner.alone and "crash server before" in deaths(found, inner)
    assert not only(found, "reply", "server").alone


def test_a_caller_with_a_connection_may_be_seen_to_die_while_it_waits() -> None:
    async def talk(client: Client) -> Any:
        connection = await client.connect(WIRE, "b", "server")
        return await client.call(WIRE, "b", "server", "make", "x", {"id": "x"}, connection=connection)

    found = recorded(talk)
    reply = only(found, "reply", "make x")
    assert reply.alone and "crash client before" in deaths(found, reply)


def test_what_lies_before_the_last_fault_is_played_for_no_other_point() -> None:
    """The write's refusal strikes between the request and the reply: nothing at the request comes after it."""

    async def twice(client: Client) -> Any:
        return await client.call(ANY, "b", "server", "make", "x", {"id": "x"})

    write = only(recorded(twice), "commit")
    found = recorded(twice, base=((write.label, Fate("commit-unknown")),))
    reply = only(found, "reply")
    assert reply.since == "" and not reply.alone and not reply.reads

"""The judge of a run: what it tolerates and for how long, what it counts, and how often."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
import pytest
from worlds import base

from fakes.records import LOCKS, OVS_PORTS, QEMUS, TAPS
from fakes.records.engine import Lock
from fakes.records.host import Qemu
from scenarios import checks
from sim.checks import Breach, Check, Expectation, Judge, Subject, View
from sim.clock import SECOND
from sim.decisions.scripted import Scripted
from sim.kernel import Kernel
from sim.nodes import Process, Service
from sim.store import Delta, Store
from sim.tables import Change, Key, Lifetime, Schema
from sim.trace import Trace
from sim.world import World


class Thing(msgspec.Struct, frozen=True):
    """It is broken once `wrong` is said of it; `allowed` microseconds of that are tolerated."""

    name: str
    wrong: str = ""
    allowed: int = 0


THINGS = Schema("things", Thing, "name", Lifetime.DURABLE)
OTHERS = Schema("others", Thing, "name", Lifetime.DURABLE)


class Right(Check):
    """Nothing is wrong with a thing.  It notes what it was asked."""

    id = "right"
    statement = "nothing is wrong with a thing"
    watches = ("things",)

    def __init__(self, name: str = "right", expectation: Expectation = Expectation.ALWAYS) -> None:
        self.id = name  # type: ignore[misc]
        self.expectation = expectation  # type: ignore[misc]
        self.asked: list[tuple[int, Key]] = []

    def keys(self, delta: Delta, view: View) -> Iterable[Key]:
        yield delta.key

    def every(self, view: View) -> Iterable[Key]:
        return [row.name for _, row in view.rows(THINGS)]

    def judge(self, view: View, key: Key) -> Breach | None:
        self.asked.append((view.now, key))
        row = view.get(THINGS, "n", key)
        return Breach(Subject("things", "n", key), "thing", row.wrong, row.allowed) if row and row.wrong else None


class Court:
    """A kernel with a judge, and steps that change things."""

    def __init__(self, *judged: Check) -> None:
        self.store = Store()
        self.store.declare((THINGS, OTHERS))
        self.kernel = Kernel(self.store, Trace())
        self.judge = Judge(self.kernel, View(self.store), judged)

    def step(self, *things: Thing, drop: str = "", schema: Schema[Thing] = THINGS) -> None:
        """A task's step makes these changes."""
        table = self.store.table(schema, "n")
        changes: list[Change] = [table.put(thing) for thing in things]
        deltas = self.store.apply([*changes, table.drop(drop)])
        self.kernel.trace.add(self.kernel.now, -1, "commit", "n", "step", None, deltas)
        self.judge.after_step()

    def until(self, time: int) -> None:
        """Time passes."""
        self.kernel.advance(time, 1_000, lambda: False)

    @property
    def counted(self) -> list[tuple[str, Key, int, int]]:
        """What counts: check, key, time and event."""
        return [(name, key, one.time, one.event) for (name, key), one in self.judge.broken.items()]


# --- at once ----------------------------------------------------------------------------------------


def test_a_breach_without_tolerance_counts_at_once() -> None:
    court = Court(Right())
    court.step(Thing("a"))
    court.until(5)
    court.step(Thing("a", "bent"))
    assert court.counted == [("right", "a", 5, 1)]
    assert court.judge.broken["right", "a"].breach.remains == "bent"


def test_a_breach_that_has_healed_still_counts() -> None:
    court = Court(Right())
    court.step(Thing("a", "bent"))
    court.step(Thing("a"))
    assert court.counted == [("right", "a", 0, 0)]


def test_a_breach_counts_once_however_often_it_is_seen() -> None:
    court = Court(Right())
    court.step(Thing("a", "bent"))
    court.step(Thing("a"))
    court.until(5)
    court.step(Thing("a", "bent again"))
    court.judge.judge_all(Expectation.ALWAYS)
    assert court.counted == [("right", "a", 0, 0)]
    assert court.judge.broken["right", "a"].breach.remains == "bent"


def test_each_check_and_each_key_counts() -> None:
    court = Court(Right("first"), Right("second"))
    court.step(Thing("a", "bent"), Thing("b", "bent"))
    assert {(name, key) for name, key, _, _ in court.counted} == {
        ("first", "a"), ("first", "b"), ("second", "a"), ("second", "b"),
    }  # fmt: skip


def test_what_a_step_breaks_and_mends_again_was_never_broken() -> None:
    court = Court(Right())
    court.step(Thing("a", "bent"), Thing("a"))
    assert court.counted == []


# --- tolerated --------------------------------------------------------------------------------------


def test_a_tolerated_breach_counts_when_its_time_is_over() -> None:
    court = Court(Right())
    court.until(10)
    court.step(Thing("a", "bent", 30))
    court.until(39)
    assert court.counted == []
    court.until(40)
    assert court.counted == [("right", "a", 40, 0)]


def test_a_tolerated_breach_that_heals_in_time_never_counts() -> None:
    court = Court(Right())
    court.step(Thing("a", "bent", 30))
    court.until(29)
    court.step(Thing("a"))
    court.until(1_000)
    assert court.counted == []


def test_a_tolerated_breach_whose_row_goes_never_counts() -> None:
    court = Court(Right())
    court.step(Thing("a", "bent", 30))
    court.step(drop="a")
    court.until(1_000)
    assert court.counted == []


def test_a_breach_that_heals_is_tolerated_anew() -> None:
    court = Court(Right())
    court.step(Thing("a", "bent", 30))
    court.until(20)
    court.step(Thing("a"))
    court.until(25)
    court.step(Thing("a", "bent", 30))
    court.until(54)
    assert court.counted == []
    court.until(55)
    assert court.counted == [("right", "a", 55, 3 - 1)]


def test_to_touch_a_tolerated_breach_does_not_prolong_it() -> None:
    court = Court(Right())
    court.step(Thing("a", "bent", 30))
    court.until(20)
    court.step(Thing("a", "bent more", 30))
    court.until(30)
    assert court.counted == [("right", "a", 30, 1)]
    assert court.judge.broken["right", "a"].breach.remains == "bent more"


def test_what_is_no_longer_tolerated_at_all_counts_at_once_and_once() -> None:
    court = Court(Right())
    court.step(Thing("a", "bent", 30))
    court.until(20)
    court.step(Thing("a", "broken"))
    assert court.counted == [("right", "a", 20, 1)]
    court.until(1_000)
    assert court.counted == [("right", "a", 20, 1)]


def test_what_counts_already_is_not_tolerated_again() -> None:
    court = Court(Right())
    court.step(Thing("a", "bent", 30))
    court.until(30)
    court.step(Thing("a", "bent more", 30))
    assert court.kernel.live == 0
    court.until(1_000)
    assert court.counted == [("right", "a", 30, 0)]


def test_a_tolerated_breach_keeps_the_world_from_rest_until_it_heals() -> None:
    court = Court(Right())
    court.step(Thing("a", "bent", 30), Thing("b", "bent", 30))
    assert court.kernel.live == 2
    court.step(Thing("a"))
    assert court.kernel.live == 1
    court.until(30)
    assert court.kernel.live == 0
    assert [key for _, key, _, _ in court.counted] == ["b"]


def test_a_breach_that_heals_untouched_is_asked_again_before_it_counts() -> None:
    court = Court(Right())
    court.step(Thing("a", "bent", 30))
    table = court.store.table(THINGS, "n")
    court.store.apply([table.put(Thing("a"))])
    court.store.unjudged = []
    court.until(30)
    assert court.counted == []


# --- when it is asked -------------------------------------------------------------------------------


def test_a_step_asks_the_keys_that_it_touched_once_and_no_others() -> None:
    check = Right()
    court = Court(check)
    court.step(Thing("a"), Thing("b"))
    check.asked.clear()
    court.until(7)
    court.step(Thing("a", "bent"), Thing("a"), Thing("a", "bent again"))
    assert check.asked == [(7, "a")]


def test_a_step_that_changes_nothing_watched_asks_nothing() -> None:
    check = Right()
    court = Court(check)
    court.step(Thing("a"), schema=OTHERS)
    assert check.asked == []


@pytest.mark.parametrize("expectation", [Expectation.SETTLED, Expectation.EVENTUALLY])
def test_what_must_hold_in_the_end_is_asked_in_the_end(expectation: Expectation) -> None:
    check = Right(expectation=expectation)
    court = Court(check)
    court.step(Thing("a", "bent"), Thing("b", "bent", 30), Thing("c"))
    for other in Expectation:
        if other is not expectation:
            court.judge.judge_all(other)
    assert (check.asked, court.counted) == ([], [])
    court.until(5)
    court.judge.judge_all(expectation)
    assert court.counted == [("right", "a", 5, 0), ("right", "b", 5, 0)]


def test_at_rest_what_must_always_hold_is_asked_of_every_key_but_tolerance_is_kept() -> None:
    court = Court(Right())
    table = court.store.table(THINGS, "n")
    court.store.apply([table.put(Thing("a", "bent")), table.put(Thing("b", "bent", 30))])
    court.store.unjudged = []
    court.judge.judge_all(Expectation.ALWAYS)
    assert [key for _, key, _, _ in court.counted] == ["a"]


class Committer(Service):
    """It commits a wrong thing and mends it at once, without a time between."""

    async def started(self) -> None:
        things = self.table(THINGS)
        await self.commit("bend", things.put(Thing("a", "bent")))
        await self.commit("mend", things.put(Thing("a")))


def test_every_commit_is_judged_before_the_next() -> None:
    check = Right()
    world = World(Scripted([]))
    world.store.declare((THINGS,))
    judge = Judge(world.kernel, View(world.store), [check])
    world.kernel.after_step = judge.after_step

    def committer(process: Process) -> Committer:
        return Committer(process)

    world.add_process(world.add_node("n"), "committer", committer)
    world.start("n", "committer")
    assert [(name, key) for name, key in judge.broken] == [("right", "a")]
    assert [key for _, key in check.asked] == ["a", "a"]
    world.close()


# --- the checks' own tolerances ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "allowed"), [("held", 10 * SECOND), ("one-identity", 30 * SECOND), ("one-place", 120 * SECOND)]
)
@pytest.mark.parametrize("heals", [False, True], ids=["stays", "heals"])
def test_what_a_check_allows_is_tolerated_so_long(name: str, allowed: int, heals: bool) -> None:
    world = base()
    kernel = Kernel(world.store, Trace())
    judge = Judge(kernel, world.view, [checks.ALL[name]])
    kernel.now = 5 * SECOND
    if name == "held":
        world.put("engine", LOCKS, Lock("vm-web1", "VM", "job-1", kernel.now, allowed))
    elif name == "one-identity":
        world.wire("web1", "h2")
    else:
        world.put("h2", QEMUS, Qemu("vm-web1", "qemu-web1", True))
    judge.after_step()
    kernel.advance(5 * SECOND + allowed - 1, 1_000, lambda: False)
    assert judge.broken == {}
    if heals:
        if name == "held":
            world.drop("engine", LOCKS, ("vm-web1", "VM"))
        elif name == "one-identity":
            world.drop("h2", OVS_PORTS, "tap-web1")
            world.drop("h2", TAPS, "tap-web1")
        else:
            world.drop("h2", QEMUS, "vm-web1")
        judge.after_step()
    kernel.advance(900 * SECOND, 1_000, lambda: False)
    assert [one.time for one in judge.broken.values()] == ([] if heals else [5 * SECOND + allowed])

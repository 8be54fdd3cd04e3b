"""A run: steps, storm, calm, the questions, and what its findings say."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from toy_world import ANY, ITEMS, WIRE, Act, Client, Item, Server, ask, build, play_of, put

from sim.checks import Breach, Check, Expectation, Judge, Subject, View
from sim.clock import HOUR, MINUTE, SECOND
from sim.decisions import Decisions
from sim.decisions.replay import Replay
from sim.fates import Fate
from sim.findings import FINDINGS, PASSED
from sim.nodes import Process
from sim.outcomes import HarnessError, InputError, Outcome
from sim.run import SETTLED_WITHIN, Run, Step, run, schedule_of
from sim.store import Delta
from sim.tables import Key
from sim.tally import Marks, Reached
from sim.triggers import parse
from sim.world import World


class NoRed(Check):
    """No row is red."""

    id = "no-red"
    expectation = Expectation.ALWAYS
    statement = "no item is red"
    watches = ("items",)

    def __init__(self, expectation: Expectation = Expectation.ALWAYS, allowed: int = 0) -> None:
        self.expectation = expectation  # type: ignore[misc]
        self.allowed = allowed
        self.asked: list[tuple[int, Key]] = []

    def keys(self, delta: Delta, view: View) -> Iterable[Key]:
        return [(delta.node, delta.key)]

    def every(self, view: View) -> Iterable[Key]:
        return [(node, row.id) for node, row in view.rows(ITEMS)]

    def judge(self, view: View, key: Key) -> Breach | None:
        self.asked.append((view.now, key))
        row = view.get(ITEMS, *key)
        if row is None or not row.value.startswith("red"):
            return None
        return Breach(Subject("items", *key), "item", f"{row.id} is red", self.allowed)


def paint(*colours: tuple[int, str], id: str = "x") -> Act:
    """A step that gives a row these colours, each after so many seconds; 0 is within the same step."""

    async def act(client: Client) -> str:
        for seconds, colour in colours:
            if seconds:
                await client.sleep(seconds * SECOND)
            await client.commit(f"{id} {colour}", put(client, ITEMS, id, colour))
        return "painted"

    return act


def judged(check: Check, *when: tuple[str, Act], decisions: Decisions | None = None, **more: Any) -> Run:
    """Play these steps with that check."""
    return run(play_of(*when, checks=[check], **more), decisions or Decisions())


# --- when the questions are asked ----------------------------------------------------------------


def test_what_must_always_hold_is_asked_whenever_rows_have_changed() -> None:
    came = judged(NoRed(), ("paint", paint((0, "blue"), (1, "red"), (1, "blue"))))
    assert came.result.verdict == FINDINGS
    (finding,) = came.result.findings
    assert (finding.check, finding.remains, finding.found_at) == ("no-red", "x is red", SECOND)


def test_what_never_breaks_is_no_finding() -> None:
    assert judged(NoRed(), ("paint", paint((0, "blue"), (1, "green")))).result.verdict == PASSED


def test_what_one_commit_breaks_and_mends_was_never_broken() -> None:
    async def both(client: Client) -> str:
        table = client.table(ITEMS)
        await client.commit("both", table.put(Item("x", "red")), table.put(Item("x", "blue")))
        return "done"

    assert judged(NoRed(), ("both", both)).result.verdict == PASSED


@pytest.mark.parametrize(("seconds", "verdict"), [(5, PASSED), (15, FINDINGS)])
def test_what_is_allowed_for_a_while_counts_only_when_it_lasts_longer(seconds: int, verdict: str) -> None:
    came = judged(NoRed(allowed=10 * SECOND), ("paint", paint((1, "red"), (seconds, "blue"))))
    assert came.result.verdict == verdict
    assert [finding.found_at for finding in came.result.findings] == ([] if verdict == PASSED else [11 * SECOND])


def test_what_was_mended_in_time_is_allowed_its_while_again() -> None:
    colours = paint((1, "red"), (5, "blue"), (3, "red"), (6, "blue"))
    assert judged(NoRed(allowed=10 * SECOND), ("paint", colours)).result.verdict == PASSED


@pytest.mark.parametrize(
    ("expectation", "mended_after", "verdict"),
    [
        (Expectation.SETTLED, 30, PASSED),
        (Expectation.SETTLED, 1_000, FINDINGS),
        (Expectation.EVENTUALLY, 1_000, PASSED),
        (Expectation.EVENTUALLY, 5_000, FINDINGS),
    ],
)
def test_what_must_settle_is_asked_at_rest_or_after_its_time(
    expectation: Expectation, mended_after: int, verdict: str
) -> None:
    """The time begins with the calm, which begins when the storm has lasted half an hour."""
    came = judged(NoRed(expectation), ("paint", paint((1, "red"), (3_600 + mended_after, "blue"))))
    assert came.result.verdict == verdict
    if verdict == FINDINGS and expectation is Expectation.SETTLED:
        assert came.result.findings[0].found_at == 2 * 1_800 * SECOND + SETTLED_WITHIN


def test_while_faults_rage_nothing_is_asked_to_have_settled() -> None:
    check = NoRed(Expectation.SETTLED)
    crash = Fate("crash", node="b", process="server")
    label = "when.1 make > server[b] make x"
    came = judged(
        check,
        ("make", tolerant(ask("x"))),
        ("paint", paint((1, "red"), (HOUR // SECOND // 4, "blue"))),
        decisions=Replay([(label, crash)]),
    )
    assert came.result.verdict == PASSED
    assert min(time for time, _ in check.asked) > HOUR // 4
    starts = [event for event in came.trace.events if event.kind == "start" and event.where == "server[b]"]
    assert len(starts) == 2 and starts[1].time > HOUR // 4


def tolerant(act: Act) -> Act:
    """The same, whatever it comes to."""

    async def go(client: Client) -> str:
        try:
            return str(await act(client))
        except Outcome as error:
            return type(error).__name__

    return go


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["red", "blue", ""])), max_size=12))
@settings(max_examples=60, deadline=None)
def test_judging_touched_keys_finds_what_judging_all_after_each_change_finds(changes: list[tuple[str, str]]) -> None:
    world = World(Decisions())
    build(world)
    touched, every = (Judge(world.kernel, View(world.store), [NoRed()]) for _ in range(2))
    table = world.store.table(ITEMS, "a")
    for id, colour in changes:
        world.store.unjudged = world.store.apply([table.put(Item(id, colour)) if colour else table.drop(id)])
        touched.after_step()
        every.judge_all(Expectation.ALWAYS)
        assert touched.broken.keys() == every.broken.keys()


def test_a_bug_in_a_check_is_the_harnesss_fault() -> None:
    class Odd(NoRed):
        def judge(self, view: View, key: Key) -> Breach | None:
            raise LookupError("odd")

    with pytest.raises(HarnessError, match=r"LookupError: odd.*scenario toy/play; schedule \[\]"):
        judged(Odd(), ("paint", paint((0, "red"))))


# --- storm and calm ------------------------------------------------------------------------------


def test_passing_faults_heal_when_the_storm_ends_and_standing_ones_never_do() -> None:
    label = "when.1 make > server[b] make x"
    for back_after, up in ((0, True), (-1, False)):
        decisions = Replay([(label, Fate("crash", node="b", process="server", back_after=back_after))])
        came = run(play_of(("make", tolerant(ask("x")))), decisions)
        program = next(row for row in came.snapshot["programs"]["b"] if row["name"] == "server")
        assert program["up"] is up


def test_nothing_strikes_any_more_in_the_calm() -> None:
    async def late(client: Client) -> str:
        await client.sleep(2 * HOUR)
        return str(await ask("x")(client))

    faults = [("when.1 late > server[b] make x", Fate("lost")), ("when.1 late > server[b] make x reply", Fate("lost"))]
    faults.append(("when.1 late > server[b] make x : x made", Fate("commit-refused")))
    came = run(play_of(("late", late)), Replay(faults))
    assert came.result.steps == ["late: made x"] and came.result.struck == [] and len(came.result.missed) == 3


def test_a_standing_fault_excuses_what_is_left_on_its_node_and_nothing_elsewhere() -> None:
    label = "when.3 make > disk[b] make x"
    decisions = Replay([(label, Fate("power-loss", node="b", back_after=-1))])
    on_b = tolerant(lambda client: client.call(ANY, "b", "server", "make", "r", {"id": "r", "value": "red"}))
    last = tolerant(lambda client: client.call(ANY, "b", "disk", "make", "x", {"id": "x"}))
    steps = [("red", on_b), ("red", paint((0, "red"), id="r")), ("make", last)]
    came = run(play_of(*steps, checks=[NoRed(Expectation.SETTLED)]), decisions)
    assert [finding.subject for finding in came.result.excused] == ["items[b] r"]
    assert [finding.subject for finding in came.result.findings] == ["items[a] r"]
    assert came.result.excused[0].excused == "power-loss b" and came.result.verdict == FINDINGS


def test_an_excused_finding_hides_none_of_the_same_identity_that_is_not() -> None:
    """Both rows are made by the same verb and left by the same kind of command."""

    async def make_red(client: Client) -> str:
        for node in ("b", "c"):
            await client.call(ANY, node, "server", "make", node, {"id": node, "value": "red"})
        return str(await tolerant(ask("x"))(client))

    def both_nodes(world: World) -> Process:
        client = build(world)
        world.add_process(world.add_node("c"), "server", Server)
        world.start("c", "server")
        return client

    for node in ("b", "c"):
        play = play_of(("red", make_red), checks=[NoRed(Expectation.SETTLED)])._replace(build=both_nodes)
        decisions = Replay([("when.1 red > server[b] make x", Fate("power-loss", node=node, back_after=-1))])
        result = run(play, decisions).result
        assert (len(result.findings), len(result.excused)) == (1, 1)
        assert result.findings[0].id == result.excused[0].id


# --- steps ---------------------------------------------------------------------------------------


def steps_of(*steps: Step, decisions: Decisions | None = None, given: tuple[Step, ...] = ()) -> Run:
    """Play these steps."""
    play = play_of()._replace(when=list(steps), given=list(given))
    return run(play, decisions or Decisions())


def step(name: str, act: Act, **more: Any) -> Step:
    """A step."""

    async def whole(process: Process) -> str:
        return str(await act(process.service))

    return Step(name, whole, **more)


def begun(came: Run) -> dict[str, int]:
    """When each step began, in seconds."""
    return {event.what: event.time // SECOND for event in came.trace.events if event.kind == "step"}


def nap(seconds: int) -> Act:
    """A step that takes so long."""
    return lambda client: client.sleep(seconds * SECOND)


def test_steps_begin_one_after_the_other_or_together() -> None:
    came = steps_of(
        step("one", nap(5)), step("two", nap(5)), step("three", nap(1), together=True), step("four", nap(1)),
    )  # fmt: skip
    assert begun(came) == {"one": 0, "two": 5, "three": 5, "four": 10}


def test_what_is_given_is_played_in_peace_and_to_its_end() -> None:
    fault = Fate("lost")
    decisions = Replay([("when.1 make > server[b] make x", fault)])
    came = steps_of(step("make", tolerant(ask("x"))), given=(step("make", ask("x")),), decisions=decisions)
    assert came.result.steps == ["make: made x", "make: Unknown"]
    assert schedule_of(came.result) == [("when.1 make > server[b] make x", fault)]


def test_a_step_can_wait_for_rest() -> None:
    async def spawn(client: Client) -> str:
        client.spawn(paint((60, "blue"))(client), "later")  # type: ignore[arg-type]
        return "spawned"

    came = steps_of(step("spawn", spawn), step("at once", nap(1)), step("at rest", nap(1), wait=True))
    assert begun(came) == {"spawn": 0, "at once": 0, "at rest": 60}


def test_a_step_can_wait_for_a_state() -> None:
    blue = lambda view: any(row.value == "blue" for _, row in view.rows(ITEMS))  # noqa: E731
    paints = step("paint", paint((5, "green"), (5, "blue"), (50, "red")))
    came = steps_of(paints, step("then", nap(1), together=True, until=blue))
    assert begun(came) == {"paint": 0, "then": 10} and came.result.verdict == PASSED


def test_a_step_can_begin_after_a_request() -> None:
    came = steps_of(step("after", nap(1), after=parse("server[b] make *")), step("nap", nap(3)), step("make", ask("x")))
    assert begun(came) == {"nap": 0, "make": 3, "after": 3}


def test_a_step_whose_moment_never_comes_is_a_finding() -> None:
    never = lambda view: False  # noqa: E731
    came = steps_of(step("after", nap(1), after=parse("server[b] make never")))
    assert came.result.verdict == FINDINGS and "server[b] make never" in came.result.findings[0].remains
    came = steps_of(step("until", nap(1), until=never))
    assert came.result.verdict == FINDINGS and "until" in came.result.findings[0].remains


def test_a_state_that_must_be_reached_and_is_not_is_a_finding() -> None:
    marks = [Reached("blue", "items", lambda delta: delta.new is not None and delta.new.value == "blue")]
    play = play_of(("paint", paint((0, "blue"))))._replace(marks=Marks(marks), must_reach=["blue"])
    assert run(play, Decisions()).result.reached == ["blue"]
    play = play_of(("paint", paint((0, "red"))))._replace(marks=Marks(marks), must_reach=["blue"])
    result = run(play, Decisions()).result
    assert result.verdict == FINDINGS and result.findings[0].remains == "blue was never reached"


def test_a_step_that_hangs_is_said_to_be_at_work() -> None:
    came = steps_of(step("hangs", lambda client: client.until(lambda: False)))
    assert came.result.steps == ["hangs: still at work"] and came.result.ended_at >= 24 * HOUR


# --- findings ------------------------------------------------------------------------------------


def test_a_finding_names_what_made_it_since_when_and_the_fault_before() -> None:
    label = "when.1 make > server[b] make other"
    steps = [
        ("make other", tolerant(ask("other"))),
        ("make r", tolerant(lambda client: client.call(ANY, "b", "server", "make", "r", {"id": "r", "value": "blue"}))),
        ("spoil r", tolerant(lambda client: client.call(ANY, "b", "server", "make", "r", {"id": "r", "value": "red"}))),
    ]
    decisions = Replay([(label.replace("when.1 make", "when.1 make other"), Fate("lost", how="cut"))])
    (finding,) = run(play_of(*steps, checks=[NoRed(Expectation.SETTLED)]), decisions).result.findings
    assert finding.subject == "items[b] r" and finding.remains == "r is red"
    assert finding.made == "server[b] r made, within client[a] make r"
    assert finding.since == "server[b] r made, within client[a] spoil r"
    assert finding.made_at < finding.since_at < finding.found_at
    assert finding.fault.startswith("lost at ") and finding.id == "no-red/item/server-make/spoil"


def test_it_is_wrong_since_it_was_last_right() -> None:
    colours = paint((1, "red"), (1, "blue"), (1, "red"), (1, "red too"))
    (finding,) = judged(NoRed(Expectation.SETTLED), ("paint", colours)).result.findings
    assert (finding.made_at, finding.since_at) == (SECOND, 3 * SECOND)


def test_a_thousand_schedules_give_one_identity() -> None:
    found = set()
    for number in range(1, 4):
        naps = [("nap", nap(number))] * number
        result = run(
            play_of(*naps, ("spoil", paint((1, "red"), id=f"x{number}")), checks=[NoRed()]), Decisions()
        ).result
        found |= {finding.id for finding in result.findings}
    assert len(found) == 1


def test_a_closed_connection_has_no_names_in_the_identity_of_what_it_makes() -> None:
    class Sore(Server):
        async def closed(self, connection: Any) -> None:
            await self.commit("sore", put(self, ITEMS, "sore", "red"))

    async def talk(client: Client) -> str:
        await client.connect(WIRE, "b", "server")
        connection = await client.connect(WIRE, "b", "server")
        await client.sleep(SECOND)
        client.world.network.close(connection)
        return "talked"

    result = run(play_of(("talk", talk), checks=[NoRed()], server=Sore), Decisions()).result
    assert [finding.id for finding in result.findings] == ["no-red/item/nobody/server-closed"]


def test_what_cannot_strike_is_the_inputs_fault_and_leaves_no_world_behind() -> None:
    with pytest.raises(InputError, match="a durable write cannot be 'lost'"):
        run(play_of(("paint", paint((0, "blue")))), Replay([("when.1 paint : x blue", Fate("lost"))]))


def test_a_run_counts_messages_and_durable_writes() -> None:
    result = run(
        play_of(("make", ask("x")), ("forward", ask("y", "forward")), ("remember", ask("z", "remember"))), Decisions()
    ).result
    assert (result.messages, result.writes) == (8, 3)
    assert result.ended_at < MINUTE and result.events > result.messages + result.writes

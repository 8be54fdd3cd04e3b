"""Virtual time, tasks, waiting, periodic tasks, harness errors and bounds."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from toy_world import ANY, FILES, ITEMS, NOTES, SCHEMAS, Client, Item, Server, Toy, ask, outcome, play_of, put, toy

from sim.clock import HOUR, MINUTE, MS, SECOND, duration, show
from sim.decisions import Decisions
from sim.decisions.replay import Replay
from sim.fates import Fate
from sim.findings import PASSED, UNKNOWN
from sim.nodes import Service
from sim.outcomes import Failed, HarnessError, Outcome
from sim.run import run
from sim.snapshot import snapshot

# --- time ----------------------------------------------------------------------------------------


def test_equal_times_are_played_in_the_order_in_which_they_were_set() -> None:
    toy = Toy()
    played: list[str] = []
    toy.at(SECOND, played.append, "first")
    toy.at(MS, played.append, "earlier")
    toy.at(SECOND, played.append, "second")
    toy.at(SECOND, lambda: toy.at(SECOND, played.append, "set meanwhile"))
    toy.kernel.at(SECOND, played.append, "what is last", last=True)  # type: ignore[arg-type]
    toy.at(SECOND, played.append, "third")
    toy.play()
    assert played == ["earlier", "first", "second", "third", "set meanwhile", "what is last"]


def test_time_jumps_to_the_next_entry_and_never_back() -> None:
    toy = Toy()
    times: list[int] = []
    for time in (HOUR, SECOND, 3 * SECOND):
        toy.at(time, lambda: times.append(toy.kernel.now))
    toy.at(3 * SECOND, lambda: toy.at(SECOND, lambda: times.append(toy.kernel.now)))
    toy.play(2 * HOUR)
    assert times == [SECOND, 3 * SECOND, 3 * SECOND, HOUR]


def test_going_on_stops_at_rest_at_a_time_or_at_the_bound() -> None:
    toy = Toy()
    toy.at(MINUTE, lambda: None)
    assert toy.play(SECOND) == "time" and toy.kernel.now == SECOND
    assert toy.play() == "rest" and toy.kernel.now == MINUTE
    toy.at(HOUR, lambda: None)
    assert toy.kernel.advance(2 * HOUR, len(toy.world.trace.events), lambda: False) == "bound"


def test_what_is_cancelled_never_happens_and_keeps_nothing_from_rest() -> None:
    toy = Toy()
    played: list[str] = []
    entry = toy.kernel.at(SECOND, played.append, "never")  # type: ignore[arg-type]
    toy.kernel.cancel(entry)
    toy.kernel.cancel(entry)
    assert toy.play() == "rest" and played == [] and toy.kernel.now == 0


@pytest.mark.parametrize(
    ("text", "microseconds"), [("60s", 60 * SECOND), ("250ms", 250 * MS), ("1.5h", 90 * MINUTE), ("3m", 3 * MINUTE)]
)
def test_durations_are_a_number_with_a_unit(text: str, microseconds: int) -> None:
    assert duration(text) == microseconds
    assert show(SECOND + 5 * MS) == "1.005s"


@pytest.mark.parametrize("text", ["60", "s", "-1s", "1 week", ""])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no duration"):
        duration(text)


# --- waiting -------------------------------------------------------------------------------------


def test_sleepers_wake_in_the_order_of_their_times() -> None:
    toy = Toy()
    woken: list[int] = []

    async def sleeper(client: Client, seconds: int) -> None:
        await client.sleep(seconds * SECOND)
        woken.append(seconds)

    for seconds in (3, 1, 2):
        toy.do(f"{seconds}", lambda client, seconds=seconds: sleeper(client, seconds))
    toy.play()
    assert woken == [1, 2, 3]


def test_spawned_tasks_begin_in_order_when_the_present_step_has_ended() -> None:
    toy = Toy()
    order: list[str] = []

    async def child(name: str) -> None:
        order.append(name)

    async def parent(client: Client) -> None:
        for name in ("one", "two"):
            client.spawn(child(name), name)
        order.append("parent")
        await client.commit("write", put(client, ITEMS, "x"))
        order.append("parent still in its step")
        await client.sleep(0)
        order.append("parent again")

    toy.do("p", parent)
    toy.play()
    assert order == ["parent", "parent still in its step", "one", "two", "parent again"]


def test_a_wait_for_rows_ends_when_they_are_so() -> None:
    toy = Toy()

    async def waiter(client: Client) -> str:
        held = await client.until(lambda: "x" in client.table(ITEMS), MINUTE)
        return f"{held} at {client.now // SECOND}"

    async def maker(client: Client) -> None:
        await client.sleep(5 * SECOND)
        await client.commit("make", put(client, ITEMS, "x"))

    task = toy.do("w", waiter)
    toy.do("m", maker)
    toy.play()
    assert outcome(task) == "True at 5" and toy.kernel.now == 5 * SECOND
    assert outcome(toy.do("again", waiter)) == "True at 5"


def test_a_wait_for_rows_ends_at_its_time_out() -> None:
    toy = Toy()
    task = toy.do("w", lambda client: client.until(lambda: "x" in client.table(ITEMS), MINUTE))
    toy.play()
    assert outcome(task) == "False" and toy.kernel.now == MINUTE


def test_a_condition_is_asked_again_only_when_what_it_read_has_changed() -> None:
    toy = Toy()
    asked: list[int] = []

    async def waiter(client: Client) -> None:
        def condition() -> bool:
            asked.append(client.now // SECOND)
            return len(client.table(ITEMS).where("value", "red")) == 2

        await client.until(condition)

    async def maker(client: Client) -> None:
        rows = [("a", "red"), ("b", "blue"), ("c", "green"), ("b", "white"), ("b", "red")]
        for id, value in rows:
            await client.sleep(SECOND)
            await client.commit("make", put(client, ITEMS, id, value), put(client, FILES, id, value))

    task = toy.do("w", waiter)
    toy.do("m", maker)
    toy.play()
    assert outcome(task) == "None" and asked == [0, 1, 5]


def test_several_changes_of_one_step_wake_a_waiter_once() -> None:
    toy = Toy()
    asked: list[int] = []

    async def waiter(client: Client) -> None:
        def condition() -> bool:
            asked.append(client.now)
            return len(client.table(ITEMS).all()) == 4

        await client.until(condition)

    async def maker(client: Client) -> None:
        for ids in ("ab", "cd"):
            await client.sleep(SECOND)
            for id in ids:
                await client.commit("make", put(client, ITEMS, id))

    task = toy.do("w", waiter)
    toy.do("m", maker)
    toy.play()
    assert outcome(task) == "None" and asked == [0, SECOND, 2 * SECOND]


def test_a_join_gives_what_the_other_task_came_to() -> None:
    toy = Toy()

    async def other(client: Client, fails: bool, after: int) -> str:
        await client.sleep(after)
        if fails:
            raise Failed("E2")
        return "value"

    async def joiner(client: Client, fails: bool, first: int, second: int) -> str:
        task = client.spawn(other(client, fails, first), "other")
        await client.sleep(second)
        try:
            return str(await client.join(task))
        except Failed as error:
            return error.code

    ways = [(fails, first, second) for fails in (False, True) for first, second in ((SECOND, 0), (0, SECOND))]
    tasks = [toy.do(f"{way}", lambda client, way=way: joiner(client, *way)) for way in ways]
    toy.play()
    assert [outcome(task) for task in tasks] == ["value", "value", "E2", "E2"]


def test_two_tasks_cannot_wait_for_the_same_one() -> None:
    toy = Toy()
    other = toy.do("o", lambda client: client.sleep(SECOND))
    toy.do("first", lambda client: client.join(other[0]))
    with pytest.raises(HarnessError, match="second and another task wait for o"):
        toy.do("second", lambda client: client.join(other[0]))


@pytest.mark.parametrize(("early", "came_to"), [(1, "made x"), (0, "made x"), (-1, "Unknown: timeout")])
def test_at_equal_times_a_reply_precedes_its_time_out(early: int, came_to: str) -> None:
    assert ANY.timeout is not None
    toy = Toy()
    task = toy.do("s", ask("x", "slow", after=ANY.timeout - 2 * ANY.latency - early))
    toy.play()
    assert outcome(task) == came_to


def test_at_equal_times_a_row_precedes_the_time_out_of_who_waits_for_it() -> None:
    toy = Toy()
    task = toy.do("w", lambda client: client.until(lambda: "x" in client.table(ITEMS), MINUTE))

    async def maker(client: Client) -> None:
        await client.sleep(MINUTE)
        await client.commit("make", put(client, ITEMS, "x"))

    toy.do("m", maker)
    toy.play()
    assert outcome(task) == "True"


def test_a_handler_answers_errors_of_its_own_and_hides_those_of_others() -> None:
    class Odd(Server):
        async def on_odd(self, id: str) -> None:
            await self.call(ANY, "a", "nobody", "make", id, {"id": id})

    toy = Toy(server=Odd)
    own = toy.do("own", lambda client: client.call(ANY, "b", "server", "fail", "", {}))
    odd = toy.do("odd", ask("x", "odd"))
    toy.play()
    assert outcome(own) == "Failed: E1: as it is"
    assert outcome(odd).startswith("Failed: server error: refused")


def test_nobody_listens_where_no_program_runs() -> None:
    toy = Toy()
    task = toy.do("s", lambda client: client.call(ANY, "b", "nobody", "make", "x", {"id": "x"}))
    toy.play()
    assert outcome(task).startswith("Refused: refused: nobody listens on nobody[b]")


class Hesitant(Server):
    """A program that answers nobody before it has started, which takes five seconds."""

    serves_while_starting = False

    async def started(self) -> None:
        """Take its time."""
        await self.sleep(5 * SECOND)


def test_requests_wait_in_order_for_the_end_of_a_start() -> None:
    toy = Toy(server=Hesitant)
    tasks = [toy.do(id, ask(id), at=number * SECOND) for number, id in enumerate("xy", 1)]
    toy.play()
    assert [outcome(task) for task in tasks] == ["made x", "made y"]
    assert [event.time for event in toy.trace_of("server[b]", "commit")] == [5 * SECOND, 5 * SECOND]


def test_a_program_that_dies_while_it_starts_serves_none_of_those_that_waited() -> None:
    toy = Toy(server=Hesitant)
    task = toy.do("s", ask("x"))
    toy.play(2 * SECOND)
    toy.world.crash("b", "server")
    toy.world.start("b", "server")
    toy.play()
    assert outcome(task) == "Unknown: cut" and toy.rows(ITEMS) == {}


def test_each_event_has_the_cause_that_brought_it_about() -> None:
    toy = Toy()
    toy.do("s", ask("x", "forward"))
    toy.play()
    trace = toy.world.trace
    made = next(number for number, event in enumerate(trace.events) if event.what == "x made")
    causes = [trace.events[cause] for cause in trace.causes(made)][::-1]
    assert [(event.kind, event.where, event.what) for event in causes] == [
        ("step", "client[a]", "s"),
        ("call", "client[a]", "server[b] forward x"),
        ("call", "server[b]", "disk[b] make x"),
        ("commit", "disk[b]", "x made"),
    ]


# --- periodic tasks ------------------------------------------------------------------------------

PERIOD = 2 * SECOND
PHASE = 700 * MS


class Poller(Server):
    """Copies what the disk lists into files of its own, every two seconds."""

    async def started(self) -> None:
        """Begin."""
        self.every("poll", PERIOD, self.poll, PHASE)

    async def poll(self) -> None:
        """One round."""
        try:
            ids = await self.call(ANY, "b", "disk", "list", "", {})
        except Outcome:
            ids = ["no answer"]
        files = self.table(FILES)
        gone = [row.id for row in files if row.id not in ids]
        new = [id for id in ids if id not in files]
        if gone or new:
            await self.commit("copied", *[files.put(Item(id)) for id in new], *[files.drop(id) for id in gone])


def rounds(toy: Toy) -> list[float]:
    """When a round began, in seconds."""
    return [event.time / SECOND for event in toy.trace_of("server[b]", "round")]


def changed_at(toy: Toy, *times: int) -> None:
    """The disk gets a row at each of these times."""
    for number, time in enumerate(times):
        toy.do(
            f"make {number}",
            lambda client, n=number: client.call(ANY, "b", "disk", "make", f"{n}", {"id": f"{n}"}),
            at=time,
        )


def test_a_round_that_changes_nothing_sleeps_until_what_it_read_changes_and_wakes_in_its_own_phase() -> None:
    toy = Toy(server=Poller)
    changed_at(toy, 101 * SECOND)
    toy.play()
    assert rounds(toy) == [0.7, 102.7, 104.7]
    assert toy.rows(FILES) == {"0": ""}


def test_a_sleeping_round_is_not_woken_by_what_it_did_not_read_nor_by_noise() -> None:
    toy = Toy(server=Poller)
    changed_at(toy, SECOND)
    toy.play()
    before = rounds(toy)

    async def elsewhere(client: Client) -> None:
        await client.commit("mine", put(client, ITEMS, "mine"))
        table = toy.world.store.table(ITEMS, "b")
        await client.commit("noise", table.put(Item("0", "1", seen=7)))

    toy.do("e", elsewhere)
    toy.play()
    assert rounds(toy) == before and before[-1] < 10


def test_a_sleeping_round_wakes_when_a_peer_dies_and_when_it_comes_back() -> None:
    toy = Toy(server=Poller)
    toy.at(100 * SECOND, toy.world.crash, "b", "disk")
    toy.at(200 * SECOND, toy.world.start, "b", "disk")
    toy.play()
    assert rounds(toy) == [0.7, 100.7, 102.7, 200.7, 202.7]
    assert toy.rows(FILES) == {}


def test_a_sleeping_round_wakes_at_its_deadline() -> None:
    class Timed(Poller):
        async def poll(self) -> None:
            if self.now < 50 * SECOND:
                self.not_later_than(50 * SECOND)
            elif "late" not in self.table(FILES):
                await self.commit("late", put(self, FILES, "late", f"{self.now}"))

    toy = Toy(server=Timed)
    toy.play()
    assert rounds(toy) == [0.7, 50.7, 52.7] and toy.rows(FILES) == {"late": f"{50_700 * MS}"}


def test_the_earliest_deadline_wakes() -> None:
    class Timed(Poller):
        async def poll(self) -> None:
            for time in (60, 40, 50):
                if self.now < time * SECOND:
                    self.not_later_than(time * SECOND)

    toy = Toy(server=Timed)
    toy.play()
    assert rounds(toy) == [0.7, 40.7, 50.7, 60.7]


@pytest.mark.parametrize("what", ["partition", "power"])
def test_a_round_into_lasting_silence_sleeps_until_that_ends(what: str) -> None:
    toy = Toy()
    toy.world.crash("a", "client")
    toy.client.factory = Remote
    if what == "power":
        toy.at(SECOND, toy.world.power_off, "b")
        toy.at(HOUR, toy.world.power_on, "b")
    else:
        toy.at(SECOND, toy.world.faults.strike, Fate("partition", between=("a", "b"), back_after=HOUR), -1)
    toy.at(2 * SECOND, toy.world.start, "a", "client")
    toy.play(2 * HOUR)
    times = [event.time for event in toy.trace_of("client[a]", "round")]
    assert len([time for time in times if time < HOUR]) == 2 and max(times) > HOUR
    assert toy.rows(FILES, "a", "client") == {}


def test_a_round_that_failed_comes_again_in_its_phase_at_the_latest_when_what_it_read_changes() -> None:
    class Failing(Poller):
        async def poll(self) -> None:
            if "0" not in await self.call(ANY, "b", "disk", "list", "", {}):
                raise Failed("not there yet")

    toy = Toy(server=Failing)
    changed_at(toy, 101 * SECOND)
    toy.play()
    assert rounds(toy)[-1] == 102.7 and {round(time * 10) % 20 for time in rounds(toy)} == {7}


def test_a_round_that_a_fate_disturbed_comes_again() -> None:
    made = toy(("server[b] poll @0 > disk[b] list", Fate("error-after")), server=Poller)
    made.play()
    assert made.fates() == ["error-after"]
    assert made.rows(FILES) == {} and rounds(made) == [0.7, 2.7, 4.7]


@pytest.mark.parametrize("fate", [Fate("duplicated"), Fate("late", delay=SECOND)], ids=str)
def test_a_round_that_a_fate_disturbed_comes_again_though_it_changed_nothing(fate: Fate) -> None:
    made = toy(("server[b] poll @0 > disk[b] list", fate), server=Poller)
    made.play()
    assert made.fates() == [fate.name] and rounds(made) == [0.7, 2.7]


def test_a_round_whose_write_was_refused_comes_again() -> None:
    made = toy(("server[b] poll @1 : copied", Fate("commit-refused")), server=Poller)
    changed_at(made, SECOND)
    made.play()
    assert made.fates() == ["commit-refused"] and made.rows(FILES) == {"0": ""} and rounds(made)[:3] == [0.7, 2.7, 4.7]


def test_a_round_that_waits_for_rows_in_vain_wakes_when_they_change() -> None:
    class Waiting(Poller):
        async def poll(self) -> None:
            disk = self.world.store.table(ITEMS, "b")
            if await self.until(lambda: "0" in disk, 100 * MS) and "seen" not in self.table(FILES):
                await self.commit("seen", put(self, FILES, "seen"))

    toy = Toy(server=Waiting)
    changed_at(toy, 101 * SECOND)
    toy.play()
    assert toy.rows(FILES) == {"seen": ""} and rounds(toy)[1] == 102.7


def test_a_round_that_has_not_ended_delays_the_next_into_its_own_phase() -> None:
    class Slow(Poller):
        async def poll(self) -> None:
            await self.commit("busy", put(self, FILES, "busy", f"{self.now}"))
            await self.sleep(3 * SECOND)

    toy = Toy(server=Slow)
    toy.play(10 * SECOND)
    assert rounds(toy) == [0.7, 4.7, 8.7]


def test_a_process_that_dies_has_no_more_rounds_and_begins_anew() -> None:
    toy = Toy(server=Poller)
    toy.at(SECOND, toy.world.crash, "b", "server")
    changed_at(toy, 2 * SECOND)
    toy.at(30 * SECOND, toy.world.start, "b", "server")
    toy.play()
    assert rounds(toy) == [0.7, 30.7, 32.7]


class Slowly(Poller):
    """With a long period."""

    async def started(self) -> None:
        """Begin."""
        self.every("rare", 10 * MINUTE, self.poll)


def test_long_periods_keep_nothing_from_rest_and_are_played_all_the_same() -> None:
    toy = Toy(server=Slowly)
    changed_at(toy, SECOND)
    assert toy.play() == "rest" and toy.kernel.now < MINUTE and toy.rows(FILES) == {}
    toy.at(11 * MINUTE, lambda: None)
    toy.play()
    assert toy.rows(FILES) == {"0": ""}


def test_idle_hours_cost_no_events() -> None:
    toy = Toy(server=Poller)
    toy.play()
    before = len(toy.world.trace.events)
    toy.at(24 * HOUR, lambda: None)
    toy.play(25 * HOUR)
    assert len(toy.world.trace.events) == before


Happening = tuple[int, str, str]
SHORT_WORDS = ["make", "drop", "crash disk", "start disk"]
WORDS = [*SHORT_WORDS, "crash server", "start server", "cut", "mend"]


def happenings(words: list[str], step: int) -> st.SearchStrategy[list[Happening]]:
    """Things that happen within forty seconds, at times between the ticks of `Poller` and `Remote`."""
    times = st.integers(0, 40 * SECOND // step - 1).map(lambda number: number * step + 50 * MS)
    return st.lists(st.tuples(times, st.sampled_from(words), st.sampled_from(["p", "q", "r"])), max_size=12)


def happens(toy: Toy, what: str, id: str) -> None:
    """One thing that happens to a world."""
    word, _, name = what.partition(" ")
    disk = toy.world.store.table(ITEMS, "b")
    if what in ("make", "drop"):
        toy.world.change(what, -1, disk.put(Item(id)) if what == "make" else disk.drop(id))
    elif word in ("crash", "start"):
        getattr(toy.world, word)("b", name)
    else:
        fate = Fate("partition", between=("a", "b"), back_after=HOUR)
        (toy.world.faults.strike(fate, -1) if word == "cut" else toy.world.faults.heal(fate))


class Remote(Client):
    """The client polls too, from another node."""

    poll = Poller.poll

    async def started(self) -> None:
        """Begin."""
        self.every("poll", 3 * SECOND, self.poll, 200 * MS)


def both_ways(things: list[Happening]) -> list[Toy]:
    """What comes of it when idle rounds are skipped, and when they are played."""
    ways = []
    for skip in (True, False):
        toy = Toy(server=Poller, skip_idle_rounds=skip)
        toy.world.crash("a", "client")
        toy.client.factory = Remote
        toy.world.start("a", "client")
        for time, what, id in things:
            toy.at(time, happens, toy, what, id)
        toy.play(2 * MINUTE)
        ways.append(toy)
    return ways


@given(happenings(WORDS, 37 * MS))
@settings(max_examples=60, deadline=None)
def test_skipped_and_played_rounds_end_in_the_same_rows(things: list[Happening]) -> None:
    skipped, played = both_ways(things)
    assert snapshot(skipped.world.store) == snapshot(played.world.store)


@given(happenings(SHORT_WORDS, 100 * MS))
@settings(max_examples=60, deadline=None)
def test_skipped_and_played_rounds_do_the_same_at_the_same_times(things: list[Happening]) -> None:
    """Short of changes while a round lasts (a few milliseconds; its time-out behind a partition): one that is
    skipped is not there to see them, and the next one does."""
    skipped, played = (
        [(event.time, event.where, event.deltas) for event in toy.trace_of("", "commit")] for toy in both_ways(things)
    )
    assert skipped == played


def test_played_idle_rounds_let_the_world_rest_after_two_that_changed_nothing() -> None:
    toy = Toy(server=Poller, skip_idle_rounds=False)
    assert toy.play() == "rest" and rounds(toy) == [0.7, 2.7]


# --- harness errors ------------------------------------------------------------------------------

STRUCK = ("when.1 lost > server[b] make x", Fate("lost", how="cut"))


async def lost(client: Client) -> str:
    """A step in which a fate strikes."""
    try:
        return str(await ask("x")(client))
    except Outcome:
        return "as expected"


def broken(act: Any, server: type[Service] = Server) -> str:
    """The text of the harness error of a play whose second step is this, with a fate in its first."""
    with pytest.raises(HarnessError) as error:
        run(play_of(("lost", lost), ("buggy", act), server=server), Replay([STRUCK]))
    return str(error.value)


async def divides(client: Client) -> None:
    """A bug."""
    await client.sleep(SECOND)
    raise ZeroDivisionError("by zero")


async def look_divides(client: Client) -> None:
    """A bug in a handler that only looks."""
    await client.call(ANY, "b", "server", "look", "", {})


async def handler_divides(client: Client) -> None:
    """A bug in a handler."""
    await client.call(ANY, "b", "server", "divide", "", {})


async def condition_divides(client: Client) -> None:
    """A bug in a condition that is asked later."""
    items = client.table(ITEMS)
    client.spawn(client.on_slow("x", SECOND), "makes x")
    await client.until(lambda: "x" in items and 1 // 0 == 1)


async def condition_divides_at_once(client: Client) -> None:
    """A bug in a condition that is asked at once."""
    await client.until(lambda: 1 // 0 == 1)


async def unknown_verb(client: Client) -> None:
    """A verb that nobody has."""
    await client.call(ANY, "b", "server", "no-such", "", {})


async def wrong_arguments(client: Client) -> None:
    """Arguments that the verb does not take."""
    await client.call(ANY, "b", "server", "make", "", {"name": "x"})


async def swallowed_type(client: Client) -> None:
    """A row that is none."""
    await client.commit("odd", client.table(ITEMS).put("no row"))  # type: ignore[arg-type]


async def never_waits(client: Client) -> None:
    """An endless loop that asks for nothing that takes time."""
    while True:
        await client.commit("nothing")


class Buggy(Server):
    """A server with a bug in a handler."""

    async def on_divide(self) -> int:
        """A bug."""
        return 1 // 0

    def on_look(self) -> int:
        """A bug in a handler that only looks."""
        return 1 // 0


@pytest.mark.parametrize(
    ("act", "words", "label"),
    [
        (divides, "ZeroDivisionError: by zero", "when.2 buggy"),
        (handler_divides, "ZeroDivisionError", "when.2 buggy > server[b] divide"),
        (look_divides, "ZeroDivisionError", "when.2 buggy > server[b] look"),
        (condition_divides, "ZeroDivisionError", "when.2 buggy"),
        (condition_divides_at_once, "ZeroDivisionError", "when.2 buggy"),
        (unknown_verb, "server[b] has no verb 'no-such'", "when.2 buggy > server[b] no-such"),
        (wrong_arguments, "name", "when.2 buggy > server[b] make"),
        (swallowed_type, "AttributeError", "when.2 buggy"),
        (never_waits, "goes on for ever without waiting", "when.2 buggy"),
    ],
)
def test_a_harness_error_names_its_label_and_the_schedule(act: Any, words: str, label: str) -> None:
    text = broken(act, Buggy)
    assert words in text and label in text
    assert "scenario toy/play" in text and STRUCK[0] in text and "name='lost'" in text


def test_a_bug_is_never_a_reply() -> None:
    """Whoever calls a handler with a bug cannot go on."""
    went_on: list[str] = []

    async def caller(client: Client) -> None:
        try:
            await handler_divides(client)
        except Exception:
            went_on.append("as if it had failed")

    broken(caller, Buggy)
    assert went_on == []


# --- bounds --------------------------------------------------------------------------------------


async def waits_for_ever(client: Client) -> None:
    """Never ends."""
    await client.until(lambda: "never" in client.table(ITEMS))


async def writes_for_ever(client: Client) -> None:
    """Never rests."""
    while True:
        await client.sleep(SECOND)
        await client.commit("again", put(client, ITEMS, "x", f"{client.now}"))


async def turns_for_ever(client: Client) -> None:
    """Time stands still."""
    while True:
        await client.sleep(0)


class Restless(Poller):
    """Its rounds never stop changing something."""

    async def poll(self) -> None:
        """A change each time."""
        await self.commit("again", put(self, FILES, "x", f"{self.now}"))


@pytest.mark.parametrize(
    ("act", "why"),
    [
        (waits_for_ever, "the world did not come to rest within 24 virtual hours: still at work: when.1 s"),
        (writes_for_ever, "more than 2000 events"),
        (turns_for_ever, "more than 2000 events, or 20 times as many steps: still at work: when.1 s"),
    ],
)
def test_a_world_that_never_rests_is_unknown_at_its_bound(act: Any, why: str) -> None:
    came = run(play_of(("s", act), most_events=2_000), Decisions())
    assert came.result.verdict == UNKNOWN and came.result.unknown.startswith(why)


def test_a_periodic_task_that_never_rests_is_unknown_and_named() -> None:
    came = run(play_of(("s", ask("x")), server=Restless, most_events=2_000), Decisions())
    assert came.result.verdict == UNKNOWN and "still at work: server[b] poll" in came.result.unknown


def test_a_world_that_rests_passes() -> None:
    came = run(play_of(("s", ask("x")), server=Poller), Decisions())
    assert came.result.verdict == PASSED and came.result.unknown == "" and came.result.steps == ["s: made x"]
    assert set(came.snapshot) <= set(SCHEMAS) and NOTES.name not in came.snapshot

"""Every fate strikes as its word says; what a link cannot meet is refused; a schedule replays exactly."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from toy_world import (
    ANY,
    FILES,
    ITEMS,
    NOTES,
    PATIENT,
    SOLID,
    WIRE,
    Act,
    Client,
    Recorder,
    Server,
    Toy,
    ask,
    outcome,
    play_of,
    put,
    toy,
)  # fmt: skip

from sim.clock import MINUTE, MS, SECOND
from sim.connections import Connection
from sim.decisions import Decisions
from sim.decisions.replay import Replay
from sim.decisions.scripted import RowState, Scripted, ScriptedFault
from sim.decisions.seeded import Seeded
from sim.fates import ALL, COMMIT, MESSAGE, ONE_WAY, Fate
from sim.findings import FINDINGS, PASSED
from sim.links import LinkKind
from sim.outcomes import Failed, InputError, Outcome, Unknown
from sim.run import run
from sim.tasks import Task
from sim.triggers import parse

X = "s > server[b] make x"
TESTED: set[str] = set()


def of(*words: str) -> Callable[[Any], Any]:
    """Says which fates a test is about."""
    TESTED.update(words)
    return lambda function: function


def meet(
    word: str, act: Act | None = None, label: str = X, also: tuple[tuple[str, Act], ...] = (), **fate: Any
) -> tuple[Toy, list[Task]]:
    """Play one call, or these, while that fate strikes there; it has struck."""
    made = toy((label, Fate(word, **fate)))
    task = made.do("s", act or ask("x"))
    for name, other in also:
        made.do(name, other, at=MS)
    made.play(10 * MINUTE)
    assert made.fates() == [word] and made.world.gate.decisions.missed() == []
    return made, task


def told_at(made: Toy) -> int:
    """When the caller learnt what became of its call."""
    return [event.time for event in made.trace_of("client[a]", "reply")][-1]


def test_every_fate_has_its_test() -> None:
    assert set(ALL) == TESTED


# --- messages ------------------------------------------------------------------------------------


def test_without_a_fate_a_call_takes_effect_once_and_is_answered() -> None:
    made = toy()
    task = made.do("s", ask("x"))
    made.play()
    assert outcome(task) == "made x" and made.rows(ITEMS) == {"x": "1"}
    assert made.fates() == [] and made.kernel.now == 20 * MS


@of("refused")
def test_refused_has_no_effect_and_the_caller_knows() -> None:
    made, task = meet("refused")
    assert outcome(task).startswith("Refused") and made.rows(ITEMS) == {}
    assert made.kernel.now < SECOND


@of("lost")
def test_lost_in_silence_has_no_effect_and_is_unknown_after_the_time_out() -> None:
    made, task = meet("lost")
    assert outcome(task) == "Unknown: timeout" and made.rows(ITEMS) == {}
    assert made.kernel.now == ANY.timeout


def test_lost_with_its_connection_is_unknown_at_once() -> None:
    made, task = meet("lost", how="cut")
    assert outcome(task) == "Unknown: cut" and made.rows(ITEMS) == {}
    assert made.kernel.now < SECOND


@of("error-before")
def test_an_error_before_has_no_effect_and_the_caller_gets_the_links_own_code() -> None:
    made, task = meet("error-before")
    assert outcome(task).startswith("Failed: toy error") and made.rows(ITEMS) == {}
    made, task = meet("error-before", code="404")
    assert outcome(task).startswith("Failed: 404")


@of("error-after")
def test_an_error_after_has_its_effect_and_the_caller_is_told_of_failure() -> None:
    made, task = meet("error-after")
    assert outcome(task).startswith("Failed: toy error") and made.rows(ITEMS) == {"x": "1"}
    made, task = meet("error-after", code="500")
    assert outcome(task).startswith("Failed: 500")


@of("reply-lost")
@pytest.mark.parametrize("label", [X, X + " reply"])
@pytest.mark.parametrize(
    ("how", "outcome_", "within"), [("silence", "Unknown: timeout", ANY.timeout), ("cut", "Unknown: cut", 20 * MS)]
)
def test_a_lost_reply_has_its_effect_and_is_unknown(label: str, how: str, outcome_: str, within: int) -> None:
    made, task = meet("reply-lost", label=label, how=how)
    assert outcome(task) == outcome_ and made.rows(ITEMS) == {"x": "1"}
    assert made.kernel.now == within


@of("late")
def test_late_takes_effect_after_its_caller_gave_up() -> None:
    made, task = meet("late")
    assert outcome(task) == "Unknown: timeout" and made.rows(ITEMS) == {"x": "1"}
    (effect,) = made.trace_of("server[b]", "commit")
    assert ANY.timeout < effect.time <= ANY.timeout + ANY.lateness
    made, task = meet("late", delay=3 * SECOND)
    assert outcome(task) == "made x" and made.kernel.now == 3 * SECOND + 10 * MS


def test_nothing_is_later_than_its_links_bound() -> None:
    assert ANY.timeout is not None
    for label in (X, X + " reply"):
        with pytest.raises(InputError, match=r"the link 'any' is never later than 70\.000s"):
            meet("late", label=label, delay=ANY.timeout + ANY.lateness + 1)


def test_a_late_reply_comes_after_its_caller_gave_up() -> None:
    made, task = meet("late", label=X + " reply")
    assert outcome(task) == "Unknown: timeout" and made.rows(ITEMS) == {"x": "1"}
    assert made.kernel.now > ANY.timeout


@of("duplicated")
def test_duplicated_takes_effect_twice_and_is_answered_once() -> None:
    resumed: list[str] = []

    async def once(client: Client) -> str:
        resumed.append(await ask("x")(client))
        await client.sleep(SECOND)
        return "went on"

    made, task = meet("duplicated", once)
    assert made.rows(ITEMS) == {"x": "2"}
    assert resumed == ["made x"] and outcome(task) == "went on"


@of("overtaken")
def test_overtaken_arrives_after_the_next_message_to_that_process() -> None:
    made, task = meet("overtaken", also=(("t", ask("y")),))
    assert outcome(task) == "made x" and list(made.rows(ITEMS)) == ["y", "x"]


def test_overtaken_by_nothing_arrives_at_the_links_bound() -> None:
    made, task = meet(
        "overtaken", also=(("t", lambda client: client.call(ANY, "b", "disk", "make", "y", {"id": "y"})),)
    )
    assert outcome(task) == "Unknown: timeout" and list(made.rows(ITEMS)) == ["y", "x"]
    assert made.kernel.now <= ANY.timeout + ANY.lateness + SECOND


@of("hung")
def test_hung_neither_acts_nor_answers() -> None:
    made, task = meet("hung")
    assert outcome(task) == "Unknown: timeout" and made.rows(ITEMS) == {}


def test_a_caller_without_a_time_out_waits_for_a_hung_peer_until_the_calm() -> None:
    decisions = Replay([("when.1 make > server[b] make x", Fate("hung"))])
    came = run(play_of(("make", ask("x", link=PATIENT))), decisions)
    assert came.result.steps == ["make: unknown (cut)"] and "items" not in came.snapshot
    assert came.result.verdict == PASSED and came.result.ended_at > 10 * MINUTE


def test_a_caller_of_a_hung_peer_learns_that_it_has_died() -> None:
    made = toy((X, Fate("hung")))
    task = made.do("s", ask("x", link=PATIENT))
    made.play(MINUTE)
    assert outcome(task) == "at work"
    made.world.faults.strike(Fate("crash", node="b", process="server", back_after=SECOND), -1)
    made.play()
    assert outcome(task) == "Unknown: cut" and made.kernel.now < 2 * MINUTE


@of("held")
def test_held_goes_on_at_the_request_that_it_waits_for() -> None:
    made, task = meet("held", until="server[b] make z", also=(("t", ask("y")), ("u", ask("z"))))
    assert outcome(task) == "made x" and list(made.rows(ITEMS)) == ["y", "z", "x"]


@pytest.mark.parametrize("link", [ANY, PATIENT])
def test_what_is_held_for_what_never_comes_is_let_go_when_the_storm_ends(link: LinkKind) -> None:
    decisions = Replay([("when.1 make > server[b] make x", Fate("held", until="server[b] make never"))])
    came = run(play_of(("make", ask("x", link=link))), decisions)
    assert came.result.steps == ["make: made x" if link is PATIENT else "make: unknown (timeout)"]
    assert [row["id"] for row in came.snapshot["items"]["b"]] == ["x"]
    assert came.result.verdict == PASSED


def test_what_is_held_goes_on_when_nothing_else_does() -> None:
    """A world is not at rest while it holds a message."""

    async def cast(client: Client) -> str:
        await client.cast(ANY, "b", "server", "make", "x", {"id": "x"})
        return "sent"

    async def look(client: Client) -> str:
        return ", ".join(row.id for row in client.world.store.table(ITEMS, "b"))

    decisions = Replay([("when.1 cast > server[b] make x", Fate("held", until="server[b] make never"))])
    came = run(play_of(("cast", cast), ("look", look), wait=True), decisions)
    assert came.result.steps == ["cast: sent", "look: x"]


@pytest.mark.parametrize("until", ["server[b] make z reply", "server[b] commits z made"])
def test_a_message_can_be_held_for_a_request_only(until: str) -> None:
    with pytest.raises(InputError, match="goes on at a request"):
        meet("held", until=until)


# --- commits -------------------------------------------------------------------------------------


async def write(client: Client) -> str:
    """One durable write, and what its task hears of it."""
    try:
        await client.commit("write", put(client, ITEMS, "x"))
    except Failed:
        return "failed"
    except Unknown:
        return "unknown"
    return "ok"


@of("commit-refused")
def test_a_refused_commit_changes_nothing_and_the_task_knows() -> None:
    made, task = meet("commit-refused", write, "s : write")
    assert outcome(task) == "failed" and made.rows(ITEMS, "a") == {}


@of("commit-unknown")
def test_an_unknown_commit_is_made_and_the_task_hears_of_no_success() -> None:
    made, task = meet("commit-unknown", write, "s : write")
    assert outcome(task) == "unknown" and made.rows(ITEMS, "a") == {"x": ""}


@pytest.mark.parametrize("word", ["lost", "commit-refused"])
@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_commit_cannot_meet_what_becomes_of_messages(word: str, moment: str) -> None:
    if (word, moment) == ("commit-refused", "before"):
        return
    with pytest.raises(InputError, match="a durable write cannot be"):
        meet(word, write, "s : write", moment=moment)


# --- machines ------------------------------------------------------------------------------------


@of("crash")
@pytest.mark.parametrize(("moment", "rows"), [("before", {}), ("after", {"x": "1"})])
def test_a_crash_at_a_commit_comes_before_or_after_it(moment: str, rows: dict[str, str]) -> None:
    fate = {"node": "b", "process": "server", "moment": moment, "back_after": SECOND}
    made, task = meet("crash", label=f"{X} : x made", **fate)
    assert outcome(task) == "Unknown: cut" and made.rows(ITEMS) == rows
    assert made.world.is_up("b", "server") and made.server.starts == 2


def test_a_receiver_that_crashes_before_a_request_refuses_it() -> None:
    made, task = meet("crash", node="b", process="server")
    assert outcome(task).startswith("Refused") and made.rows(ITEMS) == {}
    assert not made.world.is_up("b", "server")


def test_a_receiver_that_crashes_before_its_reply_has_done_it_and_the_caller_sees_the_cut() -> None:
    made, task = meet("crash", label=X + " reply", node="b", process="server", back_after=SECOND)
    assert outcome(task) == "Unknown: cut" and made.rows(ITEMS) == {"x": "1"}
    assert made.kernel.now == SECOND + 20 * MS - 10 * MS


def test_a_caller_that_crashes_has_sent_its_request_all_the_same() -> None:
    made, task = meet("crash", node="a", process="client", back_after=SECOND)
    assert outcome(task) == "Unknown: killed" and made.rows(ITEMS) == {"x": "1"}


def test_a_machine_fate_at_a_write_can_strike_later() -> None:
    fate = {"node": "b", "process": "server", "moment": "after", "delay": 5 * SECOND, "back_after": SECOND}
    made, task = meet("crash", label=f"{X} : x made", **fate)
    assert outcome(task) == "made x"
    assert [event.time // SECOND for event in made.trace_of("server[b]", "kill")] == [5]


def test_a_sender_that_loses_power_before_its_reply_is_silent() -> None:
    made, task = meet("power-loss", label=X + " reply", node="b", back_after=SECOND)
    assert outcome(task) == "Unknown: timeout" and made.rows(ITEMS) == {"x": "1"}


def test_a_program_that_does_not_start_with_its_node_is_not_started_again() -> None:
    """Nobody restarts a program that another one forked; the one that healing starts is a daemon."""

    async def fork(client: Client) -> None:
        await client.run_program("child", Server)

    made = toy()
    made.do("s", fork)
    made.play()
    made.world.faults.strike(Fate("crash", node="a", process="child", back_after=SECOND), -1)
    made.world.faults.strike(Fate("crash", node="a", process="no such program", back_after=SECOND), -1)
    made.play()
    assert not made.world.is_up("a", "child")


@of("power-loss")
def test_a_power_loss_keeps_durable_rows_and_its_peers_meet_silence() -> None:
    made = toy((X, Fate("power-loss", node="b", back_after=MINUTE)))
    made.do("r", ask("kept", "remember"))
    made.play()
    assert [made.rows(schema) for schema in (ITEMS, FILES, NOTES)] == [{"kept": ""}] * 3
    task = made.do("s", ask("x"))
    made.play(made.kernel.now + 30 * SECOND)
    assert outcome(task) == "Unknown: timeout" and told_at(made) == 40 * MS - 20 * MS + ANY.timeout
    assert [made.rows(schema) for schema in (ITEMS, FILES, NOTES)] == [{"kept": ""}, {}, {}]
    assert not made.world.nodes["b"].up
    made.play()
    assert made.fates() == ["power-loss"] and made.world.is_up("b", "disk") and made.world.is_up("b", "server")


def test_power_returns_with_a_boot_that_takes_its_time() -> None:
    made, _ = meet("power-loss", node="b", back_after=MINUTE)
    boots = [event.time for event in made.world.trace.events if event.what == "boots"]
    starts = [(event.where, event.time > boots[0]) for event in made.trace_of("", "start") if event.data == 2]
    assert starts == [("disk[b]", True), ("server[b]", True)]


def test_power_that_is_lost_again_while_a_node_boots_ends_that_boot() -> None:
    made = toy()
    for time, act in ((1, "off"), (2, "on"), (10, "off"), (20, "on")):
        made.at(time * SECOND, getattr(made.world, f"power_{act}"), "b")
    made.play()
    starts = [event.time // SECOND for event in made.trace_of("disk[b]", "start")]
    assert starts == [0, 50]


@of("partition")
def test_a_partition_shorter_than_the_time_out_delays_and_loses_nothing() -> None:
    made, task = meet("partition", between=("a", "b"), back_after=5 * SECOND)
    assert outcome(task) == "made x" and made.rows(ITEMS) == {"x": "1"}
    assert 5 * SECOND < made.kernel.now < 6 * SECOND


def test_a_reply_into_a_partition_comes_when_it_heals() -> None:
    made, task = meet("partition", label=X + " reply", between=("a", "b"), back_after=5 * SECOND)
    assert outcome(task) == "made x" and 5 * SECOND < made.kernel.now < 6 * SECOND


def test_a_partition_longer_than_the_time_out_is_silence_and_nothing_is_sent_again() -> None:
    made, task = meet("partition", between=("b", "a"), back_after=MINUTE)
    assert outcome(task) == "Unknown: timeout" and made.rows(ITEMS) == {}


def test_a_partition_leaves_everybody_else_connected() -> None:
    made = toy()
    made.world.faults.strike(Fate("partition", between=("a", "b"), back_after=-1), -1)
    inside = made.do("inside", lambda server: server.on_forward("z"), process=made.server)
    outside = made.do("outside", ask("y"))
    made.play()
    assert outcome(inside) == "made z" and outcome(outside) == "Unknown: timeout"


# --- connections ---------------------------------------------------------------------------------


def connected(*schedule: tuple[str, Fate]) -> tuple[Toy, Connection, list[Task]]:
    """A client that connects to the server and then calls over the connection."""
    made = toy(*schedule)
    found: list[Connection] = []

    async def talk(client: Client) -> str:
        found.append(await client.connect(WIRE, "b", "server"))
        await client.sleep(SECOND)
        return str(
            await client.call(WIRE, "b", "server", "slow", "x", {"id": "x", "after": SECOND}, connection=found[0])
        )

    task = made.do("s", talk)
    made.play(SECOND)
    return made, found[0], task


def closed(made: Toy) -> dict[str, int]:
    """When each end was told that the connection had closed, in milliseconds."""
    rows = made.rows(ITEMS, "a") | made.rows(ITEMS, "b")
    return {name: int(value) // MS for name, value in rows.items() if name.startswith("closed")}


SLOW = "s > server[b] slow x"


def test_a_cut_is_seen_by_both_ends_at_once() -> None:
    made, connection, task = connected((SLOW, Fate("lost", how="cut")))
    made.play()
    assert outcome(task) == "Unknown: cut" and not connection.open
    assert closed(made) == {"closed at a": 1_030, "closed at b": 1_030}


@pytest.mark.parametrize("word", ["lost", "reply-lost"])
def test_silence_on_a_connection_is_noticed_by_keepalive(word: str) -> None:
    made, connection, task = connected((SLOW, Fate(word)))
    made.play()
    assert outcome(task) == "Unknown: cut" and not connection.open
    struck = 1_030 if word == "lost" else 2_030
    assert closed(made) == {"closed at a": struck + 5_000, "closed at b": struck + 5_000}


def test_nothing_more_gets_through_a_connection_that_has_fallen_silent() -> None:
    made, connection, _ = connected((SLOW, Fate("lost")))
    made.play(2 * SECOND)
    again = made.do(
        "t", lambda client: client.call(WIRE, "b", "server", "make", "y", {"id": "y"}, connection=connection)
    )
    made.play()
    assert outcome(again) == "Unknown: cut" and "y" not in made.rows(ITEMS)


def test_a_crash_closes_its_connections_at_once_and_only_the_living_end_is_told() -> None:
    made, connection, task = connected((SLOW, Fate("crash", node="b", process="server", back_after=MS)))
    made.play()
    assert outcome(task) == "Unknown: cut" and not connection.open
    assert closed(made) == {"closed at a": 1_030}


def test_a_crash_behind_a_partition_is_noticed_by_keepalive() -> None:
    made, connection, task = connected((SLOW, Fate("partition", between=("a", "b"), back_after=-1)))
    made.at(1_500 * MS, made.world.crash, "b", "server")
    made.play()
    assert outcome(task) == "Unknown: cut" and not connection.open
    assert closed(made) == {"closed at a": 6_030}


def test_a_power_loss_is_noticed_by_keepalive_and_the_node_that_returned_knows_nothing_of_it() -> None:
    made, connection, task = connected((SLOW, Fate("power-loss", node="b", back_after=MS)))
    made.play()
    assert outcome(task) == "Unknown: cut" and not connection.open
    assert closed(made) == {"closed at a": 6_030}


def test_a_node_that_returned_resets_a_connection_it_does_not_know() -> None:
    slow_to_notice = LinkKind("slow to notice", WIRE.fates, latency=10 * MS, keepalive=10 * MINUTE)
    made = toy()
    found: list[Connection] = []

    async def talk(client: Client) -> str:
        found.append(await client.connect(slow_to_notice, "b", "server"))
        await client.sleep(2 * MINUTE)
        return str(await client.call(slow_to_notice, "b", "server", "make", "x", {"id": "x"}, connection=found[0]))

    task = made.do("s", talk)
    made.at(SECOND, made.world.power_off, "b")
    made.at(2 * SECOND, made.world.power_on, "b")
    made.play()
    assert outcome(task) == "Unknown: cut" and "x" not in made.rows(ITEMS)
    assert made.kernel.now < 3 * MINUTE


@pytest.mark.parametrize("label", [SLOW, SLOW + " reply"])
def test_a_partition_shorter_than_the_keepalive_breaks_no_connection(label: str) -> None:
    made, connection, task = connected((label, Fate("partition", between=("a", "b"), back_after=4 * SECOND)))
    made.play()
    assert outcome(task) == "made x" and connection.open and closed(made) == {}


def test_a_partition_longer_than_the_keepalive_breaks_connections() -> None:
    made, connection, task = connected((SLOW, Fate("partition", between=("a", "b"), back_after=6 * SECOND)))
    made.play()
    assert outcome(task) == "Unknown: cut" and not connection.open and len(closed(made)) == 2


def test_a_call_over_a_closed_connection_is_cut_at_once() -> None:
    made, connection, _ = connected()
    made.play()
    made.world.network.close(connection)
    again = made.do("t", lambda one: one.call(WIRE, "b", "server", "make", "y", {"id": "y"}, connection=connection))
    began = made.kernel.now
    made.play()
    assert outcome(again) == "Unknown: cut" and made.kernel.now == began and "y" not in made.rows(ITEMS)


def test_a_connection_that_opens_after_its_caller_gave_up_is_closed_again() -> None:
    made = toy(("s > server[b] connect", Fate("late")))
    task = made.do("s", lambda client: client.connect(ANY, "b", "server"))
    made.play()
    assert made.fates() == ["late"] and outcome(task) == "Unknown: timeout"
    assert list(closed(made)) == ["closed at a", "closed at b"]
    assert not made.client.connections and not made.server.connections


def test_a_connection_to_a_hung_peer_breaks_when_the_storm_ends() -> None:
    quiet = LinkKind("quiet", WIRE.fates, latency=10 * MS)

    async def talk(client: Client) -> str:
        connection = await client.connect(quiet, "b", "server")
        return str(await client.call(quiet, "b", "server", "make", "x", {"id": "x"}, connection=connection))

    came = run(play_of(("talk", talk)), Replay([("when.1 talk > server[b] make x", Fate("hung"))]))
    assert came.result.steps == ["talk: unknown (cut)"] and came.result.verdict == PASSED


def test_two_connections_of_the_same_ends_have_two_names() -> None:
    made = toy()
    names: list[str] = []

    async def twice(client: Client) -> None:
        names.extend([repr(await client.connect(WIRE, "b", "server")) for _ in range(2)])

    made.do("s", twice)
    made.play()
    assert names == ["client[a] to server[b]", "client[a] to server[b] #2"]


# --- what cannot strike --------------------------------------------------------------------------


@pytest.mark.parametrize("word", sorted(MESSAGE))
def test_a_fate_that_the_links_table_does_not_list_is_refused(word: str) -> None:
    with pytest.raises(InputError, match=rf"the link 'solid' cannot meet '{word}'"):
        meet(word, ask("x", link=SOLID))


@pytest.mark.parametrize("word", sorted(MESSAGE))
def test_a_message_without_a_reply_meets_only_what_needs_none(word: str) -> None:
    async def cast(client: Client) -> None:
        await client.cast(ANY, "b", "server", "make", "x", {"id": "x"})

    fate = {"until": "server[b] make z"} if word == "held" else {}
    if word in ONE_WAY:
        _, task = meet(word, cast, **fate)
        assert outcome(task) == "None"
    else:
        with pytest.raises(InputError, match="expects no reply"):
            meet(word, cast)


@pytest.mark.parametrize("word", sorted((MESSAGE.keys() | COMMIT.keys()) - {"late", "reply-lost", "lost"}))
def test_a_reply_can_only_be_lost_or_late(word: str) -> None:
    with pytest.raises(InputError):
        meet(word, label=X + " reply")


# --- schedules -----------------------------------------------------------------------------------

BUSY = [
    ("make", ask("x")), ("slow", ask("y", "slow", after=SECOND)), ("forward", ask("z", "forward")), ("again", ask("x")),
]  # fmt: skip


def whatever(client: Client, act: Act) -> Any:
    """Do it, whatever it comes to."""

    async def go() -> str:
        try:
            return str(await act(client))
        except Outcome as error:
            return type(error).__name__

    return go()


BUSY_STEPS = [(name, lambda client, act=act: whatever(client, act)) for name, act in BUSY]


@pytest.mark.parametrize("seed", range(20))
def test_the_labels_that_struck_replay_the_same_trace(seed: int) -> None:
    first = run(play_of(*BUSY_STEPS), Seeded(seed, one_in=2, most=3))
    again = Replay(first.result.struck)
    second = run(play_of(*BUSY_STEPS), again)
    assert first.result.struck and second.result.fingerprint == first.result.fingerprint
    assert second.result == first.result and again.missed() == []


@pytest.mark.parametrize("word", ["duplicated", "crash"])
def test_what_strikes_behind_a_duplicate_or_a_restart_replays_too(word: str) -> None:
    """Their labels differ from those of the first time."""
    first = {
        "duplicated": ("when.1 forward > server[b] forward z", Fate("duplicated")),
        "crash": ("when.1 forward > server[b] forward z", Fate("crash", node="b", process="disk", back_after=5 * MS)),
    }[word]
    scripted = ScriptedFault(
        "second", Fate("reply-lost"), parse("disk[b] make z reply"), nth=2 if word == "duplicated" else 1
    )
    recorder = run(play_of(BUSY_STEPS[2]), _Both(Replay([first]), Scripted([scripted])))
    again = Replay(recorder.result.struck)
    second = run(play_of(BUSY_STEPS[2]), again)
    assert len(recorder.result.struck) == 2
    assert (second.result.fingerprint, again.missed()) == (recorder.result.fingerprint, [])


class _Both(Decisions):
    """The first source, else the second."""

    def __init__(self, first: Decisions, second: Decisions) -> None:
        self.first, self.second = first, second

    def arm(self) -> None:
        self.second.arm()

    def request(self, call: Any) -> Fate | None:
        return self.first.request(call) or self.second.request(call)

    def reply(self, call: Any) -> Fate | None:
        return self.first.reply(call) or self.second.reply(call)


def test_a_label_that_never_comes_is_missed_and_a_finding() -> None:
    label = "when.1 make > server[b] make never"
    came = run(play_of(*BUSY_STEPS), Replay([(label, Fate("lost"))]))
    assert came.result.missed == [f"lost at {label}"] and came.result.verdict == FINDINGS
    assert label in came.result.findings[0].remains


class Chatty(Server):
    """A server with a periodic task of its own, and one that is told of it."""

    async def started(self) -> None:
        """Begin to poll."""
        self.every("poll", SECOND, self._poll)

    async def _poll(self) -> None:
        try:
            rows = await self.call(ANY, "b", "disk", "list", "", {})
            await self.commit("polled", put(self, FILES, "polled", str(len(rows))))
        except Outcome:
            await self.commit("poll failed", put(self, FILES, "polled", f"failed at {self.now}"))


LABELLED = (*BUSY_STEPS, ("wait", lambda client: client.sleep(5 * SECOND)), ("last", ask("last")))


def labels(*schedule: tuple[str, Fate]) -> list[str]:
    """The labels of all points of a busy play in which that strikes."""
    recorder = Recorder(*schedule)
    run(play_of(*LABELLED, server=Chatty), recorder)
    assert recorder.missed() == []
    return recorder.labels


@pytest.mark.parametrize(
    ("label", "fate"),
    [
        ("when.1 make > server[b] make x", Fate("duplicated")),
        ("when.3 forward > server[b] forward z", Fate("duplicated")),
        ("when.2 slow > server[b] slow y", Fate("crash", node="b", process="server", back_after=SECOND)),
        ("when.2 slow > server[b] slow y", Fate("power-loss", node="b", back_after=SECOND)),
        ("when.1 make > server[b] make x", Fate("partition", between=("a", "b"), back_after=SECOND)),
    ],
)
def test_no_two_points_of_a_run_have_the_same_label(label: str, fate: Fate) -> None:
    found = labels((label, fate))
    assert sorted(set(found)) == sorted(found)


@pytest.mark.parametrize("number", range(1, len(BUSY) + 1))
@pytest.mark.parametrize(
    "fate",
    [Fate("duplicated"), Fate("lost"), Fate("reply-lost"), Fate("error-before"), Fate("late", delay=SECOND)],
    ids=str,
)
def test_one_more_fault_renames_no_label_of_another_command(number: int, fate: Fate) -> None:
    """A periodic task's are named by tick, and their number depends on how long all lasts."""
    plain = labels()
    struck = next(label for label in plain if label.startswith(f"when.{number} ") and " > " in label)
    found = labels((struck, fate))

    def others(all_labels: list[str]) -> list[str]:
        return [one for one in all_labels if one.startswith("when.") and not one.startswith(f"when.{number} ")]

    assert others(found) == others(plain)


def test_a_point_is_named_by_its_causal_path_and_counted_within_its_parent() -> None:
    async def thrice(client: Client) -> None:
        for _ in range(3):
            await ask("x", "forward")(client)

    recorder = Recorder()
    made = Toy(recorder)
    made.do("s", thrice)
    made.play()
    first = "s > server[b] forward x"
    inner = "disk[b] make x"
    assert recorder.labels[:5] == [
        first, f"{first} > {inner}", f"{first} > {inner} : x made", f"{first} > {inner} reply", f"{first} reply",
    ]  # fmt: skip
    assert recorder.labels[5:7] == [f"{first} #2", f"{first} #2 > {inner}"]


def test_the_labels_of_writes_count_for_themselves() -> None:
    """Else the label of a task would depend on whether writes are drawn."""

    async def same_words(client: Client) -> None:
        await client.commit("work", put(client, ITEMS, "x"))
        await client.join(client.spawn(ask("x")(client), "work"))

    found = []
    for commits in (True, False):
        recorder = Recorder(commits=commits)
        made = Toy(recorder)
        made.do("s", same_words)
        made.play()
        found.append([label for label in recorder.labels if " : " not in label])
    assert found[0] == found[1] != []


def test_watching_durable_writes_changes_neither_labels_nor_trace() -> None:
    with_, without = Recorder(commits=True), Recorder(commits=False)
    first, second = (run(play_of(*LABELLED, server=Chatty), one) for one in (with_, without))
    assert first.result.fingerprint == second.result.fingerprint
    assert [label for label in with_.labels if " : " not in label] == without.labels


# --- sources -------------------------------------------------------------------------------------


def test_a_seeded_run_deviates_in_no_more_points_than_its_bound() -> None:
    counts = [len(run(play_of(*BUSY_STEPS), Seeded(seed, one_in=1, most=2)).result.struck) for seed in range(10)]
    assert max(counts) == 2


def test_a_seed_means_the_same_everywhere() -> None:
    def fingerprint(seed: int) -> str:
        return run(play_of(*BUSY_STEPS), Seeded(seed, one_in=2)).result.fingerprint

    assert fingerprint(-1) == fingerprint(-1)
    assert len({fingerprint(seed) for seed in range(20)}) > 5


@pytest.mark.parametrize(
    ("nth", "lasts", "struck"), [(1, 0, ["1"]), (2, 0, ["2"]), (1, 10 * SECOND, ["1", "2"]), (3, MINUTE, ["3", "4"])]
)
def test_a_scripted_fault_strikes_the_nth_point_and_those_while_it_lasts(
    nth: int, lasts: int, struck: list[str]
) -> None:
    fault = ScriptedFault("no x", Fate("refused"), parse("server[b] make *"), nth=nth, lasts=lasts)
    times = [("1", 1), ("2", 5), ("3", 20), ("4", 30)]

    async def at_its_time(client: Client, id: str, time: int) -> str:
        await client.sleep(time * SECOND - client.now)
        return str(await ask(id)(client))

    steps = [
        (id, lambda client, id=id, time=time: whatever(client, lambda one: at_its_time(one, id, time)))
        for id, time in times
    ]
    came = run(play_of(*steps), Scripted([fault]))
    assert [label.split()[-1] for label, _ in came.result.struck] == struck
    assert came.result.missed == []


def test_a_scripted_fault_strikes_when_a_row_comes_into_a_state() -> None:
    state = RowState("items", "b", {"value": "1"})
    fault = ScriptedFault("x is made", Fate("crash", node="b", process="server", back_after=SECOND), state=state)
    came = run(play_of(*BUSY_STEPS[:1]), Scripted([fault]))
    assert [(label, fate.name) for label, fate in came.result.struck] == [
        ("when.1 make > server[b] make x : x made", "crash")
    ]
    again = Replay(came.result.struck)
    assert run(play_of(*BUSY_STEPS[:1]), again).result.fingerprint == came.result.fingerprint
    assert came.snapshot["items"]["b"][0]["value"] == "1"


def test_several_faults_at_one_write_replay_in_their_order() -> None:
    state = RowState("items", "b", {"value": "1"})
    fates = [Fate("crash", node="b", process=name, back_after=SECOND) for name in ("server", "disk")]
    came = run(play_of(*BUSY_STEPS[:1]), Scripted([ScriptedFault(fate.process, fate, state=state) for fate in fates]))
    assert [fate.process for _, fate in came.result.struck] == ["server", "disk"]
    assert len({label for label, _ in came.result.struck}) == 1
    again = run(play_of(*BUSY_STEPS[:1]), Replay(came.result.struck))
    assert again.result.fingerprint == came.result.fingerprint and again.result.missed == []


def test_a_scripted_fault_strikes_when_the_world_changes_a_row() -> None:
    made = RowState("items", "b", {"value": "1"})
    died = RowState("programs", "b", {"name": "server", "up": False})
    back = RowState("programs", "b", {"name": "server", "up": True})
    fates = [Fate("crash", node="b", process=name, back_after=SECOND) for name in ("server", "disk", "server")]
    faults = [
        ScriptedFault("x is made", fates[0], state=made),
        ScriptedFault("the server died", fates[1], state=died),
        ScriptedFault("the server is back", msgspec.structs.replace(fates[2], delay=SECOND), state=back),
    ]
    came = run(play_of(*BUSY_STEPS[:1]), Scripted(faults))
    assert [(label, fate.process) for label, fate in came.result.struck][1:] == [
        ("server[b] = dies", "disk"),
        ("server[b] = start #2", "server"),
    ]
    assert came.result.missed == []
    again = run(play_of(*BUSY_STEPS[:1]), Replay(came.result.struck))
    assert again.result.fingerprint == came.result.fingerprint


@pytest.mark.parametrize(
    "fate",
    [
        Fate("crash", node="b", process="server", back_after=SECOND),
        Fate("power-loss", node="b", back_after=SECOND),
        Fate("partition", between=("a", "b"), back_after=SECOND),
    ],
    ids=lambda fate: fate.name,
)
def test_who_is_down_already_cannot_be_struck(fate: Fate) -> None:
    other = msgspec.structs.replace(fate, back_after=2 * SECOND)
    made = toy()
    for one in (fate, other):
        made.world.faults.strike(one, -1)
    assert made.world.faults.missed() == [f"{fate.describe()}, which was down already"]
    assert made.world.faults.took == {fate}


def test_a_scripted_fault_that_never_strikes_fails_its_scenario() -> None:
    fault = ScriptedFault("no such", Fate("refused"), parse("server[b] make nothing"))
    came = run(play_of(*BUSY_STEPS), Scripted([fault]))
    assert came.result.missed == ["no such"] and came.result.verdict == FINDINGS


def test_fates_are_told_in_words() -> None:
    assert msgspec.structs.replace(Fate("crash"), node="b", process="server").describe() == "crash server[b]"
    assert Fate("power-loss", node="b").describe() == "power-loss b"
    assert Fate("partition", between=("a", "b")).describe() == "partition a | b"

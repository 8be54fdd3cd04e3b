"""A crash runs no clean-up, and strikes between any two steps."""

from __future__ import annotations

import gc
import inspect
import os
import subprocess
import sys
import warnings
import weakref
from pathlib import Path
from typing import Any

import clean_up
import msgspec
import pytest
from toy_world import FILES, ITEMS, NOTES, Client, Item, Server, Toy, ask, outcome, put, toy

from sim.clock import SECOND
from sim.fates import Fate
from sim.kill import drop
from sim.outcomes import HarnessError
from sim.tables import Lifetime, Schema

HERE = Path(__file__).parent
CRASH = Fate("crash", node="a", process="client", back_after=SECOND)


@pytest.fixture(autouse=True)
def no_marks() -> None:
    clean_up.MARKS.clear()


@pytest.mark.parametrize("name", clean_up.ALL)
def test_no_clean_up_runs_when_the_process_is_killed(name: str) -> None:
    toy = Toy()
    task = toy.do(name, clean_up.ALL[name])
    toy.play(SECOND)
    assert outcome(task) == "at work"
    toy.world.crash("a", "client")
    gc.collect()
    toy.play(100 * SECOND)
    assert outcome(task) == "Unknown: killed"
    toy.world.close()
    del toy, task
    gc.collect()
    assert clean_up.MARKS == []


@pytest.mark.parametrize("name", clean_up.ALL)
def test_no_clean_up_runs_when_nothing_is_around_what_is_killed(name: str) -> None:
    """As the handlers of a program are: no frame but their own tells that there may be something to run."""
    toy = Toy()
    task = toy.kernel.spawn(toy.client, clean_up.ALL[name](_client(toy)), name, None)  # type: ignore[arg-type]
    toy.play(SECOND)
    toy.world.crash("a", "client")
    toy.world.close()
    assert task.ended
    del toy, task
    gc.collect()
    assert clean_up.MARKS == []


BARE = [name for name in clean_up.ALL if name not in ("never_started", "in_join", "beside_a_coroutine")]


@pytest.mark.parametrize("name", BARE)
def test_the_clean_up_would_run_if_the_task_were_only_closed(name: str) -> None:
    """The positions are worth something: without the kernel's care their clean-up does run."""
    coroutine: Any = clean_up.ALL[name](_client(Toy()))
    coroutine.send(None)
    try:
        coroutine.close()
    except RuntimeError as error:
        assert "ignored GeneratorExit" in str(error)
    del coroutine
    gc.collect()
    assert clean_up.MARKS != []


@pytest.mark.parametrize("how", ["kill", "close", "error"])
def test_nothing_runs_and_nothing_is_warned_of_until_the_interpreter_has_ended(how: str) -> None:
    path = os.pathsep.join([str(HERE.parent.parent), str(HERE)])
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", str(HERE / "clean_up.py"), how],
        env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)


def test_a_task_that_never_began_is_ended_without_a_warning() -> None:
    toy = Toy()
    coroutine: Any = clean_up.in_finally(_client(toy))
    task = toy.kernel.spawn(toy.client, coroutine, "never", None)
    toy.world.crash("a", "client")
    toy.play()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        del coroutine
        task.coroutine = None  # type: ignore[assignment]
    assert task.ended and clean_up.MARKS == []


def _client(toy: Toy) -> Client:
    client = toy.client.service
    assert isinstance(client, Client)
    return client


async def _plain(client: Client) -> None:
    """Waits, and has nothing that could run."""
    rows = list(client.table(ITEMS).all())
    await clean_up.far(client)
    assert rows


def _killed(coroutine: Any, toy: Toy) -> str:
    """The state of a coroutine whose process has died."""
    toy.kernel.spawn(toy.client, coroutine, "killed", None)
    toy.play(SECOND)
    toy.world.crash("a", "client")
    return inspect.getcoroutinestate(coroutine)


def test_a_task_that_has_nothing_to_clean_up_is_closed() -> None:
    toy = Toy()
    assert _killed(_plain(_client(toy)), toy) == inspect.CORO_CLOSED


@pytest.mark.parametrize("name", ["in_finally", "beside_generators", "beside_a_finaliser", "beside_what_is_held_deep"])
def test_a_task_that_has_something_to_clean_up_is_kept(name: str) -> None:
    toy = Toy()
    assert _killed(clean_up.ALL[name](_client(toy)), toy) == inspect.CORO_SUSPENDED
    gc.collect()
    assert clean_up.MARKS == []


def test_dropping_what_has_ended_is_harmless() -> None:
    async def short() -> None:
        return None

    coroutine = short()
    with pytest.raises(StopIteration):
        coroutine.send(None)
    drop(coroutine)


def test_a_killed_task_is_not_woken_by_what_it_waited_for() -> None:
    """Timers, replies, rows and joins: none of them reaches a task of a dead process."""
    toy = Toy()
    woken: list[str] = []

    async def wait(client: Client, how: str) -> None:
        if how == "sleep":
            await client.sleep(2 * SECOND)
        elif how == "call":
            await ask("x", "slow", after=2 * SECOND)(client)
        elif how == "until":
            await client.until(lambda: "x" in client.table(ITEMS))
        else:
            await client.join(client.spawn(wait(client, "sleep"), "other"))
        woken.append(how)

    for how in ("sleep", "call", "until", "join"):
        toy.do(how, lambda client, how=how: wait(client, how))
    toy.at(SECOND, toy.world.crash, "a", "client")
    toy.play(SECOND)
    toy.world.store.apply([toy.world.store.table(ITEMS, "a").put(Item("x"))])
    assert toy.play() == "rest"
    assert woken == []


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_a_crash_can_come_on_either_side_of_every_commit(number: int, moment: str) -> None:
    async def writer(client: Client) -> None:
        for row in range(4):
            await client.commit("write", put(client, ITEMS, f"{row}"))

    label = "w : write" + (f" #{number}" if number > 1 else "")
    made = toy((label, msgspec.structs.replace(CRASH, moment=moment)))
    task = made.do("w", writer)
    made.play()
    assert outcome(task) == "Unknown: killed"
    assert len(made.rows(ITEMS, "a")) == (number if moment == "after" else number - 1)
    assert made.world.gate.decisions.missed() == []


@pytest.mark.parametrize("number", range(9))
def test_a_crash_can_come_between_any_two_steps(number: int) -> None:
    """A task with eight waits of one second, killed in each."""
    steps: list[int] = []

    async def walker(client: Client) -> None:
        try:
            for step in range(8):
                await client.sleep(SECOND)
                steps.append(step)
        finally:
            steps.append(-1)

    toy = Toy()
    toy.do("w", walker)
    toy.at(number * SECOND + SECOND // 2, toy.world.crash, "a", "client")
    toy.play()
    assert steps == list(range(number)) + ([-1] if number == 8 else [])


def test_a_process_that_ends_itself_stops_there() -> None:
    after: list[str] = []

    async def suicide(client: Client) -> None:
        await client.end_program("client")
        after.append("still here")

    async def respawn(client: Client) -> None:
        await client.respawn(SECOND)
        after.append("still here")

    toy = Toy()
    toy.do("respawn", respawn)
    toy.play()
    assert toy.world.is_up("a", "client")
    toy.do("suicide", suicide)
    toy.play()
    assert not toy.world.is_up("a", "client")
    assert after == []


def test_a_task_stops_where_what_it_starts_kills_it() -> None:
    """A program's first step is run within its starter's; when that strikes the starter, it goes no further."""
    after: list[str] = []

    class Child(Server):
        async def started(self) -> None:
            await self.commit("hello", put(self, ITEMS, "hello"))

    async def parent(client: Client) -> None:
        await client.run_program("child", Child)
        after.append("still here")

    made = toy(("child[a] start : hello", Fate("crash", node="a", process="client", back_after=-1)))
    task = made.do("parent", parent)
    made.play()
    assert outcome(task) == "Unknown: killed" and after == []
    assert made.world.is_up("a", "child")


def test_a_crash_loses_memory_and_a_power_loss_the_hosts_rows_too() -> None:
    toy = Toy()
    toy.do("remember", ask("x", "remember"))
    toy.play()
    assert [toy.rows(schema) for schema in (ITEMS, FILES, NOTES)] == [{"x": ""}] * 3
    toy.world.crash("b", "server")
    assert [toy.rows(schema) for schema in (ITEMS, FILES, NOTES)] == [{"x": ""}, {"x": ""}, {}]
    toy.world.power_off("b")
    assert [toy.rows(schema) for schema in (ITEMS, FILES, NOTES)] == [{"x": ""}, {}, {}]


def test_a_program_that_starts_again_begins_anew() -> None:
    toy = Toy()
    before = toy.server.service
    toy.world.crash("b", "server")
    assert toy.server.service is None
    toy.world.start("b", "server")
    assert toy.server.service is not before
    assert [event.data for event in toy.trace_of("server[b]", "start")] == [1, 2]


class Heavy(msgspec.Struct, frozen=True, weakref=True):
    """A row that can be watched."""

    id: str


def test_a_closed_world_holds_neither_rows_nor_trace() -> None:
    """Frames of killed tasks are never given back, so they must hold little."""
    heavies = Schema("heavies", Heavy, "id", Lifetime.DURABLE)
    toy = Toy()
    table = toy.world.store.table(heavies, "a")

    async def work(client: Client) -> None:
        await client.commit("make", table.put(Heavy("one")))
        await client.sleep(SECOND)

    toy.do("work", work)
    seen = weakref.ref(table["one"])
    toy.world.close()
    gc.collect()
    assert not table.rows and seen() is None


def test_closing_a_world_runs_no_clean_up() -> None:
    toy = Toy()
    clean_up.at_work(toy)
    toy.world.close()
    gc.collect()
    assert clean_up.MARKS == []


def test_memory_is_the_only_thing_that_is_written_without_waiting() -> None:
    """What survives a process is an await, so a crash can come before it."""

    async def hasty(client: Client) -> None:
        client.set("hasty", put(client, ITEMS, "x"))

    toy = Toy()
    with pytest.raises(HarnessError, match=r"client\[a\] cannot set items without committing it"):
        toy.do("hasty", hasty)
    toy.world.close()


def test_what_one_world_kills_leaves_another_alone() -> None:
    first, second = Toy(), Toy()
    tasks = [one.do("make", ask("x", "slow", after=SECOND)) for one in (first, second)]
    first.world.crash("a", "client")
    second.play()
    assert [outcome(task) for task in tasks] == ["Unknown: killed", "made x"]

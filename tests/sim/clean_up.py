"""Tasks in every position with clean-up code in them: none of it may run when they are killed.

As a program it kills them all, lets the interpreter end, and must print nothing at all:
``python -X dev -W error clean_up.py kill|close|error``.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from typing import Any

from toy_world import ITEMS, Client, Toy, ask, put

from sim.clock import SECOND
from sim.outcomes import HarnessError

MARKS: list[str] = []
Position = Callable[[Client], Awaitable[Any]]
ALL: dict[str, Position] = {}

FOR_EVER = 1_000_000 * SECOND


def position(function: Position) -> Position:
    """A position that a task can be killed in."""
    ALL[function.__name__] = function
    return function


def mark(where: str) -> None:
    """Clean-up code has run."""
    MARKS.append(where)
    print("clean-up ran in", where, flush=True)


def far(client: Client) -> Awaitable[None]:
    """Waits until it is killed."""
    return client.sleep(FOR_EVER)


class Guard:
    """An asynchronous context manager with something to clean up."""

    async def __aenter__(self) -> Guard:
        return self

    async def __aexit__(self, *exc: object) -> None:
        mark("__aexit__")


class SlowGuard(Guard):
    """One that waits where `wait` says."""

    def __init__(self, client: Client, wait: str) -> None:
        self.client = client
        self.wait = wait

    async def __aenter__(self) -> Guard:
        try:
            if self.wait == "enter":
                await far(self.client)
        finally:
            if self.wait == "enter":
                mark("__aenter__")
        return self

    async def __aexit__(self, *exc: object) -> None:
        try:
            await far(self.client)
        finally:
            mark("slow __aexit__")


@asynccontextmanager
async def guarded(client: Client) -> AsyncIterator[None]:
    """A context manager made of a generator."""
    try:
        yield
    finally:
        mark("asynccontextmanager")
        await far(client)


@contextmanager
def guarded_plainly() -> Iterator[None]:
    """The same, not asynchronous."""
    try:
        yield
    finally:
        mark("contextmanager")


async def numbers(client: Client) -> AsyncIterator[int]:
    """An asynchronous generator that waits within, and cleans up."""
    try:
        for number in range(3):
            yield number
            await far(client)
    finally:
        mark("asynchronous generator")


def plain_numbers() -> Iterator[int]:
    """A plain generator that cleans up."""
    try:
        yield from range(3)
    finally:
        mark("generator")


class Finalised:
    """An object with a finaliser."""

    def __del__(self) -> None:
        mark("__del__")


@position
async def in_finally(client: Client) -> None:
    """Within try, with a finally."""
    try:
        await far(client)
    finally:
        mark("finally")


@position
async def in_except(client: Client) -> None:
    """Within try, catching everything."""
    try:
        await far(client)
    except BaseException:
        mark("except")
        raise


@position
async def in_running_clean_up(client: Client) -> None:
    """Within a finally that has begun to run for another reason."""
    try:
        try:
            raise ValueError
        finally:
            await far(client)
    finally:
        mark("outer finally")


@position
async def in_running_except(client: Client) -> None:
    """Within an except clause that waits."""
    try:
        raise ValueError
    except ValueError:
        try:
            await far(client)
        finally:
            mark("finally in except")


@position
async def in_async_with(client: Client) -> None:
    """Within async with."""
    async with Guard():
        await far(client)


@position
async def in_aenter(client: Client) -> None:
    """While async with enters."""
    async with SlowGuard(client, "enter"):
        pass


@position
async def in_aexit(client: Client) -> None:
    """While async with leaves."""
    async with SlowGuard(client, "exit"):
        pass


@position
async def in_generated_context(client: Client) -> None:
    """Within context managers made of generators."""
    with guarded_plainly():
        async with guarded(client):
            await far(client)


@position
async def in_exit_stack(client: Client) -> None:
    """Within an exit stack with callbacks."""
    async with AsyncExitStack() as stack:
        stack.callback(mark, "exit stack")
        await stack.enter_async_context(Guard())
        await far(client)


@position
async def in_async_for(client: Client) -> None:
    """Suspended inside an asynchronous generator, inside async for."""
    async for _ in numbers(client):
        pass


@position
async def in_body_of_async_for(client: Client) -> None:
    """Suspended in the body of async for, its generator suspended at a yield."""
    async for _ in numbers(client):
        await far(client)


@position
async def beside_generators(client: Client) -> None:
    """With generators of both kinds begun and held."""
    held, plain = numbers(client), plain_numbers()
    await anext(held)
    next(plain)
    await far(client)


@position
async def beside_a_coroutine(client: Client) -> None:
    """With a coroutine held that nobody has awaited yet."""
    held = in_finally(client)
    await far(client)
    await held


@position
async def beside_a_finaliser(client: Client) -> None:
    """With an object held that has a finaliser."""
    held = Finalised()
    await far(client)
    del held


@position
async def beside_what_is_held_deep(client: Client) -> None:
    """With a finaliser and a begun generator in containers and closures."""
    plain = plain_numbers()
    next(plain)
    held = {"one": [(Finalised(),)], "two": lambda: plain}
    await far(client)
    del held


@position
async def in_body_of_for(client: Client) -> None:
    """In a loop over a plain generator, which no name holds."""
    for _ in plain_numbers():
        await far(client)


@position
async def in_an_expression(client: Client) -> None:
    """In the middle of an expression, of which one part has a finaliser."""
    assert [Finalised(), await far(client)]


@position
async def with_what_it_closes_over(client: Client) -> None:
    """With a begun generator that only the enclosing function has named."""

    async def inner() -> None:
        await far(client)
        assert held

    held = plain_numbers()
    next(held)
    waiting = inner()
    await waiting


@position
async def nested(client: Client) -> None:
    """Three coroutines deep, each with a finally."""

    async def deep(level: int) -> None:
        try:
            await (deep(level - 1) if level else far(client))
        finally:
            mark(f"level {level}")

    await deep(3)


@position
async def in_call(client: Client) -> None:
    """Waiting for a reply."""
    try:
        await ask("x", "slow", after=FOR_EVER)(client)
    finally:
        mark("finally of a caller")


@position
async def in_until(client: Client) -> None:
    """Waiting for a row."""
    try:
        await client.until(lambda: "never" in client.table(ITEMS), FOR_EVER)
    finally:
        mark("finally of a waiter")


@position
async def in_join(client: Client) -> None:
    """Waiting for another task, which waits as well."""
    try:
        await client.join(client.spawn(in_finally(client), "other"))
    finally:
        mark("finally of a joiner")


@position
async def in_commit(client: Client) -> None:
    """Killed by its own commit."""
    try:
        await client.commit("the last", put(client, ITEMS, "last"))
        await far(client)
    finally:
        mark("finally of a writer")


@position
async def never_started(client: Client) -> None:
    """A task that never gets its first step."""
    await far(client)


def at_work(toy: Toy) -> None:
    """A task in each position, one handler that waits, and one task that never begins."""
    for name, act in ALL.items():
        toy.do(name, act)
    toy.play(SECOND)
    client = toy.client.service
    assert client is not None
    toy.kernel.spawn(toy.client, never_started(client), "never", None)  # type: ignore[arg-type]


def kill() -> None:
    """Every process dies."""
    toy = Toy()
    at_work(toy)
    toy.world.crash("a", "client")
    toy.world.power_off("b")
    gc.collect()


def close() -> None:
    """The world is closed."""
    toy = Toy()
    at_work(toy)
    toy.world.close()
    del toy
    gc.collect()


def error() -> None:
    """The harness itself fails under tasks at work."""
    from toy_world import play_of

    from sim.decisions import Decisions
    from sim.run import run

    async def buggy(client: Client) -> None:
        await client.sleep(SECOND)
        raise ZeroDivisionError

    steps = [*ALL.items(), ("buggy", buggy)]
    try:
        run(play_of(*steps, together=True), Decisions())
    except HarnessError:
        pass
    else:
        print("no harness error")
    gc.collect()


if __name__ == "__main__":
    {"kill": kill, "close": close, "error": error}[sys.argv[1]]()

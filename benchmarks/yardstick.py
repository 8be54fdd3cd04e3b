"""The yardstick: a bare coroutine loop that passes messages, with a task a handler, and nothing else.

Two parties call each other over a queue ordered by time; a request makes a task that handles it, and its reply
is a message that wakes the caller's task.  No trace, no rows, no checks, no gate, no labels: what any
simulator of this kind pays at least.
"""

from __future__ import annotations

import types
from collections.abc import Coroutine, Generator
from heapq import heappop, heappush
from typing import Any


@types.coroutine
def _ask(operation: tuple[str, int]) -> Generator[tuple[str, int], Any, Any]:
    return (yield operation)


async def _handle(number: int) -> int:
    return number + 1


async def _client(calls: int) -> int:
    number = 0
    for _ in range(calls):
        number = await _ask(("call", number))
    return number


class Task:
    """A coroutine at work, and who waits for what it returns."""

    __slots__ = ("caller", "coroutine")

    def __init__(self, coroutine: Coroutine[Any, Any, int], caller: Task | None) -> None:
        self.coroutine = coroutine
        self.caller = caller


class Loop:
    """A queue of (time, number), and living tasks."""

    def __init__(self) -> None:
        self.now = 0
        self.number = 0
        self.queue: list[tuple[int, int, Any, tuple[Any, ...]]] = []
        self.tasks: dict[Task, None] = {}

    def at(self, time: int, function: Any, *arguments: Any) -> None:
        """Call the function at that time."""
        self.number += 1
        heappush(self.queue, (time, self.number, function, arguments))

    def start(self, coroutine: Coroutine[Any, Any, int], caller: Task | None) -> None:
        """Begin a task."""
        task = Task(coroutine, caller)
        self.tasks[task] = None
        self.step(task, None)

    def step(self, task: Task, value: int | None) -> None:
        """Run a task until it calls or ends; its end is a reply."""
        try:
            _, number = task.coroutine.send(value)
        except StopIteration as stop:
            del self.tasks[task]
            if task.caller is not None:
                self.at(self.now + 1, self.step, task.caller, stop.value)
            return
        self.at(self.now + 1, self.start, _handle(number), task)

    def run(self) -> None:
        """Until nothing is left."""
        while self.queue:
            self.now, _, function, arguments = heappop(self.queue)
            function(*arguments)


def pass_messages(messages: int) -> None:
    """Pass that many messages: half of them requests, half replies."""
    loop = Loop()
    loop.start(_client(messages // 2), None)
    loop.run()

"""Tasks: coroutines of a process, and the place of each in the causal tree."""

from __future__ import annotations

import types
from collections.abc import Callable, Coroutine, Generator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.messages import Call
    from sim.nodes import Process
    from sim.watch import Watch

Op = tuple[Any, Any]  # (the kernel's function, its argument); the function may return PENDING


class _Pending:
    """What an operation returns whose task goes on later."""


PENDING = _Pending()


@types.coroutine
def ask(op: Op) -> Generator[Op, Any, Any]:
    """Hand an operation to the kernel and wait for its value: the only `await` there is."""
    return (yield op)


class Task:
    """One coroutine at work in a process.

    `path` is its label: the causal path from the scenario's step, each part with an occurrence number
    within its parent when it is not the first, so that one more fault renames no unrelated point.
    """

    __slots__ = (
        "_path", "call", "cancel", "coroutine", "counts", "ended", "error", "event", "joined",
        "parent", "point", "process", "value", "watch",
    )  # fmt: skip

    def __init__(
        self,
        coroutine: Coroutine[Any, Any, Any],
        process: Process,
        parent: Task | None,
        point: str,
        event: int,
        watch: Watch | None = None,
        call: Call | None = None,
    ) -> None:
        self.coroutine = coroutine
        self.process = process
        self.parent = parent
        self.point = point
        self.event = event  # the number of its latest event: the cause of what it does next
        self.watch = watch
        self.call = call  # the call that it answers
        self.counts: dict[str, int] | None = None
        self.cancel: Callable[[], None] | None = None  # how to stop waiting, if it is killed
        self.ended = False
        self.value: Any = None
        self.error: Exception | None = None
        self.joined: Callable[[], None] | None = None
        self._path: str | None = None

    @property
    def path(self) -> str:
        """The label of this task."""
        if self._path is None:
            self._path = f"{self.parent.path} > {self.point}" if self.parent else self.point
        return self._path

    def count(self, name: str) -> str:
        """The name of a point within this task: with ``#n`` from its second time on."""
        counts = self.counts
        if counts is None:
            self.counts = {name: 1}
            return name
        number = counts[name] = counts.get(name, 0) + 1
        return name if number == 1 else f"{name} #{number}"

"""Periodic tasks whose idle rounds are skipped.

A round that changed nothing would change nothing again, unless something that it read changes: so it
sleeps until a row that it read, the state of a peer or link, or a deadline of its own changes, and
then wakes in its own phase.  Skipped rounds are no events.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from sim.clock import SECOND
from sim.tasks import Task
from sim.watch import Watch

if TYPE_CHECKING:
    from sim.kernel import Entry
    from sim.nodes import Process

LONGEST_OF_REST = 60 * SECOND
"""Periods above this do not keep the world from rest."""


def _nothing() -> None:
    """What a forgotten watch wakes."""


async def _no_round() -> None:
    """What a forgotten periodic task does."""


class Periodic:
    """One periodic task of a process."""

    __slots__ = (
        "entry", "name", "period", "point", "process", "quiet", "round_", "skips", "start", "task", "watch", "world",
    )  # fmt: skip

    def __init__(
        self, process: Process, name: str, period: int, round_: Callable[[], Coroutine[Any, Any, None]], phase: int
    ) -> None:
        self.process = process
        self.world = process.world
        self.name = name
        self.period = period
        self.round_ = round_
        self.start = self.world.kernel.now + phase
        number = f" #{process.starts}" if process.starts > 1 else ""
        self.point = f"{process.where}{number} {name} @"  # of its rounds: this start of the process makes no other
        self.skips = self.world.skip_idle_rounds
        self.watch = Watch(self._wake)
        self.task: Task | None = None
        self.entry: Entry | None = None
        self.quiet = 0  # rounds in a row that changed nothing
        self._set(self.start)

    def _set(self, time: int, background: bool = False) -> None:
        kernel = self.world.kernel
        if background or self.period > LONGEST_OF_REST:
            self.entry = kernel.at(time, self._begin, background=True)
        else:
            self.entry = kernel.after(time - kernel.now, self._begin)

    def _next(self, time: int) -> int:
        """The first tick of its own phase at or after that time, and after now."""
        after = max(time, self.world.kernel.now + 1) - self.start
        return self.start + -(-after // self.period) * self.period

    def _begin(self) -> None:
        kernel = self.world.kernel
        self.entry = None
        tick = (kernel.now - self.start) // self.period
        self.watch.forget()
        event = kernel.trace.add(kernel.now, -1, "round", self.process.where, self.name, tick)
        self.task = Task(self.round_(), self.process, None, f"{self.point}{tick}", event, self.watch)
        self.task.joined = self._ended
        kernel.start(self.task)

    def _ended(self) -> None:
        task, watch = self.task, self.watch
        self.task = None
        if not self.process.up or task is None:
            return
        # A round that failed for what it read, such as a peer that is down, would fail again.
        self.quiet = 0 if watch.changed or watch.disturbed else self.quiet + 1
        if self.quiet >= 2 if not self.skips else self.quiet:
            self._rest()
        else:
            self._set(self._next(0))

    def _rest(self) -> None:
        """Sleep; or, where rounds are played and not skipped, go on without keeping the world from rest."""
        deadline = self.watch.deadline
        self.watch.armed = True
        if not self.skips:
            self._set(self._next(0), background=deadline is None)
        elif deadline is not None:
            self._set(self._next(deadline))

    def _wake(self) -> None:
        self.quiet = 0
        if self.entry is not None:
            self.world.kernel.cancel(self.entry)
        self._set(self._next(0))

    def stop(self) -> None:
        """No more rounds: the process has died."""
        self.watch.forget()
        if self.entry is not None:
            self.world.kernel.cancel(self.entry)
            self.entry = None

    def forget(self) -> None:
        """The world is over: hold nothing of it."""
        self.watch.wake = _nothing
        self.watch.reads.clear()
        self.round_ = _no_round

    @property
    def asleep(self) -> bool:
        """Whether it waits for a change and not for a time."""
        return self.task is None and self.entry is None

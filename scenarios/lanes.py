"""Worker processes: each lane is one, and plays one unit of work after the other.

A lane is replaced after so many runs, since what killed tasks held is never freed (see `sim.kill`).  Workers leave
Ctrl-C to their parent, and end with it even if that is killed.
"""

from __future__ import annotations

import gc
import os
import signal
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import active_children, get_context, parent_process
from multiprocessing.connection import wait as wait_for
from threading import Thread
from typing import Any, NamedTuple, TypeVar

from scenarios.interrupts import heed_interrupts
from sim.outcomes import HarnessError
from sim.run import undisturbed

T = TypeVar("T")
R = TypeVar("R")

RUNS_PER_WORKER = 10_000
"""After so many runs a worker is replaced: by then they have kept some 130 MB."""

MANY_OBJECTS = 200_000
"""More objects than when it looked for cycles last, and a process looks again: a run with findings leaves some."""

AHEAD = 2
"""Units that a lane has, so that it need not wait for the next."""


def cores() -> int:
    """How many lanes there are, unless somebody says otherwise."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


Work = tuple[T, int] | None
"""An item with how many runs it is about; None when there is none before more has come back."""


def played(
    function: Callable[[T], R], work: Iterable[Work[T]], jobs: int, took: Callable[[R], int] | None = None
) -> Iterator[tuple[T, R]]:
    """What the function makes of each item, as it comes, in no order.

    With one job it is made in order, and here as long as that is no more than one worker plays.  The function and its
    items must be picklable.

    Args:
        took: how many runs a result took, where only that tells.

    Raises:
        HarnessError: a worker died.
    """
    work = iter(work)
    if jobs > 1 or (yield from _here(function, work, took)):
        yield from _elsewhere(function, work, max(jobs, 1), took)


def _here(
    function: Callable[[T], R], work: Iterator[Work[T]], took: Callable[[R], int] | None
) -> Generator[tuple[T, R], None, bool]:
    """As many as one worker plays; whether there may be more."""
    runs = 0
    for unit in work:
        if unit is not None:
            with undisturbed():
                result = _tidily(function, unit[0])
            runs += unit[1] if took is None else took(result)
            heed_interrupts()
            yield unit[0], result
            if runs >= RUNS_PER_WORKER:
                return True
    return False


def _elsewhere(
    function: Callable[[T], R], work: Iterator[Work[T]], jobs: int, took: Callable[[R], int] | None
) -> Iterator[tuple[T, R]]:
    lanes = [_Lane(function) for _ in range(jobs)]
    whole = False
    try:
        yield from _along(lanes, work, took)
        whole = True
    except BrokenProcessPool:
        raise HarnessError("a worker process died before its work was done") from None
    finally:
        if not whole:  # nobody waits for what they have begun
            for child in active_children():
                child.terminate()
        for lane in lanes:
            lane.stop()


def in_order(function: Callable[[T], R], work: Iterable[tuple[T, int]], jobs: int) -> Iterator[R]:
    """The same, in the order of the work."""
    numbered = (((number, item), runs) for number, (item, runs) in enumerate(work))
    early: dict[int, R] = {}
    following = 0
    for (number, _), result in played(_Second(function), numbered, jobs):
        early[number] = result
        while following in early:
            yield early.pop(following)
            following += 1


class _Second:
    """The function, of the second of a pair."""

    def __init__(self, function: Callable[[T], R]) -> None:
        self.function = function

    def __call__(self, pair: tuple[int, T]) -> R:
        return self.function(pair[1])  # type: ignore[no-any-return]


_NO_MORE: tuple[Any, int] = (None, -1)


def _along(lanes: list[_Lane], work: Iterator[Work[T]], took: Callable[[R], int] | None) -> Iterator[tuple[T, R]]:
    running: dict[Future[R], _Begun] = {}
    waiting = deque(lane for _ in range(AHEAD) for lane in lanes)  # each lane once for each unit that it can take
    while True:
        unit: Work[T] = None
        while waiting:
            unit = next(work, _NO_MORE)
            if unit is None or unit is _NO_MORE:
                break
            lane = waiting.popleft()
            running[lane.take(*unit)] = _Begun(lane, lane.pool, *unit)
        if unit is _NO_MORE and not running:
            return
        done = wait(running, return_when=FIRST_COMPLETED).done
        heed_interrupts()
        for future in [one for one in running if one in done]:
            begun, result = running.pop(future), future.result()
            waiting.append(begun.lane)
            if took is not None and begun.lane.pool is begun.pool:
                begun.lane.runs += took(result) - begun.runs
            yield begun.item, result


class _Lane:
    """One worker process, and its successors."""

    def __init__(self, function: Callable[..., object]) -> None:
        self.function = function
        self.runs = 0
        self.pool = _pool()

    def take(self, item: object, runs: int) -> Future[object]:
        """Let the worker do it, or a fresh one."""
        if self.runs >= RUNS_PER_WORKER:
            self.pool.shutdown(wait=False)  # it ends what it has
            self.pool, self.runs = _pool(), 0
        self.runs += runs
        with _deaf_to_interrupts():
            return self.pool.submit(_tidily, self.function, item)

    def stop(self) -> None:
        """Do no more."""
        self.pool.shutdown(wait=True, cancel_futures=True)


def _tidily(function: Callable[[T], R], item: T) -> R:
    """What the function makes of the item; then away with cycles, if there are many."""
    try:
        return function(item)
    finally:
        if gc.get_count()[0] > MANY_OBJECTS:
            gc.collect()


class _Begun(NamedTuple):
    """An item, who plays it, and about how many runs it is."""

    lane: _Lane
    pool: ProcessPoolExecutor
    item: Any
    runs: int


def _pool() -> ProcessPoolExecutor:
    return ProcessPoolExecutor(1, get_context("spawn"), initializer=_begin)


def _begin() -> None:
    """In a worker: it ends with its parent, which can tell it nothing once killed; cycles wait till a unit ends."""
    gc.disable()
    parent = parent_process()
    if parent is not None:
        Thread(target=_await, args=(parent.sentinel,), daemon=True).start()


def _await(sentinel: int) -> None:
    wait_for([sentinel])
    os._exit(1)


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Block Ctrl-C: processes and threads started here inherit it, so only the parent answers it."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)

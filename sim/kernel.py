"""Virtual time and tasks: the event loop.

Time is an integer of microseconds and jumps only when nothing is runnable.  The queue is ordered by
(time, sequence number), so equal times are played in the order in which they were set.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from heapq import heappop, heappush
from typing import Any

from sim.kill import drop
from sim.nodes import Process
from sim.outcomes import Failed, HarnessError, Outcome, Unknown, fail, told
from sim.store import Store
from sim.tables import Change
from sim.tasks import PENDING, Task
from sim.trace import Trace
from sim.watch import Watch

Entry = list[Any]  # [time, sequence, function or None once cancelled, arguments, in the background?]


_LAST = 1 << 60
MOST_OPERATIONS = 100_000
"""What a task may ask for without ever waiting; more is an endless loop."""


class Kernel:
    """The queue, the clock and the running of tasks."""

    def __init__(self, store: Store, trace: Trace) -> None:
        self.now = 0
        self.store = store
        self.trace = trace
        self.queue: list[Entry] = []
        self.sequence = 0
        self.live = 0  # entries that keep the world from rest
        self.tasks = 0  # tasks that have not ended
        self.running: Task | None = None  # the task whose step is being run
        self.after_step: Callable[[], None] = lambda: None
        self.answer: Callable[[Task], None] = lambda task: None
        self.steps = self.step  # bound once: each look-up of a method makes another object
        self.op_commit = self._op_commit
        self.commit_gate: Callable[[Task, str], Any] | None = None
        self.committed: Callable[[Task, str, list[Any]], None] | None = None

    # --- the queue -----------------------------------------------------------------------------

    def at(
        self, time: int, function: Callable[..., object], *args: Any, background: bool = False, last: bool = False
    ) -> Entry:
        """Call the function at that time (now, if it is past); returns the entry, for `cancel`.

        `last`: after everything else of that time, so that what arrives in time precedes its time-out.
        """
        self.sequence += 1
        number = self.sequence + _LAST if last else self.sequence
        entry = [time if time > self.now else self.now, number, function, args, background]
        heappush(self.queue, entry)
        if not background:
            self.live += 1
        return entry

    def after(self, microseconds: int, function: Callable[..., object], *args: Any) -> Entry:
        """Call the function after so long: what `at` does, for the common case."""
        self.sequence = number = self.sequence + 1
        self.live += 1
        entry = [self.now + microseconds, number, function, args, False]
        heappush(self.queue, entry)
        return entry

    def cancel(self, entry: Entry) -> None:
        """Make the entry never happen; harmless if it has."""
        if entry[2] is not None:
            entry[2] = None
            if not entry[4]:
                self.live -= 1

    def advance(
        self, until: int, most_events: int, stop: Callable[[], bool] | None = None, task: Task | None = None
    ) -> str:
        """Play entries until one of: ``rest``, ``time`` (the next entry is later), ``bound``.

        With `task`, ``rest`` is when that has ended; with `stop`, when that holds; without, when no entry and no
        task is left.
        """
        queue, events = self.queue, self.trace.raw
        most_entries = 20 * most_events
        while not (task.ended if task is not None else self.live == 0 and self.tasks == 0 if stop is None else stop()):
            if not queue:
                break
            entry = heappop(queue)
            time, _, function, args, background = entry
            if function is None:
                continue
            if time > until:
                heappush(queue, entry)
                break
            if len(events) >= most_events or self.sequence >= most_entries:
                heappush(queue, entry)
                return "bound"
            entry[2] = None  # it has happened
            if not background:
                self.live -= 1
            self.now = time
            if len(args) == 1:  # as mostly: a call of one argument takes fewer steps than one of a tuple
                function(args[0])
            else:
                function(*args)
        else:
            return "rest"
        self.now = max(self.now, until)
        return "time"

    # --- tasks ---------------------------------------------------------------------------------

    def start(self, task: Task) -> None:
        """Begin a task now."""
        self.tasks += 1
        task.process.tasks[task] = None
        self.step(task)

    def spawn(
        self,
        process: Process,
        coroutine: Coroutine[Any, Any, Any],
        name: str,
        parent: Task | None,
        cause: int = -1,
    ) -> Task:
        """A task of its own, beginning when the present step has ended."""
        point = parent.count(name) if parent else f"{process.where} {name}"
        event = self.trace.add(self.now, parent.event if parent else cause, "task", process.where, name)
        task = Task(coroutine, process, parent, point, event)
        self.tasks += 1
        process.tasks[task] = None
        task.cancel = partial(self.cancel, self.after(0, self.steps, task))
        if parent is not None and parent.watch is not None:
            parent.watch.changed = True
        return task

    def step(self, task: Task, value: Any = None, error: BaseException | None = None) -> None:
        """Run a task until it has to wait; checks are asked after each step, never inside one."""
        store, coroutine, watch = self.store, task.coroutine, task.watch
        task.cancel = None
        outer, operations = self.running, 0
        self.running = task
        while True:
            store.reading = watch
            try:
                function, asked = coroutine.send(value) if error is None else coroutine.throw(error)
            except StopIteration as stop:
                self._end(task, stop.value, None)
                break
            except Outcome as outcome:
                self._end(task, None, outcome)
                break
            except Exception as bug:
                fail(bug, task.path)
            finally:
                store.reading = None
            if error is not None:  # it was caught, and shall not hold the frame that may hold it: no cycles
                error.__traceback__ = None
                error = None
            try:
                value = function(task, asked)
            except Outcome as outcome:
                value, error = None, outcome
            except Exception as bug:
                fail(bug, task.path)
            if value is PENDING or task.ended:  # it may have died of what it asked for
                break
            operations += 1
            if operations > MOST_OPERATIONS:
                raise HarnessError(f"{task.path} goes on for ever without waiting")
            if store.unjudged:
                self.after_step()
        self.running = outer
        if store.unjudged:
            self.after_step()

    def judge(self) -> None:
        """Ask the checks, if anything has changed since they were asked."""
        if self.store.unjudged:
            self.after_step()

    def _end(self, task: Task, value: Any, error: Outcome | None) -> None:
        task.ended = True
        task.value = value
        self.tasks -= 1
        task.process.tasks.pop(task, None)
        if error is not None:
            error.__traceback__ = error.__context__ = error.__cause__ = None  # they hold frames, and those the world
            task.error = error
            if task.call is None:
                task.event = self.trace.add(self.now, task.event, "end", task.process.where, task.point, told(error))
        if task.call is not None:
            self.answer(task)
        if task.joined is not None:
            joined, task.joined = task.joined, None
            joined()

    def kill(self, task: Task) -> None:
        """End a task where it stands; no code of it runs."""
        if task.ended:
            return
        task.ended = True
        task.error = Unknown("killed")
        self.tasks -= 1
        task.process.tasks.pop(task, None)
        if task.cancel is not None:
            task.cancel()
        drop(task.coroutine)
        if task.joined is not None:
            joined, task.joined = task.joined, None
            joined()

    # --- what a task can ask for ---------------------------------------------------------------

    def op_sleep(self, task: Task, microseconds: int) -> Any:
        """Go on after so long."""
        task.cancel = partial(self.cancel, self.after(max(microseconds, 0), self.steps, task))
        return PENDING

    def _op_commit(self, task: Task, commit: tuple[str, Sequence[Change]]) -> Any:
        """Make the changes durable, all or none; a task can be killed on either side of it."""
        why, changes = commit
        if self.commit_gate is not None:
            outcome = self.commit_gate(task, why)
            if task.ended:
                return PENDING
        else:
            outcome = None
        if isinstance(outcome, Failed):
            raise outcome
        deltas = self.store.apply(changes)
        if deltas:
            if task.watch is not None:
                task.watch.changed = True
            # as `Trace.add`, without a call
            raw = self.trace.raw
            raw.append((self.now, task.event, "commit", task.process.where, why, None, deltas))
            task.event = len(raw) - 1
        if self.committed is not None:
            self.committed(task, why, deltas)
            if task.ended:
                return PENDING
        if outcome is not None:
            raise outcome
        return None

    def op_until(self, task: Task, wait: tuple[Callable[[], bool], int | None]) -> Any:
        """Go on once the condition over rows holds: True; or after the time-out: False."""
        condition, timeout = wait
        return Waiter(self, task, condition).begin(timeout)

    def op_join(self, task: Task, other: Task) -> Any:
        """Go on once the other task has ended, with its value; raises what it ended with."""
        if not other.ended:
            if other.joined is not None:
                raise HarnessError(f"{task.path} and another task wait for {other.path}; one may")
            other.joined = lambda: self._joined(task, other)
            task.cancel = lambda: setattr(other, "joined", None)
            return PENDING
        if other.error is not None:
            raise other.error
        return other.value

    def _joined(self, task: Task, other: Task) -> None:
        task.cancel = partial(self.cancel, self.at(self.now, self.step, task, other.value, other.error))


def _nothing() -> None:
    """What a watch wakes that nobody waits for any more."""


class Waiter:
    """A task waiting for a condition over rows, asked again whenever a row that it read changes."""

    __slots__ = ("condition", "entry", "kernel", "task", "timer", "watch")

    def __init__(self, kernel: Kernel, task: Task, condition: Callable[[], bool]) -> None:
        self.kernel = kernel
        self.task = task
        self.condition = condition
        self.watch = Watch(self._wake)
        self.entry: Entry | None = None
        self.timer: Entry | None = None

    def begin(self, timeout: int | None) -> Any:
        """Ask at once; wait if it does not hold, for so long at most."""
        if self._holds():  # as it mostly does
            self.watch.forget()
            self.watch.wake = _nothing
            return True
        if timeout is not None:
            self.timer = self.kernel.at(self.kernel.now + timeout, self._expire, last=True)
        self.task.cancel = self.stop
        return PENDING

    def _holds(self) -> bool:
        store = self.kernel.store
        store.reading = self.watch
        try:
            holds = self.condition()
        except Exception as bug:
            raise HarnessError(f"{type(bug).__name__}: {bug} in what {self.task.path} waits for") from bug
        finally:
            store.reading = None
        self.watch.armed = True
        if self.task.watch is not None:
            for listeners, read in self.watch.reads:
                self.task.watch.note(listeners, read)
        return holds

    def _wake(self) -> None:
        self.entry = self.kernel.after(0, self._again)

    def _again(self) -> None:
        self.entry = None
        self.watch.forget()
        if self._holds():
            self.stop()
            self.kernel.step(self.task, True)

    def _expire(self) -> None:
        self.stop()
        self.kernel.step(self.task, False)

    def stop(self) -> None:
        """Wait no longer."""
        self.watch.forget()
        self.watch.wake = _nothing
        for entry in (self.timer, self.entry):
            if entry is not None:
                self.kernel.cancel(entry)

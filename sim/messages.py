"""Messages: a call is a request and a reply, each crossing the gate; a cast is a request alone.

The handler runs as a task of the receiving process; one that only looks, and so is a plain function,
needs none.  A connection to a process that is down on a living node is refused; one to a node without
power, or across a partition, meets silence.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from types import CoroutineType
from typing import TYPE_CHECKING, Any

import msgspec

from sim.connections import Connection
from sim.outcomes import Failed, HarnessError, Outcome, Refused, Unknown, fail, told
from sim.tables import ALL_ROWS, Lifetime, Schema
from sim.tasks import PENDING, Task
from sim.timeouts import Timeouts
from sim.trace import NO_DELTAS

if TYPE_CHECKING:
    from sim.links import LinkKind
    from sim.nodes import Process
    from sim.watch import Watch
    from sim.world import World


class Cut(msgspec.Struct, frozen=True, gc=False):
    """Two nodes that cannot reach each other, by name in order."""

    first: str
    second: str


AGAIN = " (again)"
"""Marks the labels of what a request does when it arrives a second time."""

CUTS = Schema("cuts", Cut, ("first", "second"), Lifetime.DURABLE)


Request = tuple["LinkKind", str, str, str, str, dict[str, Any], Connection | None]
"""What a service asks for: link, node, process, verb, subject, arguments, and the connection, if it has one."""


class Call(msgspec.Struct, eq=False):
    """A request on its way, being served, or being answered.

    Args:
        parent: the task that sent it.
        task: the task that waits for the reply; None once nobody does.
        served, answered: how often it was taken up, and answered: twice when duplicated.
        lose_reply: "", "silence" or "cut".
        override: the error answered in place of the reply.
        silent: it met a node without power or a partition, and whoever watches has noted that.
    """

    link: LinkKind
    node: str
    process: str
    verb: str
    subject: str
    args: dict[str, Any]
    connection: Connection | None
    parent: Task
    point: str
    event: int
    expects_reply: bool
    task: Task | None
    done: bool = False
    served: int = 0
    answered: int = 0
    lose_reply: str = ""
    override: Failed | None = None
    silent: bool = False

    def abandon(self) -> None:
        """The caller has died: nobody waits for the reply."""
        self.done = True
        self.task = None

    @property
    def source(self) -> Process:
        """Who sent it."""
        return self.parent.process

    @property
    def watch(self) -> Watch | None:
        """Who notes what the answer depends on."""
        return self.parent.watch

    @property
    def path(self) -> str:
        """The label of this request."""
        return f"{self.parent.path} > {self.point}"

    @property
    def reply_path(self) -> str:
        """The label of the reply that is crossing."""
        return f"{self.path} reply" + (AGAIN if self.answered > 1 else "")


class Network:
    """Carries calls between processes."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.kernel = world.kernel
        self.cuts = world.store.table(CUTS, "network")
        # What was sent into a partition, and is resent when it heals: the call, who carries it on, and what is sent.
        self.waiting: list[tuple[Call, Callable[[Any], None], Any]] = []
        self.timeouts = Timeouts(world.kernel, self._give_up)
        self.kernel.answer = self._answer
        self.op_call = self._op_call  # bound once: each look-up of a method makes another object
        self.deliveries = self.deliver
        self.arrivals = self._arrive

    # --- sending -------------------------------------------------------------------------------

    def _op_call(self, task: Task, request: Request) -> Any:
        """Send a request; the task goes on when it is answered or given up."""
        call = self._call(task, request, True)
        task.cancel = call.abandon
        kernel, link, connection = self.kernel, call.link, call.connection
        if connection is not None:
            if not connection.open:
                kernel.at(kernel.now, self.conclude, call, None, Unknown("cut"))
                return PENDING
            connection.calls[call] = None
        timeout = link.timeout
        if timeout is None and call.verb == "connect":
            timeout = link.connect_timeout
        if timeout is not None:
            self.timeouts.add(call, timeout)
        if not self.world.gate.request(call):
            kernel.after(link.latency, self.deliveries, call)
        return PENDING

    def op_cast(self, task: Task, request: Request) -> Any:
        """Send a message that expects no reply; the task goes on at once."""
        call = self._call(task, request, False)
        if not self.world.gate.request(call):
            self.kernel.after(call.link.latency, self.deliver, call)
        return None

    def _call(self, task: Task, request: Request, expects_reply: bool) -> Call:
        link, node, process, verb, subject, args, connection = request
        point = task.count(f"{process}[{node}] {verb} {subject}" if subject else f"{process}[{node}] {verb}")
        kernel = self.kernel
        raw = kernel.trace.raw  # as `Trace.add`, without a call
        event = len(raw)
        raw.append((kernel.now, task.event, "call", task.process.where, point, args, NO_DELTAS))
        task.event = event
        waits = task if expects_reply else None
        return Call(link, node, process, verb, subject, args, connection, task, point, event, expects_reply, waits)

    def _give_up(self, call: Call) -> None:
        if call.watch is not None and not call.silent:
            call.watch.disturbed = True
        self.conclude(call, None, Unknown("timeout"))

    # --- arriving ------------------------------------------------------------------------------

    def apart(self, first: str, second: str) -> bool:
        """Whether a partition lies between the two nodes."""
        rows = self.cuts.rows
        return (first, second) in rows or (second, first) in rows

    def deliver(self, call: Call) -> None:
        """The request arrives: the handler begins, or nobody is there."""
        world = self.world
        node = world.nodes[call.node]
        process = node.processes.get(call.process)
        watch = call.parent.watch
        if watch is not None:
            watch.note(node.programs.key_listeners, call.process)
            watch.note(node.machine.key_listeners, call.node)
            watch.note(self.cuts.listeners, ALL_ROWS)
        connection = call.connection
        if self.cuts.rows and self.apart(call.source.node.name, call.node):
            call.silent = True
            self.waiting.append((call, self.deliver, call))
        elif not node.up:
            call.silent = True
            if connection is not None:
                self.deafen(connection)
        elif connection is not None and not (process is not None and connection.knows(process)):
            self.close(connection)  # a reset: this start of the program knows no such connection
            self.conclude(call, None, Unknown("cut"))
        elif connection is not None and connection.deaf:
            return
        elif process is None or not process.up:
            self.conclude_later(call, None, Refused(f"nobody listens on {call.process}[{call.node}]"))
        elif connection is not None and not connection.open:
            self.conclude(call, None, Unknown("cut"))
        elif process.backlog is not None:
            process.backlog.append(call)
        else:
            self._serve(call, process)
            if world.gate.held:
                world.gate.release_for(call)

    def resend(self) -> None:
        """A partition has healed: what its senders still want is sent again."""
        waiting, self.waiting = self.waiting, []
        for call, function, sent in waiting:
            if not call.done:
                function(sent)

    def _serve(self, call: Call, process: Process) -> None:
        if call.verb == "connect":
            self._accept(call, process)
            return
        handler = getattr(process.service, _method(call.verb), None)
        if handler is None:
            raise HarnessError(f"{process.where} has no verb {call.verb!r} (asked by {call.path})")
        parent, store = call.parent, self.world.store
        answer, error = None, None
        store.reading = parent.watch
        try:
            answer = handler(**call.args)
        except Outcome as outcome:
            error = _told_as(process, outcome)
        except TypeError as bug:
            raise HarnessError(f"{bug} in {call.path}") from bug
        except Exception as bug:
            fail(bug, call.path)
        finally:
            store.reading = None
        call.served += 1
        if type(answer) is CoroutineType:
            point = call.point if call.served == 1 else call.point + AGAIN
            self.kernel.start(Task(answer, process, parent, point, call.event, parent.watch, call))
            return
        # It only looked: there is nothing that a task of its own would be for.
        self.reply(call, process, call.event, answer, error)
        if store.unjudged:
            self.kernel.judge()

    def _accept(self, call: Call, process: Process) -> None:
        name = f"{call.source.where} to {process.where}"
        number = self.world.number(name)
        name = f"{name} #{number}" if number > 1 else name
        connection = Connection(name, call.link, call.source, process)
        if call.done:
            self.close(connection)
        else:
            self.conclude_later(call, connection, None)

    # --- answering -----------------------------------------------------------------------------

    def _answer(self, task: Task) -> None:
        """The handler has ended: its reply crosses the gate."""
        if task.call is not None:
            error = None if task.error is None else _told_as(task.process, task.error)
            self.reply(task.call, task.process, task.event, task.value, error)

    def reply(self, call: Call, process: Process, cause: int, value: Any, error: Outcome | None) -> None:
        """The answer of a request leaves; `cause` is the event that it came about by."""
        if not call.expects_reply:
            return
        if call.override is not None:
            error = call.override
        data = value
        if error is not None:
            value, data = None, told(error)
        call.answered += 1
        kernel = self.kernel
        raw = kernel.trace.raw  # as `Trace.add`, without a call
        call.event = len(raw)
        raw.append((kernel.now, cause, "reply", process.where, call.point, data, NO_DELTAS))
        gate = self.world.gate
        if not ((gate.asks_replies or call.lose_reply) and gate.reply(call, value, error)):
            kernel.after(call.link.latency, self.arrivals, (call, value, error))

    def arrive_later(self, call: Call, value: Any, error: Outcome | None) -> None:
        """The reply travels back."""
        self.kernel.after(call.link.latency, self.arrivals, (call, value, error))

    def _arrive(self, reply: tuple[Call, Any, Outcome | None]) -> None:
        call, value, error = reply
        if self.cuts.rows and self.apart(call.source.node.name, call.node):
            self.waiting.append((call, self._arrive, reply))
        elif call.connection is None or not call.connection.deaf:
            self.conclude(call, value, error)

    def conclude_later(self, call: Call, value: Any, error: Outcome | None) -> None:
        """The caller learns the outcome after one latency."""
        self.kernel.after(call.link.latency, self.conclude, call, value, error)

    def conclude(self, call: Call, value: Any, error: Outcome | None) -> None:
        """The caller goes on with this outcome; a second outcome of the same call is dropped."""
        if call.connection is not None:
            call.connection.calls.pop(call, None)
        if call.done:
            return
        call.done = True
        kernel = self.kernel
        task = call.task
        if task is None or task.ended:
            return
        if error is not None and isinstance(error, _SILENT):
            cause = max(call.event, task.event)
            call.event = kernel.trace.add(kernel.now, cause, "reply", task.process.where, call.point, told(error))
        task.event = call.event
        kernel.step(task, value, error)

    # --- connections ---------------------------------------------------------------------------

    def deafen(self, connection: Connection) -> None:
        """Nothing gets through any more; each end notices by keepalive, if it has one."""
        connection.deaf = True
        self.fall_silent(connection)

    def fall_silent(self, connection: Connection) -> None:
        """Nothing gets through for now; if that lasts, each end closes by keepalive."""
        if connection.open and connection.timer is None and connection.link.keepalive is not None:
            time = self.kernel.now + connection.link.keepalive
            connection.timer = self.kernel.at(time, self.close, connection, last=True)

    def speak_again(self, connection: Connection) -> None:
        """The silence has ended before anybody noticed."""
        if connection.timer is not None and not connection.deaf:
            self.kernel.cancel(connection.timer)
            connection.timer = None

    def close(self, connection: Connection, cause: int = -1) -> None:
        """The connection breaks: calls in flight end unknown, and each living end is told."""
        if not connection.open:
            return
        connection.open = False
        if connection.timer is not None:
            self.kernel.cancel(connection.timer)
        for call in list(connection.calls):
            self.conclude(call, None, Unknown("cut"))
        for process in connection.ends():
            process.connections.pop(connection, None)
            if connection.knows(process) and process.service is not None:
                coroutine = process.service.closed(connection)
                self.kernel.spawn(process, coroutine, f"closed {connection.name}", None, cause)


_SILENT = (Unknown, Refused)
"""Outcomes that no reply brought."""


@cache
def _method(verb: str) -> str:
    """The name of the method that answers a verb."""
    return "on_" + verb.replace("-", "_")


def _told_as(process: Process, error: Exception) -> Outcome:
    """What the caller is told: another outcome than `Failed` becomes the service's own code."""
    if isinstance(error, Failed) and not isinstance(error, Refused):
        return Failed(error.code, error.detail)
    service = process.service
    return Failed(service.uncaught if service is not None else "error", str(error))

"""The one gate: decides, from one source of decisions, what becomes of a message or a commit.

Fakes do what the real part does; everything that goes wrong goes wrong here or in `sim.faults`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sim.clock import SECOND, show
from sim.fates import COMMIT, MACHINE, ONE_WAY, Fate
from sim.order import Order, way
from sim.outcomes import Failed, InputError, Outcome, Refused, Unknown
from sim.triggers import Trigger, parse

if TYPE_CHECKING:
    from sim.decisions import Decisions
    from sim.messages import Call
    from sim.nodes import Process
    from sim.store import Delta
    from sim.tasks import Task
    from sim.world import World


class Gate:
    """Asks the decisions at each point and carries out what they say.

    `schedule` lists what differed from the default, in order: label and fate.
    """

    def __init__(self, world: World, decisions: Decisions) -> None:
        self.world = world
        self.kernel = world.kernel
        self.schedule: list[tuple[str, Fate]] = []
        self.held: list[tuple[Trigger | None, Call]] = []
        self.hung: list[Call] = []
        self.order = Order(world.network.deliver)
        self.open = True  # False once the storm is over
        self.label = ""  # of the commit being made
        self.named: dict[str, int] = {}  # changes without a commit, by label
        self.listeners: list[tuple[Trigger, Callable[[int], None]]] = []
        self.decide_by(decisions)

    def decide_by(self, decisions: Decisions) -> None:
        """Ask these decisions from now on."""
        self.decisions = decisions
        self.asks_replies = decisions.replies
        self.asks_changes = decisions.changes
        self.kernel.commit_gate = self._before_commit if decisions.commits else None
        self.kernel.committed = self._after_commit if decisions.commits else None

    # --- points --------------------------------------------------------------------------------

    def request(self, call: Call) -> bool:
        """A request is about to cross; True when the gate has taken it in hand."""
        if self.listeners:
            self._tell(call)
        fate = self.decisions.request(call) if self.open else None
        if fate is None:
            return bool(self.order.queues) and self._behind(call)
        self._record(call.path, fate, call.event, call)
        if fate.name in MACHINE:
            self.world.faults.strike_later(fate, self.kernel.now + call.link.latency + fate.delay, call.event)
            return self._behind(call)
        self._allowed(call, fate)
        return bool(getattr(self, "_" + fate.name.replace("-", "_"))(call, fate))

    def reply(self, call: Call, value: Any, error: Outcome | None) -> bool:
        """A reply is about to cross; True when the gate has taken it in hand."""
        if call.lose_reply:
            self._lose_reply(call)
            return True
        fate = self.decisions.reply(call) if self.open else None
        if fate is None:
            return False
        self._record(call.reply_path, fate, call.event, call)
        if fate.name in MACHINE:
            self.world.faults.strike_later(fate, self.kernel.now + fate.delay, call.event)
            self.kernel.at(self.kernel.now, self._reply_if_alive, call, value, error)
            return True
        self._allowed(call, fate)
        if fate.name == "late":
            self.kernel.at(self._late_time(call, fate), self.world.network.conclude, call, value, error)
        elif fate.name in ("reply-lost", "lost"):
            call.lose_reply = fate.how
            self._lose_reply(call)
        else:
            raise InputError(f"a reply cannot be {fate.name!r}; it can be reply-lost or late")
        return True

    def _behind(self, call: Call) -> bool:
        """Whether it waits behind a delayed one of its link; one that was overtaken until now goes on before it."""
        if not self.order.waits(call):
            return False
        for until, held in self.held:
            if until is None and way(held) == way(call):
                self.kernel.at(self.kernel.now + call.link.latency, self._release, held)
        return True

    def _tell(self, call: Call) -> None:
        for pair in [pair for pair in self.listeners if pair[0].matches(call)]:
            self.listeners.remove(pair)
            pair[1](call.event)

    def _reply_if_alive(self, call: Call, value: Any, error: Outcome | None) -> None:
        """The reply leaves only if its sender still stands after the strike."""
        if self.world.is_up(call.node, call.process):
            self.world.network.arrive_later(call, value, error)
        elif self.world.nodes[call.node].up:
            self.world.network.conclude_later(call, None, Unknown("cut"))

    def _before_commit(self, task: Task, why: str) -> Outcome | None:
        label = f"{task.path} {task.count(': ' + why)}"
        fate = self.decisions.commit(label, task, why, "before") if self.open else None
        self.label = label
        if fate is None:
            return None
        self._record(label, fate, task.event, None)
        if task.watch is not None:
            task.watch.disturbed = True
        if fate.name == "commit-refused":
            return Failed("commit refused")
        if fate.name == "commit-unknown":
            return Unknown("commit")
        _machine(fate, label)
        self.world.faults.strike(fate, task.event)
        return None

    def _after_commit(self, task: Task, why: str, deltas: list[Delta]) -> None:
        if not self.open:
            return
        for fate in self.decisions.committed(self.label, task, why, deltas):
            _machine(fate, self.label)
            self._record(self.label, fate, task.event, None)
            if fate.delay:
                self.world.faults.strike_later(fate, self.kernel.now + fate.delay, task.event)
            else:
                self.world.faults.strike(fate, task.event)

    def changed(self, label: str, deltas: list[Delta], event: int) -> None:
        """Rows changed without a commit; who is struck by it is struck when this step has ended."""
        if not self.open or not deltas:
            return
        self.named[label] = number = self.named.get(label, 0) + 1
        label = f"{label} #{number}" if number > 1 else label
        for fate in self.decisions.changed(label, deltas, self.kernel.now):
            _machine(fate, label)
            self._record(label, fate, event, None)
            self.world.faults.strike_later(fate, self.kernel.now + fate.delay, event)

    # --- message fates -------------------------------------------------------------------------

    def _record(self, label: str, fate: Fate, cause: int, call: Call | None) -> None:
        self.schedule.append((label, fate))
        self.kernel.trace.add(self.kernel.now, cause, "fate", "gate", f"{fate.describe()} at {label}", fate)
        if call is not None and call.watch is not None:
            call.watch.disturbed = True

    def _allowed(self, call: Call, fate: Fate) -> None:
        if fate.name not in call.link.fates:
            known = ", ".join(sorted(call.link.fates))
            link = call.link.name
            raise InputError(f"the link {link!r} cannot meet {fate.name!r} at {call.point!r}; it can meet: {known}")
        if not call.expects_reply and fate.name not in ONE_WAY:
            known = ", ".join(sorted(ONE_WAY))
            raise InputError(f"{call.point!r} expects no reply, so it cannot be {fate.name!r}; it can be: {known}")

    def _refused(self, call: Call, fate: Fate) -> bool:
        self.world.network.conclude_later(call, None, Refused("by the gate"))
        return True

    def _lost(self, call: Call, fate: Fate) -> bool:
        """On its way: it is missed where, and when, it would have arrived."""
        self.kernel.at(self.kernel.now + call.link.latency, self._broken, call, fate.how)
        return True

    def _hung(self, call: Call, fate: Fate) -> bool:
        """In silence; a caller without a time-out waits until the calm, when the hung peer is given up."""
        if call.connection is not None or call.link.timeout is None:
            self.hung.append(call)
        return True

    def _error_before(self, call: Call, fate: Fate) -> bool:
        error = Failed(fate.code or call.link.error, "by the gate")
        self.kernel.at(self.kernel.now + 2 * call.link.latency, self.world.network.conclude, call, None, error)
        return True

    def _error_after(self, call: Call, fate: Fate) -> bool:
        call.override = Failed(fate.code or call.link.error, "by the gate")
        return False

    def _reply_lost(self, call: Call, fate: Fate) -> bool:
        call.lose_reply = fate.how
        return False

    def _lose_reply(self, call: Call) -> None:
        self._broken(call, call.lose_reply)

    def _broken(self, call: Call, how: str) -> None:
        """A message is gone: with its connection at once, or in silence."""
        network = self.world.network
        if how == "cut":
            if call.connection is not None:
                network.close(call.connection)
            else:
                network.conclude_later(call, None, Unknown("cut"))
        elif call.connection is not None:
            network.deafen(call.connection)

    def _late_time(self, call: Call, fate: Fate) -> int:
        timeout, lateness = call.link.timeout or 0, call.link.lateness
        if fate.delay > timeout + lateness:
            bound = show(timeout + lateness)
            raise InputError(f"the link {call.link.name!r} is never later than {bound}, and {call.point!r} is to be")
        return self.kernel.now + (fate.delay or timeout + min(SECOND, lateness))

    def _late(self, call: Call, fate: Fate) -> bool:
        self.order.delay(call)
        self.kernel.at(self._late_time(call, fate), self.order.go_on, call)
        return True

    def _duplicated(self, call: Call, fate: Fate) -> bool:
        self.kernel.at(self.kernel.now + call.link.latency, self.world.network.deliver, call)
        self.kernel.at(self.kernel.now + 2 * call.link.latency, self.world.network.deliver, call)
        return True

    def _overtaken(self, call: Call, fate: Fate) -> bool:
        """Held until the next message to the same process has arrived, or the link's bound."""
        self._hold(None, call)
        return True

    def _held(self, call: Call, fate: Fate) -> bool:
        try:
            until = parse(fate.until)
        except ValueError as error:
            raise InputError(str(error)) from None
        if until.kind != "request":
            raise InputError(f"a held message goes on at a request, and {fate.until!r} names a {until.kind}")
        self._hold(until, call)
        return True

    # --- holding -------------------------------------------------------------------------------

    def _hold(self, until: Trigger | None, call: Call) -> None:
        """It waits, and no longer than a message of its link can be late."""
        self.order.delay(call)
        self.held.append((until, call))
        bound = (call.link.timeout or 0) + call.link.lateness
        self.kernel.at(self.kernel.now + bound, self._release, call, background=until is not None)

    def _release(self, call: Call) -> None:
        for pair in self.held:
            if pair[1] is call:
                self.held.remove(pair)
                self.order.go_on(call)
                return

    def release_for(self, arrived: Call) -> None:
        """Another message has arrived: what waited for it goes on."""
        for until, call in list(self.held):
            same = call.process == arrived.process and call.node == arrived.node
            if call is not arrived and (until.matches(arrived) if until else same):
                self.kernel.at(self.kernel.now, self._release, call)

    def end_hung(self, process: Process) -> None:
        """A process that hung has died: whoever waits for it learns that, as it does from one that worked."""
        for call in [call for call in self.hung if (call.node, call.process) == (process.node.name, process.name)]:
            self.hung.remove(call)
            self.world.network.conclude_later(call, None, Unknown("cut"))

    def give_up_hung(self) -> None:
        """The calm begins: connections to peers that hang break."""
        for call in self.hung:
            if call.connection is not None:
                self.world.network.close(call.connection)
            self.world.network.conclude_later(call, None, Unknown("cut"))

    def release_all(self) -> bool:
        """Let everything go that is still held; whether there was anything."""
        held = [call for _, call in self.held]
        for call in held:
            self.kernel.at(self.kernel.now, self._release, call)
        return bool(held)


def _machine(fate: Fate, label: str) -> None:
    if fate.name not in MACHINE:
        known = ", ".join(COMMIT | MACHINE)
        raise InputError(f"a durable write cannot be {fate.name!r} at {label!r}; it can be: {known}")

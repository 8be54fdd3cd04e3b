"""A scenario's own faults: each strikes where its trigger, or a row's state, says."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import msgspec

from sim.decisions import Decisions
from sim.fates import Fate
from sim.triggers import Trigger

if TYPE_CHECKING:
    from sim.messages import Call
    from sim.store import Delta
    from sim.tasks import Task


class RowState(msgspec.Struct, frozen=True):
    """A state that strikes when a row comes into it: columns and their values."""

    schema: str
    node: str
    columns: dict[str, Any]

    def entered(self, delta: Delta) -> bool:
        """Whether this change brought the row into the state."""
        if delta.schema != self.schema or self.node not in ("*", delta.node) or delta.new is None:
            return False
        return self._holds(delta.new) and not (delta.old is not None and self._holds(delta.old))

    def _holds(self, row: Any) -> bool:
        return all(getattr(row, column) == value for column, value in self.columns.items())


class ScriptedFault(msgspec.Struct, frozen=True):
    """One fault of a scenario.

    Args:
        trigger, state: where it strikes; exactly one is given.
        nth: at which matching point it strikes first (1 is the first).
        lasts: microseconds during which it strikes every further matching point; 0: it strikes once.
    """

    text: str
    fate: Fate
    trigger: Trigger | None = None
    state: RowState | None = None
    nth: int = 1
    lasts: int = 0


class Armed:
    """A fault waiting for its point."""

    def __init__(self, fault: ScriptedFault) -> None:
        self.fault = fault
        self.seen = 0
        self.ends: int | None = None

    def strikes(self, now: int) -> bool:
        """Another point matches: whether it strikes there."""
        self.seen += 1
        if self.ends is not None:
            return now < self.ends
        if not self.comes():
            return False
        self.ends = now + self.fault.lasts
        return True

    def comes(self) -> bool:
        """Whether the point that matches is the first at which it strikes."""
        return self.seen == self.fault.nth


class Scripted(Decisions):
    """Draws what a scenario states; silent until armed."""

    def __init__(self, faults: Iterable[ScriptedFault | Armed]) -> None:
        self.faults = [fault if isinstance(fault, Armed) else Armed(fault) for fault in faults]
        self.armed = False
        kinds = {fault.fault.trigger.kind if fault.fault.trigger else "state" for fault in self.faults}
        self.commits = bool(kinds & {"commit", "state"})
        self.changes = "state" in kinds
        self.replies = "reply" in kinds
        self.at_requests = self._by_process("request")
        self.at_replies = self._by_process("reply")

    def _by_process(self, kind: str) -> dict[str, list[Armed]]:
        found: dict[str, list[Armed]] = {}
        for armed in self.faults:
            trigger = armed.fault.trigger
            if trigger is not None and trigger.kind == kind:
                found.setdefault(trigger.process, []).append(armed)
        return found

    def arm(self) -> None:
        self.armed = True

    def _draw(self, among: dict[str, list[Armed]], call: Call) -> Fate | None:
        for armed in among.get(call.process, ()):
            trigger = armed.fault.trigger
            if trigger is not None and trigger.matches(call) and armed.strikes(call.parent.process.world.kernel.now):
                return armed.fault.fate
        return None

    def request(self, call: Call) -> Fate | None:
        return self._draw(self.at_requests, call) if self.armed and call.process in self.at_requests else None

    def reply(self, call: Call) -> Fate | None:
        return self._draw(self.at_replies, call) if self.armed else None

    def _at_commit(self, task: Task, why: str, moment: str) -> Fate | None:
        for armed in self.faults:
            trigger, fate = armed.fault.trigger, armed.fault.fate
            if trigger is None or trigger.kind != "commit" or fate.moment != moment:
                continue
            if trigger.matches_commit(task, why) and armed.strikes(task.process.world.kernel.now):
                return fate
        return None

    def commit(self, label: str, task: Task, why: str, moment: str) -> Fate | None:
        return self._at_commit(task, why, "before") if self.armed else None

    def committed(self, label: str, task: Task, why: str, deltas: list[Delta]) -> Iterable[Fate]:
        if not self.armed:
            return
        fate = self._at_commit(task, why, "after")
        if fate is not None:
            yield fate
        yield from self.changed(label, deltas, task.process.world.kernel.now)

    def changed(self, label: str, deltas: list[Delta], now: int) -> Iterable[Fate]:
        if not self.armed:
            return
        for armed in self.faults:
            state = armed.fault.state
            if state is not None and any(state.entered(delta) for delta in deltas) and armed.strikes(now):
                yield msgspec.structs.replace(armed.fault.fate, moment="after")

    def missed(self) -> list[str]:
        return [armed.fault.text for armed in self.faults if armed.ends is None]

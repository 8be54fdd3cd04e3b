"""A scenario's own faults, each counted from the step in which it struck, so that it outlives the steps before."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from sim.decisions.scripted import Armed, Scripted, ScriptedFault
from sim.fates import Fate

if TYPE_CHECKING:
    from sim.messages import Call

_STEP = re.compile(r"when\.(\d+) ")


class Anchor(NamedTuple):
    """Where a fault strikes: the number of a step (0 before the first), and the how manieth match since that began."""

    step: int
    nth: int


class _Anchored(Armed):
    """A fault with its anchor; without one it strikes by its own number, and the anchor is noted then."""

    def __init__(self, fault: ScriptedFault, anchor: Anchor | None) -> None:
        super().__init__(fault)
        self.anchor = anchor
        self.step, self.before = 0, 0
        self.wanted = fault.nth if anchor is None else anchor.nth if anchor.step == 0 else 0
        self.struck = 0  # at which match it struck first

    def begin(self, step: int) -> None:
        """A step begins: what matches from now on counts as its own."""
        self.step, self.before = step, self.seen
        if self.anchor is not None and self.anchor.step == step:
            self.wanted = self.seen + self.anchor.nth

    def comes(self) -> bool:
        if self.seen != self.wanted:
            return False
        self.struck = self.seen
        self.anchor = Anchor(self.step, self.seen - self.before)
        return True


class Anchored(Scripted):
    """Draws as `Scripted`, by anchors where they are given, and says afterwards where each fault struck."""

    def __init__(self, faults: Sequence[ScriptedFault], anchors: Sequence[Anchor | None]) -> None:
        self.placed = [_Anchored(fault, anchor) for fault, anchor in zip(faults, anchors, strict=True)]
        super().__init__(self.placed)
        self.begun: dict[str, bool] = {}

    def request(self, call: Call) -> Fate | None:
        if self.armed and call.parent.parent is None and call.parent.path not in self.begun:
            self._begin(call.parent.path)
        return super().request(call)

    def _begin(self, root: str) -> None:
        self.begun[root] = True
        match = _STEP.match(root)
        if match is not None:
            for fault in self.placed:
                fault.begin(int(match[1]))

    def struck(self) -> list[tuple[Anchor, int] | None]:
        """Of each fault where it struck first, by its anchor and by its own number; None if it never did."""
        return [
            (fault.anchor, fault.struck) if fault.struck and fault.anchor is not None else None for fault in self.placed
        ]

"""Random faults from a number: each label is hashed with the seed, so one more fault moves no other."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING

from sim.decisions import Decisions
from sim.fates import MACHINE, ONE_WAY, Fate

if TYPE_CHECKING:
    from sim.messages import Call

_SPAN = 1 << 32


class Seeded(Decisions):
    """Draws a fate that the link can meet, at one point in `one_in`, at most `most` times a run.

    Args:
        seed: any whole number; the same seed gives the same run.
        one_in: how rare a deviation is.
        most: the bound on deviations.
    """

    def __init__(self, seed: int, one_in: int = 40, most: int = 3) -> None:
        self.seed = seed.to_bytes(16, "big", signed=True)
        self.one_in = one_in
        self.left = most
        self.armed = False

    def arm(self) -> None:
        self.armed = True

    def _number(self, label: str, use: str) -> int:
        return int.from_bytes(blake2b(f"{use} {label}".encode(), digest_size=4, key=self.seed).digest(), "big")

    def request(self, call: Call) -> Fate | None:
        if not self.armed or self.left == 0:
            return None
        label = call.path
        if self._number(label, "strike") >= _SPAN // self.one_in:
            return None
        choices = [name for name in sorted(call.link.fates) if name not in MACHINE and name != "held"]
        if not call.expects_reply:
            choices = [name for name in choices if name in ONE_WAY]
        if not choices:
            return None
        self.left -= 1
        number = self._number(label, "which")
        return Fate(choices[number % len(choices)], how="cut" if number & 1 else "silence")

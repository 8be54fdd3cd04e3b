"""How long a gate, or a stage of it, may take."""

from __future__ import annotations

import time


class Deadline:
    """So many seconds from now."""

    def __init__(self, seconds: float) -> None:
        self.began = time.monotonic()
        self.ends = self.began + seconds

    @property
    def left(self) -> float:
        """The seconds that are left."""
        return max(0.0, self.ends - time.monotonic())

    @property
    def spent(self) -> float:
        """The seconds since it was set."""
        return time.monotonic() - self.began

    def part(self, share: float) -> Deadline:
        """A share of what is left, from now."""
        return Deadline(self.left * share)

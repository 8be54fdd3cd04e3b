"""The time-outs of calls: a queue for each length, and one entry of the kernel's for each queue.

Calls of one length time out in the order in which they were made, and nearly all are answered first: so only
the oldest needs an entry, and an answered call costs nothing more.  The entry is in the background: whoever
waits for a call is a task, and it is the task that keeps the world from rest.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.kernel import Kernel
    from sim.messages import Call


class Timeouts:
    """Calls that wait, by the length of their time-out.

    Args:
        give_up: what becomes of a call whose time is over.
    """

    def __init__(self, kernel: Kernel, give_up: Callable[[Call], None]) -> None:
        self.kernel = kernel
        self.give_up = give_up
        self.waiting: dict[int, deque[tuple[int, Call]]] = {}

    def add(self, call: Call, length: int) -> None:
        """Give the call up after so long, unless it is done by then."""
        queue = self.waiting.get(length)
        if queue is None:
            queue = self.waiting[length] = deque()
        deadline = self.kernel.now + length
        if not queue:
            self._set(deadline, length)
        queue.append((deadline, call))

    def _set(self, deadline: int, length: int) -> None:
        self.kernel.at(deadline, self._expire, length, background=True, last=True)

    def _expire(self, length: int) -> None:
        queue, now = self.waiting[length], self.kernel.now
        while queue and (queue[0][1].done or queue[0][0] <= now):
            _, call = queue.popleft()
            if not call.done:
                self.give_up(call)
        if queue:
            self._set(queue[0][0], length)

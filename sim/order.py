"""Links that keep the order of their messages: what follows a delayed one waits behind it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.messages import Call

Way = tuple[str, str, str, str]


class Order:
    """The queues of such links, each as long as its first message is delayed."""

    def __init__(self, deliver: Callable[[Call], None]) -> None:
        self.deliver = deliver
        self.queues: dict[Way, dict[Call, bool]] = {}  # by call: whether it may go on

    def delay(self, call: Call) -> None:
        """It goes on later; on a link without order nobody waits for it."""
        if call.link.ordered:
            self.queues.setdefault(way(call), {})[call] = False

    def waits(self, call: Call) -> bool:
        """Whether it must wait behind one that is delayed; it then arrives with that one."""
        queue = self.queues.get(way(call)) if call.link.ordered else None
        if queue is None:
            return False
        queue[call] = True
        return True

    def go_on(self, call: Call) -> None:
        """It arrives, unless one before it has not; what waited behind it follows."""
        queue = self.queues.get(way(call))
        if queue is None or call not in queue:
            self.deliver(call)
            return
        queue[call] = True
        for first in list(queue):
            if not queue[first]:
                return
            del queue[first]
            self.deliver(first)
        del self.queues[way(call)]


def way(call: Call) -> Way:
    """From whom to whom, over which link."""
    return call.link.name, call.source.where, call.node, call.process

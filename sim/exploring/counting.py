"""How many points a run has, counted apart from whoever plays them: as the kernel and the network do their work.

A search that missed points would prove nothing, so the number it prints is not its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.nodes import Process
    from sim.world import World


class Census:
    """Counts requests, replies and durable writes between the arming of the decisions and the calm."""

    def __init__(self) -> None:
        self.found: Counter[str] = Counter()

    def of(self, build: Callable[[World], Process]) -> Callable[[World], Process]:
        """The same world, counted."""

        def counted(world: World) -> Process:
            self._watch(world)
            return build(world)

        return counted

    def _watch(self, world: World) -> None:
        kernel, network = world.kernel, world.network

        def storm() -> bool:
            return bool(getattr(world.gate.decisions, "armed", True)) and world.gate.open

        def counting(kind: str, function: Callable[..., Any], counts: Callable[..., bool]) -> Callable[..., Any]:
            def counted(*arguments: Any) -> Any:
                self.found[kind] += storm() and counts(*arguments)
                return function(*arguments)

            return counted

        def opened(task: Any, request: tuple[Any, ...]) -> bool:
            connection = request[-1]
            return connection is None or bool(connection.open)

        def answers(call: Any, *_: Any) -> bool:
            return bool(call.expects_reply) and not call.lose_reply

        network.op_call = counting("request", network.op_call, opened)
        network.op_cast = counting("request", network.op_cast, lambda *_: True)  # type: ignore[method-assign]
        kernel.op_commit = counting("commit", kernel.op_commit, lambda *_: True)
        network.reply = counting("reply", network.reply, answers)  # type: ignore[method-assign]

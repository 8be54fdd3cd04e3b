"""The fence device: a switch of its own that gives hosts power and takes it.

Facts: docs/facts/ovirt.md 1.7 (V12 `fenceNode` runs an agent script against it).  That it stands apart from the
hosts and answers whether a node has power is ours: docs/facts/README.md.
"""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

from sim.nodes import MACHINES, Service
from sim.outcomes import Failed
from sim.tasks import Task, ask

NODE, PROCESS = "power", "bmc"


class FenceDevice(Service):
    """One device for all hosts with power management."""

    uncaught = "fence error"

    def on_status(self, host: str) -> str:
        """``on`` or ``off``."""
        machine = self.world.store.table(MACHINES, host).get(host)
        if machine is None:
            raise Failed("fence error", f"no outlet for {host}")
        return "on" if machine.up else "off"

    async def on_off(self, host: str) -> None:
        """Take the node's power."""
        await self._switch(host, False)

    async def on_on(self, host: str) -> None:
        """Give it power, if there is any."""
        await self._switch(host, True)

    def _switch(self, host: str, on: bool) -> Awaitable[None]:
        return ask((_switched, (host, on)))


def _switched(task: Task, asked: tuple[str, bool]) -> Any:
    world = task.process.world
    host, on = asked
    if on:
        world.power_on(host)
    else:
        world.power_off(host, task.event)

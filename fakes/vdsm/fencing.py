"""VDSM as a fence proxy: it runs the fence agent's script for the engine.

Facts: docs/facts/ovirt.md 1.7 (V12 `fenceNode`); links.md 1, row 12 (a command on the host).
"""

from __future__ import annotations

from contextlib import suppress

from fakes.links import FENCE
from fakes.vdsm.base import VdsmBase
from sim.outcomes import Outcome

DEVICE = ("power", "bmc")
"""The device's node and process."""


class FenceProxy(VdsmBase):
    """The verb."""

    async def on_fenceNode(self, host: str, action: str) -> str:
        """``status`` waits for the script; ``on`` and ``off`` return at once, and the script goes on in a thread.

        Raises:
            Failed: the script failed at ``status``; 99.
        """
        self.ready()
        if action == "status":
            return str(await self.call(FENCE, *DEVICE, "status", host, {"host": host}))
        self.spawn(self._script(host, action), f"fence {host} {action}")
        return "initiated"

    async def _script(self, host: str, action: str) -> None:
        """Nobody hears of its result."""
        with suppress(Outcome):
            await self.call(FENCE, *DEVICE, action, host, {"host": host})

"""What befalls machines: crashes, power loss, partitions, and how each heals."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from sim.clock import SECOND
from sim.fates import Fate
from sim.messages import Cut

if TYPE_CHECKING:
    from sim.connections import Connection
    from sim.kernel import Entry
    from sim.world import World


class Standing(msgspec.Struct, frozen=True):
    """A fault that never heals: what only the missing part could undo is excused."""

    what: str
    node: str


class Faults:
    """Strikes machines and heals them."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.unhealed: dict[Fate, Entry | None] = {}
        self.standing: list[Standing] = []
        self.last_heal = 0
        self.took: set[Fate] = set()
        self.void: list[Fate] = []

    def missed(self) -> list[str]:
        """What was drawn and never took effect, since whom it should strike was down each time."""
        never = dict.fromkeys(fate for fate in self.void if fate not in self.took)
        return [f"{fate.describe()}, which was down already" for fate in never]

    def strike_later(self, fate: Fate, time: int, cause: int) -> None:
        """Strike at that time."""
        self.world.kernel.at(time, self.strike, fate, cause)

    def strike(self, fate: Fate, cause: int) -> None:
        """Strike now; who is down already cannot be struck."""
        if not self._can_strike(fate):
            self.void.append(fate)
            return
        self.took.add(fate)
        if fate.name == "crash":
            self.world.crash(fate.node, fate.process, cause)
        elif fate.name == "power-loss":
            self.world.nodes[fate.node].supplied = False
            self.world.power_off(fate.node, cause)
        else:
            self._cut(fate.between, cause)
        self._plan_healing(fate)

    def _can_strike(self, fate: Fate) -> bool:
        if fate.name == "crash":
            return self.world.is_up(fate.node, fate.process)
        if fate.name == "power-loss":
            return self.world.nodes[fate.node].up
        return not self.world.network.apart(*fate.between)

    def _plan_healing(self, fate: Fate) -> None:
        if fate.back_after < 0:
            self.standing.append(Standing(fate.describe(), fate.node))
            return
        earlier = self.unhealed.get(fate)
        if earlier is not None:
            self.world.kernel.cancel(earlier)
        kernel = self.world.kernel
        entry = kernel.at(kernel.now + fate.back_after, self.heal, fate) if fate.back_after else None
        self.unhealed[fate] = entry

    def heal(self, fate: Fate) -> None:
        """The fault ends: the process starts, the node boots, the nodes meet again."""
        if fate not in self.unhealed:
            return
        entry = self.unhealed.pop(fate)
        if entry is not None:
            self.world.kernel.cancel(entry)
        self.last_heal = self.world.kernel.now
        if fate.name == "crash":
            if fate.process in self.world.nodes[fate.node].boots:  # nobody starts other programs again
                self.world.start(fate.node, fate.process)
        elif fate.name == "power-loss":
            self.world.nodes[fate.node].supplied = True
            self.world.power_on(fate.node)
        else:
            self._mend(fate.between)

    def heal_all(self) -> None:
        """The calm begins: every passing fault heals now."""
        for fate in list(self.unhealed):
            self.heal(fate)

    def _cut(self, between: tuple[str, str], cause: int) -> None:
        first, second = sorted(between)
        network = self.world.network
        self.world.change("partition", cause, network.cuts.put(Cut(first, second)))
        for connection in self._between(first, second):
            network.fall_silent(connection)

    def _mend(self, between: tuple[str, str]) -> None:
        first, second = sorted(between)
        network = self.world.network
        self.world.change("partition healed", -1, network.cuts.drop((first, second)))
        for connection in self._between(first, second):
            network.speak_again(connection)
        network.resend()

    def _between(self, first: str, second: str) -> list[Connection]:
        """The connections of the first node with the second."""
        return [
            connection
            for process in self.world.nodes[first].processes.values()
            for connection in process.connections
            if second in (connection.client.node.name, connection.server.node.name)
        ]


BOOT = 30 * SECOND
"""How long a node takes from power to its first daemon [ours: no fact gives it]."""

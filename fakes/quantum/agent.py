"""The Essex openvswitch agent in VLAN mode.

Every 2 s it compares the interfaces of br-int with the plugged ports in the database.  A VIF with a port
gets the network's VLAN id as its tag and UP; one without is dead: VLAN 4095 and a drop flow.  Its start
clears all flows and remembers nothing.  Facts: docs/facts/quantum.md 3.1, 1.5.
"""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

import msgspec

from fakes.links import AGENT_DATABASE, OVS_COMMAND
from fakes.quantum.database import Binding
from fakes.records import AGENT_VIFS
from fakes.records.agent import AgentVif
from fakes.records.host import OvsPort
from fakes.repairs import Repairs
from fakes.wiring import DEAD_VLAN
from sim.clock import SECOND
from sim.nodes import Service
from sim.outcomes import Outcome

replace = msgspec.structs.replace

POLL = 2 * SECOND
BRIDGE = "br-int"


class OvsAgent(Service):
    """The agent of one host."""

    server: str = ""
    nic: str = ""
    repairs: Repairs = Repairs()
    phase: int = 0

    async def started(self) -> None:
        """Clear the flows; every VIF will be handled as new."""
        await self._until_done("clear-flows")
        self.every("poll", POLL, self._poll, self.phase)

    async def _until_done(self, verb: str, **args: Any) -> None:
        """At its start the agent needs Open vSwitch: it is restarted until it gets through."""
        try:
            await self._ovs(verb, "", bridge=BRIDGE, **args)
        except Outcome:
            await self.respawn(POLL)

    def _ovs(self, verb: str, subject: str, /, **args: Any) -> Awaitable[Any]:
        return self.call(OVS_COMMAND, self.node, "ovs", verb, subject, args)

    def _database(self, verb: str, subject: str, /, **args: Any) -> Awaitable[Any]:
        return self.call(AGENT_DATABASE, self.server, "db", verb, subject, args)

    async def _poll(self) -> None:
        """One pass; a failure ends it, and the next begins anew."""
        vifs = await self._vifs()
        known = self.table(AGENT_VIFS)
        bindings = await self._bindings(vifs)
        for vif in vifs:
            await self._handle(vif, known.get(vif.name), bindings.get(vif.iface_id))
        present = {vif.name for vif in vifs}
        for gone in [row for row in known if row.name not in present]:
            await self._vanished(gone)

    async def _vifs(self) -> list[OvsPort]:
        """The interfaces of the integration bridge that have a device; repaired: the others are swept away."""
        vifs: list[OvsPort] = await self._ovs("list-ports", "", bridge=BRIDGE)
        if self.repairs.stale_ports_swept and not all(vif.device for vif in vifs):
            await self._ovs("sweep", "", bridge=BRIDGE)
        return [vif for vif in vifs if vif.device]

    async def _bindings(self, vifs: list[OvsPort]) -> dict[str, Binding]:
        """The plugged ports of these interfaces, by iface-id."""
        ids = tuple(dict.fromkeys([vif.iface_id for vif in vifs]))
        found: list[Binding] = await self._database("select", "", iface_ids=ids) if ids else []
        return {binding.iface_id: binding for binding in found}

    async def _handle(self, vif: OvsPort, old: AgentVif | None, binding: Binding | None) -> None:
        network, vlan = (binding.network, binding.vlan) if binding is not None else ("", 0)
        seen = AgentVif(vif.name, vif.device, vif.iface_id, network, vlan)
        if old is not None and self._known_device(vif, old) and old == replace(seen, device=old.device):
            await self._again(vif, binding)
            return
        if binding is not None and vlan:
            await self._ovs("wire", vif.name, name=vif.name, tag=vlan)
            await self._database("set-status", vif.name, iface_id=vif.iface_id, host=self.node, status="UP")
        else:
            await self._ovs("deaden", vif.name, name=vif.name, tag=DEAD_VLAN)
            if old is not None and old.network:
                # The unbind step of the same pass clears the tag again; the drop flow holds.
                await self._ovs("deaden", vif.name, name=vif.name, tag=None)
        self.set(f"{vif.name} handled", self.table(AGENT_VIFS).put(seen))

    def _known_device(self, vif: OvsPort, old: AgentVif) -> bool:
        """As it was, the name and the iface-id are compared, and the device may be another."""
        return vif.device == old.device or not self.repairs.recreated_tap_noticed

    async def _again(self, vif: OvsPort, binding: Binding | None) -> None:
        """A VIF as it was in the last pass: a dead one is tagged anew; repaired, a lost status is written again."""
        if (binding is None or not binding.vlan) and vif.tag != DEAD_VLAN:
            await self._ovs("deaden", vif.name, name=vif.name, tag=DEAD_VLAN)
        elif binding is not None and binding.status != "UP" and self.repairs.op_status_after_migration:
            await self._database("set-status", vif.name, iface_id=vif.iface_id, host=self.node, status="UP")

    async def _vanished(self, gone: AgentVif) -> None:
        """Its port, if it is still there, is reported DOWN."""
        if gone.network:
            await self._database("set-status", gone.name, iface_id=gone.iface_id, host=self.node, status="DOWN")
        self.set(f"{gone.name} vanished", self.table(AGENT_VIFS).drop(gone.name))

"""The Essex linuxbridge agent.

Every 2 s it reads all rows and all devices.  The tap of each ACTIVE, plugged port gets a bridge of its
network, with the VLAN device of the agent's one interface; taps that are no such port's leave their bridge;
bridges of networks that are gone go with their VLAN device, and (repaired) so do VLAN devices in no bridge.
It needs no memory, and the results of its commands are ignored: what failed is found again in the next pass.
Later agents remembered what they had handled, and looked no more: that is what its two tables are for.
Facts: docs/facts/quantum.md 3.2, 1.5, 5.1 (L9, L14), 5.2.
"""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

from fakes.links import AGENT_DATABASE, LOCAL_COMMAND
from fakes.quantum.database import Binding, Everything
from fakes.records import AGENT_NETWORKS, AGENT_VIFS
from fakes.records.agent import AgentNetwork, AgentVif
from fakes.records.host import Links, Tap
from fakes.repairs import Repairs
from fakes.wiring import network_bridge, tap_name, vlan_device
from sim.clock import SECOND
from sim.nodes import Service
from sim.outcomes import Outcome

POLL = 2 * SECOND


class LinuxBridgeAgent(Service):
    """The agent of one host, with its interface."""

    server: str = ""
    nic: str = ""
    repairs: Repairs = Repairs()
    phase: int = 0

    async def started(self) -> None:
        """Nothing is changed: all is derived from the kernel."""
        self.every("poll", POLL, self._poll, self.phase)

    async def _try(self, verb: str, subject: str, /, **args: Any) -> None:
        """A command whose result is ignored."""
        try:
            await self._ip(verb, subject, **args)
        except Outcome:
            return

    def _ip(self, verb: str, subject: str, /, **args: Any) -> Awaitable[Any]:
        return self.call(LOCAL_COMMAND, self.node, "ip", verb, subject, args)

    def _database(self, verb: str, subject: str, /, **args: Any) -> Awaitable[Any]:
        return self.call(AGENT_DATABASE, self.server, "db", verb, subject, args)

    async def _poll(self) -> None:
        """One pass; what cannot be read ends it, and the next begins anew."""
        links: Links = await self._ip("links", "")
        found: Everything = await self._database("select-all", "")
        taps = {tap.name: tap for tap in links.taps}
        for binding in found.bindings:
            if not binding.vlan and await self._without_vlan():
                continue
            tap = taps.get(tap_name(binding.iface_id))
            if tap is not None and not self._handled(tap, binding):
                await self._bridge(links, tap, binding)
                self._remember(tap, binding)
        self._forget(taps)
        mine = {tap_name(binding.iface_id): network_bridge(binding.network) for binding in found.bindings}
        for tap in links.taps:
            if _of_network(tap.bridge) and tap.name not in mine:
                await self._try("release", tap.name, bridge=tap.bridge, name=tap.name)
        await self._remove_gone(links, found.networks)
        if self.repairs.linuxbridge_devices_compared:
            await self._remove_loose(links, {binding.vlan for binding in found.bindings})

    async def _without_vlan(self) -> bool:
        """A port whose network has no VLAN: as it was, the agent died of it, on every host; repaired, it is skipped."""
        if not self.repairs.linuxbridge_agent_outlives:
            await self.end_program(self.process.name)
        return True

    # --- what later agents remember ------------------------------------------------------------

    def _handled(self, tap: Tap, binding: Binding) -> bool:
        """Repaired, what matters is where the tap is; else a tap of that name was once bridged for that network."""
        known = None if self.repairs.recreated_tap_noticed else self.table(AGENT_VIFS).get(tap.name)
        return known is not None and (known.iface_id, known.network) == (binding.iface_id, binding.network)

    def _remember(self, tap: Tap, binding: Binding) -> None:
        if not self.repairs.recreated_tap_noticed:
            row = AgentVif(tap.name, tap.ifindex, binding.iface_id, binding.network, binding.vlan)
            self.set(f"{tap.name} handled", self.table(AGENT_VIFS).put(row))

    def _forget(self, taps: dict[str, Tap]) -> None:
        known = self.table(AGENT_VIFS)
        self.set("taps gone", *[known.drop(row.name) for row in known if row.name not in taps])

    def _seen(self, networks: tuple[str, ...]) -> set[str]:
        """The bridges of the networks that the agent has seen since its start."""
        seen = self.table(AGENT_NETWORKS)
        self.set("networks seen", *[seen.put(AgentNetwork(one)) for one in networks if one not in seen])
        return {network_bridge(row.id) for row in seen}

    # --- wiring --------------------------------------------------------------------------------

    async def _bridge(self, links: Links, tap: Tap, binding: Binding) -> None:
        """Ensure the VLAN device and the bridge, and the tap in it; UP is written for one that is newly in."""
        bridge, device = network_bridge(binding.network), vlan_device(self.nic, binding.vlan)
        await self._ensure(links, bridge, device, binding.vlan)
        if tap.bridge == bridge:
            if binding.status != "UP" and self.repairs.linuxbridge_status_written:
                await self._up(tap.name, binding)
            return
        if tap.bridge:
            await self._try("release", tap.name, bridge=tap.bridge, name=tap.name)
        await self._ip("enslave", tap.name, bridge=bridge, name=tap.name)
        await self._up(tap.name, binding)

    async def _ensure(self, links: Links, bridge: str, device: str, vlan: int) -> None:
        masters = {one.name: one.bridge for one in links.vlans}
        if device not in masters:
            await self._try("vlan-add", device, nic=self.nic, vlan=vlan)
        if bridge not in {one.name for one in links.bridges}:
            await self._try("bridge-add", bridge, name=bridge)
        if masters.get(device) != bridge:
            await self._try("enslave", device, bridge=bridge, name=device)

    async def _up(self, tap: str, binding: Binding) -> None:
        await self._database("set-status", tap, iface_id=binding.iface_id, host=self.node, status="UP")

    # --- removing ------------------------------------------------------------------------------

    async def _remove_gone(self, links: Links, networks: tuple[str, ...]) -> None:
        """Bridges whose network is gone, each with the VLAN device in it."""
        living = {network_bridge(network) for network in networks}
        own = None if self.repairs.linuxbridge_bridges_compared else self._seen(networks)
        for bridge in links.bridges:
            if not _of_network(bridge.name) or bridge.name in living or (own is not None and bridge.name not in own):
                continue
            for device in links.vlans:
                if device.bridge == bridge.name:
                    await self._try("link-delete", device.name, name=device.name)
            await self._try("bridge-delete", bridge.name, name=bridge.name)

    async def _remove_loose(self, links: Links, needed: set[int]) -> None:
        """VLAN devices of the agent's interface that are in no bridge: of a pass that was cut, or that failed."""
        for device in links.vlans:
            if device.nic == self.nic and not device.bridge and device.vlan not in needed:
                await self._try("link-delete", device.name, name=device.name)


def _of_network(bridge: str) -> bool:
    return bridge.startswith("brq")

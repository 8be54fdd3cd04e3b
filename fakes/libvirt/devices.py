"""What libvirt makes on the host for a domain's interfaces, and removes again.

Facts: docs/facts/libvirt.md 8.
"""

from __future__ import annotations

import msgspec

from fakes.libvirt.profiles import Profile
from fakes.links import OVS_COMMAND
from fakes.records import BRIDGES, TAPS
from fakes.records.host import Tap
from fakes.records.libvirt import Definition, Interface
from sim.nodes import Service
from sim.outcomes import Failed, Outcome
from sim.tables import Change

replace = msgspec.structs.replace


class Devices(Service):
    """Taps and Open vSwitch records of domains."""

    profile: Profile

    async def plug(self, definition: Definition) -> Definition:
        """Make and plug each interface's tap; the definition with their names filled in.

        Until qemu has them, the daemon holds the taps: they die with it.

        Raises:
            Failed: 38 when a bridge is missing, 1 when ovs-vsctl failed.
        """
        plugged: list[Interface] = []
        try:
            for interface in definition.interfaces:
                plugged.append(replace(interface, target=self._name(interface)))
                await self._open(definition, plugged[-1])
                if interface.interfaceid:
                    await self._add_port(definition, plugged[-1])
        except Outcome:
            await self.unplug(replace(definition, interfaces=tuple(plugged)))
            await self._close(definition)
            raise
        return replace(definition, interfaces=tuple(plugged))

    async def _close(self, definition: Definition) -> None:
        """Close the taps that the daemon still holds for the domain."""
        taps = self.table(TAPS)
        held = [tap for tap in taps.where("holder", self.process.name) if tap.vm == definition.uuid]
        await self.commit(f"taps of {definition.name} closed", *[taps.drop(tap.name) for tap in held])

    def hand_over(self, definition: Definition, process: str) -> list[Change]:
        """The changes by which qemu holds the domain's taps from now on."""
        taps = self.table(TAPS)
        mine = [tap for tap in taps.where("holder", self.process.name) if tap.vm == definition.uuid]
        return [taps.put(replace(tap, holder=process)) for tap in mine]

    def _name(self, interface: Interface) -> str:
        """An explicit name is kept unless it is of libvirt's own kind; else vnetN by the profile's rule."""
        if interface.target and not interface.target.startswith("vnet"):
            return interface.target
        taps = self.table(TAPS)
        if not self.profile.reuses_tap_names:
            return f"vnet{self.world.number(f'vnet {self.node}') - 1}"
        number = 0
        while f"vnet{number}" in taps:
            number += 1
        return f"vnet{number}"

    async def _open(self, definition: Definition, interface: Interface) -> None:
        """The tap: opened by name if it persists (type ethernet, 2012), else made, to die with qemu."""
        taps = self.table(TAPS)
        if interface.type == "bridge" and interface.bridge not in self.table(BRIDGES):
            raise Failed("38 system error", f"Cannot get interface MTU on '{interface.bridge}': No such device")
        existing = taps.get(interface.target)
        if existing is not None:
            if existing.holder or interface.type != "ethernet":
                raise Failed("55 operation invalid", f"tap {interface.target} exists")
            return
        maker = "qemu" if interface.type == "ethernet" else "libvirt"
        number = self.world.number(f"ifindex {self.node}")
        tap = Tap(interface.target, number, interface.mac, self.process.name, maker, definition.uuid)
        await self.commit(f"tap {tap.name} made", taps.put(tap))

    async def _add_port(self, definition: Definition, interface: Interface) -> None:
        args = {
            "bridge": interface.bridge, "name": interface.target, "iface_id": interface.interfaceid,
            "mac": interface.mac, "vm": definition.uuid,
        }  # fmt: skip
        try:
            await self.call(OVS_COMMAND, self.node, "ovs", "add-port", definition.name, args)
        except Outcome as error:
            raise Failed("1 internal error", f"Unable to add port {interface.target}: {error}") from error

    async def unplug(self, definition: Definition) -> None:
        """Remove the Open vSwitch records; errors are ignored, as in life."""
        for interface in definition.interfaces:
            if interface.interfaceid and interface.target:
                try:
                    await self.call(OVS_COMMAND, self.node, "ovs", "del-port", definition.name, {"name": interface.target})
                except Outcome:
                    continue

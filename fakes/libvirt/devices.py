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

replace = msgspec.structs.replace


class Devices(Service):
    """Taps and Open vSwitch records of domains."""

    profile: Profile

    async def plug(self, definition: Definition, holder: str) -> Definition:
        """Make and plug each interface's tap; the definition with their names filled in.

        Raises:
            Failed: 38 when a bridge is missing, 1 when ovs-vsctl failed.
        """
        plugged = []
        for interface in definition.interfaces:
            interface = replace(interface, target=self._name(interface))
            await self._open(definition, interface, holder)
            if interface.interfaceid:
                await self._add_port(definition, interface)
            plugged.append(interface)
        return replace(definition, interfaces=tuple(plugged))

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

    async def _open(self, definition: Definition, interface: Interface, holder: str) -> None:
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
        tap = Tap(interface.target, number, interface.mac, holder, maker, definition.uuid)
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

"""What libvirt makes on the host for a domain's interfaces, and removes again.

Facts: docs/facts/libvirt.md 8.
"""

from __future__ import annotations

import msgspec

from fakes.libvirt.profiles import Profile
from fakes.links import OVS_COMMAND
from fakes.records import BRIDGES, LINUX_BRIDGES, OVS_PORTS, TAPS
from fakes.records.host import Tap
from fakes.records.libvirt import Definition, Interface
from sim.nodes import Service
from sim.outcomes import Failed, Outcome
from sim.tables import Change

replace = msgspec.structs.replace

NO_RECORD = -1
"""The record that is meant where there is none: a removal that comes late finds nothing of its own."""

OWN_NAMES = ("vnet", "vif", "macvtap", "macvlan")
"""A target that begins so is of libvirt's own choosing: it is ignored and chosen anew."""


def explicit(interface: Interface) -> str:
    """The target's name if somebody gave it, else ""."""
    return "" if interface.target.startswith(OWN_NAMES) else interface.target


def migratable(definition: Definition) -> Definition:
    """The XML as it travels, or is saved: names that libvirt chose are left out (libvirt.md 8)."""
    interfaces = tuple(replace(one, target=explicit(one)) for one in definition.interfaces)
    return replace(definition, interfaces=interfaces)


class Devices(Service):
    """Taps and Open vSwitch records of domains."""

    profile: Profile

    async def plug(self, definition: Definition, starts: bool = False) -> Definition:
        """Make and plug each interface's tap; the definition with their names filled in.

        Until qemu has them, the daemon holds the taps: they die with it.  `starts`: the domain does, else it runs.

        Raises:
            Failed: 38 when a bridge is missing, 55 when the tap's name is taken, 1 when ovs-vsctl failed;
                what had been made is undone.
        """
        plugged: list[Interface] = []
        try:
            for wanted in definition.interfaces:
                interface = replace(wanted, target=explicit(wanted) or self._next_name())
                await self._open(definition, interface)
                plugged.append(interface)
                if interface.interfaceid:
                    await self._add_port(definition, interface)
        except Outcome:
            named = definition.interfaces[len(plugged) :] if starts and self.profile.removes_by_name else ()
            rest = [replace(one, target=explicit(one)) for one in named]
            await self.undo(replace(definition, interfaces=(*plugged, *rest)))
            raise
        return replace(definition, interfaces=tuple(plugged))

    async def undo(self, definition: Definition) -> None:
        """A start has failed: close the taps that the daemon still holds, and remove the records."""
        taps = self.table(TAPS)
        held = [tap for tap in taps.where("holder", self.process.name) if tap.vm == definition.uuid]
        await self.commit(f"taps of {definition.name} closed", *[taps.drop(tap.name) for tap in held])
        await self.unplug(definition)

    def hand_over(self, definition: Definition, process: str) -> list[Change]:
        """The changes by which qemu holds the domain's taps from now on."""
        taps = self.table(TAPS)
        mine = [tap for tap in taps.where("holder", self.process.name) if tap.vm == definition.uuid]
        return [taps.put(replace(tap, holder=process)) for tap in mine]

    # --- names ---------------------------------------------------------------------------------

    def _next_name(self) -> str:
        """vnetN: the lowest free number, or the next of the daemon's counter."""
        taps = self.table(TAPS)
        number = 0
        if not self.profile.reuses_tap_names:
            number = self._count()
        while f"vnet{number}" in taps:
            number = number + 1 if self.profile.reuses_tap_names else self._count()
        return f"vnet{number}"

    def _count(self) -> int:
        """From 0 in each run of the daemon."""
        return self.world.number(f"vnet of {self.process.where} #{self.process.starts}") - 1

    def reserve_names(self) -> None:
        """The daemon starts: its counter goes on behind what exists."""
        if self.profile.reuses_tap_names:
            return
        names = [tap.name.removeprefix("vnet") for tap in self.table(TAPS) if tap.name.startswith("vnet")]
        for _ in range(max((int(number) + 1 for number in names if number.isdecimal()), default=0)):
            self._count()

    # --- making --------------------------------------------------------------------------------

    async def _open(self, definition: Definition, interface: Interface) -> None:
        """The tap: opened by name if it persists (type ethernet, 2012), else made, to die with qemu."""
        if interface.type == "bridge" and not self._has_bridge(interface):
            raise Failed("38 system error", f"Cannot get interface MTU on '{interface.bridge}': No such device")
        taps = self.table(TAPS)
        existing = taps.get(interface.target)
        if existing is not None:
            await self._open_existing(existing, interface)
            return
        maker = "qemu" if interface.type == "ethernet" and self.profile.opens_existing_taps else "libvirt"
        number = self.world.number(f"ifindex {self.node}")
        master = "" if interface.interfaceid else interface.bridge
        tap = Tap(interface.target, number, interface.mac, self.process.name, maker, definition.uuid, master)
        await self.commit(f"tap {tap.name} made", taps.put(tap))

    def _has_bridge(self, interface: Interface) -> bool:
        """One of Open vSwitch for a virtualport, else one of the kernel."""
        if interface.interfaceid:
            return interface.bridge in self.table(BRIDGES)
        return interface.bridge in self.table(LINUX_BRIDGES)

    async def _open_existing(self, tap: Tap, interface: Interface) -> None:
        foreign = interface.type == "ethernet" and not tap.holder
        if foreign and self.profile.opens_existing_taps:
            return
        if foreign:
            await self.commit(f"tap {tap.name} deleted", self.table(TAPS).drop(tap.name))
        raise Failed("55 operation invalid", f"tap {tap.name} exists")

    async def _add_port(self, definition: Definition, interface: Interface) -> None:
        tap = self.table(TAPS).get(interface.target)
        args = {
            "bridge": interface.bridge, "name": interface.target, "iface_id": interface.interfaceid,
            "mac": interface.mac, "vm": definition.uuid, "device": tap.ifindex if tap is not None else 0,
        }  # fmt: skip
        try:
            await self.call(OVS_COMMAND, self.node, "ovs", "add-port", definition.name, args)
        except Outcome as error:
            raise Failed("1 internal error", f"Unable to add port {interface.target}: {error}") from error

    async def unplug(self, definition: Definition) -> None:
        """Remove the Open vSwitch records; errors are ignored, as in life."""
        for interface in definition.interfaces:
            if interface.interfaceid and interface.target:
                record = self.table(OVS_PORTS).get(interface.target)
                own = record if record is not None and record.iface_id == interface.interfaceid else None
                args = {"name": interface.target, "row": own.row if own is not None else NO_RECORD}
                try:
                    await self.call(OVS_COMMAND, self.node, "ovs", "del-port", definition.name, args)
                except Outcome:
                    continue

"""Linux bridges, their ports, and VLAN devices: what ``ip``, ``brctl`` and ``vconfig`` do to them.

Facts: docs/facts/libvirt.md 8 (membership dies with the device), 8.1 (names, refusals), quantum.md 3.2.  All of
it is gone after a reboot; only VDSM's configuration brings something back.
"""

from __future__ import annotations

from typing import Any

import msgspec

from fakes.records import BRIDGED_NICS, HOST_NETWORKS, LINUX_BRIDGES, TAPS, TRUNKS, VLAN_DEVICES
from fakes.records.host import BridgedNic, HostNetwork, Links, LinuxBridge, VlanDevice
from fakes.wiring import vlan_device
from sim.nodes import Service
from sim.outcomes import Failed
from sim.tables import Change, Table

replace = msgspec.structs.replace

LONGEST_NAME = 15
"""Characters of a device's name (docs/facts/libvirt.md 8.1)."""


class Bridging(Service):
    """The commands about bridges and VLAN devices."""

    def on_links(self) -> Links:
        """What there is."""
        taps, bridges, vlans = self.table(TAPS), self.table(LINUX_BRIDGES), self.table(VLAN_DEVICES)
        return Links(tuple(taps.all()), tuple(bridges.all()), tuple(vlans.all()))

    async def on_bridge_add(self, name: str) -> None:
        """Make a bridge, and set it up.  ``brctl`` cuts the name to what the kernel takes."""
        bridges, name = self.table(LINUX_BRIDGES), name[:LONGEST_NAME]
        if self.device(name):
            raise Failed("exit status 1", f"device {name} already exists; can't create bridge with the same name")
        made = LinuxBridge(name, self.world.number(f"ifindex {self.node}"), "agent")
        await self.commit(f"bridge {name} made", bridges.put(made))

    def device(self, name: str) -> bool:
        """Whether there is a device of that name; all kinds share their names."""
        tables: tuple[Table[Any], ...] = (self.table(TAPS), self.table(LINUX_BRIDGES), self.table(VLAN_DEVICES))
        return any(name in table for table in tables)

    async def on_bridge_delete(self, name: str) -> None:
        """Set a bridge down and delete it; its ports stay, without a master."""
        bridges = self.table(LINUX_BRIDGES)
        if name not in bridges:
            raise Failed("exit status 1", f"bridge {name} doesn't exist; can't delete it")
        await self.commit(f"bridge {name} deleted", bridges.drop(name), *self._freed(name))

    def _freed(self, bridge: str) -> list[Change]:
        taps, vlans, nics = self.table(TAPS), self.table(VLAN_DEVICES), self.table(BRIDGED_NICS)
        changes: list[Change] = [taps.put(replace(tap, bridge="")) for tap in taps.where("bridge", bridge)]
        changes += [vlans.put(replace(one, bridge="")) for one in vlans.where("bridge", bridge)]
        return changes + [nics.drop(one.nic) for one in nics.where("bridge", bridge)]

    async def on_vlan_add(self, nic: str, vlan: int) -> None:
        """Make the VLAN device of an interface, and set it up."""
        vlans, name = self.table(VLAN_DEVICES), vlan_device(nic, vlan)
        if nic not in self.table(TRUNKS):
            raise Failed("exit status 1", f"cannot find device {nic}")
        if name in vlans:
            raise Failed("exit status 2", f"{name}: file exists")
        made = VlanDevice(name, self.world.number(f"ifindex {self.node}"), nic, vlan, "agent")
        await self.commit(f"device {name} made", vlans.put(made))

    async def on_enslave(self, bridge: str, name: str) -> None:
        """Put a tap or a VLAN device into a bridge; one that has a master is refused."""
        if bridge not in self.table(LINUX_BRIDGES):
            raise Failed("exit status 1", f"bridge {bridge} does not exist")
        await self._master(name, "", bridge)

    async def on_release(self, bridge: str, name: str) -> None:
        """Take a device out of a bridge."""
        await self._master(name, bridge, "")

    async def _master(self, name: str, old: str, new: str) -> None:
        """Change a device's master from that to that.

        Raises:
            Failed: there is no such device, or its master is another.
        """
        table: Table[Any] = self.table(TAPS) if name in self.table(TAPS) else self.table(VLAN_DEVICES)
        row = table.get(name)
        if row is None:
            raise Failed("exit status 1", f"interface {name} does not exist")
        if row.bridge != old:
            raise Failed("exit status 1", f"device {name} is {'already' if row.bridge else 'not'} a member of a bridge")
        why = f"{name} into {new}" if new else f"{name} out of {old}"
        await self.commit(why, table.put(replace(row, bridge=new)))


class Network(Service):
    """The init script ``network``: at boot it brings up what VDSM's ``ifcfg`` files say (docs/facts/ovirt.md 4.5)."""

    async def started(self) -> None:
        """Each network that is not up."""
        for network in self.table(HOST_NETWORKS):
            if network.name not in self.table(LINUX_BRIDGES):
                await self.commit(f"network {network.name} up", *self._up(network))

    def _up(self, network: HostNetwork) -> list[Change]:
        number = self.world.number
        bridge = LinuxBridge(network.name, number(f"ifindex {self.node}"), "vdsm")
        changes: list[Change] = [self.table(LINUX_BRIDGES).put(bridge)]
        if network.vlan is None:
            return [*changes, self.table(BRIDGED_NICS).put(BridgedNic(network.nic, network.name))]
        name = vlan_device(network.nic, network.vlan)
        device = VlanDevice(name, number(f"ifindex {self.node}"), network.nic, network.vlan, "vdsm", network.name)
        return [*changes, self.table(VLAN_DEVICES).put(device)]

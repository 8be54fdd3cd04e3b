"""Open vSwitch on a host: ``ovs-vsctl`` and ``ovs-ofctl`` against its database and switch.

A port record outlives its device, and a reboot (docs/facts/libvirt.md 8): it is in a database.  What a switch
makes of a record at its start, and when a record is taken over: docs/facts/libvirt.md 8.2.
"""

from __future__ import annotations

import msgspec

from fakes.host.tunnels import TunnelBridge
from fakes.records import BRIDGES, FLOWS, OVS_PORTS, TAPS
from fakes.records.host import Flow, OvsPort
from fakes.repairs import UNREPAIRED, Repairs
from sim.outcomes import Failed
from sim.tables import Change


class OpenVSwitch(TunnelBridge):
    """The commands that agents, libvirt and VDSM give.

    Repaired, ``--if-exists del-port`` goes before ``add-port``, and a command that comes late does nothing to the next
    record, or device, of its name.
    """

    repairs: Repairs = UNREPAIRED

    async def started(self) -> None:
        """The switch plugs what now bears the names of its records, whoever made it.

        What a Linux bridge has stays there: a device has one master (docs/facts/libvirt.md 8.1).
        """
        ports, taps = self.table(OVS_PORTS), self.table(TAPS)
        free = [port for port in ports if port.name in taps and not taps[port.name].bridge]
        found = [(port, self._device(port.name)) for port in free]
        changes = [
            ports.put(msgspec.structs.replace(port, device=device))
            for port, device in found
            if device not in (0, port.device)
        ]
        if changes:
            await self.commit("devices of records plugged", *changes)

    async def on_add_port(self, bridge: str, name: str, iface_id: str, mac: str, vm: str, device: int = 0) -> None:
        """``--may-exist add-port`` with external ids: a stale record of that name, on that bridge, is taken over.

        `device` is the ifindex of the tap that is meant, 0 whichever bears the name; if it is gone, its record is made.
        """
        if bridge not in self.table(BRIDGES):
            raise Failed("exit status 1", f"no bridge named {bridge}")
        if self.repairs.late_addition_takes_its_own and device and self._device(name) not in (0, device):
            raise Failed("exit status 1", f"{name} is not the device that was meant")
        ports = self.table(OVS_PORTS)
        old = ports.get(name)
        if old is not None and self.repairs.stale_port_made_anew and old.device != self._device(name):
            await self.on_del_port(name)
            old = None
        if old is not None and old.bridge != bridge:
            raise Failed("exit status 1", f"{name} is actually attached to bridge {old.bridge}")
        row = old.row if old is not None else self.world.number(f"ovs row {self.node}")
        port = OvsPort(name, row, bridge, iface_id, mac, vm, self._device(name), old.tag if old is not None else None)
        await self.commit(f"port {name} added", ports.put(port))

    def _device(self, name: str) -> int:
        tap = self.table(TAPS).get(name)
        return tap.ifindex if tap is not None else 0

    async def on_del_port(self, name: str, row: int = 0) -> None:
        """``--if-exists del-port``; `row` is the record that is meant, 0 whichever bears the name."""
        ports = self.table(OVS_PORTS)
        port = ports.get(name)
        if self.repairs.late_removal_takes_its_own and row and (port is None or port.row != row):
            return
        await self.commit(f"port {name} removed", ports.drop(name), *self._undrop(name))

    def _undrop(self, name: str) -> list[Change]:
        """Flows name a port by its number, which dies with it."""
        flows = self.table(FLOWS)
        return [flows.drop((flow.bridge, flow.in_port)) for flow in flows.where("in_port", name)]

    async def on_wire(self, name: str, tag: int) -> None:
        """Set the tag and delete the drop flow: what an agent does for a VIF with a port."""
        ports = self.table(OVS_PORTS)
        port = ports.get(name)
        if port is None:
            raise Failed("exit status 1", f"no port named {name}")
        await self.commit(f"port {name} tagged", ports.put(msgspec.structs.replace(port, tag=tag)), *self._undrop(name))

    async def on_deaden(self, name: str, tag: int | None) -> None:
        """Set the dead tag (or clear it) and drop what comes from the port."""
        ports = self.table(OVS_PORTS)
        port = ports.get(name)
        if port is None:
            raise Failed("exit status 1", f"no port named {name}")
        await self.commit(
            f"port {name} dead",
            ports.put(msgspec.structs.replace(port, tag=tag)),
            self.table(FLOWS).put(Flow(port.bridge, name)),
        )

    async def on_clear_flows(self, bridge: str) -> None:
        """Remove all flows; all traffic then goes by the normal rule."""
        flows = self.table(FLOWS)
        await self.commit("flows cleared", *[flows.drop((flow.bridge, flow.in_port)) for flow in flows])

    async def on_sweep(self, bridge: str) -> None:
        """Remove the port records whose device is gone."""
        ports = self.table(OVS_PORTS)
        stale = [port for port in ports if port.bridge == bridge and not self._alive(port)]
        changes = [change for port in stale for change in (ports.drop(port.name), *self._undrop(port.name))]
        if changes:
            await self.commit("stale ports removed", *changes)

    def on_list_ports(self, bridge: str) -> list[OvsPort]:
        """The records with external ids; `device` is 0 where the device is gone (ofport -1)."""
        ports = [port for port in self.table(OVS_PORTS) if port.bridge == bridge]
        return [port if self._alive(port) else msgspec.structs.replace(port, device=0) for port in ports]

    def _alive(self, port: OvsPort) -> bool:
        return port.device != 0 and self._device(port.name) == port.device

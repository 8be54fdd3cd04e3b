"""The server's database, as the agents of 2012 read and write it directly.

Facts: docs/facts/quantum.md 3.1 (direct SQL, poll every 2 s, one commit a pass).
"""

from __future__ import annotations

import msgspec

from fakes.records import QUANTUM_NETWORKS, QUANTUM_PORTS, TUNNEL_IPS, VLAN_BINDINGS
from fakes.records.tunnels import TunnelIp
from fakes.repairs import Repairs
from sim.nodes import Service

replace = msgspec.structs.replace


class Binding(msgspec.Struct, frozen=True):
    """A plugged port as an agent sees it: `vlan` 0 when its network has no VLAN row; its op-status."""

    iface_id: str
    port: str
    network: str
    vlan: int
    status: str


class Everything(msgspec.Struct, frozen=True):
    """What the linuxbridge agent reads: the plugged ports that are ACTIVE, and the ids of all networks."""

    bindings: tuple[Binding, ...]
    networks: tuple[str, ...]


class Database(Service):
    """The database server."""

    repairs: Repairs = Repairs()

    def on_select(self, iface_ids: tuple[str, ...]) -> list[Binding]:
        """The ports plugged with these ids.

        The real agent reads every row and keeps those of its VIFs; asking for them gives the same rows.
        """
        ports, vlans = self.table(QUANTUM_PORTS), self.table(VLAN_BINDINGS)
        found = []
        for iface_id in iface_ids:
            for port in ports.where("attachment", iface_id):
                vlan = vlans.first("network", port.network)
                found.append(
                    Binding(iface_id, port.id, port.network, vlan.vlan if vlan is not None else 0, port.op_status)
                )
        return found

    def on_select_all(self) -> Everything:
        """All rows of ports and networks (docs/facts/quantum.md 3.2)."""
        vlans, found = self.table(VLAN_BINDINGS), []
        for port in self.table(QUANTUM_PORTS):
            if port.attachment and port.state == "ACTIVE":
                row = vlans.first("network", port.network)
                vlan = row.vlan if row is not None else 0
                found.append(Binding(port.attachment, port.id, port.network, vlan, port.op_status))
        return Everything(tuple(found), tuple(network.id for network in self.table(QUANTUM_NETWORKS)))

    async def on_set_status(self, iface_id: str, host: str, status: str) -> None:
        """Write op-status of the port plugged with that id; as it was, the last writer wins."""
        ports = self.table(QUANTUM_PORTS)
        for port in ports.where("attachment", iface_id):
            others = tuple(one for one in port.seen_by if one != host)
            seen = (*others, host) if status == "UP" else others
            if self.repairs.op_status_after_migration:
                status = "UP" if seen else "DOWN"
            await self.commit(f"op-status {status}", ports.put(replace(port, op_status=status, seen_by=seen)))

    def on_tunnel_ips(self) -> list[str]:
        """The addresses of all tunnel agents."""
        return [row.ip for row in self.table(TUNNEL_IPS)]

    async def on_add_tunnel_ip(self, ip: str) -> None:
        """An agent writes its own address, if it is not there."""
        await self.commit(f"tunnel end {ip}", self.table(TUNNEL_IPS).put(TunnelIp(ip)))

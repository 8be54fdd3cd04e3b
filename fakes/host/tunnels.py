"""`br-tun` of Open vSwitch: GRE ports to other hosts, and flows between local VLANs and GRE keys.

Ports are in the database and outlive everything; flows are in the switch's memory and die with it.
Facts: docs/facts/quantum.md 3.1 (tunnel agent).
"""

from __future__ import annotations

from fakes.records import BRIDGES, TUNNEL_FLOWS, TUNNEL_PORTS
from fakes.records.host import OvsBridge
from fakes.records.tunnels import DEFAULT, TunnelFlow, TunnelPort, flows_of
from sim.nodes import Service

TUNNEL_BRIDGE = "br-tun"


class TunnelBridge(Service):
    """The commands of the tunnel agent."""

    async def on_reset_tunnels(self, bridge: str, secure: bool) -> None:
        """Delete and make anew `br-tun`, its patch to that bridge, and the flow that drops everything."""
        ports, flows = self.table(TUNNEL_PORTS), self.table(TUNNEL_FLOWS)
        gone = [ports.drop(port.name) for port in ports] + [flows.drop(flow.match) for flow in flows]
        made = self.table(BRIDGES).put(OvsBridge(TUNNEL_BRIDGE, bridge, secure))
        await self.commit("br-tun made anew", *gone, made, flows.put(DEFAULT))

    async def on_add_tunnel(self, name: str, remote: str) -> None:
        """``add-port`` of type gre, and its remote address."""
        await self.commit(f"{name} to {remote}", self.table(TUNNEL_PORTS).put(TunnelPort(name, remote)))

    async def on_del_tunnel(self, name: str) -> None:
        """``--if-exists del-port``."""
        await self.commit(f"{name} removed", self.table(TUNNEL_PORTS).drop(name))

    async def on_bind_tunnel(self, local_vlan: int, gre_key: int) -> None:
        """Out: the local VLAN is stripped and the key set; in: the key becomes the local VLAN."""
        flows = self.table(TUNNEL_FLOWS)
        rows = [flows.put(flow) for flow in flows_of(local_vlan, gre_key)]
        await self.commit(f"local VLAN {local_vlan} is key {gre_key}", *rows)

    async def on_unbind_tunnel(self, match: str) -> None:
        """Delete one flow."""
        await self.commit(f"flow {match} removed", self.table(TUNNEL_FLOWS).drop(match))

    async def on_wipe_tunnels(self) -> None:
        """Delete all flows of `br-tun`, the one that drops too."""
        flows = self.table(TUNNEL_FLOWS)
        await self.commit("flows of br-tun cleared", *[flows.drop(flow.match) for flow in flows])

    def on_list_tunnels(self) -> tuple[list[TunnelPort], list[TunnelFlow]]:
        """``list-ports`` and ``dump-flows`` of `br-tun`: its GRE ports and its flows."""
        return self.table(TUNNEL_PORTS).all(), self.table(TUNNEL_FLOWS).all()

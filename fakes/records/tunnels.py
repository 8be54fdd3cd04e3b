"""Tunnels: the bridge `br-tun` of a host, the local VLANs of its agent, the ends that a server knows.

Facts: docs/facts/quantum.md 3.1 (tunnel agent).  A host's address is written as the host's name (ours).
"""

from __future__ import annotations

import msgspec

from sim.tables import Lifetime, Schema


class TunnelPort(msgspec.Struct, frozen=True, gc=False):
    """A GRE port of `br-tun` to the address `remote`: a row of Open vSwitch's database."""

    name: str
    remote: str


class TunnelFlow(msgspec.Struct, frozen=True, gc=False):
    """A flow of `br-tun`.  `match`: ``dl_vlan=N`` sends out, ``tun_id=N`` lets in, ``default`` drops the rest.

    `local_vlan` and `gre_key` are what it turns into each other; 0 for the default.
    """

    match: str
    local_vlan: int = 0
    gre_key: int = 0


class LocalVlan(msgspec.Struct, frozen=True, gc=False):
    """A network of the host as its tunnel agent remembers it: local VLAN and GRE key."""

    network: str
    vlan: int
    gre_key: int


class AgentTunnel(msgspec.Struct, frozen=True, gc=False):
    """A GRE port that the agent has made; `remote` "" if it then died on the way (bug 1004584)."""

    name: str
    remote: str


class TunnelIp(msgspec.Struct, frozen=True, gc=False):
    """A row of `tunnel_ips`: an agent's address, written by the agent itself, removed by nobody."""

    ip: str


DEFAULT = TunnelFlow("default")
"""What no other flow takes is dropped; without it `br-tun` is a plain switch."""


def flows_of(local_vlan: int, gre_key: int) -> tuple[TunnelFlow, TunnelFlow]:
    """The flow out and the flow in of one network on one host."""
    return (
        TunnelFlow(f"dl_vlan={local_vlan}", local_vlan, gre_key),
        TunnelFlow(f"tun_id={gre_key}", local_vlan, gre_key),
    )


TUNNEL_PORTS = Schema("tunnel_ports", TunnelPort, "name", Lifetime.DURABLE, ("remote",))
TUNNEL_FLOWS = Schema("tunnel_flows", TunnelFlow, "match", Lifetime.HOST, ("gre_key",))
LOCAL_VLANS = Schema("local_vlans", LocalVlan, "network", Lifetime.VOLATILE, ("vlan",))
AGENT_TUNNELS = Schema("agent_tunnels", AgentTunnel, "name", Lifetime.VOLATILE, ("remote",))
TUNNEL_IPS = Schema("tunnel_ips", TunnelIp, "ip", Lifetime.DURABLE)

SCHEMAS = (TUNNEL_PORTS, TUNNEL_FLOWS, LOCAL_VLANS, AGENT_TUNNELS, TUNNEL_IPS)

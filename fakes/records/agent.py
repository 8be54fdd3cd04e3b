"""What a Quantum agent remembers: lost at its restart.  Facts: docs/facts/quantum.md 3.1."""

from __future__ import annotations

import msgspec

from sim.tables import Lifetime, Schema


class AgentVif(msgspec.Struct, frozen=True, gc=False):
    """A VIF as the agent last handled it: `network` "" means dead (no port for it)."""

    name: str
    device: int
    iface_id: str
    network: str
    vlan: int


class AgentNetwork(msgspec.Struct, frozen=True, gc=False):
    """A network that a linuxbridge agent has seen since its start; only an agent of a later release remembers it."""

    id: str


AGENT_NETWORKS = Schema("agent_networks", AgentNetwork, "id", Lifetime.VOLATILE)
AGENT_VIFS = Schema("agent_vifs", AgentVif, "name", Lifetime.VOLATILE)

SCHEMAS = (
    AGENT_NETWORKS,
    AGENT_VIFS,
)

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


AGENT_VIFS = Schema("agent_vifs", AgentVif, "name", Lifetime.VOLATILE)

SCHEMAS = (AGENT_VIFS,)

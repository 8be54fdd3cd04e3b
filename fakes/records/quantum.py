"""What a Quantum server of API v1.1 keeps.  Facts: docs/facts/quantum.md 1.4, 3.1, 3.2."""

from __future__ import annotations

import msgspec

from sim.tables import Lifetime, Schema


class Server(msgspec.Struct, frozen=True, gc=False):
    """A server's configuration: its plugin, segmentation type and VLAN range (both ends included)."""

    name: str
    plugin: str
    type: str
    first_vlan: int
    last_vlan: int


class QuantumNetwork(msgspec.Struct, frozen=True, gc=False):
    """A network: ids are the server's, names are not unique; `op_status` UP from creation."""

    id: str
    tenant: str
    name: str
    op_status: str = "UP"


class QuantumPort(msgspec.Struct, frozen=True, gc=False):
    """A port: admin `state`, `op_status` as agents last wrote it, `attachment` ("" when unplugged).

    `seen_by` are the hosts whose agents see the VIF; only the repaired plugin looks at it.
    """

    id: str
    network: str
    state: str = "DOWN"
    op_status: str = "DOWN"
    attachment: str = ""
    seen_by: tuple[str, ...] = ()


class VlanBinding(msgspec.Struct, frozen=True, gc=False):
    """A row of `vlan_bindings`."""

    vlan: int
    network: str


class VlanId(msgspec.Struct, frozen=True, gc=False):
    """A row of `vlan_ids` that is used: the pool of the linuxbridge plugin; `network` is the simulator's own note."""

    vlan: int
    network: str


QUANTUM_NETWORKS = Schema("quantum_networks", QuantumNetwork, "id", Lifetime.DURABLE, ("tenant", "name"))
QUANTUM_PORTS = Schema("quantum_ports", QuantumPort, "id", Lifetime.DURABLE, ("network", "attachment"))
VLAN_BINDINGS = Schema("vlan_bindings", VlanBinding, "vlan", Lifetime.DURABLE, ("network",))
VLAN_MAP = Schema("vlan_map", VlanBinding, "vlan", Lifetime.VOLATILE, ("network",))
VLAN_IDS = Schema("vlan_ids", VlanId, "vlan", Lifetime.DURABLE, ("network",))
SERVERS = Schema("servers", Server, "name", Lifetime.DURABLE)

SCHEMAS = (SERVERS, QUANTUM_NETWORKS, QUANTUM_PORTS, VLAN_BINDINGS, VLAN_MAP, VLAN_IDS)

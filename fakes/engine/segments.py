"""Which VLANs a network may come to have, as far as the engine's configuration says.

The configuration lists the Quantum servers with their types and ranges (ours); which physical networks
hosts share is not known, so equal VLANs count as one segment.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from fakes.records.engine import LogicalNetwork
from fakes.topology import QuantumModel

Servers = Mapping[str, QuantumModel]


def vlans(quantums: Servers, server: str, vlan: int | None) -> range:
    """The VLANs that a network of that server, or with that VLAN and no server, may have."""
    if server:
        model = quantums[server]
        first, last = model.ends()
        return range(first, last + 1) if model.type == "vlan" else range(0)
    return range(vlan, vlan + 1) if vlan is not None else range(0)


def _meet(one: range, other: range) -> bool:
    return max(one.start, other.start) < min(one.stop, other.stop)


def contested_by(quantums: Servers, network: LogicalNetwork) -> list[str]:
    """The servers whose ranges meet the network's VLANs, its own among them if another's does."""
    mine = vlans(quantums, network.server, network.vlan)
    others = [name for name in quantums if name != network.server and _meet(mine, vlans(quantums, name, None))]
    return sorted([*others, network.server] if others and network.server else others)


def rival(quantums: Servers, network: LogicalNetwork, networks: Iterable[LogicalNetwork]) -> str:
    """Who else may use a VLAN of the network's: another's network that exists, or the server that has its VLAN.

    Of two servers whose ranges meet, the one that has networks goes on.
    """
    mine = vlans(quantums, network.server, network.vlan)
    for other in networks:
        if other.server != network.server and _meet(mine, vlans(quantums, other.server, other.vlan)):
            return other.server or f"network {other.name}"
    return next(iter(contested_by(quantums, network)), "") if not network.server else ""

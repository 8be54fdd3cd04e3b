"""Which agent runs for a Quantum server: a row a plugin and segmentation type."""

from __future__ import annotations

from collections.abc import Callable

from fakes.quantum.agent import OvsAgent
from fakes.quantum.linuxbridge_agent import LinuxBridgeAgent
from fakes.quantum.tunnel_agent import TunnelAgent
from fakes.repairs import Repairs
from fakes.topology import FabricModel, QuantumModel
from sim.nodes import Process, Service, configured

AGENTS: dict[tuple[str, str], type[Service]] = {
    ("openvswitch", "vlan"): OvsAgent,
    ("openvswitch", "gre"): TunnelAgent,
    ("linuxbridge", "vlan"): LinuxBridgeAgent,
}
"""By plugin and the mode of the agent (docs/facts/quantum.md 3.1, 3.2)."""


def agent(
    model: QuantumModel, server: str, fabric: FabricModel, repairs: Repairs, phase: int
) -> Callable[[Process], Service]:
    """The agent of one host for that Quantum server; `phase` is the time of its first poll."""
    program = AGENTS[model.plugin, fabric.mode or model.type]
    return configured(program, server=server, nic=fabric.nic, repairs=repairs, phase=phase)

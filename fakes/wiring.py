"""Who reaches whom: computed from rows, never assumed.

A tap is on a segment when its Open vSwitch record, its tag, the bridge's trunk and the physical switches
lead there.  Pure functions of rows; checks may import them.  The graph is networkx's.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from fakes.records import FLOWS, OVS_PORTS, SWITCHES, TAPS, TRUNKS
from fakes.records.host import OvsPort, Switch, Tap
from sim.checks import View

DEAD_VLAN = 4095
"""The tag of a VIF without a port (docs/facts/quantum.md 3.1)."""


def ranges(text: str) -> Callable[[int], bool]:
    """Whether a VLAN is among ``100-199,300``; "" means every VLAN."""
    pairs = [part.partition("-") for part in text.split(",") if part]
    spans = [(int(low), int(high or low)) for low, _, high in pairs]
    return lambda vlan: not spans or any(low <= vlan <= high for low, high in spans)


@lru_cache(maxsize=1024)
def reach(switches: tuple[Switch, ...], physical: str, vlan: int) -> str:
    """The name of the part of the physical networks that this VLAN connects `physical` with."""
    if not switches:
        return physical
    import networkx

    graph: networkx.Graph[str] = networkx.Graph()
    graph.add_node(physical)
    for switch in switches:
        if ranges(switch.vlans)(vlan):
            networkx.add_path(graph, switch.joins)
    return str(min(networkx.node_connected_component(graph, physical)))


def port_of(view: View, node: str, tap: Tap) -> OvsPort | None:
    """The Open vSwitch record of this very tap, by identity."""
    port = view.get(OVS_PORTS, node, tap.name)
    return port if port is not None and port.device == tap.ifindex else None


def segment(view: View, node: str, tap: Tap) -> str:
    """The segment that the tap is on, as a name that two taps share when they reach each other; "" none."""
    port = port_of(view, node, tap)
    if port is None or port.tag == DEAD_VLAN or view.get(FLOWS, node, (port.bridge, port.name)) is not None:
        return ""
    if port.tag is None:
        return f"untagged on {port.bridge} of {node}"
    for trunk in view.of(TRUNKS, node):
        if trunk.bridge == port.bridge:
            switches = tuple(row for _, row in view.rows(SWITCHES))
            return f"vlan {port.tag} on {reach(switches, trunk.physical, port.tag)}"
    return f"vlan {port.tag} on {port.bridge} of {node}"


def taps_of(view: View, mac: str) -> list[tuple[str, Tap]]:
    """The taps that carry that MAC, with their hosts."""
    return view.where(TAPS, "mac", mac)

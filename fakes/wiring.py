"""Who reaches whom: computed from rows, never assumed.

A tap is on a segment when what it is plugged into leads there: its Open vSwitch record, its tag and the
bridge's trunk, or its Linux bridge with a VLAN device or an interface in it; then the physical switches.
Pure functions of rows; checks may import them.  The graph is networkx's.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from fakes.plugins import PLUGINS
from fakes.records import (
    BRIDGED_NICS,
    BRIDGES,
    FLOWS,
    OVS_PORTS,
    SERVERS,
    SWITCHES,
    TRUNKS,
    TUNNEL_FLOWS,
    TUNNEL_PORTS,
    VLAN_DEVICES,
)
from fakes.records.host import OvsPort, Switch, Tap
from sim.checks import View
from sim.messages import CUTS

DEAD_VLAN = 4095
"""The tag of a VIF without a port (docs/facts/quantum.md 3.1)."""
NATIVE = 0
"""Untagged; a switch that names the VLANs that it carries does not carry it (ours)."""


def tap_name(attachment: str) -> str:
    """``tap`` and the first eleven characters of the attachment id (docs/facts/quantum.md 1.5)."""
    return f"tap{attachment[:11]}"


def network_bridge(network: str) -> str:
    """``brq`` and the first eleven characters of the network's id (docs/facts/quantum.md 3.2)."""
    return f"brq{network[:11]}"


def vlan_device(nic: str, vlan: int) -> str:
    """The name of an interface's VLAN device; with the longest name that a topology takes, 15 characters."""
    return f"{nic}.{vlan}"


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
    if port is None:
        return bridged(view, node, tap.bridge) if tap.bridge else ""
    if port.tag == DEAD_VLAN or view.get(FLOWS, node, (port.bridge, port.name)) is not None:
        return ""
    if port.tag is None:
        return f"untagged on {port.bridge} of {node}"
    for trunk in view.of(TRUNKS, node):
        if trunk.bridge == port.bridge:
            return f"vlan {port.tag} on {part(view, trunk.physical, port.tag)}"
    return f"vlan {port.tag} on {port.bridge} of {node}"


def sends(view: View, one: tuple[str, Tap], other: tuple[str, Tap]) -> bool:
    """Whether what leaves the first tap (host, tap) arrives at the second: on its segment, or through a tunnel."""
    here, there = segment(view, *one), segment(view, *other)
    if not here or not there:
        return False
    return here == there or (one[0] != other[0] and _through_tunnel(view, one, other))


def _through_tunnel(view: View, one: tuple[str, Tap], other: tuple[str, Tap]) -> bool:
    """GRE (docs/facts/quantum.md 3.1): flows turn a local VLAN into a key there, and that into a local VLAN here.

    Without any flow `br-tun` is a plain switch: a local VLAN goes out as it is, under no key.
    """
    (host, tap), (far, far_tap) = one, other
    port, far_port = port_of(view, host, tap), port_of(view, far, far_tap)
    if port is None or far_port is None or not linked(view, host, far):
        return False
    if not (_patched(view, host, port.bridge) and _patched(view, far, far_port.bridge)):
        return False
    if _plain(view, host) and _plain(view, far):
        return port.tag == far_port.tag
    out = view.get(TUNNEL_FLOWS, host, f"dl_vlan={port.tag}")
    into = view.get(TUNNEL_FLOWS, far, f"tun_id={out.gre_key}") if out is not None else None
    return into is not None and into.local_vlan == far_port.tag


def neighbours(view: View, node: str, port: OvsPort) -> list[tuple[str, OvsPort]]:
    """The records that share the tag, or the GRE key behind it: all that this one can reach, and some others."""
    if not _patched(view, node, port.bridge) or _plain(view, node):
        return view.where(OVS_PORTS, "tag", port.tag)
    here = [(node, one) for one in view.of(OVS_PORTS, node) if one.tag == port.tag]
    keys = dict.fromkeys(flow.gre_key for flow in view.of(TUNNEL_FLOWS, node) if flow.local_vlan == port.tag)
    flows = [found for key in keys if key for found in view.where(TUNNEL_FLOWS, "gre_key", key)]
    ends = dict.fromkeys((far, flow.local_vlan) for far, flow in flows if far != node)
    return here + [(far, one) for far, vlan in ends for one in view.of(OVS_PORTS, far) if one.tag == vlan]


def leaves_as(view: View, node: str, port: OvsPort) -> tuple[str, int]:
    """The segmentation type and id under which a live record's frames leave the host; id 0: under none."""
    if not _patched(view, node, port.bridge):
        return "vlan", port.tag or 0
    out = view.get(TUNNEL_FLOWS, node, f"dl_vlan={port.tag}")
    back = view.get(TUNNEL_FLOWS, node, f"tun_id={out.gre_key}") if out is not None else None
    return "gre", out.gre_key if out is not None and back is not None and back.local_vlan == port.tag else 0


def tunnelled(view: View, node: str) -> bool:
    """Whether the host has a tunnel bridge."""
    return any(row.patch for row in view.of(BRIDGES, node))


def _plain(view: View, host: str) -> bool:
    """Whether the tunnel bridge has lost its flows and forwards everything."""
    return not view.of(TUNNEL_FLOWS, host) and not any(row.patch and row.secure for row in view.of(BRIDGES, host))


def _patched(view: View, host: str, bridge: str) -> bool:
    return any(row.patch == bridge for row in view.of(BRIDGES, host))


def linked(view: View, host: str, far: str) -> bool:
    """Whether each of two hosts has a GRE port to the other, and its packets get there."""
    ends = ((host, far), (far, host))
    if not all(any(row.remote == remote for row in view.of(TUNNEL_PORTS, node)) for node, remote in ends):
        return False
    return all(view.get(CUTS, "network", end) is None for end in ends)


def bridged(view: View, node: str, bridge: str) -> str:
    """The segment that a Linux bridge is on."""
    for device in view.of(VLAN_DEVICES, node):
        if device.bridge == bridge:
            return f"vlan {device.vlan} on {physical(view, node, device.nic, device.vlan)}"
    for one in view.of(BRIDGED_NICS, node):
        if one.bridge == bridge:
            return f"native VLAN on {physical(view, node, one.nic, NATIVE)}"
    return f"bridge {bridge} of {node}"


def physical(view: View, node: str, nic: str, vlan: int) -> str:
    """The part of the physical networks that an interface's VLAN is on."""
    trunk = view.get(TRUNKS, node, nic)
    return part(view, trunk.physical, vlan) if trunk is not None else f"{nic} of {node}"


def part(view: View, physical: str, vlan: int) -> str:
    """The part of the physical networks that this VLAN connects `physical` with, by the switches that there are."""
    return reach(tuple(row for _, row in view.rows(SWITCHES)), physical, vlan)


def fabric_bridge(view: View, server: str) -> str:
    """The bridge of a host that vNICs of that server's networks are plugged into; "" when each network has its own."""
    row = view.get(SERVERS, server, server) if server else None
    return PLUGINS[row.plugin].bridge if row is not None else ""

"""Tunnels: who reaches whom through GRE, what a tunnel agent leaves, and where a GRE network may be."""

from __future__ import annotations

from typing import Any

import pytest
from claims import fires, quiet
from worlds import World

from fakes.records import (
    BRIDGES,
    HOSTS,
    LOCAL_VLANS,
    OVS_PORTS,
    QUANTUM_PORTS,
    SERVERS,
    TRUNKS,
    TUNNEL_FLOWS,
    TUNNEL_PORTS,
)
from fakes.records.engine import Fabric
from fakes.records.host import OvsBridge, Trunk
from fakes.records.tunnels import DEFAULT, LocalVlan, TunnelPort, flows_of
from sim.messages import CUTS, Cut

GRE = (Fabric("q1", True, True, True, (), "gre"),)


def tunnels(world: World, *hosts: str) -> None:
    """The server q1 is for GRE; these hosts have agents for tunnels, and a port to each other."""
    world.change("q1", SERVERS, "q1", type="gre")
    for host in hosts:
        world.change("engine", HOSTS, host, fabrics=GRE)
        world.put(host, TRUNKS, Trunk("eth1", "", "physnet1"))
        world.put(host, BRIDGES, OvsBridge("br-tun", "br-int"))
        world.put(host, TUNNEL_FLOWS, DEFAULT)
        others = [other for other in hosts if other != host]
        world.put(host, TUNNEL_PORTS, *[TunnelPort(f"gre-{number}", other) for number, other in enumerate(others)])


def local(world: World, vm: str, host: str, vlan: int, key: int = 100) -> None:
    """The VM's network is that local VLAN on the host."""
    world.change(host, OVS_PORTS, f"tap-{vm}", tag=vlan)
    world.put(host, TUNNEL_FLOWS, *flows_of(vlan, key))


def two(world: World) -> None:
    """web1 runs on h1 and web2 on h2, on one GRE network, by different local VLANs."""
    tunnels(world, "h1", "h2")
    world.add_vm("web2")
    world.run_vm("web2", "h2")
    local(world, "web1", "h1", 1)
    local(world, "web2", "h2", 2)


# --- placement-migration ----------------------------------------------------------------------------


@quiet("placement-migration")
def test_a_source_whose_agent_has_stopped_is_on_the_tunnels_all_the_same(world: World) -> None:
    tunnels(world, "h1", "h2")
    world.change("engine", HOSTS, "h1", fabrics=(Fabric("q1", True, True, False, (), "gre"),))
    world.prepare("web1", "h2")


# --- wired ------------------------------------------------------------------------------------------


@quiet("wired")
@quiet("right-network")
@quiet("isolated")
@quiet("leftover-local-vlan")
def test_two_hosts_with_flows_and_ports_to_each_other_are_wired(world: World) -> None:
    two(world)


def _no_port(world: World) -> None:
    world.drop("h2", TUNNEL_PORTS, "gre-0")


def _no_flow_out(world: World) -> None:
    world.drop("h1", TUNNEL_FLOWS, "dl_vlan=1")


def _no_flow_in(world: World) -> None:
    world.drop("h2", TUNNEL_FLOWS, "tun_id=100")


def _cut(world: World) -> None:
    world.put("network", CUTS, Cut("h1", "h2"))


def _unpatched(world: World) -> None:
    world.drop("h1", BRIDGES, "br-tun")


@pytest.mark.parametrize("change", [_no_port, _no_flow_out, _no_flow_in, _unpatched], ids=lambda one: one.__name__)
@fires("wired", "web2.nic1 is on vlan 2 on br-int of h2, and web1.nic1 of the same network on vlan 1 on br-int of h1")
def test_a_tunnel_needs_ports_and_flows_on_both_hosts(world: World, change: Any) -> None:
    two(world)
    change(world)


@fires("wired", "web2.nic1 is on vlan 100 on physnet1, and web1.nic1 of the same network on vlan 1 on br-int of h1")
def test_an_agent_for_vlans_is_not_wired_to_one_for_tunnels(world: World) -> None:
    tunnels(world, "h1")
    world.add_vm("web2")
    world.run_vm("web2", "h2")
    local(world, "web1", "h1", 1)


# --- right-network ----------------------------------------------------------------------------------


@fires("right-network", "tap tap-web1 on h1 is on GRE key 0; red is GRE key [100]")
def test_a_tap_without_flows_is_on_no_key(world: World) -> None:
    tunnels(world, "h1", "h2")
    world.change("h1", OVS_PORTS, "tap-web1", tag=1)


@fires("right-network", "tap tap-web1 on h1 is on GRE key 200; red is GRE key [100]")
def test_a_tap_is_on_the_key_of_its_network(world: World) -> None:
    tunnels(world, "h1", "h2")
    local(world, "web1", "h1", 1, key=200)


@fires("right-network", "tap tap-web1 on h1 is on VLAN 100; red is GRE key [100]")
def test_an_agent_for_vlans_puts_a_gre_network_on_a_vlan(world: World) -> None:
    world.change("q1", SERVERS, "q1", type="gre")


# --- isolated ---------------------------------------------------------------------------------------


def strangers(world: World, vlan: int, key: int) -> None:
    """db1 of another network runs on h2, by that local VLAN and key."""
    tunnels(world, "h1", "h2")
    world.add_network("green", 200)
    world.add_vm("db1", "green")
    world.run_vm("db1", "h2")
    local(world, "web1", "h1", 1)
    local(world, "db1", "h2", vlan, key)


@quiet("isolated")
def test_one_local_vlan_on_two_hosts_joins_nothing(world: World) -> None:
    strangers(world, 1, 200)


@fires("isolated", "a tunnel joins vlan", times=2)
def test_a_key_joins_two_hosts(world: World) -> None:
    strangers(world, 3, 100)


@fires("isolated", "a tunnel joins vlan 1 on br-int of", times=2)
def test_bridges_without_flows_are_plain_switches(world: World) -> None:
    strangers(world, 1, 200)
    for host in ("h1", "h2"):
        for flow in list(world.table(host, TUNNEL_FLOWS).rows):
            world.drop(host, TUNNEL_FLOWS, flow)


@quiet("isolated")
def test_a_secure_bridge_without_flows_drops_everything(world: World) -> None:
    strangers(world, 1, 200)
    for host in ("h1", "h2"):
        world.change(host, BRIDGES, "br-tun", secure=True)
        for flow in list(world.table(host, TUNNEL_FLOWS).rows):
            world.drop(host, TUNNEL_FLOWS, flow)


@quiet("isolated")
def test_what_cannot_get_there_reaches_nobody(world: World) -> None:
    strangers(world, 3, 100)
    _cut(world)


# --- leftover-local-vlan ----------------------------------------------------------------------------


@fires("leftover-local-vlan", "br-tun of h2 has a flow", times=2)
def test_flows_of_a_local_vlan_that_no_port_is_on_are_left_over(world: World) -> None:
    tunnels(world, "h1", "h2")
    world.put("h2", TUNNEL_FLOWS, *flows_of(7, 100))


@fires("leftover-local-vlan", "the agent of h2 keeps local VLAN 7 for network q-red, and no port there is on it")
def test_a_local_vlan_that_no_port_is_on_is_left_over(world: World) -> None:
    tunnels(world, "h1", "h2")
    world.put("h2", LOCAL_VLANS, LocalVlan("q-red", 7, 100))


@fires("leftover-local-vlan", "h1", times=4)
def test_a_port_that_is_unplugged_keeps_no_local_vlan(world: World) -> None:
    tunnels(world, "h1", "h2")
    local(world, "web1", "h1", 1)
    world.change("q1", QUANTUM_PORTS, "port-web1", attachment="")


# --- placement --------------------------------------------------------------------------------------


@fires("placement-plugin", "web1.nic1 was plugged on h2, whose agent of q1 is for vlan, and red is gre")
def test_an_agent_for_vlans_does_not_implement_a_gre_network(world: World) -> None:
    tunnels(world, "h1")
    world.wire("web1", "h2")


@quiet("placement-plugin")
@quiet("placement-fabric")
def test_a_gre_network_needs_no_physical_interface(world: World) -> None:
    tunnels(world, "h1", "h2")
    world.wire("web1", "h2")


@fires("placement-fabric", "web1.nic1 was plugged on h2, which has no tunnel bridge")
def test_a_gre_network_needs_a_tunnel_bridge(world: World) -> None:
    tunnels(world, "h1", "h2")
    world.drop("h2", BRIDGES, "br-tun")
    world.wire("web1", "h2")


@quiet("placement-plugin")
def test_a_record_without_a_device_places_nothing(world: World) -> None:
    world.change("engine", HOSTS, "h2", fabrics=())
    world.put("h2", OVS_PORTS, _record_without_device(world))


def _record_without_device(world: World) -> Any:
    """The record of web1, added when its device had gone."""
    port = world.table("h1", OVS_PORTS)["tap-web1"]
    return type(port)(port.name, 9, port.bridge, port.iface_id, port.attached_mac, port.vm, 0)


@fires("placement-migration", "web1.nic1 is prepared on h2, whose agent of q1 is for vlan, and red is gre")
def test_a_target_has_an_agent_of_the_networks_type(world: World) -> None:
    tunnels(world, "h1")
    world.prepare("web1", "h2")


@quiet("placement-migration")
def test_two_hosts_of_one_mesh_are_on_one_segment(world: World) -> None:
    tunnels(world, "h1", "h2")
    world.prepare("web1", "h2")


@quiet("segment-collision")
def test_keys_of_a_server_for_tunnels_collide_with_no_vlan(world: World) -> None:
    tunnels(world, "h1", "h2")
    world.add_server("q2")
    world.add_host("h3", fabric="q2")
    world.add_network("green", 100, server="q2")

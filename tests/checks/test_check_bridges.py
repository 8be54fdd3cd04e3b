"""Linux bridges: those of Quantum networks, and those of VDSM's own."""

from __future__ import annotations

import pytest
from claims import fires, quiet
from worlds import World

from fakes.records import (
    BRIDGED_NICS,
    HOST_NETWORKS,
    HOSTS,
    LINUX_BRIDGES,
    NETWORKS,
    QUANTUM_NETWORKS,
    QUANTUM_PORTS,
    TAPS,
    TRUNKS,
    VLAN_BINDINGS,
    VLAN_DEVICES,
    VLAN_IDS,
)
from fakes.records.host import LinuxBridge, VlanDevice
from fakes.records.quantum import VlanBinding, VlanId

TAP = "tapatt-web2"
BRQ = "brqq-yellow"


@pytest.fixture(autouse=True)
def _bridged(world: World) -> None:
    """web2 runs on h1 and web3 on h2, on yellow of q3; web4 on h1, on a network of VDSM's own."""
    world.add_bridging("h1", "h2")
    world.add_network("yellow", 1000, server="q3")
    world.add_plain_network("plain")
    for name, network, host in (("web2", "yellow", "h1"), ("web3", "yellow", "h2"), ("web4", "plain", "h1")):
        world.add_vm(name, network)
        world.run_vm(name, host)
    world.settle()


# --- leftover-bridge --------------------------------------------------------------------------------


@quiet("leftover-bridge")
def test_bridges_stay_while_their_network_exists(world: World) -> None:
    world.drop("h1", TAPS, TAP)


@fires("leftover-bridge", "h1 has a bridge brqq-gone, and no network is its")
def test_a_bridge_goes_with_its_network(world: World) -> None:
    world.put("h1", LINUX_BRIDGES, LinuxBridge("brqq-gone", 40, "agent"))


@fires("leftover-bridge", "h1 has a device eth2.1001, and no network has VLAN 1001")
def test_a_vlan_device_goes_with_its_network(world: World) -> None:
    world.put("h1", VLAN_DEVICES, VlanDevice("eth2.1001", 41, "eth2", 1001, "agent"))


@fires("leftover-bridge", "h2 has a", times=4)
def test_the_bridges_of_all_hosts_go_with_the_network(world: World) -> None:
    world.drop("q3", QUANTUM_NETWORKS, "q-yellow")
    world.drop("h1", LINUX_BRIDGES, BRQ)
    world.drop("h1", VLAN_DEVICES, "eth2.1000")
    world.put("h2", LINUX_BRIDGES, LinuxBridge("brqq-gone", 40, "agent"))
    world.put("h2", VLAN_DEVICES, VlanDevice("eth2.1001", 41, "eth2", 1001, "agent"))


@fires("leftover-bridge", "is up on h1, and not configured", times=2)
def test_vdsms_own_bridge_goes_with_its_configuration(world: World) -> None:
    world.drop("h1", HOST_NETWORKS, "plain")


# --- leftover-tap, leftover-local-vlan, leftover-segment ---------------------------------------------


@fires("leftover-tap", "no domain there has it")
def test_a_tap_in_a_bridge_is_left_over_as_any(world: World) -> None:
    world.put("h2", TAPS, world.table("h1", TAPS)[TAP])


@fires("leftover-local-vlan", "tapatt-web2 on h1 is in brqq-yellow, and no port is plugged for it")
def test_a_tap_in_a_networks_bridge_has_a_plugged_port(world: World) -> None:
    world.change("q3", QUANTUM_PORTS, "port-web2", attachment="")


@quiet("leftover-local-vlan")
def test_a_tap_of_vdsms_own_network_needs_none(world: World) -> None:
    world.change("h1", TAPS, "tap-web4", vm="nobody")


@fires("leftover-segment", "VLAN 1050 is held for network q-gone, which does not exist")
def test_an_id_of_the_table_is_held_by_a_network(world: World) -> None:
    world.put("q3", VLAN_IDS, VlanId(1050, "q-gone"))


# --- lost, undisturbed, one-identity -----------------------------------------------------------------


@pytest.mark.parametrize("tap", [TAP, "tap-web4"])
@fires("lost", "is in no bridge of h1")
def test_a_running_vnic_is_in_a_bridge(world: World, tap: str) -> None:
    world.change("h1", TAPS, tap, bridge="")


@quiet("undisturbed")
def test_a_bridged_vnic_has_no_port_of_open_vswitch_to_lose(world: World) -> None:
    world.change("h1", TAPS, TAP, bridge="")


@fires("undisturbed", "tap tapatt-web2 of web2, which runs on h1, is gone")
def test_the_tap_of_a_bridged_vnic_stays(world: World) -> None:
    world.drop("h1", TAPS, TAP)


@fires("one-identity", "is on h1 and h2, and no migration is going on", allowed=30_000_000)
def test_a_tap_is_in_a_bridge_of_one_host(world: World) -> None:
    world.put("h2", TAPS, world.table("h1", TAPS)[TAP])


@quiet("one-identity")
def test_the_ends_of_a_migration_both_have_the_tap(world: World) -> None:
    world.prepare("web2", "h2")


# --- right-network, wired, isolated --------------------------------------------------------------------


@fires("right-network", "tap tapatt-web2 on h1 is in plain; yellow is not there")
def test_a_tap_is_in_its_networks_bridge(world: World) -> None:
    world.change("h1", TAPS, TAP, bridge="plain")


@fires("right-network", "is on VLAN 1000; yellow is VLAN [1001]", times=2)
def test_the_vlan_of_a_bridge_is_its_networks(world: World) -> None:
    world.drop("q3", VLAN_BINDINGS, 1000)
    world.put("q3", VLAN_BINDINGS, VlanBinding(1001, "q-yellow"))


@fires("right-network", "tap tap-web4 on h1 is on VLAN 30; plain is VLAN [31]")
def test_the_vlan_of_vdsms_own_network_is_the_engines(world: World) -> None:
    world.change("engine", NETWORKS, "net-plain", vlan=31)


@quiet("wired")
def test_equal_vlans_of_one_physical_network_connect_bridges_of_two_hosts(world: World) -> None:
    world.change("h2", LINUX_BRIDGES, BRQ, ifindex=77)


@fires("wired", "web3.nic1 is on bridge brqq-yellow of h2, and web2.nic1 of the same network on vlan 1000 on physnet2")
def test_a_bridge_without_its_vlan_leads_nowhere(world: World) -> None:
    world.drop("h2", VLAN_DEVICES, "eth2.1000")


@fires("wired", "web3.nic1 is on vlan 1000 on physnet3, and web2.nic1")
def test_bridges_on_two_physical_networks_are_apart(world: World) -> None:
    world.change("h2", TRUNKS, "eth2", physical="physnet3")


@quiet("isolated")
def test_equal_vlans_on_two_physical_networks_are_apart(world: World) -> None:
    world.change("h1", VLAN_DEVICES, "eth3.30", vlan=1000)


@fires("isolated", "reaches", times=3)
def test_equal_vlans_on_one_physical_network_connect_a_bridge_of_vdsms_with_quantums(world: World) -> None:
    world.change("h1", TRUNKS, "eth3", physical="physnet2")
    world.change("h1", VLAN_DEVICES, "eth3.30", vlan=1000)


@fires("isolated", "both are on vlan 100 on physnet1", times=2)
def test_open_vswitch_and_bridges_meet_on_one_vlan(world: World) -> None:
    world.change("h1", TRUNKS, "eth2", physical="physnet1")
    world.change("h1", VLAN_DEVICES, "eth2.1000", vlan=100)


@fires("isolated", "both are on native VLAN on physnet1", times=2)
def test_untagged_bridges_meet_on_one_physical_network(world: World) -> None:
    world.add_plain_network("other", vlan=None)
    world.add_vm("web5", "other")
    world.run_vm("web5", "h2")
    world.drop("h1", VLAN_DEVICES, "eth3.30")
    world.put("h1", BRIDGED_NICS, type(world.table("h2", BRIDGED_NICS)["eth3"])("eth3", "plain"))


# --- placement, segment-collision ------------------------------------------------------------------------


@fires("placement-plugin", "web5.nic1 was plugged on h1, which reports no running agent of q3")
def test_a_tap_for_the_linuxbridge_agent_needs_one(world: World) -> None:
    world.change("engine", HOSTS, "h1", fabrics=world.table("engine", HOSTS)["h1"].fabrics[:1])
    world.add_vm("web5", "yellow")
    world.run_vm("web5", "h1")


@fires("placement-fabric", "web5.nic1 was plugged on h1, which has no interface of q3's")
def test_a_tap_for_the_linuxbridge_agent_needs_its_interface(world: World) -> None:
    world.drop("h1", TRUNKS, "eth2")
    world.add_vm("web5", "yellow")
    world.run_vm("web5", "h1")


@fires("placement-fabric", "web5.nic1 was plugged on h1, whose bridge plain has no physical interface")
def test_a_tap_of_vdsms_own_network_needs_an_interface(world: World) -> None:
    world.drop("h1", VLAN_DEVICES, "eth3.30")
    world.add_vm("web5", "plain")
    world.run_vm("web5", "h1")


@quiet("placement-plugin")
@quiet("placement-fabric")
@quiet("placement-cluster")
@quiet("placement-migration")
def test_bridged_vnics_are_placed_well(world: World) -> None:
    for name, network in (("web5", "yellow"), ("web6", "plain")):
        world.add_vm(name, network)
        world.run_vm(name, "h1")
        world.prepare(name, "h2")


@fires("segment-collision", "VLAN 30 is given out by q1 and by the network plain on physnet1")
def test_a_vlan_of_vdsms_own_is_not_quantums_on_one_physical_network(world: World) -> None:
    world.put("q1", VLAN_BINDINGS, VlanBinding(30, "q-red"))


@quiet("segment-collision")
def test_a_vlan_of_vdsms_own_may_be_quantums_elsewhere(world: World) -> None:
    world.put("q3", VLAN_BINDINGS, VlanBinding(30, "q-yellow"))


@fires("segment-collision", "VLAN 100 is given out by q1 and by q3 on physnet1")
def test_two_servers_give_one_vlan_on_one_physical_network(world: World) -> None:
    world.change("h1", TRUNKS, "eth2", physical="physnet1")
    world.put("q3", VLAN_BINDINGS, VlanBinding(100, "q-yellow"))


@fires("segment-collision", "the native VLAN is given out by the network first and by the network second on physnet1")
def test_two_untagged_networks_on_one_physical_network_are_one(world: World) -> None:
    world.carry("first", "h1", None, nic="eth4")
    world.carry("second", "h2", None, nic="eth5")

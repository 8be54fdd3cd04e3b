"""Who reaches whom: right-network, wired, isolated."""

from __future__ import annotations

from typing import Any

import pytest
from claims import fires, quiet
from worlds import World

from fakes.records import DOMAINS, FLOWS, OVS_PORTS, QUANTUM_PORTS, TAPS, TRUNKS, VMS, VNICS
from fakes.records.host import Flow
from fakes.records.quantum import QuantumPort

MAC = "00:1a:4a:00:00:00"

# --- right-network ----------------------------------------------------------------------------------


@fires("right-network", f"tap tap-web1 on h1 has MAC 00:1a:4a:00:00:99; web1.nic1 has {MAC}")
def test_a_tap_has_the_mac_of_its_vnic(world: World) -> None:
    world.change("h1", TAPS, "tap-web1", mac="00:1a:4a:00:00:99")


@fires("right-network", "web1.nic1 is of network red, and its port is on q-green")
def test_a_vnics_port_is_on_its_network(world: World) -> None:
    world.add_network("green", 200)
    world.change("q1", QUANTUM_PORTS, "port-web1", network="q-green")


@fires("right-network", "tap tap-web1 on h1 is on VLAN 200; red is VLAN [100]")
def test_a_tap_plugged_with_the_id_of_its_vnic_is_on_the_vlan_of_its_network(world: World) -> None:
    world.plug_by_libvirt("web1", "h1")
    world.change("engine", VNICS, "nic-web1", attachment="")
    world.change("h1", OVS_PORTS, "tap-web1", tag=200)


@fires("right-network", "web1.nic1 is of network red, and its port is on q-green")
def test_any_port_with_the_vnics_attachment_is_on_its_network(world: World) -> None:
    world.add_network("green", 200)
    world.put("q1", QUANTUM_PORTS, QuantumPort("p2", "q-green", attachment="att-web1"))


@fires("right-network", "tap tap-web1 on h1 is on VLAN 200; red is VLAN [100]")
def test_a_tap_is_on_the_vlan_of_its_network(world: World) -> None:
    world.change("h1", OVS_PORTS, "tap-web1", tag=200)


@fires("right-network", "tap tap-web1 on h1 is on VLAN 100; green is VLAN [200]")
def test_a_vnic_that_changes_its_network_leaves_its_tap_behind(world: World) -> None:
    world.add_network("green", 200)
    world.change("engine", VNICS, "nic-web1", network="net-green")
    world.change("q1", QUANTUM_PORTS, "port-web1", network="q-green")


@pytest.mark.parametrize("columns", [{"tag": None}, {"tag": 4095}, {"tag": 200, "device": 8}, {"iface_id": "strange"}])
@quiet("right-network")
def test_a_tap_that_is_dead_or_not_the_records_is_on_no_wrong_network(world: World, columns: dict[str, Any]) -> None:
    world.change("h1", OVS_PORTS, "tap-web1", **columns)


@quiet("right-network")
def test_a_port_of_another_server_may_have_the_attachment(world: World) -> None:
    world.add_server("q2")
    world.put("q2", QUANTUM_PORTS, QuantumPort("p2", "q-2", attachment="att-web1"))


# --- wired ------------------------------------------------------------------------------------------


def _untapped(world: World) -> None:
    world.drop("h1", TAPS, "tap-web1")


def _unported(world: World) -> None:
    world.drop("h1", OVS_PORTS, "tap-web1")


def _dead(world: World) -> None:
    world.change("h1", OVS_PORTS, "tap-web1", tag=4095)


def _untagged(world: World) -> None:
    world.change("h1", OVS_PORTS, "tap-web1", tag=None)


def _dropped(world: World) -> None:
    world.put("h1", FLOWS, Flow("br-int", "tap-web1"))


def _strange_device(world: World) -> None:
    world.change("h1", TAPS, "tap-web1", ifindex=8)


def _strange_interface(world: World) -> None:
    world.change("engine", VNICS, "nic-web1", mac="00:1a:4a:00:00:99")


CUT = [_untapped, _unported, _dead, _untagged, _dropped, _strange_device, _strange_interface]


@pytest.mark.parametrize("change", CUT, ids=lambda change: change.__name__.strip("_"))
@fires("wired", "web1.nic1 runs on h1 and is wired to nothing")
def test_a_running_vnic_is_wired_to_something(world: World, change: Any) -> None:
    change(world)


@fires("wired", "web2.nic1 is on vlan 200 on physnet1, and web1.nic1 of the same network on vlan 100 on physnet1")
def test_running_vnics_of_a_network_are_on_one_vlan(world: World) -> None:
    world.add_vm("web2")
    world.run_vm("web2", "h2")
    world.change("h2", OVS_PORTS, "tap-web2", tag=200)


@fires("wired", "web2.nic1 is on vlan 100 on physnet2, and web1.nic1 of the same network on vlan 100 on physnet1")
def test_running_vnics_of_a_network_are_on_one_physical_network(world: World) -> None:
    world.add_host("h3", physical="physnet2")
    world.add_vm("web2")
    world.run_vm("web2", "h3")


@fires("wired", "web2.nic1 is on vlan 100 on br-int of h2")
def test_a_host_without_a_trunk_reaches_no_other(world: World) -> None:
    world.add_vm("web2")
    world.run_vm("web2", "h2")
    world.settle()
    world.drop("h2", TRUNKS, "eth1")


@quiet("wired")
def test_a_switch_joins_two_hosts(world: World) -> None:
    world.add_host("h3", physical="physnet2")
    world.add_switch("physnet1", "physnet2")
    world.add_vm("web2")
    world.run_vm("web2", "h3")


@pytest.mark.parametrize("change", CUT, ids=lambda change: change.__name__.strip("_"))
@quiet("wired")
def test_a_vm_that_is_paused_need_not_be_wired(world: World, change: Any) -> None:
    change(world)
    world.change("engine", VMS, "vm-web1", status="Paused")
    world.change("h1", DOMAINS, "vm-web1", state="PAUSED", reason="USER")


@pytest.mark.parametrize(
    ("node", "schema", "key", "columns"),
    [
        ("engine", VNICS, "nic-web1", {"plugged": False}),
        ("engine", VMS, "vm-web1", {"status": "Unknown"}),
        ("engine", VMS, "vm-web1", {"host": "h2"}),
        ("h1", DOMAINS, "vm-web1", {"state": "PAUSED"}),
    ],
)
@quiet("wired")
def test_a_vnic_that_does_not_run_need_not_be_wired(
    world: World, node: str, schema: Any, key: str, columns: dict[str, Any]
) -> None:
    world.unwire("web1", "h1")
    world.change(node, schema, key, **columns)


@quiet("wired")
def test_a_vnic_without_quantum_is_not_in_open_vswitch(world: World) -> None:
    world.add_plain_network("plain")
    world.add_vm("web2", "plain")
    world.run_vm("web2", "h2")


# --- isolated ---------------------------------------------------------------------------------------


def _green(world: World, vlan: int = 200, physical: str = "physnet1") -> None:
    """web2 of the network green runs on a host of its own."""
    world.add_host("h3", physical=physical)
    world.add_network("green", vlan)
    world.add_vm("web2", "green")
    world.run_vm("web2", "h3")


@fires("isolated", "reaches", times=2)
def test_vnics_of_two_networks_are_not_on_one_vlan(world: World) -> None:
    _green(world)
    world.settle()
    world.change("h3", OVS_PORTS, "tap-web2", tag=100)


@fires("isolated", "both are on vlan 100 on physnet1", times=2)
def test_vnics_of_two_networks_are_not_on_one_vlan_of_joined_physical_networks(world: World) -> None:
    _green(world, physical="physnet2")
    world.add_switch("physnet2", "physnet1")
    world.settle()
    world.change("h3", OVS_PORTS, "tap-web2", tag=100)


@fires("isolated", "both are on vlan 100 on physnet1", times=2)
def test_a_drop_flow_that_is_cleared_opens_the_way(world: World) -> None:
    _green(world)
    world.change("h3", OVS_PORTS, "tap-web2", tag=100)
    world.put("h3", FLOWS, Flow("br-int", "tap-web2"))
    world.settle()
    world.drop("h3", FLOWS, ("br-int", "tap-web2"))


@fires("isolated", "both are on vlan 100 on physnet1", times=2)
def test_a_tap_that_comes_to_a_tagged_record_is_reached(world: World) -> None:
    _green(world)
    tap = world.table("h3", TAPS)["tap-web2"]
    world.drop("h3", TAPS, "tap-web2")
    world.change("h3", OVS_PORTS, "tap-web2", tag=100)
    world.settle()
    world.put("h3", TAPS, tap)


@fires("isolated", "both are on vlan 100 on physnet1", times=2)
def test_a_vnic_that_changes_its_network_reaches_the_others_from_where_it_was(world: World) -> None:
    world.add_network("green", 200)
    world.add_vm("web2")
    world.run_vm("web2", "h2")
    world.settle()
    world.change("engine", VNICS, "nic-web2", network="net-green")


@quiet("isolated")
def test_two_physical_networks_isolate_one_vlan(world: World) -> None:
    _green(world, physical="physnet2")
    world.change("h3", OVS_PORTS, "tap-web2", tag=100)


@pytest.mark.parametrize("columns", [{"tag": None}, {"tag": 4095}, {"tag": 100, "device": 9}])
@quiet("isolated")
def test_a_dead_tap_reaches_nobody(world: World, columns: dict[str, Any]) -> None:
    _green(world)
    world.change("h3", OVS_PORTS, "tap-web2", **columns)


@pytest.mark.parametrize("tag", [None, 4095])
@quiet("isolated")
def test_two_taps_that_no_agent_has_wired_reach_nobody(world: World, tag: int | None) -> None:
    world.add_network("green", 200)
    world.add_vm("web2", "green")
    world.run_vm("web2", "h1")
    world.change("h1", OVS_PORTS, "tap-web1", tag=tag)
    world.change("h1", OVS_PORTS, "tap-web2", tag=tag)


@quiet("isolated")
def test_a_tap_whose_traffic_is_dropped_reaches_nobody(world: World) -> None:
    _green(world)
    world.put("h3", FLOWS, Flow("br-int", "tap-web2"))
    world.change("h3", OVS_PORTS, "tap-web2", tag=100)


@quiet("isolated")
def test_vnics_of_one_network_reach_each_other(world: World) -> None:
    world.add_vm("web2")
    world.run_vm("web2", "h2")


@quiet("isolated")
def test_both_taps_of_a_migrating_vnic_are_of_its_network(world: World) -> None:
    world.prepare("web1", "h2")

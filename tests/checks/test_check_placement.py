"""Where a vNIC may be: by what its host reported when it was plugged, and by the wiring."""

from __future__ import annotations

from typing import Any

import pytest
from claims import fires, quiet
from worlds import World

from fakes.records import ATTACHED, DOMAINS, HOSTS, LOCKS, NETWORKS, OVS_PORTS, TRUNKS, VLAN_BINDINGS, VMS, VNICS
from fakes.records.engine import Fabric, Lock
from fakes.records.host import Trunk
from fakes.records.quantum import VlanBinding

STOPPED = (Fabric("q1", True, True, False),)
OTHER = (Fabric("q2", True, True, True),)
NONE: tuple[Fabric, ...] = ()

# --- placement-plugin -------------------------------------------------------------------------------


@pytest.mark.parametrize("fabrics", [STOPPED, OTHER, NONE], ids=["stopped", "other", "none"])
@fires("placement-plugin", "web1.nic1 was plugged on h2, which reports no running agent of q1")
def test_a_vnic_is_plugged_where_its_servers_agent_is_reported_running(
    world: World, fabrics: tuple[Fabric, ...]
) -> None:
    world.change("engine", HOSTS, "h2", fabrics=fabrics)
    world.wire("web1", "h2")


@pytest.mark.parametrize("check", ["plugin", "migration"])
def test_an_agent_that_dies_after_the_command_began_is_no_placement(world: World, check: str) -> None:
    vm = world.table("engine", VMS).first("name", "web1")
    assert vm is not None
    world.put("engine", LOCKS, Lock(vm.id, "VM", "job-1", 10, 100))
    act = world.wire if check == "plugin" else world.prepare

    @quiet(f"placement-{check}")
    def later(world: World) -> None:
        world.change("engine", HOSTS, "h2", fabrics=STOPPED, reported=11)
        act("web1", "h2")

    @fires(f"placement-{check}", "which reports no running agent of q1")
    def before(world: World) -> None:
        world.change("engine", HOSTS, "h3", fabrics=STOPPED, reported=9)
        act("web1", "h3")

    later(world)
    world.add_host("h3")
    before(world)


@quiet("placement-plugin")
def test_a_vnic_without_quantum_needs_no_agent(world: World) -> None:
    world.add_plain_network("plain")
    world.change("engine", HOSTS, "h2", fabrics=NONE)
    world.add_vm("web2", "plain")
    world.run_vm("web2", "h2")


@fires("placement-plugin", "web2.nic1 was plugged on h2, which reports no network plain")
def test_a_vnic_without_quantum_needs_a_host_with_its_network(world: World) -> None:
    world.add_plain_network("plain")
    world.change("engine", HOSTS, "h2", networks=())
    world.add_vm("web2", "plain")
    world.run_vm("web2", "h2")


@quiet("placement-plugin")
def test_one_of_several_fabrics_suffices(world: World) -> None:
    world.change("engine", HOSTS, "h2", fabrics=(*OTHER, *world.table("engine", HOSTS)["h2"].fabrics))
    world.wire("web1", "h2")


# --- placement-fabric -------------------------------------------------------------------------------


@fires("placement-fabric", "web1.nic1 was plugged on h2, whose br-int has no physical interface")
def test_a_vnic_is_not_plugged_into_a_bridge_without_an_interface(world: World) -> None:
    world.drop("h2", TRUNKS, "eth1")
    world.wire("web1", "h2")


@fires("placement-fabric", "web1.nic1 was plugged on h2, whose br-int has no physical interface")
def test_an_interface_in_another_bridge_does_not_count(world: World) -> None:
    world.put("h2", TRUNKS, Trunk("eth1", "br-ex", "physnet1"))
    world.wire("web1", "h2")


@quiet("placement-fabric")
def test_any_interface_of_the_bridge_carries_a_vnic(world: World) -> None:
    world.put("h2", TRUNKS, Trunk("eth1", "br-ex", "physnet1"), Trunk("eth2", "br-int", "physnet1"))
    world.wire("web1", "h2")


# --- placement-cluster ------------------------------------------------------------------------------


@fires("placement-cluster", "web1.nic1 was plugged on h2, and red is not attached to green")
def test_a_vnic_is_plugged_in_a_cluster_of_its_network(world: World) -> None:
    world.change("engine", HOSTS, "h2", cluster="green")
    world.wire("web1", "h2")


@fires("placement-cluster", "web1.nic1 was plugged on h2, and red is NonOperational")
def test_a_vnic_is_plugged_where_its_network_is_operational(world: World) -> None:
    world.change("engine", ATTACHED, ("net-red", "blue"), status="NonOperational")
    world.wire("web1", "h2")


@quiet("placement-cluster")
def test_a_vnic_may_be_plugged_on_any_host_of_the_cluster(world: World) -> None:
    world.wire("web1", "h2")


# --- all that are judged at plug --------------------------------------------------------------------


def _spoil(world: World) -> None:
    """No new vNIC could be plugged on h1."""
    world.change("engine", HOSTS, "h1", fabrics=NONE, cluster="green")
    world.drop("h1", TRUNKS, "eth1")


def _retagged(world: World) -> None:
    _spoil(world)
    world.change("h1", OVS_PORTS, "tap-web1", tag=4095)


def _unplugged(world: World) -> None:
    _spoil(world)
    world.drop("h1", OVS_PORTS, "tap-web1")


def _strange(world: World) -> None:
    _spoil(world)
    world.change("h1", OVS_PORTS, "tap-web1", iface_id="somebody")


@pytest.mark.parametrize("change", [_spoil, _retagged, _unplugged, _strange], ids=lambda change: change.__name__)
@quiet("placement-plugin")
@quiet("placement-fabric")
@quiet("placement-cluster")
def test_what_happens_after_a_plug_is_no_placement(world: World, change: Any) -> None:
    change(world)


@pytest.mark.parametrize("again", [False, True], ids=["made", "given another iface-id"])
@fires("placement-plugin", "web2.nic1 was plugged on h1")
@fires("placement-fabric", "web2.nic1 was plugged on h1")
@fires("placement-cluster", "web2.nic1 was plugged on h1")
def test_a_port_is_judged_when_it_is_made_and_when_it_gets_another_iface_id(world: World, again: bool) -> None:
    world.add_vm("web2")
    world.change("engine", VNICS, "nic-web2", attachment="att-web2")
    port = world.table("h1", OVS_PORTS)["tap-web1"]
    if not again:
        world.drop("h1", OVS_PORTS, "tap-web1")
    _spoil(world)
    world.settle()
    world.put("h1", OVS_PORTS, type(port)("tap-web1", 2, "br-int", "att-web2", "", "vm-web2", 7))


def _unknown_host(world: World) -> None:
    world.drop("engine", HOSTS, "h2")


def _unknown_network(world: World) -> None:
    world.drop("engine", NETWORKS, "net-red")


def _unknown_vnic(world: World) -> None:
    world.drop("engine", VNICS, "nic-web1")


@pytest.mark.parametrize("change", [_unknown_host, _unknown_network, _unknown_vnic], ids=lambda it: it.__name__)
@quiet("placement-plugin")
@quiet("placement-fabric")
@quiet("placement-cluster")
def test_what_the_engine_does_not_know_has_no_place(world: World, change: Any) -> None:
    world.wire("web1", "h2")
    change(world)


# --- placement-migration ----------------------------------------------------------------------------


@pytest.mark.parametrize("fabrics", [STOPPED, OTHER, NONE], ids=["stopped", "other", "none"])
@fires("placement-migration", "web1.nic1 is prepared on h2, which reports no running agent of q1")
def test_a_target_reports_the_agent_of_each_network(world: World, fabrics: tuple[Fabric, ...]) -> None:
    world.change("engine", HOSTS, "h2", fabrics=fabrics)
    world.prepare("web1", "h2")


@fires("placement-migration", "web1.nic1 is prepared on h3, which is on another segment than h1")
def test_a_target_is_on_the_segment_of_its_source(world: World) -> None:
    world.add_host("h3", physical="physnet2")
    world.prepare("web1", "h3")


@fires("placement-migration", "web1.nic1 is prepared on h2, which is on another segment than h1")
def test_two_hosts_without_a_physical_interface_are_on_two_segments(world: World) -> None:
    world.drop("h1", TRUNKS, "eth1")
    world.drop("h2", TRUNKS, "eth1")
    world.prepare("web1", "h2")


@fires("placement-migration", "web1.nic1 is prepared on h3, which is on another segment than h1")
def test_a_switch_that_does_not_carry_the_vlan_joins_nothing(world: World) -> None:
    world.add_host("h3", physical="physnet2")
    world.add_switch("physnet1", "physnet2", vlans="200-300")
    world.prepare("web1", "h3")


@quiet("placement-migration")
def test_a_switch_that_carries_the_vlan_joins_source_and_target(world: World) -> None:
    world.add_host("h3", physical="physnet2")
    world.add_switch("physnet1", "physnet2", vlans="100")
    world.prepare("web1", "h3")


@quiet("placement-migration")
def test_a_host_with_the_agent_and_the_segment_is_a_target(world: World) -> None:
    world.prepare("web1", "h2")


@pytest.mark.parametrize("change", [_unknown_host, _unknown_network, _unknown_vnic], ids=lambda it: it.__name__)
@quiet("placement-migration")
def test_what_the_engine_does_not_know_may_migrate(world: World, change: Any) -> None:
    world.change("engine", HOSTS, "h2", fabrics=NONE)
    world.prepare("web1", "h2")
    change(world)


@quiet("placement-migration")
def test_a_target_that_is_gone_again_is_none(world: World) -> None:
    world.change("engine", HOSTS, "h2", fabrics=NONE)
    world.prepare("web1", "h2")
    world.drop("h2", DOMAINS, "vm-web1")


@quiet("placement-migration")
def test_a_target_whose_source_is_gone_is_on_no_other_segment(world: World) -> None:
    world.add_host("h3", physical="physnet2")
    world.prepare("web1", "h3")
    world.drop("h1", DOMAINS, "vm-web1")


@quiet("placement-migration")
def test_a_vnic_without_quantum_goes_where_its_network_is(world: World) -> None:
    world.add_host("h3", fabric="", physical="physnet2")
    world.add_plain_network("plain")
    world.add_vm("web2", "plain")
    world.run_vm("web2", "h1")
    world.prepare("web2", "h3")


@fires("placement-migration", "web2.nic1 is prepared on h3, which reports no network plain")
def test_a_vnic_without_quantum_does_not_go_where_its_network_is_not(world: World) -> None:
    world.add_plain_network("plain")
    world.add_host("h3", fabric="")
    world.add_vm("web2", "plain")
    world.run_vm("web2", "h1")
    world.prepare("web2", "h3")


@fires("placement-migration", "web2.nic1 is prepared on h3, which is on another segment than h1")
def test_a_network_of_vdsms_is_the_same_segment_on_both_ends(world: World) -> None:
    world.add_plain_network("plain")
    world.add_host("h3", fabric="")
    world.carry("plain", "h3", 30, physical="physnet2")
    world.add_vm("web2", "plain")
    world.run_vm("web2", "h1")
    world.prepare("web2", "h3")


@quiet("placement-migration")
def test_a_start_is_no_migration(world: World) -> None:
    world.add_host("h3", fabric="")
    world.put("h3", DOMAINS, world.domain("web1"))


@quiet("placement-migration")
def test_what_changes_after_prepare_is_no_placement(world: World) -> None:
    world.prepare("web1", "h2")
    world.settle()
    world.change("engine", HOSTS, "h2", fabrics=NONE)
    world.change("h2", DOMAINS, "vm-web1", phase="FINISH3")


# --- segment-collision ------------------------------------------------------------------------------


def _second_server(world: World, physical: str) -> None:
    """q2 with its own host h3 on that physical network."""
    world.add_server("q2")
    world.add_host("h3", fabric="q2", physical=physical)


@fires("segment-collision", "VLAN 100 is given out by q1 and by q2 on physnet1")
def test_two_servers_give_a_vlan_out_on_one_physical_network(world: World) -> None:
    _second_server(world, "physnet1")
    world.add_network("green", 100, server="q2")


@fires("segment-collision", "VLAN 100 is given out by q1 and by q2 on physnet1")
def test_two_servers_give_a_vlan_out_on_joined_physical_networks(world: World) -> None:
    _second_server(world, "physnet2")
    world.add_switch("physnet2", "physnet1")
    world.add_network("green", 100, server="q2")


@quiet("segment-collision")
def test_a_vlan_may_be_given_out_on_two_physical_networks(world: World) -> None:
    _second_server(world, "physnet2")
    world.add_network("green", 100, server="q2")


@quiet("segment-collision")
def test_a_switch_that_does_not_carry_the_vlan_does_not_make_it_collide(world: World) -> None:
    _second_server(world, "physnet2")
    world.add_switch("physnet1", "physnet2", vlans="1-99,101-")
    world.add_network("green", 100, server="q2")


@quiet("segment-collision")
def test_two_servers_may_give_out_different_vlans(world: World) -> None:
    _second_server(world, "physnet1")
    world.add_network("green", 200, server="q2")


@quiet("segment-collision")
def test_a_server_without_hosts_meets_nobody(world: World) -> None:
    world.add_server("q2")
    world.put("q2", VLAN_BINDINGS, VlanBinding(100, "q-x"))


@quiet("segment-collision")
def test_a_host_without_a_fabric_is_no_servers(world: World) -> None:
    _second_server(world, "physnet2")
    world.add_host("h4", fabric="", physical="physnet3")
    world.add_network("green", 100, server="q2")


# --- placement-vm-network -----------------------------------------------------------------------------


@fires("placement-vm-network", "network red is not for VMs, and q1 has it as q-red")
def test_a_network_that_is_not_for_vms_is_not_on_quantum(world: World) -> None:
    world.change("engine", NETWORKS, "net-red", vm_network=False)


@fires("placement-vm-network", "network ovirtmgmt is the management network, and q1 has it as q-red")
def test_the_management_network_is_not_on_quantum(world: World) -> None:
    world.change("engine", NETWORKS, "net-red", name="ovirtmgmt")


@quiet("placement-vm-network")
def test_such_networks_may_be_elsewhere(world: World) -> None:
    world.change("engine", NETWORKS, "net-red", name="ovirtmgmt", uuid="")
    world.add_plain_network("storage")
    world.change("engine", NETWORKS, "net-storage", vm_network=False)

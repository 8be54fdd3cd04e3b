"""What is on hosts: taps, Open vSwitch records, flows, domains, entries, files, leases."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from claims import fires, quiet
from worlds import World

from fakes.records import (
    AGENT_VIFS,
    DOMAINS,
    FLOWS,
    HOSTS,
    LEASES,
    OVS_PORTS,
    QEMUS,
    QUANTUM_PORTS,
    RECOVERY_FILES,
    TAPS,
    VDSM_VMS,
    VMS,
    VNICS,
)
from fakes.records.agent import AgentVif
from fakes.records.host import Flow, OvsPort, Qemu, Tap
from fakes.records.storage import Lease
from fakes.records.vdsm import RecoveryFile, VdsmVm, VmConf
from sim.nodes import MACHINES, Machine
from sim.tables import Schema

MAC = "00:1a:4a:00:00:00"

# --- leftover-tap -----------------------------------------------------------------------------------


@fires("leftover-tap", "tap tap-web1 (made by ip) is on h2, and no domain there has it")
def test_a_tap_without_a_domain_is_left_over(world: World) -> None:
    world.put("h2", TAPS, Tap("tap-web1", 3, MAC, "", "ip", "vm-web1"))


@fires("leftover-tap", "tap tap-web1 (made by ip) is on h1, and no domain there has it")
def test_the_tap_of_a_domain_that_is_gone_is_left_over(world: World) -> None:
    world.drop("h1", DOMAINS, "vm-web1")


@fires("leftover-tap", "tap tap2 (made by libvirt) is on h1, and no domain there has it")
def test_a_second_tap_of_a_vnic_is_left_over(world: World) -> None:
    world.put("h1", TAPS, Tap("tap2", 8, MAC, "libvirt", "libvirt", "vm-web1"))


@fires("leftover-tap", "no domain there has it")
def test_a_tap_with_another_mac_than_the_interfaces_is_left_over(world: World) -> None:
    world.change("h1", TAPS, "tap-web1", mac="00:1a:4a:00:00:99")


@fires("leftover-tap", f"tap tap-web1 is on h1 with MAC {MAC}, and no plugged vNIC has that")
def test_the_tap_of_an_unplugged_vnic_is_left_over(world: World) -> None:
    world.change("engine", VNICS, "nic-web1", plugged=False)


@fires("leftover-tap", "no plugged vNIC has that")
def test_the_tap_of_a_removed_vnic_is_left_over(world: World) -> None:
    world.drop("engine", VNICS, "nic-web1")


@fires("leftover-tap", "no plugged vNIC has that")
def test_the_vnic_of_another_vm_with_that_mac_does_not_own_the_tap(world: World) -> None:
    world.add_vm("web2")
    world.change("engine", VNICS, "nic-web1", vm="vm-web2")


@quiet("leftover-tap")
def test_the_tap_of_a_paused_domain_is_owned(world: World) -> None:
    world.change("h1", DOMAINS, "vm-web1", state="PAUSED", reason="USER")


@quiet("leftover-tap")
def test_the_taps_on_both_hosts_of_a_migration_are_owned(world: World) -> None:
    world.prepare("web1", "h2")


# --- leftover-interface -----------------------------------------------------------------------------


@fires("leftover-interface", f"web1 on h1 has an interface {MAC}, which the engine holds unplugged")
def test_the_interface_of_an_unplugged_vnic_is_left_over(world: World) -> None:
    world.change("engine", VNICS, "nic-web1", plugged=False)


@fires("leftover-interface", f"web1 on h1 has 2 interfaces {MAC}")
def test_a_second_interface_of_a_vnic_is_left_over(world: World) -> None:
    domain = world.table("h1", DOMAINS)["vm-web1"]
    twice = msgspec.structs.replace(domain.definition, interfaces=domain.definition.interfaces * 2)
    world.change("h1", DOMAINS, "vm-web1", definition=twice)


@fires("leftover-interface", f"the guest of web1 on h1 has a NIC {MAC}, and the engine holds none of that plugged")
def test_a_nic_that_the_guest_alone_has_is_left_over(world: World) -> None:
    domain = world.table("h1", DOMAINS)["vm-web1"]
    none = msgspec.structs.replace(domain.definition, interfaces=())
    world.change("h1", DOMAINS, "vm-web1", definition=none)
    world.change("h1", QEMUS, "vm-web1", nics=(MAC,))
    world.change("engine", VNICS, "nic-web1", plugged=False)


@quiet("leftover-interface")
def test_a_nic_that_the_guest_holds_and_that_reads_plugged_is_no_leftover(world: World) -> None:
    world.change("h1", QEMUS, "vm-web1", nics=(MAC,))
    world.change("engine", VNICS, "nic-web1", wanted="unplug asked")


@quiet("leftover-interface")
def test_interfaces_of_a_vm_that_the_engine_does_not_know_are_the_domains_leftover(world: World) -> None:
    world.drop("engine", VMS, "vm-web1")


def has_no_power(world: World, status: str) -> None:
    """The first host is off, and the engine holds it in that status."""
    world.change("engine", HOSTS, "h1", status=status)
    world.put("h1", MACHINES, Machine("h1", False))


def unplug(world: World) -> None:
    """The port is unplugged, and the agent has forgotten its tap."""
    world.drop("h1", AGENT_VIFS, "tap-web1")
    world.change("q1", QUANTUM_PORTS, "port-web1", attachment="")


# --- leftover-ovs -----------------------------------------------------------------------------------


@fires("leftover-ovs", "br-int of h1 has a record tap-web1 with iface-id att-web1, and its device is gone")
def test_a_record_whose_tap_is_gone_is_left_over(world: World) -> None:
    world.drop("h1", TAPS, "tap-web1")


@fires("leftover-ovs", "its device is gone")
def test_a_record_made_for_an_earlier_tap_of_that_name_is_left_over(world: World) -> None:
    world.change("h1", TAPS, "tap-web1", ifindex=8)


@fires("leftover-ovs", "its device is gone")
def test_a_record_made_without_a_device_is_left_over(world: World) -> None:
    world.change("h1", OVS_PORTS, "tap-web1", device=0)


@fires("leftover-ovs", "br-int of h2 has a record tap-web1")
def test_a_tap_of_that_name_on_another_host_does_not_own_a_record(world: World) -> None:
    world.put("h2", OVS_PORTS, OvsPort("tap-web1", 1, "br-int", "att-web1", MAC, "vm-web1", 7))


@quiet("leftover-ovs")
def test_a_tap_without_a_record_leaves_no_record_over(world: World) -> None:
    world.drop("h1", OVS_PORTS, "tap-web1")


@quiet("leftover-ovs")
def test_a_record_without_its_tap_waits_on_a_host_that_the_engine_has_switched_off(world: World) -> None:
    has_no_power(world, "Down")
    world.drop("h1", TAPS, "tap-web1")


@quiet("leftover-ovs")
def test_a_record_without_its_tap_waits_on_a_host_in_maintenance_that_is_off(world: World) -> None:
    has_no_power(world, "Maintenance")
    world.drop("h1", TAPS, "tap-web1")


@fires("leftover-ovs", "tap-web1")
def test_a_record_without_its_tap_does_not_wait_on_a_host_in_maintenance_that_is_on(world: World) -> None:
    world.change("engine", HOSTS, "h1", status="Maintenance")
    world.drop("h1", TAPS, "tap-web1")


@fires("leftover-ovs", "tap-web1")
def test_a_record_without_its_tap_does_not_wait_on_a_host_that_the_engine_wants_up(world: World) -> None:
    has_no_power(world, "NonResponsive")
    world.drop("h1", TAPS, "tap-web1")


# --- leftover-local-vlan ----------------------------------------------------------------------------


@fires("leftover-local-vlan", "tap-web1 on h1 has VLAN 100, and no port is plugged with att-web1")
def test_a_tag_of_an_unplugged_port_is_left_over(world: World) -> None:
    unplug(world)


@quiet("leftover-local-vlan")
def test_the_tag_of_an_unplugged_port_waits_on_a_host_that_the_engine_has_switched_off(world: World) -> None:
    has_no_power(world, "Down")
    unplug(world)


@fires("leftover-local-vlan", "tap-web1")
def test_the_tag_of_an_unplugged_port_does_not_wait_on_a_host_that_the_engine_wants_up(world: World) -> None:
    has_no_power(world, "NonResponsive")
    unplug(world)


@fires("leftover-local-vlan", "br-int of h1 has a flow of tap9, which does not exist")
def test_a_flow_of_no_port_is_left_over(world: World) -> None:
    world.put("h1", FLOWS, Flow("br-int", "tap9"))


@fires("leftover-local-vlan", "br-int of h1 has a flow of tap-web1, which does not exist")
def test_the_flow_of_a_removed_port_is_left_over(world: World) -> None:
    world.put("h1", FLOWS, Flow("br-int", "tap-web1"))
    world.settle()
    world.drop("h1", OVS_PORTS, "tap-web1")


@fires("leftover-local-vlan", "the agent of h1 remembers tap-web1 on network q-red, unplugged since")
def test_what_the_agent_remembers_of_an_unplugged_port_is_left_over(world: World) -> None:
    world.change("h1", OVS_PORTS, "tap-web1", tag=None)
    world.change("q1", QUANTUM_PORTS, "port-web1", attachment="")


@pytest.mark.parametrize("tag", [None, 4095])
@quiet("leftover-local-vlan")
def test_a_dead_port_holds_no_vlan(world: World, tag: int | None) -> None:
    world.change("q1", QUANTUM_PORTS, "port-web1", attachment="")
    world.change("h1", OVS_PORTS, "tap-web1", tag=tag)
    world.put("h1", FLOWS, Flow("br-int", "tap-web1"))
    world.put("h1", AGENT_VIFS, AgentVif("tap-web1", 7, "att-web1", "", 0))


# --- leftover-domain --------------------------------------------------------------------------------

CONF = VmConf("vm-x", "x", 512, ())
OF_VM_X = [
    (DOMAINS, "a domain"),
    (QEMUS, "a qemu"),
    (VDSM_VMS, "a VDSM entry"),
]


def _put(world: World, node: str, schema: Schema[Any], vm: str) -> None:
    """A row of that schema that is of that VM."""
    rows = {
        DOMAINS.name: world.domain("web1", uuid=vm),
        QEMUS.name: Qemu(vm, "qemu-x", False),
        VDSM_VMS.name: VdsmVm(vm, CONF, "Up"),
    }
    world.put(node, schema, rows[schema.name])


@pytest.mark.parametrize(("schema", "what"), OF_VM_X)
@fires("leftover-domain", "of vm-x is on h2, and the engine knows no such VM")
def test_what_is_of_an_unknown_vm_is_left_over(world: World, schema: Schema[Any], what: str) -> None:
    _put(world, "h2", schema, "vm-x")


@pytest.mark.parametrize(("schema", "words"), [(schema, f"{what} of web1 is on h2") for schema, what in OF_VM_X])
@fires("leftover-domain")
def test_what_is_of_a_vm_that_is_placed_elsewhere_is_left_over(world: World, schema: Schema[Any], words: str) -> None:
    _put(world, "h2", schema, "vm-web1")


@pytest.mark.parametrize(("schema", "words"), [(schema, f"{what} of web1 is on h1") for schema, what in OF_VM_X])
@fires("leftover-domain")
def test_what_is_of_a_vm_that_is_down_is_left_over(world: World, schema: Schema[Any], words: str) -> None:
    world.stop_vm("web1")
    _put(world, "h1", schema, "vm-web1")


@fires("leftover-domain", "and the engine places that VM on h1", times=3)
def test_a_vm_that_is_down_is_placed_nowhere_whatever_its_host_says(world: World) -> None:
    world.change("engine", VMS, "vm-web1", status="Down")


@fires("leftover-domain", "and the engine places that VM nowhere", times=3)
def test_a_vm_that_the_engine_holds_down_leaves_all_that_runs_over(world: World) -> None:
    world.change("engine", VMS, "vm-web1", status="Down", host="")


@fires("leftover-domain", "the engine places that VM on h1", times=2)
def test_the_target_of_a_migration_is_not_where_the_engine_places_the_vm(world: World) -> None:
    world.prepare("web1", "h2")


@fires("leftover-domain", "the domain of web1 on h1 is PAUSED/MIGRATION without a job")
def test_a_domain_that_waits_for_a_migration_that_is_over_is_left_over(world: World) -> None:
    world.change("h1", DOMAINS, "vm-web1", state="PAUSED", reason="MIGRATION")


@fires("leftover-domain", "the domain of web1 on h1 has no qemu")
def test_a_domain_without_a_qemu_is_left_over(world: World) -> None:
    world.drop("h1", QEMUS, "vm-web1")


@pytest.mark.parametrize(("reason", "job"), [("MIGRATION", "in"), ("USER", "")])
@quiet("leftover-domain")
def test_a_paused_domain_with_a_job_or_by_its_user_is_none(world: World, reason: str, job: str) -> None:
    world.change("h1", DOMAINS, "vm-web1", state="PAUSED", reason=reason, job=job)


@quiet("leftover-domain")
def test_a_vm_that_migrates_is_at_its_source(world: World) -> None:
    world.change("engine", VMS, "vm-web1", status="MigratingFrom", migrating_to="h2")


# --- leftover-recovery ------------------------------------------------------------------------------


@fires("leftover-recovery", "h2 has a recovery file of web1, which the engine does not place there")
def test_a_recovery_file_on_another_host_is_left_over(world: World) -> None:
    world.put("h2", RECOVERY_FILES, world.table("h1", RECOVERY_FILES)["vm-web1"])


@fires("leftover-recovery", "h1 has a recovery file of web1")
def test_the_recovery_file_of_a_vm_that_is_down_is_left_over(world: World) -> None:
    file = world.table("h1", RECOVERY_FILES)["vm-web1"]
    world.stop_vm("web1")
    world.put("h1", RECOVERY_FILES, file)


@fires("leftover-recovery", "h1 has a recovery file of web1")
def test_a_vm_that_is_down_has_no_recovery_file_whatever_its_host_says(world: World) -> None:
    world.change("engine", VMS, "vm-web1", status="Down")


@fires("leftover-recovery", "h1 has a recovery file of x")
def test_the_recovery_file_of_an_unknown_vm_is_left_over(world: World) -> None:
    world.put("h1", RECOVERY_FILES, RecoveryFile("vm-x", CONF, "Up", False))


@fires("leftover-recovery", "h2 holds the lease of vm-web1, which does not run there")
def test_a_lease_held_by_a_host_that_does_not_run_the_vm_is_left_over(world: World) -> None:
    world.put("storage", LEASES, Lease("vm-web1", "h2", "connection-1"))


@fires("leftover-recovery", "h1 holds the lease of vm-web1, which does not run there")
def test_the_lease_of_a_qemu_that_is_gone_is_left_over(world: World) -> None:
    world.put("storage", LEASES, Lease("vm-web1", "h1", "connection-1"))
    world.settle()
    world.drop("h1", QEMUS, "vm-web1")


@quiet("leftover-recovery")
def test_the_lease_of_a_running_vm_is_owned(world: World) -> None:
    world.put("storage", LEASES, Lease("vm-web1", "h1", "connection-1"))

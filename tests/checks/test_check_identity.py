"""One thing in one place: attachments, MACs, iface-ids, running CPUs, ids; and what may not be disturbed."""

from __future__ import annotations

from typing import Any

import pytest
from claims import fires, quiet
from worlds import World

from fakes.records import (
    DOMAINS,
    NETWORKS,
    OVS_PORTS,
    QEMUS,
    QUANTUM_NETWORKS,
    QUANTUM_PORTS,
    TAPS,
    VMS,
    VNICS,
)
from fakes.records.engine import LogicalNetwork, Vm, Vnic
from fakes.records.host import Qemu
from fakes.records.quantum import QuantumNetwork, QuantumPort
from scenarios import checks
from sim.clock import SECOND
from sim.messages import CUTS, Cut
from sim.nodes import MACHINES, PROGRAMS, Machine, Program
from sim.tables import Schema

MAC = "00:1a:4a:00:00:00"

# --- one-identity: attachments and MACs -------------------------------------------------------------


@fires("one-identity", "attachment att-web1 names 2 ports of q1")
def test_an_attachment_on_two_ports_is_one_too_many(world: World) -> None:
    world.put("q1", QUANTUM_PORTS, QuantumPort("p2", "q-red", attachment="att-web1"))


@fires("one-identity", "attachment att-web1 names 2 ports of q1")
def test_the_server_with_the_doubled_attachment_is_named(world: World) -> None:
    world.add_server("q2")
    world.put("q1", QUANTUM_PORTS, QuantumPort("p2", "q-red", attachment="att-web1"))
    world.put("q2", QUANTUM_PORTS, QuantumPort("p3", "q-red", attachment="att-web1"))


@quiet("one-identity")
def test_each_of_two_servers_may_have_the_attachment_once(world: World) -> None:
    world.add_server("q2")
    world.put("q2", QUANTUM_NETWORKS, QuantumNetwork("q-2", "somebody", "two"))
    world.put("q2", QUANTUM_PORTS, QuantumPort("p2", "q-2", attachment="att-web1"))


@quiet("one-identity")
def test_unplugged_ports_share_no_attachment(world: World) -> None:
    world.add_vm("web2")
    world.add_vm("web3")


@fires("one-identity", "2 logical networks have the name red")
def test_two_networks_of_one_name_are_one_too_many(world: World) -> None:
    world.put("engine", NETWORKS, LogicalNetwork("net-2", "red", "dc"))


@quiet("one-identity")
def test_each_engine_may_have_a_network_and_a_vm_of_one_name(world: World) -> None:
    world.put("engine2", NETWORKS, LogicalNetwork("net-2", "red", "dc2"))
    world.put("engine2", VMS, Vm("vm-2", "web1", "green"))


@fires("one-identity", "2 VMs have the name web1")
def test_two_vms_of_one_name_are_one_too_many(world: World) -> None:
    world.put("engine", VMS, Vm("vm-2", "web1", "blue"))


@quiet("one-identity")
def test_a_network_and_a_vm_may_have_one_name(world: World) -> None:
    world.put("engine", NETWORKS, LogicalNetwork("net-2", "web1", "dc"))


@fires("one-identity", f"MAC {MAC} is on 2 plugged vNICs of one network")
def test_a_mac_on_two_plugged_vnics_of_one_network_is_one_too_many(world: World) -> None:
    world.put("engine", VNICS, Vnic("nic-2", "vm-web1", "web1.nic2", "net-red", MAC))


@pytest.mark.parametrize("columns", [{"plugged": False}, {"network": "net-green"}])
@quiet("one-identity")
def test_an_unplugged_vnic_or_one_of_another_network_may_have_the_mac(world: World, columns: dict[str, Any]) -> None:
    world.add_network("green", 200)
    world.add_vm("web2")
    world.change("engine", VNICS, "nic-web2", mac=MAC, **columns)


@fires("one-identity", f"MAC {MAC} is on two running VMs, on vlan 100 on physnet1", allowed=60 * SECOND)
def test_a_mac_on_two_running_vms_of_a_segment_is_one_too_many(world: World) -> None:
    world.add_vm("web2")
    world.run_vm("web2", "h2")
    world.drop("engine", VNICS, "nic-web1")
    world.drop("engine", VMS, "vm-web1")
    world.settle()
    world.change("h2", TAPS, "tap-web2", mac=MAC)


@quiet("one-identity")
def test_a_mac_may_be_on_two_segments(world: World) -> None:
    world.add_network("green", 200)
    world.add_vm("web2", "green")
    world.run_vm("web2", "h2")
    world.change("h2", TAPS, "tap-web2", mac=MAC)


# --- one-identity: iface-ids ------------------------------------------------------------------------


@fires("one-identity", "iface-id att-web1 is on h1 and h2, and no migration is going on", allowed=30 * SECOND)
def test_an_iface_id_on_two_hosts_is_allowed_30_s(world: World) -> None:
    world.wire("web1", "h2")


@fires("one-identity", "iface-id att-web1 is on h1 and h2", allowed=120 * SECOND)
def test_an_iface_id_on_two_hosts_that_both_have_a_qemu_is_allowed_120_s(world: World) -> None:
    world.wire("web1", "h2")
    world.put("h2", QEMUS, Qemu("vm-web1", "qemu-web1", True))


@fires("one-identity", "iface-id att-web1 is on h1 and h2", allowed=120 * SECOND)
def test_the_end_of_a_migrations_jobs_ends_the_exception(world: World) -> None:
    world.prepare("web1", "h2")
    world.settle()
    world.change("h2", DOMAINS, "vm-web1", job="", state="RUNNING", reason="MIGRATED")
    world.change("h1", DOMAINS, "vm-web1", job="", state="PAUSED")


@fires("one-identity", "iface-id att-web1 is on h1 and h2", allowed=30 * SECOND)
def test_once_the_sources_qemu_has_exited_its_wiring_is_allowed_30_s(world: World) -> None:
    world.prepare("web1", "h2")
    world.change("h2", DOMAINS, "vm-web1", job="", state="RUNNING", reason="MIGRATED")
    world.drop("h1", DOMAINS, "vm-web1")
    world.settle()
    world.drop("h1", QEMUS, "vm-web1")


@fires("one-identity", "iface-id att-web1 is on h1 and h2 and h3", allowed=30 * SECOND)
def test_a_third_host_has_no_part_in_a_migration(world: World) -> None:
    world.add_host("h3")
    world.prepare("web1", "h2")
    world.wire("web1", "h3")


@quiet("one-identity")
def test_a_record_without_its_device_wires_nothing_and_is_left_to_another_check(world: World) -> None:
    world.put("h2", MACHINES, Machine("h2", False))
    world.put("h2", OVS_PORTS, world.table("h1", OVS_PORTS)["tap-web1"])
    world.settle()
    world.put("h2", MACHINES, Machine("h2", True))


@fires("one-identity", "iface-id att-web1 is on h1 and h2", allowed=30 * SECOND)
def test_a_tap_that_comes_to_an_old_record_brings_its_iface_id(world: World) -> None:
    world.put("h2", OVS_PORTS, world.table("h1", OVS_PORTS)["tap-web1"])
    world.settle()
    world.put("h2", TAPS, world.table("h1", TAPS)["tap-web1"])


@pytest.mark.parametrize("ifindex", [None, 8], ids=["no device", "another device"])
@quiet("one-identity")
def test_a_record_without_its_device_is_not_where_the_iface_id_is(world: World, ifindex: int | None) -> None:
    world.wire("web1", "h2")
    if ifindex is None:
        world.drop("h2", TAPS, "tap-web1")
    else:
        world.change("h2", TAPS, "tap-web1", ifindex=ifindex)


@pytest.mark.parametrize("host", ["h1", "h2"])
@quiet("one-identity")
def test_a_domain_that_waits_for_word_of_the_other_end_still_migrates(world: World, host: str) -> None:
    world.prepare("web1", "h2")
    for each in ("h1", "h2"):
        world.change(each, DOMAINS, "vm-web1", job="", state="RUNNING", reason="MIGRATED")
    world.change(host, DOMAINS, "vm-web1", state="PAUSED", reason="MIGRATION")


@pytest.mark.parametrize("columns", [{"job": "modify"}, {"state": "PAUSED", "reason": "USER"}])
@fires("one-identity", "iface-id att-web1 is on h1 and h2", allowed=120 * SECOND)
def test_another_job_or_pause_is_no_migration(world: World, columns: dict[str, Any]) -> None:
    world.prepare("web1", "h2")
    world.settle()
    world.change("h2", DOMAINS, "vm-web1", job="", state="RUNNING", reason="MIGRATED")
    world.change("h1", DOMAINS, "vm-web1", **{"job": "", **columns})


@pytest.mark.parametrize("host", ["h1", "h2"])
@quiet("one-identity")
def test_an_iface_id_may_be_on_both_hosts_while_one_of_them_has_a_migration_job(world: World, host: str) -> None:
    world.prepare("web1", "h2")
    world.change(host, DOMAINS, "vm-web1", job="")


@quiet("one-identity")
def test_a_host_without_power_has_no_iface_ids(world: World) -> None:
    world.wire("web1", "h2")
    world.put("h1", MACHINES, Machine("h1", False))


# --- one-place --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("lease", "allowed"), [(False, 120 * SECOND), (True, 0)])
@fires("one-place", "web1 has running CPUs on h1 and h2")
def test_a_vm_that_runs_twice_is_allowed_120_s_without_a_lease(world: World, lease: bool, allowed: int) -> None:
    world.put("h1", DOMAINS, world.domain("web1", lease))
    world.put("h2", QEMUS, Qemu("vm-web1", "qemu-web1", True))


@fires("one-place", "web1 has running CPUs on h1 and h2", allowed=120 * SECOND)
def test_a_source_that_resumes_beside_its_target_runs_twice(world: World) -> None:
    world.prepare("web1", "h2")
    world.change("h1", QEMUS, "vm-web1", running=False)
    world.change("h2", QEMUS, "vm-web1", running=True)
    world.settle()
    world.change("h1", QEMUS, "vm-web1", running=True)


@quiet("one-place")
def test_the_incoming_qemu_of_a_migration_does_not_run(world: World) -> None:
    world.prepare("web1", "h2")


@quiet("one-place")
def test_a_vm_that_is_paused_at_the_source_runs_once(world: World) -> None:
    world.prepare("web1", "h2")
    world.change("h1", QEMUS, "vm-web1", running=False)
    world.change("h2", QEMUS, "vm-web1", running=True)


@quiet("one-place")
def test_two_vms_run_in_two_places(world: World) -> None:
    world.add_vm("web2")
    world.run_vm("web2", "h2")


# --- truly-down -------------------------------------------------------------------------------------


@fires("truly-down", "the engine calls web1 Down, and it has running CPUs on h1", allowed=60 * SECOND)
def test_a_vm_that_runs_may_not_be_called_down(world: World) -> None:
    world.change("engine", VMS, "vm-web1", status="Down", host="")


@fires("truly-down", "the engine calls web1 Down, and it has running CPUs on h2", allowed=60 * SECOND)
def test_a_vm_that_is_called_down_may_not_begin_to_run(world: World) -> None:
    world.change("engine", VMS, "vm-web1", status="Down", host="")
    world.change("h1", QEMUS, "vm-web1", running=False)
    world.settle()
    world.put("h2", QEMUS, Qemu("vm-web1", "qemu-web1", True))


@quiet("truly-down")
def test_a_late_start_is_nobodys_lie_while_its_host_cannot_be_asked(world: World) -> None:
    world.change("engine", VMS, "vm-web1", status="Down", host="", changed=5)
    world.change("h1", QEMUS, "vm-web1", since=6)
    world.change("h1", PROGRAMS, "vdsm", up=False)


@pytest.mark.parametrize("since", [5, 6])
@fires("truly-down", "the engine calls web1 Down", allowed=60 * SECOND)
def test_what_ran_before_may_not_be_called_down_nor_a_late_start_go_on_once_its_host_is_back(
    world: World, since: int
) -> None:
    world.change("engine", VMS, "vm-web1", status="Down", host="", changed=5)
    world.change("h1", QEMUS, "vm-web1", since=since)
    world.change("h1", PROGRAMS, "vdsm", up=since == 6)


@quiet("truly-down")
def test_a_late_start_is_nobodys_lie_while_the_engine_is_away(world: World) -> None:
    world.change("engine", VMS, "vm-web1", status="Down", host="", changed=5)
    world.change("h1", QEMUS, "vm-web1", since=6)
    world.change("engine", PROGRAMS, "engine", up=False)


@fires("truly-down", "the engine calls web1 Down", allowed=60 * SECOND)
def test_a_late_start_may_not_go_on_once_the_engine_is_back(world: World) -> None:
    world.change("engine", VMS, "vm-web1", status="Down", host="", changed=5)
    world.change("h1", QEMUS, "vm-web1", since=6)
    world.change("engine", PROGRAMS, "engine", up=False)
    world.settle()
    world.change("engine", PROGRAMS, "engine", up=True)


@quiet("truly-down")
def test_a_late_start_is_nobodys_lie_while_host_and_engine_are_cut_apart(world: World) -> None:
    world.change("engine", VMS, "vm-web1", status="Down", host="", changed=5)
    world.change("h1", QEMUS, "vm-web1", since=6)
    world.put("network", CUTS, Cut("engine", "h1"))


@fires("truly-down", "the engine calls web1 Down", allowed=60 * SECOND)
def test_a_host_that_is_cut_off_from_another_can_be_asked(world: World) -> None:
    world.change("engine", VMS, "vm-web1", status="Down", host="", changed=5)
    world.change("h1", QEMUS, "vm-web1", since=6)
    world.put("network", CUTS, Cut("h1", "h2"))


@quiet("truly-down")
def test_a_qemu_of_a_vm_that_is_down_may_be_ending(world: World) -> None:
    world.change("engine", VMS, "vm-web1", status="Down", host="")
    world.change("h1", QEMUS, "vm-web1", running=False)


@quiet("truly-down")
def test_a_vm_of_which_nobody_knows_may_run(world: World) -> None:
    world.change("engine", VMS, "vm-web1", status="Unknown")


# --- undisturbed ------------------------------------------------------------------------------------


@fires("undisturbed", "tap tap-web1 of web1, which runs on h1, is gone")
def test_the_tap_of_a_running_vm_may_not_go(world: World) -> None:
    world.drop("h1", TAPS, "tap-web1")


@fires("undisturbed", "the port of tap-web1 of web1, which runs on h1, is gone")
def test_the_port_of_a_running_vm_may_not_go(world: World) -> None:
    world.drop("h1", OVS_PORTS, "tap-web1")


@fires("undisturbed", "the port of tap-web1 of web1, which runs on h1, is gone")
def test_the_port_that_libvirt_made_for_a_running_vm_may_not_go(world: World) -> None:
    world.plug_by_libvirt("web1", "h1")
    world.settle()
    world.drop("h1", OVS_PORTS, "tap-web1")


@quiet("undisturbed")
def test_a_vnic_without_quantum_has_no_port_to_lose(world: World) -> None:
    world.add_plain_network("plain")
    world.add_vm("web2", "plain")
    world.run_vm("web2", "h2")


@fires("undisturbed", "the port of tap-web1 of web1, which runs on h1, is gone")
def test_a_source_may_not_be_torn_down_while_it_runs(world: World) -> None:
    world.prepare("web1", "h2")
    world.settle()
    world.drop("h1", OVS_PORTS, "tap-web1")


@fires("undisturbed", "the port of tap-web1 of web1, which runs on h1, is gone")
def test_a_vm_that_is_wanted_again_may_not_be_without_its_port(world: World) -> None:
    world.change("engine", VMS, "vm-web1", wanted="down")
    world.drop("h1", OVS_PORTS, "tap-web1")
    world.settle()
    world.change("engine", VMS, "vm-web1", wanted="up")


@pytest.mark.parametrize("columns", [{"ending": "destroy"}, {"state": "PAUSED"}, {"state": "SHUTOFF"}])
@quiet("undisturbed")
def test_a_domain_that_does_not_run_may_lose_its_wiring(world: World, columns: dict[str, Any]) -> None:
    world.change("h1", DOMAINS, "vm-web1", **columns)
    world.unwire("web1", "h1")


@quiet("undisturbed")
def test_a_qemu_whose_cpus_stand_may_lose_its_wiring(world: World) -> None:
    world.change("h1", QEMUS, "vm-web1", running=False)
    world.unwire("web1", "h1")


@quiet("undisturbed")
def test_a_vm_that_was_asked_to_stop_may_lose_its_wiring(world: World) -> None:
    world.change("engine", VMS, "vm-web1", wanted="down")
    world.unwire("web1", "h1")


@quiet("undisturbed")
def test_a_target_may_not_be_wired_yet(world: World) -> None:
    world.prepare("web1", "h2")
    world.unwire("web1", "h2")


@quiet("undisturbed")
def test_the_control_plane_may_go(world: World) -> None:
    for name in ("vdsm", "libvirt", "agent"):
        world.put("h1", PROGRAMS, Program(name, False, 1))
    world.put("q1", MACHINES, Machine("q1", False))


# --- kept -------------------------------------------------------------------------------------------

CHANGED = [
    ("engine", VNICS, "nic-web1", "mac", "00:1a:4a:00:00:99"),
    ("engine", NETWORKS, "net-red", "vlan", 5),
    ("q1", QUANTUM_PORTS, "port-web1", "network", "q-other"),
    ("engine", VMS, "vm-web1", "memory", 1024),
]


@pytest.mark.parametrize(("node", "schema", "key", "column", "value"), CHANGED, ids=lambda value: str(value)[:9])
@fires("kept", " was ")
def test_what_others_rely_on_does_not_change(
    world: World, node: str, schema: Schema[Any], key: str, column: str, value: Any
) -> None:
    world.change(node, schema, key, **{column: value})


@quiet("kept")
def test_a_first_mac_or_another_network_is_no_change_of_an_id(world: World) -> None:
    world.add_network("green", 200)
    world.add_vm("web2")
    world.change("engine", VNICS, "nic-web2", network="net-green")


@fires("kept", "port port-web1 of web1.nic1 was deleted, and the vNIC goes on")
def test_a_port_stays_while_its_vnic_does(world: World) -> None:
    world.drop("q1", QUANTUM_PORTS, "port-web1")


@pytest.mark.parametrize("action", ["RemoveVm", "RemoveVmInterface", "HotUnplugInterface"])
@quiet("kept")
def test_a_port_may_go_with_its_vnic(world: World, action: str) -> None:
    world.begin(action, "web1")
    world.drop("q1", QUANTUM_PORTS, "port-web1")


def test_what_has_been_put_back_when_it_is_judged_was_kept(world: World) -> None:
    world.change("engine", VNICS, "nic-web1", mac="00:1a:4a:00:00:99")
    (key,) = checks.ALL["kept"].keys(world.deltas[0], world.view)
    assert checks.ALL["kept"].judge(world.view, key) is not None
    world.change("engine", VNICS, "nic-web1", mac=MAC)
    assert checks.ALL["kept"].judge(world.view, key) is None


@quiet("kept")
def test_statuses_and_attachments_may_change(world: World) -> None:
    world.stop_vm("web1")


@quiet("kept")
def test_what_is_removed_keeps_nothing(world: World) -> None:
    world.change("engine", VNICS, "nic-web1", mac="00:1a:4a:00:00:99")
    world.drop("engine", VNICS, "nic-web1")

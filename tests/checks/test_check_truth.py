"""What is said against what is: statuses, VMs as asked, commands and what they told."""

from __future__ import annotations

from typing import Any

import pytest
from claims import fires, judge, quiet
from worlds import World

from fakes.records import (
    ATTACHED,
    COMMANDS,
    DOMAINS,
    HOSTS,
    JOBS,
    NETWORKS,
    QEMUS,
    QUANTUM_NETWORKS,
    QUANTUM_PORTS,
    VDSM_VMS,
    VMS,
    VNICS,
)
from fakes.records.engine import Command, Job, LogicalNetwork, NetworkInCluster
from fakes.records.host import Qemu
from scenarios import checks
from scenarios.checks.truth import ANSWERING, UNMONITORED
from sim.messages import CUTS, Cut
from sim.nodes import MACHINES, PROGRAMS, Machine, Program
from sim.tables import Schema

# --- true-status: hosts -----------------------------------------------------------------------------


def _vdsm_dead(world: World) -> None:
    world.put("h2", PROGRAMS, Program("vdsm", False, 1))


def _vdsm_missing(world: World) -> None:
    world.drop("h2", PROGRAMS, "vdsm")


def _no_power(world: World) -> None:
    world.put("h2", MACHINES, Machine("h2", False))


def _cut_off(world: World) -> None:
    world.put("network", CUTS, Cut("engine", "h2"))


SILENT = [_vdsm_dead, _vdsm_missing, _no_power, _cut_off]


@pytest.mark.parametrize("status", ANSWERING)
@pytest.mark.parametrize("change", SILENT, ids=lambda change: change.__name__.strip("_"))
@fires("true-status", "its VDSM does not answer")
def test_a_host_whose_vdsm_does_not_answer_is_not_up(world: World, change: Any, status: str) -> None:
    world.change("engine", HOSTS, "h2", status=status)
    world.settle()
    change(world)


@pytest.mark.parametrize("status", ["NonResponsive", "Connecting", "Initializing", "Unassigned"])
@fires("true-status", "its VDSM answers")
def test_a_host_whose_vdsm_answers_is_not_silent(world: World, status: str) -> None:
    world.change("engine", HOSTS, "h2", status=status)


@pytest.mark.parametrize("change", SILENT, ids=lambda change: change.__name__.strip("_"))
@quiet("true-status")
def test_a_host_whose_vdsm_does_not_answer_is_non_responsive(world: World, change: Any) -> None:
    change(world)
    world.change("engine", HOSTS, "h2", status="NonResponsive")


@pytest.mark.parametrize("status", UNMONITORED)
@pytest.mark.parametrize("change", [None, _no_power], ids=["on", "off"])
@quiet("true-status")
def test_nothing_is_said_of_a_host_that_is_not_monitored(world: World, status: str, change: Any) -> None:
    world.change("engine", HOSTS, "h2", status=status)
    if change is not None:
        change(world)


@quiet("true-status")
def test_a_host_that_two_others_cannot_reach_still_answers_the_engine(world: World) -> None:
    world.put("network", CUTS, Cut("h1", "h2"), Cut("h2", "q1"))


# --- true-status: networks, VMs, ports --------------------------------------------------------------


@fires("true-status", "the engine says that red is Operational; Quantum does not have it")
def test_a_network_that_quantum_does_not_have_is_not_operational(world: World) -> None:
    world.drop("q1", QUANTUM_NETWORKS, "q-red")


@fires("true-status", "the engine says that pink is Operational; Quantum does not have it")
def test_a_network_that_was_never_made_is_not_operational(world: World) -> None:
    world.put("engine", NETWORKS, LogicalNetwork("net-pink", "pink", "dc", "q1"))
    world.put("engine", ATTACHED, NetworkInCluster("net-pink", "blue"))


@fires("true-status", "the engine says that red is NonOperational; Quantum has it")
def test_a_network_that_quantum_has_is_operational(world: World) -> None:
    world.change("engine", ATTACHED, ("net-red", "blue"), status="NonOperational")


@quiet("true-status")
def test_a_network_that_is_missing_is_non_operational(world: World) -> None:
    world.drop("q1", QUANTUM_NETWORKS, "q-red")
    world.change("engine", ATTACHED, ("net-red", "blue"), status="NonOperational")


@quiet("true-status")
def test_quantum_says_nothing_of_a_network_without_it(world: World) -> None:
    world.add_plain_network("plain")


@fires("true-status", "the engine says that web1 is Up on h1; it does not run there")
def test_a_vm_without_a_qemu_is_not_up(world: World) -> None:
    world.change("h1", VDSM_VMS, "vm-web1", status="Down")
    world.drop("h1", QEMUS, "vm-web1")


@fires("true-status", "the engine says that web1 is Up on h2; it does not run there")
def test_a_vm_is_up_where_it_runs(world: World) -> None:
    world.change("engine", VMS, "vm-web1", host="h2")


@fires("true-status", "web1 is Up", times=2)
def test_a_vm_whose_cpus_stand_is_not_up(world: World) -> None:
    world.change("h1", QEMUS, "vm-web1", running=False)


@fires("true-status", "VDSM of h2 says that web1 is Up; it does not run there")
def test_vdsm_says_that_a_vm_is_up_where_it_runs(world: World) -> None:
    world.put("h2", VDSM_VMS, world.table("h1", VDSM_VMS)["vm-web1"])


@quiet("true-status")
def test_a_vm_that_does_not_run_is_reported_so(world: World) -> None:
    world.change("engine", VMS, "vm-web1", status="Paused")
    world.change("h1", VDSM_VMS, "vm-web1", status="Paused")
    world.change("h1", QEMUS, "vm-web1", running=False)


@fires("true-status", "Quantum says that port port-web1 is UP; it is unplugged")
def test_an_unplugged_port_is_not_up(world: World) -> None:
    world.change("q1", QUANTUM_PORTS, "port-web1", attachment="")


@quiet("true-status")
def test_an_unplugged_port_is_down(world: World) -> None:
    world.change("q1", QUANTUM_PORTS, "port-web1", attachment="", op_status="DOWN")


# --- vm-runs ----------------------------------------------------------------------------------------


@fires("vm-runs", "web1 was asked to be down; it is Up and has a qemu on h1")
def test_a_vm_that_was_asked_to_be_down_is_down(world: World) -> None:
    world.change("engine", VMS, "vm-web1", wanted="down")


@fires("vm-runs", "web1 was asked to be down; it is Down and has a qemu on h2")
def test_a_vm_that_is_down_has_no_qemu(world: World) -> None:
    world.stop_vm("web1")
    world.put("h2", QEMUS, Qemu("vm-web1", "qemu-web1", False))


@fires("vm-runs", "web1 was asked to be down; it is Unknown and has a qemu on no host")
def test_a_vm_that_has_no_qemu_is_down(world: World) -> None:
    world.stop_vm("web1")
    world.change("engine", VMS, "vm-web1", status="Unknown")


@pytest.mark.parametrize("status", ["Down", "Unknown", "MigratingFrom", "WaitForLaunch"])
@fires("vm-runs", "web1 was asked to run; it is")
def test_a_vm_that_was_asked_to_run_is_up(world: World, status: str) -> None:
    world.change("engine", VMS, "vm-web1", status=status)


@fires("vm-runs", "web1 was asked to run; it is Up on h1, with a qemu on no host")
def test_a_vm_that_was_asked_to_run_has_a_qemu(world: World) -> None:
    world.drop("h1", QEMUS, "vm-web1")


@fires("vm-runs", "web1 was asked to run; it is Up on h1, with a qemu on h1, h2")
def test_a_vm_runs_nowhere_else(world: World) -> None:
    world.put("h2", QEMUS, Qemu("vm-web1", "qemu-web1", False))


@fires("vm-runs", "web1 was asked to run; it is Up on h2, with a qemu on h1")
def test_a_vm_runs_where_the_engine_has_it(world: World) -> None:
    world.change("engine", VMS, "vm-web1", host="h2")


@fires("vm-runs", "web1 was asked to run; it is Up on no host")
def test_a_vm_that_runs_is_on_a_host(world: World) -> None:
    world.change("engine", VMS, "vm-web1", host="")


@fires("vm-runs", "web1 was asked to run")
def test_a_vm_that_runs_has_a_domain(world: World) -> None:
    world.drop("h1", DOMAINS, "vm-web1")


@fires("vm-runs", "web1 was asked to run")
def test_a_vm_that_was_asked_to_run_is_not_paused(world: World) -> None:
    world.change("h1", DOMAINS, "vm-web1", state="PAUSED", reason="IOERROR")


@fires("vm-runs", "web1 runs, and web1.nic1 is not plugged")
def test_the_vnics_of_a_running_vm_have_ports(world: World) -> None:
    world.drop("q1", QUANTUM_PORTS, "port-web1")


@fires("vm-runs", "web1 runs, and web1.nic1 is not plugged")
def test_the_ports_of_a_running_vm_are_plugged(world: World) -> None:
    world.change("q1", QUANTUM_PORTS, "port-web1", attachment="")


@pytest.mark.parametrize(
    ("column", "words"),
    [("state", "the port of web1.nic1 is DOWN/UP"), ("op_status", "the port of web1.nic1 is ACTIVE/DOWN")],
)
@fires("vm-runs")
def test_the_ports_of_a_running_vm_are_active_and_up(world: World, column: str, words: str) -> None:
    world.change("q1", QUANTUM_PORTS, "port-web1", **{column: "DOWN"})


@quiet("vm-runs")
def test_a_vm_that_is_down_as_asked_is_right(world: World) -> None:
    world.stop_vm("web1")


@quiet("vm-runs")
def test_an_unplugged_vnic_of_a_running_vm_needs_no_port(world: World) -> None:
    world.change("engine", VNICS, "nic-web1", plugged=False)
    world.change("q1", QUANTUM_PORTS, "port-web1", attachment="", op_status="DOWN")


@quiet("vm-runs")
def test_a_vnic_without_quantum_needs_no_port(world: World) -> None:
    world.add_plain_network("plain")
    world.add_vm("web2", "plain")
    world.run_vm("web2", "h2")


def test_the_breach_of_a_vm_names_its_host_as_the_place_that_could_undo_it(world: World) -> None:
    world.drop("h1", QEMUS, "vm-web1")
    (breach,) = judge(world, checks.ALL["vm-runs"]).values()
    assert (breach.subject, breach.place) == (("vms", "engine", "vm-web1"), "h1")


# --- commands-end -----------------------------------------------------------------------------------


@fires("commands-end", "RunVm web1 has not ended")
def test_a_started_job_has_not_ended(world: World) -> None:
    world.put("engine", JOBS, Job("job-1", "RunVm", "web1"))


@fires("commands-end", "RunVm web1 has not ended")
def test_a_command_in_memory_has_not_ended(world: World) -> None:
    world.put("engine", COMMANDS, Command("job-1", "RunVm", "web1"))


@pytest.mark.parametrize("status", ["FINISHED", "FAILED", "UNKNOWN"])
@quiet("commands-end")
def test_a_job_with_a_result_has_ended(world: World, status: str) -> None:
    world.ended("RunVm", "web1", status)


# --- all-or-nothing ---------------------------------------------------------------------------------


def _nothing(world: World) -> None:
    """As it is."""


def _vm_down(world: World) -> None:
    world.stop_vm("web1")


def _without_port(world: World) -> None:
    world.stop_vm("web1")
    world.drop("q1", QUANTUM_PORTS, "port-web1")


def _without_uuid(world: World) -> None:
    world.change("engine", NETWORKS, "net-red", uuid="")


def _half_removed(world: World) -> None:
    world.change("engine", NETWORKS, "net-red", status="Removing")


HALF_DONE = [
    ("AddVm", "web1", _vm_down, "AddVm web1 failed, and the VM exists"),
    ("RunVm", "web1", _nothing, "RunVm web1 failed, and the VM has a qemu"),
    ("RemoveVm", "web1", _without_port, "RemoveVm web1 failed, and took the port of web1.nic1 away"),
    ("AddNetwork", "red", _nothing, "AddNetwork red failed, and the network exists"),
    ("AttachNetworkToVdsGroup", "red", _without_uuid, "attaching red failed, and it is attached"),
    ("RemoveNetwork", "red", _half_removed, "RemoveNetwork red failed, and the network is half removed"),
]


@pytest.mark.parametrize(("action", "subject", "change", "words"), HALF_DONE, ids=[case[0] for case in HALF_DONE])
@fires("all-or-nothing")
def test_a_command_that_failed_leaves_nothing_half_done(
    world: World, action: str, subject: str, change: Any, words: str
) -> None:
    change(world)
    world.ended(action, subject, "FAILED")


@pytest.mark.parametrize("status", ["FINISHED", "UNKNOWN", "STARTED"])
@pytest.mark.parametrize(("action", "subject", "change", "words"), HALF_DONE, ids=[case[0] for case in HALF_DONE])
@quiet("all-or-nothing")
def test_only_a_failure_has_to_leave_nothing(
    world: World, action: str, subject: str, change: Any, words: str, status: str
) -> None:
    change(world)
    world.ended(action, subject, status)


@pytest.mark.parametrize(("action", "subject", "change", "words"), HALF_DONE, ids=[case[0] for case in HALF_DONE])
@quiet("all-or-nothing")
def test_a_later_command_on_the_same_subject_answers_for_the_state(
    world: World, action: str, subject: str, change: Any, words: str
) -> None:
    change(world)
    world.ended(action, subject, "FAILED")
    world.ended("StopVm" if "Vm" in action else "AddNetwork", subject)


@fires("all-or-nothing", "AddVm web1 failed, and the VM exists")
def test_a_later_command_on_another_subject_does_not(world: World) -> None:
    world.ended("AddVm", "web1", "FAILED")
    world.ended("RunVm", "web2")


GONE_OR_UNTOUCHED = [
    ("AddVm", "web2", _nothing),
    ("RunVm", "web1", _vm_down),
    ("StopVm", "web1", _nothing),
    ("MigrateVm", "web1", _nothing),
    ("RemoveVm", "web1", _vm_down),
    ("RemoveVm", "web2", _nothing),
    ("AddNetwork", "pink", _nothing),
    ("AttachNetworkToVdsGroup", "red", _nothing),
    ("RemoveNetwork", "red", _nothing),
]


@pytest.mark.parametrize(("action", "subject", "change"), GONE_OR_UNTOUCHED)
@quiet("all-or-nothing")
def test_a_command_that_failed_and_left_what_was_there_is_right(
    world: World, action: str, subject: str, change: Any
) -> None:
    change(world)
    world.ended(action, subject, "FAILED")


@quiet("all-or-nothing")
def test_a_network_that_could_not_be_attached_is_not_attached(world: World) -> None:
    world.drop("engine", ATTACHED, ("net-red", "blue"))
    world.change("engine", NETWORKS, "net-red", uuid="")
    world.ended("AttachNetworkToVdsGroup", "red", "FAILED")


# --- told-truth -------------------------------------------------------------------------------------

TOLD = [
    ("StopVm", "web1", "FINISHED", "StopVm web1 finished, and the VM is Up"),
    ("RemoveVm", "web1", "FINISHED", "RemoveVm web1 finished, and the VM is Up"),
    ("AddVm", "web2", "FINISHED", "AddVm web2 finished, and the VM is gone"),
    ("RunVm", "web1", "FAILED", "RunVm web1 failed, and the VM is Up"),
    ("AddNetwork", "pink", "FINISHED", "AddNetwork pink finished, and the network is gone"),
    (
        "AttachNetworkToVdsGroup",
        "pink",
        "FINISHED",
        "AttachNetworkToVdsGroup pink finished, and the network is gone",
    ),
    ("RemoveNetwork", "red", "FINISHED", "RemoveNetwork red finished, and the network exists"),
]


@pytest.mark.parametrize(("action", "subject", "status", "words"), TOLD, ids=[case[0] for case in TOLD])
@fires("told-truth")
def test_what_was_told_is_what_happened(world: World, action: str, subject: str, status: str, words: str) -> None:
    world.ended(action, subject, status)


@pytest.mark.parametrize(("action", "subject", "status", "words"), TOLD, ids=[case[0] for case in TOLD])
@quiet("told-truth")
def test_what_was_told_before_a_later_command_is_history(
    world: World, action: str, subject: str, status: str, words: str
) -> None:
    world.ended(action, subject, status)
    world.ended("MigrateVm" if "Vm" in action else "RemoveNetwork", subject, "FAILED")


TRUE = [
    ("AddVm", "web1", "FINISHED"),
    ("RunVm", "web1", "FINISHED"),
    ("StopVm", "web1", "FAILED"),
    ("StopVm", "web2", "FINISHED"),
    ("RemoveVm", "web2", "FINISHED"),
    ("RunVm", "web2", "FAILED"),
    ("AddNetwork", "red", "FINISHED"),
    ("AttachNetworkToVdsGroup", "red", "FINISHED"),
    ("RemoveNetwork", "pink", "FINISHED"),
    ("RemoveNetwork", "red", "FAILED"),
]


@pytest.mark.parametrize(("action", "subject", "status"), TRUE)
@quiet("told-truth")
def test_the_truth_is_told(world: World, action: str, subject: str, status: str) -> None:
    world.ended(action, subject, status)


@pytest.mark.parametrize(("schema", "key"), [(VMS, "vm-web1"), (NETWORKS, "net-red")], ids=["vm", "network"])
@fires("told-truth", "is gone")
def test_what_was_made_may_not_vanish_by_itself(world: World, schema: Schema[Any], key: str) -> None:
    world.ended("AddVm" if schema is VMS else "AddNetwork", "web1" if schema is VMS else "red")
    world.settle()
    world.drop("engine", schema, key)

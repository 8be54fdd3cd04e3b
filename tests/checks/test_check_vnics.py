"""What is asked of vNICs that are plugged and unplugged: in rows, in what was told, in what runs."""

from __future__ import annotations

import msgspec
import pytest
from claims import fires, quiet
from worlds import World

from fakes.records import COMMANDS, DOMAINS, JOBS, OVS_PORTS, QUANTUM_PORTS, VNICS
from fakes.records.engine import Command, Job


def told(world: World, action: str, asked: str, status: str, vnic: str = "web1.nic1") -> None:
    """A command about a vNIC has ended so."""
    number = len(world.table("engine", JOBS).rows) + 1
    world.put("engine", JOBS, Job(f"job-{number}", action, "web1", status, vnic=vnic, asked=asked))


def detach(world: World) -> None:
    """web1 runs without its NIC."""
    domain = world.table("h1", DOMAINS)["vm-web1"]
    world.change("h1", DOMAINS, "vm-web1", definition=msgspec.structs.replace(domain.definition, interfaces=()))


# --- leftover-binding, leftover-row, vm-runs ----------------------------------------------------------


@fires("leftover-binding", "port port-web1 is still plugged with att-web1 of web1.nic1, which is unplugged")
def test_the_plugged_port_of_an_unplugged_vnic_is_left_over(world: World) -> None:
    world.change("engine", VNICS, "nic-web1", plugged=False)


@quiet("leftover-binding")
def test_an_unplugged_vnic_may_keep_its_unplugged_port(world: World) -> None:
    world.change("engine", VNICS, "nic-web1", plugged=False, attachment="")
    world.change("q1", QUANTUM_PORTS, "port-web1", attachment="", op_status="DOWN")


@fires("leftover-row", "vNIC web1.nic1 is to be unplugged, and nobody does it")
def test_an_intent_that_nobody_carries_out_is_left_over(world: World) -> None:
    world.change("engine", VNICS, "nic-web1", wanted="unplug")


@quiet("leftover-row")
def test_an_intent_of_a_running_command_is_none(world: World) -> None:
    world.change("engine", VNICS, "nic-web1", wanted="unplug")
    world.put("engine", COMMANDS, Command("job-1", "HotPlugUnplugVmNic", "web1"))


@quiet("leftover-row")
def test_an_unplug_that_waits_for_the_guest_is_a_debt(world: World) -> None:
    world.change("engine", VNICS, "nic-web1", wanted="unplug asked")


@fires("vm-runs", "web1 runs without web1.nic1, which the engine holds plugged")
def test_a_vm_without_a_plugged_vnic_does_not_run_as_asked(world: World) -> None:
    detach(world)


@quiet("vm-runs")
def test_a_vm_without_an_unplugged_vnic_runs_as_asked(world: World) -> None:
    detach(world)
    world.change("engine", VNICS, "nic-web1", plugged=False)


# --- undisturbed --------------------------------------------------------------------------------------


@fires("undisturbed", "the port of tap-web1 of web1, which runs on h1, is gone")
def test_a_plugged_vnic_is_cut_off(world: World) -> None:
    world.drop("h1", OVS_PORTS, "tap-web1")


@quiet("undisturbed")
def test_what_is_taken_from_an_unplugged_vnic_cuts_nobody_off(world: World) -> None:
    world.change("engine", VNICS, "nic-web1", plugged=False)
    world.drop("h1", OVS_PORTS, "tap-web1")


# --- told-truth ---------------------------------------------------------------------------------------


@fires("told-truth", "HotPlugUnplugVmNic finished: unplug of web1.nic1; the engine holds it otherwise")
def test_an_unplug_that_finished_left_it_unplugged(world: World) -> None:
    told(world, "HotPlugUnplugVmNic", "unplug", "FINISHED")


@fires("told-truth", "HotPlugUnplugVmNic finished: plug of web1.nic1; its VM does not have it")
def test_a_plug_that_finished_gave_the_vm_its_nic(world: World) -> None:
    told(world, "HotPlugUnplugVmNic", "plug", "FINISHED")
    detach(world)


@fires("told-truth", "HotPlugUnplugVmNic finished: unplug of web1.nic1; its VM has it")
def test_an_unplug_that_finished_took_the_nic(world: World) -> None:
    told(world, "HotPlugUnplugVmNic", "unplug", "FINISHED")
    world.change("engine", VNICS, "nic-web1", plugged=False)


@fires("told-truth", "web1.nic1 was removed, and exists")
def test_a_removal_that_finished_removed_it(world: World) -> None:
    told(world, "RemoveVmInterface", "", "FINISHED")


@quiet("told-truth")
def test_a_later_command_about_the_vnic_counts(world: World) -> None:
    told(world, "HotPlugUnplugVmNic", "unplug", "FINISHED")
    told(world, "HotPlugUnplugVmNic", "plug", "FINISHED")


@quiet("told-truth")
def test_a_vnic_that_is_gone_since_tells_nothing(world: World) -> None:
    told(world, "HotPlugUnplugVmNic", "plug", "FINISHED", vnic="web1.nic9")


# --- all-or-nothing -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("action", "words"),
    [
        ("AddVmInterface", "adding web1.nic1 failed, and the vNIC exists"),
        ("HotPlugUnplugVmNic", "plugging web1.nic1 failed, and it is plugged"),
    ],
)
@fires("all-or-nothing")
def test_a_failed_plug_leaves_nothing(world: World, action: str, words: str) -> None:
    told(world, action, "plug", "FAILED")


@quiet("all-or-nothing")
def test_an_unplug_that_failed_may_still_come(world: World) -> None:
    told(world, "HotPlugUnplugVmNic", "unplug", "FAILED")
    world.change("engine", VNICS, "nic-web1", plugged=False)


@quiet("all-or-nothing")
def test_a_plug_of_what_was_plugged_before_may_fail(world: World) -> None:
    told(world, "AddVmInterface", "plug", "FINISHED")
    told(world, "HotPlugUnplugVmNic", "plug", "FAILED")

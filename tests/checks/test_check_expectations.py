"""The words of `then: eventually` as checks: each fires when this history has not come to what it says."""

from __future__ import annotations

import msgspec
import pytest
from claims import fires, quiet
from worlds import World

from fakes.records import ATTACHED, DOMAINS, NETWORKS, QEMUS, VMS, VNICS
from fakes.records.host import Qemu
from scenarios import expectations
from scenarios.expectations import (
    NetworkGone,
    NetworkOperational,
    VmDown,
    VmGone,
    VmRuns,
    VnicGone,
    VnicPlugged,
    VnicUnplugged,
)
from scenarios.expecting import expected
from scenarios.model import ExpectModel
from sim.checks import Expectation

# --- vm-runs ----------------------------------------------------------------------------------------


@fires(VmRuns("web1"), "web1 should run; it is Down on no host, running on no host")
def test_a_vm_that_is_down_does_not_run(world: World) -> None:
    world.stop_vm("web1")


@fires(VmRuns("web1"), "web1 should run; it is Unknown on h1, running on h1")
def test_a_vm_that_the_engine_does_not_call_up_does_not_run(world: World) -> None:
    world.change("engine", VMS, "vm-web1", status="Unknown")


@fires(VmRuns("web1"), "web1 should run; it is Up on h1, running on no host")
def test_a_vm_whose_cpus_stand_does_not_run(world: World) -> None:
    world.change("h1", QEMUS, "vm-web1", running=False)


@fires(VmRuns("web1"), "web1 should run; it is Up on h1, running on h1, h2")
def test_a_vm_that_runs_twice_does_not_run_as_expected(world: World) -> None:
    world.put("h2", QEMUS, Qemu("vm-web1", "qemu-web1", True))


@fires(VmRuns("web1"), "web1 should run; it is Up on h2, running on h1")
def test_a_vm_that_the_engine_has_elsewhere_does_not_run_as_expected(world: World) -> None:
    world.change("engine", VMS, "vm-web1", host="h2")


@fires(VmRuns("web1", "h1"), "web1 should run on h1; it is Up on h2, running on h2")
def test_a_vm_that_runs_on_another_host_does_not_run_as_expected(world: World) -> None:
    qemu = world.table("h1", QEMUS)["vm-web1"]
    world.drop("h1", QEMUS, "vm-web1")
    world.put("h2", QEMUS, qemu)
    world.change("engine", VMS, "vm-web1", host="h2")


@fires(VmRuns("web1"), "VM web1 does not exist")
def test_a_vm_that_does_not_exist_does_not_run(world: World) -> None:
    world.drop("engine", VMS, "vm-web1")


@quiet(VmRuns("web1"))
def test_a_vm_that_runs_anywhere_runs(world: World) -> None:
    world.put("h2", QEMUS, Qemu("vm-web1", "qemu-web1", False, "incoming"))


@quiet(VmRuns("web1", "h1"))
def test_a_vm_that_runs_on_the_host_that_was_named_runs(world: World) -> None:
    world.add_vm("web2")


# --- vnic-plugged, vnic-unplugged, vnic-gone --------------------------------------------------------


def without_interface(world: World) -> None:
    """web1 runs without its NIC."""
    domain = world.table("h1", DOMAINS)["vm-web1"]
    world.change("h1", DOMAINS, "vm-web1", definition=msgspec.structs.replace(domain.definition, interfaces=()))


@fires(VnicPlugged("web1", "nic1"), "web1.nic1 should be plugged; it is plugged, and its VM does not have it")
def test_a_vnic_that_its_vm_does_not_have_is_not_plugged(world: World) -> None:
    without_interface(world)


@fires(VnicPlugged("web1", "nic1"), "web1.nic1 should be plugged; it is unplugged, and its VM has it")
def test_a_vnic_that_the_engine_holds_unplugged_is_not_plugged(world: World) -> None:
    world.change("engine", VNICS, "nic-web1", plugged=False)


@fires(VnicPlugged("web1", "nic2"), "web1 has no vNIC nic2")
def test_a_vnic_that_does_not_exist_is_not_plugged(world: World) -> None:
    world.add_vm("web2")


@quiet(VnicPlugged("web1", "nic1"))
def test_a_vnic_that_its_running_vm_has_is_plugged(world: World) -> None:
    world.add_vm("web2")


@fires(VnicUnplugged("web1", "nic1"), "web1.nic1 should be unplugged; it is unplugged, and its VM has it")
def test_a_vnic_that_its_vm_still_has_is_not_unplugged(world: World) -> None:
    world.change("engine", VNICS, "nic-web1", plugged=False)


@quiet(VnicUnplugged("web1", "nic1"))
def test_a_vnic_that_nobody_has_any_more_is_unplugged(world: World) -> None:
    world.change("engine", VNICS, "nic-web1", plugged=False)
    without_interface(world)


@fires(VnicGone("web1", "nic1"), "vNIC nic1 of web1 exists")
def test_a_vnic_that_exists_is_not_gone(world: World) -> None:
    world.stop_vm("web1")


@quiet(VnicGone("web1", "nic1"))
def test_a_vnic_whose_row_is_gone_is_gone(world: World) -> None:
    world.drop("engine", VNICS, "nic-web1")


# --- vm-down, vm-gone -------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["Up", "Unknown", "PoweringDown"])
@fires(VmDown("web1"), "web1 should be down; it is")
def test_a_vm_with_another_status_is_not_down(world: World, status: str) -> None:
    world.change("engine", VMS, "vm-web1", status="Paused")
    world.change("engine", VMS, "vm-web1", status=status)


@fires(VmDown("web1"), "VM web1 does not exist")
def test_a_vm_that_does_not_exist_is_not_down(world: World) -> None:
    world.drop("engine", VMS, "vm-web1")


@quiet(VmDown("web1"))
def test_a_vm_that_was_stopped_is_down(world: World) -> None:
    world.stop_vm("web1")


@fires(VmGone("web1"), "VM web1 exists")
def test_a_vm_that_is_down_is_not_gone(world: World) -> None:
    world.stop_vm("web1")


@quiet(VmGone("web1"))
def test_a_vm_that_was_removed_is_gone(world: World) -> None:
    world.drop("engine", VMS, "vm-web1")


# --- network-operational, network-gone --------------------------------------------------------------


@fires(NetworkOperational("red", "blue"), "red is NonOperational in blue")
def test_a_network_with_another_status_is_not_operational(world: World) -> None:
    world.change("engine", ATTACHED, ("net-red", "blue"), status="NonOperational")


@fires(NetworkOperational("red", "blue"), "red is not attached in blue")
def test_a_network_that_is_not_attached_is_not_operational(world: World) -> None:
    world.drop("engine", ATTACHED, ("net-red", "blue"))


@fires(NetworkOperational("red", "blue"), "network red does not exist")
def test_a_network_that_does_not_exist_is_not_operational(world: World) -> None:
    world.drop("engine", NETWORKS, "net-red")


@quiet(NetworkOperational("red", "blue"))
def test_a_network_that_is_attached_is_operational(world: World) -> None:
    world.change("engine", NETWORKS, "net-red", status="Removing")


@fires(NetworkGone("red"), "network red exists")
def test_a_network_that_is_being_removed_is_not_gone(world: World) -> None:
    world.change("engine", NETWORKS, "net-red", status="Removing")


@quiet(NetworkGone("red"))
def test_a_network_that_was_removed_is_gone(world: World) -> None:
    world.drop("engine", NETWORKS, "net-red")


# --- as checks --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wanted",
    [VmRuns("web1"), VmDown("web1"), VmGone("web1"), NetworkOperational("red", "blue"), NetworkGone("red")],
    ids=lambda wanted: wanted.word,
)
def test_an_expectation_is_asked_in_the_end(wanted: expectations.Expectation) -> None:
    check = expected(ExpectModel(wanted.word, wanted))
    assert check.expectation is Expectation.EVENTUALLY
    assert check.id == f"then-{wanted.word}"
    assert wanted.word in check.statement


def test_an_expectation_that_no_check_is_made_of_is_an_error(world: World) -> None:
    class Strange(expectations.Expectation, frozen=True):
        word = "strange"
        example = "strange: {}"

    check = expected(ExpectModel("strange", Strange()))
    with pytest.raises(NotImplementedError, match="Strange"):
        check.judge(world.view, "expected")

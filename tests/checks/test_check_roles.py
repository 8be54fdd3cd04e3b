"""Hosts in maintenance, hosts on their way, and what clusters require of hosts."""

from __future__ import annotations

import msgspec
import pytest
from claims import fires, quiet
from worlds import World

from fakes.records import ATTACHED, CLUSTERS, HOSTS, JOBS, PROGRAMS, VMS
from fakes.records.engine import Cluster, Job
from scenarios.expectations import (
    HostIn,
    HostInMaintenance,
    HostNonOperational,
    HostUp,
    NetworkDetached,
    NetworkNonOperational,
)
from sim.nodes import Program

replace = msgspec.structs.replace

# --- roles ------------------------------------------------------------------------------------------


@fires("roles", "h1 is in maintenance, and the engine has web1 on it (Up)")
def test_a_host_with_a_vm_is_not_in_maintenance(world: World) -> None:
    world.change("engine", HOSTS, "h1", status="Maintenance")


@fires("roles", "h2 is in maintenance, and the engine has web1 on it (MigratingFrom)")
def test_a_migration_target_is_not_in_maintenance(world: World) -> None:
    world.prepare("web1", "h2")
    world.change("engine", HOSTS, "h2", status="Maintenance")


@fires("roles", "h1 is in maintenance, and a qemu of web1 is on it")
def test_a_host_with_a_qemu_is_not_in_maintenance(world: World) -> None:
    world.change("engine", HOSTS, "h1", status="Maintenance")
    world.change("engine", VMS, "vm-web1", status="Down", host="")


@fires("roles", "h1 is in maintenance, and a qemu of vm-web1 is on it")
def test_a_host_with_a_qemu_of_nobody_is_not_in_maintenance(world: World) -> None:
    world.change("engine", HOSTS, "h1", status="Maintenance")
    world.drop("engine", VMS, "vm-web1")


@quiet("roles")
def test_an_empty_host_may_be_in_maintenance(world: World) -> None:
    world.change("engine", HOSTS, "h2", status="Maintenance")


# --- leftover-lock: hosts ---------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["Unassigned", "PreparingForMaintenance"])
@fires("leftover-lock", "and no command works on it")
def test_an_empty_host_does_not_stay_on_its_way(world: World, status: str) -> None:
    world.change("engine", HOSTS, "h2", status=status)


@fires("leftover-lock", "host h1 is PreparingForMaintenance, and no command works on it")
def test_a_vm_that_another_host_takes_does_not_keep_its_host(world: World) -> None:
    world.change("engine", HOSTS, "h1", status="PreparingForMaintenance")


@pytest.mark.parametrize("status", ["NonOperational", "Maintenance"])
@quiet("leftover-lock")
def test_a_vm_that_no_host_takes_keeps_its_host(world: World, status: str) -> None:
    world.change("engine", HOSTS, "h1", status="PreparingForMaintenance")
    world.change("engine", HOSTS, "h2", status=status)


@quiet("leftover-lock")
def test_a_vm_that_no_host_can_carry_keeps_its_host(world: World) -> None:
    world.change("engine", HOSTS, "h1", status="PreparingForMaintenance")
    world.change("engine", HOSTS, "h2", fabrics=())


@quiet("leftover-lock")
def test_nor_does_a_host_whose_agent_is_of_another_type(world: World) -> None:
    world.change("engine", HOSTS, "h1", status="PreparingForMaintenance")
    fabrics = tuple(replace(one, type="gre") for one in world.table("engine", HOSTS)["h2"].fabrics)
    world.change("engine", HOSTS, "h2", fabrics=fabrics)


@quiet("leftover-lock")
def test_a_host_that_a_command_empties_is_on_its_way(world: World) -> None:
    world.change("engine", HOSTS, "h1", status="PreparingForMaintenance")
    world.begin("MaintananceNumberOfVdss", "h1")


# --- dangling: clusters -----------------------------------------------------------------------------


@fires("dangling", "VM web1 of blue is on h1, which is in green")
def test_a_vm_is_on_a_host_of_its_cluster(world: World) -> None:
    world.put("engine", CLUSTERS, Cluster("green", "dc"))
    world.change("engine", HOSTS, "h1", cluster="green")


@quiet("dangling")
def test_an_empty_host_may_be_in_another_cluster(world: World) -> None:
    world.put("engine", CLUSTERS, Cluster("green", "dc"))
    world.change("engine", HOSTS, "h2", cluster="green")


@fires("dangling", "vNIC web1.nic1 is on red, which is not attached to blue")
def test_a_vnic_is_on_a_network_of_its_cluster(world: World) -> None:
    world.drop("engine", ATTACHED, ("net-red", "blue"))


# --- true-status: what a cluster requires -----------------------------------------------------------


def _require(world: World) -> None:
    world.change("engine", ATTACHED, ("net-red", "blue"), required=True)


def _agent_down(world: World, host: str) -> None:
    world.put(host, PROGRAMS, Program("agent", False, 1))


@fires("true-status", "the engine says that h2 is Up; it cannot carry red")
def test_a_host_without_a_required_network_is_not_up(world: World) -> None:
    _require(world)
    _agent_down(world, "h2")


@quiet("true-status")
def test_a_host_without_an_optional_network_may_be_up(world: World) -> None:
    _agent_down(world, "h2")


@quiet("true-status")
def test_a_host_without_a_required_network_is_not_operational(world: World) -> None:
    _require(world)
    _agent_down(world, "h2")
    world.change("engine", HOSTS, "h2", status="NonOperational", reason="NETWORK_UNREACHABLE")


@fires("true-status", "the engine says that h2 is NonOperational; it carries all that it must")
def test_a_host_with_all_that_is_required_is_operational(world: World) -> None:
    _require(world)
    world.change("engine", HOSTS, "h2", status="NonOperational", reason="NETWORK_UNREACHABLE")


@fires("true-status", "the engine says that red is Operational in blue; no host there carries it")
def test_a_required_network_needs_a_host(world: World) -> None:
    _require(world)
    world.change("engine", HOSTS, "h1", status="Maintenance")
    world.change("engine", HOSTS, "h2", status="Maintenance")


@quiet("true-status")
def test_a_required_network_without_a_host_is_not_operational(world: World) -> None:
    _require(world)
    world.change("engine", HOSTS, "h1", status="Maintenance")
    world.change("engine", HOSTS, "h2", status="Maintenance")
    world.change("engine", ATTACHED, ("net-red", "blue"), status="NonOperational")


# --- told-truth: hosts ------------------------------------------------------------------------------


@fires("told-truth", "MaintananceNumberOfVdss h2 finished, and the host is Up")
def test_a_host_that_was_said_to_be_in_maintenance_is(world: World) -> None:
    world.put("engine", JOBS, Job("job-1", "MaintananceNumberOfVdss", "h2", "FINISHED"))


@fires("told-truth", "ActivateVds h2 finished, and the host is Maintenance")
def test_a_host_that_was_said_to_be_activated_is(world: World) -> None:
    world.put("engine", JOBS, Job("job-1", "ActivateVds", "h2", "FINISHED"))
    world.change("engine", HOSTS, "h2", status="Maintenance")


@quiet("told-truth")
def test_a_restart_asked_for_later_may_bring_a_host_out_of_maintenance(world: World) -> None:
    world.put("engine", JOBS, Job("job-1", "MaintananceNumberOfVdss", "h2", "FINISHED"))
    world.put("engine", JOBS, Job("job-2", "RestartVds", "h2", "FINISHED"))


@quiet("told-truth")
def test_a_maintenance_that_failed_says_nothing(world: World) -> None:
    world.put("engine", JOBS, Job("job-1", "MaintananceNumberOfVdss", "h2", "FAILED"))


# --- expectations -----------------------------------------------------------------------------------


@fires(HostUp("h2"), "h2 should be Up; it is Maintenance in blue")
def test_a_host_in_maintenance_is_not_up(world: World) -> None:
    world.change("engine", HOSTS, "h2", status="Maintenance")


@quiet(HostUp("h2", "blue"))
def test_a_host_that_answers_is_up(world: World) -> None:
    """As it is."""


@fires(HostInMaintenance("h2"), "h2 should be Maintenance; it is Unassigned in blue")
def test_a_host_that_was_activated_is_not_in_maintenance(world: World) -> None:
    world.change("engine", HOSTS, "h2", status="Unassigned")


@quiet(HostInMaintenance("h2", "blue"))
def test_a_host_in_maintenance_is(world: World) -> None:
    world.change("engine", HOSTS, "h2", status="Maintenance")


@fires(HostNonOperational("h2"), "h2 should be NonOperational; it is Down in blue")
def test_a_host_that_is_down_is_not_merely_not_operational(world: World) -> None:
    world.change("engine", HOSTS, "h2", status="Down")


@quiet(HostNonOperational("h2"))
def test_a_host_that_is_not_operational_is(world: World) -> None:
    world.change("engine", HOSTS, "h2", status="NonOperational")


@fires(HostIn("h2", "green"), "h2 should be in green; it is NonResponsive in blue")
def test_a_host_that_was_not_moved_is_where_it_was(world: World) -> None:
    world.change("engine", HOSTS, "h2", status="NonResponsive")


@quiet(HostIn("h2", "green"))
def test_a_host_that_was_moved_is_in_its_new_cluster(world: World) -> None:
    world.change("engine", HOSTS, "h2", cluster="green")


@fires(NetworkNonOperational("red", "blue"), "red is Operational in blue")
def test_an_operational_network_is_not_non_operational(world: World) -> None:
    world.change("engine", ATTACHED, ("net-red", "blue"), required=True)


@quiet(NetworkNonOperational("red", "blue"))
def test_a_network_that_is_not_operational_is(world: World) -> None:
    world.change("engine", ATTACHED, ("net-red", "blue"), status="NonOperational")


@fires(NetworkDetached("red", "blue"), "red is Operational in blue")
def test_an_attached_network_is_not_detached(world: World) -> None:
    world.change("engine", ATTACHED, ("net-red", "blue"), required=True)


@quiet(NetworkDetached("red", "blue"))
def test_a_network_that_was_detached_is(world: World) -> None:
    world.drop("engine", ATTACHED, ("net-red", "blue"))

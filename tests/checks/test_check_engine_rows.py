"""The engine's own rows: unfinished ones, locks, MACs, references, what a living owner wants."""

from __future__ import annotations

import pytest
from claims import fires, quiet
from worlds import World

from fakes.records import (
    ATTACHED,
    CLUSTERS,
    COMPENSATIONS,
    DATA_CENTERS,
    HOSTS,
    IN_FLIGHT,
    JOBS,
    LOCKS,
    MAC_POOL,
    NETWORKS,
    OVS_PORTS,
    QUANTUM_NETWORKS,
    QUANTUM_PORTS,
    TAPS,
    VLAN_BINDINGS,
    VMS,
    VNICS,
)
from fakes.records.engine import (
    Cluster,
    Compensation,
    DataCenter,
    InFlight,
    Job,
    Lock,
    LogicalNetwork,
    MacPool,
    NetworkInCluster,
    Vnic,
)
from fakes.records.quantum import QuantumNetwork, QuantumPort, VlanBinding
from scenarios.checks.engine_rows import TRANSIENT
from sim.clock import SECOND

MAC, OTHER = "00:1a:4a:00:00:00", "00:1a:4a:16:01:e7"

# --- leftover-row -----------------------------------------------------------------------------------


@fires("leftover-row", "job-1 (RunVm web1) is STARTED, and no command runs")
def test_a_started_job_without_a_command_is_left_over(world: World) -> None:
    world.put("engine", JOBS, Job("job-1", "RunVm", "web1"))


@fires("leftover-row", "a compensation row of job-1 for vms vm-web1 remains")
def test_a_compensation_row_without_a_command_is_left_over(world: World) -> None:
    world.put("engine", COMPENSATIONS, Compensation("job-1", "vms", "vm-web1", None))


@fires("leftover-row", "vNIC web1.nic1 is of VM vm-web1, which does not exist")
def test_a_vnic_without_its_vm_is_left_over(world: World) -> None:
    world.drop("engine", VMS, "vm-web1")


@fires("leftover-row", "network red is being removed, and nobody removes it")
def test_a_network_that_nobody_goes_on_removing_is_left_over(world: World) -> None:
    world.change("engine", NETWORKS, "net-red", status="Removing")


@quiet("leftover-row")
def test_the_rows_of_a_command_that_runs_are_owned(world: World) -> None:
    world.begin("RemoveNetwork", "red")
    world.put("engine", COMPENSATIONS, Compensation("job-1", "vms", "vm-web1", None))
    world.change("engine", NETWORKS, "net-red", status="Removing")


@pytest.mark.parametrize("status", ["FINISHED", "FAILED", "UNKNOWN"])
@quiet("leftover-row")
def test_a_job_that_has_ended_stays(world: World, status: str) -> None:
    world.ended("RunVm", "web1", status)


# --- leftover-lock ----------------------------------------------------------------------------------


@fires("leftover-lock", "the lock VM of vm-web1 is held by job-1, which does not run")
def test_a_lock_without_a_command_is_left_over(world: World) -> None:
    world.put("engine", LOCKS, Lock("vm-web1", "VM", "job-1", 0, SECOND))


@fires("leftover-lock", "VM vm-web1 is followed by job-1, which does not run")
def test_a_vm_in_flight_without_a_command_is_left_over(world: World) -> None:
    world.put("engine", IN_FLIGHT, InFlight("vm-web1", "run", "job-1"))


@pytest.mark.parametrize("status", TRANSIENT)
@fires("leftover-lock", "and no command works on it")
def test_a_transient_status_without_a_command_is_left_over(world: World, status: str) -> None:
    world.change("engine", VMS, "vm-web1", status=status)


@fires("leftover-lock", "VM web1 is Up, and no command works on it")
def test_a_migration_target_without_a_command_is_left_over(world: World) -> None:
    world.change("engine", VMS, "vm-web1", migrating_to="h2")


@fires("leftover-lock", "no command works on it")
def test_a_command_on_another_vm_does_not_own_a_transient_status(world: World) -> None:
    world.begin("RunVm", "web2")
    world.change("engine", VMS, "vm-web1", status="WaitForLaunch")


@fires("leftover-lock", "no command works on it")
def test_a_host_may_not_stay_in_reboot(world: World) -> None:
    world.change("engine", HOSTS, "h1", status="Reboot")


@quiet("leftover-lock")
def test_a_command_that_runs_owns_its_lock_and_statuses(world: World) -> None:
    world.prepare("web1", "h2")
    world.put("engine", LOCKS, Lock("vm-web1", "VM", "job-1", 0, SECOND))
    world.put("engine", IN_FLIGHT, InFlight("vm-web1", "migrate", "job-1"))


@pytest.mark.parametrize("status", ["Up", "Down", "Paused", "Unknown"])
@quiet("leftover-lock")
def test_a_lasting_status_needs_no_command(world: World, status: str) -> None:
    world.change("engine", VMS, "vm-web1", status=status)


# --- leftover-mac -----------------------------------------------------------------------------------


@fires("leftover-mac", f"{MAC} is on two vNICs")
def test_a_mac_on_two_vnics_is_left_over(world: World) -> None:
    world.put("engine", VNICS, Vnic("nic-2", "vm-web1", "web1.nic2", "net-red", MAC))


@fires("leftover-mac", f"{MAC} is taken from the pool, and no vNIC has it")
def test_a_mac_taken_for_no_vnic_is_left_over(world: World) -> None:
    world.drop("engine", VNICS, "nic-web1")


@fires("leftover-mac", f"{MAC} is on a vNIC, and free in the pool")
def test_a_mac_on_a_vnic_is_not_free(world: World) -> None:
    world.change("engine", MAC_POOL, "pool", used=(), returned=(MAC,))


@fires("leftover-mac", f"{MAC} is used and free at once")
def test_a_mac_is_not_used_and_free_at_once(world: World) -> None:
    world.change("engine", MAC_POOL, "pool", returned=(MAC,))


@quiet("leftover-mac")
def test_a_mac_of_a_removed_vnic_is_free_again(world: World) -> None:
    world.drop("engine", VNICS, "nic-web1")
    world.change("engine", MAC_POOL, "pool", used=(), returned=(MAC,))


@quiet("leftover-mac")
def test_another_engine_has_a_pool_of_its_own(world: World) -> None:
    world.put("engine2", DATA_CENTERS, DataCenter("dc2"))
    world.put("engine2", VNICS, Vnic("nic-2", "vm-web9", "web9.nic1", "net-red", OTHER))
    world.put("engine2", MAC_POOL, MacPool("pool", 150, 1, (), (OTHER,)))


@fires("leftover-mac", f"{MAC} is on two vNICs", times=2)
def test_a_mac_on_vnics_of_two_engines_is_left_over(world: World) -> None:
    world.put("engine2", DATA_CENTERS, DataCenter("dc2"))
    world.put("engine2", VNICS, Vnic("nic-2", "vm-web9", "web9.nic1", "net-red", MAC))
    world.put("engine2", MAC_POOL, MacPool("pool", 150, 1, (), (MAC,)))


# --- dangling ---------------------------------------------------------------------------------------


@fires("dangling", "net-red", times=2)
def test_a_vnic_and_an_attachment_of_a_removed_network_dangle(world: World) -> None:
    world.drop("engine", NETWORKS, "net-red")


@fires("dangling", "web1.nic1 is on network net-x, which does not exist")
def test_a_vnic_on_no_network_dangles(world: World) -> None:
    world.change("engine", VNICS, "nic-web1", network="net-x")


@pytest.mark.parametrize(
    ("network", "cluster", "words"),
    [
        ("net-x", "blue", "net-x is attached to blue; one of them does not exist"),
        ("net-red", "green", "net-red is attached to green; one of them does not exist"),
    ],
)
@fires("dangling")
def test_an_attachment_of_something_that_is_not_there_dangles(
    world: World, network: str, cluster: str, words: str
) -> None:
    world.put("engine", ATTACHED, NetworkInCluster(network, cluster))


@fires("dangling", "net-red is attached to blue; one of them does not exist")
def test_a_network_attached_to_a_removed_cluster_dangles(world: World) -> None:
    world.drop("engine", CLUSTERS, "blue")


@fires("dangling", "VM web1 is Up and has the migration target h2")
def test_a_migration_target_outside_a_migration_dangles(world: World) -> None:
    world.change("engine", VMS, "vm-web1", migrating_to="h2")


@fires("dangling", "VM web1 is on h1, which does not exist")
def test_a_vm_on_a_removed_host_dangles(world: World) -> None:
    world.drop("engine", HOSTS, "h1")


@fires("dangling", "VM web1 is on h9, which does not exist")
def test_a_vm_that_migrates_to_no_host_dangles(world: World) -> None:
    world.change("engine", VMS, "vm-web1", status="MigratingFrom", migrating_to="h9")


@fires("dangling", "a row of q1 is of network q-x, which does not exist")
def test_a_port_on_no_network_dangles(world: World) -> None:
    world.put("q1", QUANTUM_PORTS, QuantumPort("p2", "q-x"))


@fires("dangling", "a row of q1 is of network q-x, which does not exist")
def test_a_vlan_of_no_network_dangles(world: World) -> None:
    world.put("q1", VLAN_BINDINGS, VlanBinding(300, "q-x"))


@fires("dangling", "red of dc is attached to green of dc2")
def test_a_network_in_a_cluster_of_another_data_center_dangles(world: World) -> None:
    world.put("engine", CLUSTERS, Cluster("green", "dc2"))
    world.put("engine", ATTACHED, NetworkInCluster("net-red", "green"))


@quiet("dangling")
def test_a_network_in_two_clusters_of_its_data_center_does_not_dangle(world: World) -> None:
    world.put("engine", CLUSTERS, Cluster("green", "dc"))
    world.put("engine", ATTACHED, NetworkInCluster("net-red", "green"))


@quiet("dangling")
def test_a_target_in_a_migration_does_not_dangle(world: World) -> None:
    world.prepare("web1", "h2")


@quiet("dangling")
def test_a_vm_that_is_down_names_no_host(world: World) -> None:
    world.stop_vm("web1")
    world.drop("engine", HOSTS, "h1", "h2")


# --- lost -------------------------------------------------------------------------------------------


@fires("lost", "network pink is attached to a cluster, and was never made on q1")
def test_an_attached_network_that_was_never_made_is_lost(world: World) -> None:
    world.put("engine", NETWORKS, LogicalNetwork("net-pink", "pink", "dc", "q1"))
    world.put("engine", ATTACHED, NetworkInCluster("net-pink", "blue"))


@fires("lost", "network red is q-red on q1, which does not have it")
def test_a_network_that_quantum_does_not_have_is_lost(world: World) -> None:
    world.drop("q1", QUANTUM_NETWORKS, "q-red")


@fires("lost", "web1.nic1 has port port-web1, which Quantum does not have")
def test_a_port_that_quantum_does_not_have_is_lost(world: World) -> None:
    world.drop("q1", QUANTUM_PORTS, "port-web1")


@fires("lost", "network q-red of q1 has no VLAN")
def test_the_vlan_of_a_network_is_lost(world: World) -> None:
    world.drop("q1", VLAN_BINDINGS, 100)


@fires("lost", "network q-theirs of q1 has no VLAN")
def test_another_tenants_network_without_a_vlan_is_lost_too(world: World) -> None:
    world.put("q1", QUANTUM_NETWORKS, QuantumNetwork("q-theirs", "somebody", "theirs"))


@fires("lost", "domain web1 on h1 has no tap tap-web1")
def test_the_tap_of_a_domain_is_lost(world: World) -> None:
    world.drop("h1", TAPS, "tap-web1")


@fires("lost", "tap tap-web1 of web1 is in no bridge of h1")
def test_the_place_of_a_domains_tap_in_a_bridge_is_lost(world: World) -> None:
    world.drop("h1", OVS_PORTS, "tap-web1")


@fires("lost", "tap tap-web1 of web1 is in no bridge of h1")
def test_the_port_that_libvirt_made_for_an_interface_id_is_lost(world: World) -> None:
    world.plug_by_libvirt("web1", "h1")
    world.settle()
    world.drop("h1", OVS_PORTS, "tap-web1")


@quiet("lost")
def test_a_network_that_is_attached_to_no_cluster_need_not_be_made(world: World) -> None:
    world.put("engine", NETWORKS, LogicalNetwork("net-pink", "pink", "dc", "q1"))


@quiet("lost")
def test_a_network_that_is_being_removed_is_no_longer_wanted(world: World) -> None:
    world.stop_vm("web1")
    world.drop("engine", VNICS, "nic-web1")
    world.change("engine", NETWORKS, "net-red", status="Removing")
    world.drop("q1", QUANTUM_NETWORKS, "q-red")


@quiet("lost")
def test_a_vnic_without_quantum_has_no_port_and_no_place_in_open_vswitch(world: World) -> None:
    world.add_plain_network("plain")
    world.add_vm("web2", "plain")
    world.run_vm("web2", "h2")


@fires("lost", "domain web2 on h2 has no tap tap-web2")
def test_the_tap_of_a_vnic_without_quantum_is_lost(world: World) -> None:
    world.add_plain_network("plain")
    world.add_vm("web2", "plain")
    world.run_vm("web2", "h2")
    world.drop("h2", TAPS, "tap-web2")


@quiet("lost")
def test_a_vm_that_is_down_needs_no_tap(world: World) -> None:
    world.stop_vm("web1")


# --- held -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "allowed"),
    [
        (3 * SECOND, 10 * SECOND),
        (8 * SECOND, 5 * SECOND),
        (13 * SECOND - 1, 1),
        (13 * SECOND, 0),
        (99 * SECOND, 0),
    ],
)
@fires("held", "the lock VM of vm-web1 is held by job-1 for longer than 10 s")
def test_a_lock_is_allowed_what_is_left_of_its_bound(world: World, now: int, allowed: int) -> None:
    world.put("engine", LOCKS, Lock("vm-web1", "VM", "job-1", 3 * SECOND, 10 * SECOND))
    world.view.now = now


@quiet("held")
def test_a_lock_that_was_freed_is_not_held(world: World) -> None:
    world.put("engine", LOCKS, Lock("vm-web1", "VM", "job-1", 0, SECOND))
    world.view.now = 99 * SECOND
    world.drop("engine", LOCKS, ("vm-web1", "VM"))

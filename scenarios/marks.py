"""Named states that a history may reach: `then: reached: [...]` of a scenario.

Each is a pure predicate of one change of a row.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fakes.records import (
    AGENT_VIFS,
    ATTACHED,
    DOMAINS,
    HOSTS,
    JOBS,
    LEASES,
    NETWORKS,
    OVS_PORTS,
    QEMUS,
    QUANTUM_PORTS,
    VDSM_VMS,
    VMS,
    VNICS,
)
from sim.nodes import MACHINES, PROGRAMS
from sim.store import Delta
from sim.tables import Schema
from sim.tally import Reached


def _entered(name: str, schema: Schema[Any], test: Callable[[Delta], bool]) -> Reached:
    """A row came into a state."""
    return Reached(name, schema.name, lambda delta: delta.new is not None and test(delta))


def _gone(name: str, schema: Schema[Any]) -> Reached:
    """A row was removed."""
    return Reached(name, schema.name, lambda delta: delta.new is None)


def _vm(before: str, after: str) -> Callable[[Delta], bool]:
    return lambda delta: delta.old is not None and delta.old.status == before and delta.new.status == after


def _rolled_back(delta: Delta) -> bool:
    old, new = delta.old, delta.new
    return old is not None and old.status == "MigratingFrom" and new.status == "Up" and new.host == old.host


def _arrived(delta: Delta) -> bool:
    old, new = delta.old, delta.new
    return old is not None and bool(old.migrating_to) and new.host == old.migrating_to


def _became(column: str, value: object) -> Callable[[Delta], bool]:
    return lambda delta: (
        getattr(delta.new, column) == value and (delta.old is None or getattr(delta.old, column) != value)
    )


def _plugged(value: bool) -> Callable[[Delta], bool]:
    return lambda delta: delta.old is not None and delta.old.plugged != value and delta.new.plugged == value


def _lost_in_cluster(delta: Delta) -> bool:
    return bool(delta.new.status == "NonOperational" != getattr(delta.old, "status", ""))


ALL: dict[str, Reached] = {
    mark.name: mark
    for mark in (
        _entered("vm-started", VMS, _vm("WaitForLaunch", "Up")),
        _entered("vm-stopped", VMS, lambda d: d.old is not None and d.old.status != "Down" and d.new.status == "Down"),
        _gone("vm-removed", VMS),
        _entered("vm-unknown", VMS, _became("status", "Unknown")),
        _entered("migration-rolled-back", VMS, _rolled_back),
        _entered("migration-arrived", VMS, _arrived),
        _entered("migration-queued", VDSM_VMS, _became("step", "queued")),
        _entered("migration-cancelled", VDSM_VMS, lambda d: d.new.migration.startswith("47")),
        _entered("job-failed", JOBS, _became("status", "FAILED")),
        _entered("job-unknown", JOBS, _became("status", "UNKNOWN")),
        _entered("host-connecting", HOSTS, _became("status", "Connecting")),
        _entered("host-not-responding", HOSTS, _became("status", "NonResponsive")),
        _entered("host-initializing", HOSTS, _became("status", "Initializing")),
        _entered("host-being-fenced", HOSTS, _became("status", "Reboot")),
        _entered("host-fenced", HOSTS, lambda d: d.old is not None and d.new.stopped_at != d.old.stopped_at),
        _entered("vnic-plugged", VNICS, _plugged(True)),
        _entered("vnic-unplugged", VNICS, _plugged(False)),
        _entered("vnic-held", VNICS, _became("wanted", "unplug asked")),
        _gone("vnic-removed", VNICS),
        _entered("nic-released", QEMUS, lambda d: d.old is not None and len(d.old.nics) > len(d.new.nics)),
        _entered("host-preparing", HOSTS, _became("status", "PreparingForMaintenance")),
        _entered("host-in-maintenance", HOSTS, _became("status", "Maintenance")),
        _entered("host-activated", HOSTS, lambda d: d.old is not None and d.old.status != "Unassigned" == d.new.status),
        _entered("host-non-operational", HOSTS, _became("status", "NonOperational")),
        _entered("host-moved", HOSTS, lambda d: d.old is not None and d.old.cluster != d.new.cluster),
        _entered("network-non-operational", ATTACHED, _lost_in_cluster),
        _gone("network-detached", ATTACHED),
        _entered("network-made", NETWORKS, lambda d: bool(d.new.uuid) and (d.old is None or not d.old.uuid)),
        _gone("network-removed", NETWORKS),
        _entered("port-plugged", QUANTUM_PORTS, lambda d: bool(d.new.attachment)),
        _entered(
            "port-unplugged",
            QUANTUM_PORTS,
            lambda d: d.old is not None and bool(d.old.attachment) > bool(d.new.attachment),
        ),
        _gone("port-removed", QUANTUM_PORTS),
        _entered("vif-dead", AGENT_VIFS, lambda d: not d.new.network),
        _gone("ovs-port-removed", OVS_PORTS),
        _entered("source-paused", DOMAINS, lambda d: d.new.state == "PAUSED" and d.new.phase == "PERFORM3_DONE"),
        _entered("target-prepared", DOMAINS, lambda d: d.new.phase == "PREPARE" and d.new.reason == "MIGRATION"),
        _entered("target-runs", DOMAINS, lambda d: d.new.state == "RUNNING" and d.new.reason == "MIGRATED"),
        _entered("lease-moved", LEASES, lambda d: True),
        _entered("process-died", PROGRAMS, lambda d: d.old is not None and d.old.up and not d.new.up),
        _entered("process-restarted", PROGRAMS, lambda d: d.new.up and d.new.starts > 1),
        _entered("node-lost-power", MACHINES, lambda d: not d.new.up),
        _entered("node-booted", MACHINES, lambda d: d.old is not None and not d.old.up and d.new.up),
    )
}

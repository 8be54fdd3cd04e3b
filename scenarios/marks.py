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
from sim.tally import Marks, Reached


def _entered(
    name: str, schema: Schema[Any], column: str, test: Callable[[Delta], bool], value: object = None
) -> Reached:
    """A row came into a state, by a change of that column ("": of any) to that value (None: to any)."""
    return Reached(name, schema.name, test, column, value)


def _became(name: str, schema: Schema[Any], column: str, value: object) -> Reached:
    """A column came to have that value."""
    return Reached(name, schema.name, lambda delta: True, column, value)


def _gone(name: str, schema: Schema[Any]) -> Reached:
    """A row was removed."""
    return Reached(name, schema.name, lambda delta: True, gone=True)


def _from(before: str) -> Callable[[Delta], bool]:
    return lambda delta: delta.old is not None and delta.old.status == before


def _rolled_back(delta: Delta) -> bool:
    old, new = delta.old, delta.new
    return old is not None and old.status == "MigratingFrom" and new.host == old.host


def _arrived(delta: Delta) -> bool:
    old, new = delta.old, delta.new
    return old is not None and bool(old.migrating_to) and new.host == old.migrating_to


def _stayed(delta: Delta) -> bool:
    """The row was there before: what changed is the column asked for."""
    return delta.old is not None


ALL: dict[str, Reached] = {
    mark.name: mark
    for mark in (
        _entered("vm-started", VMS, "status", _from("WaitForLaunch"), "Up"),
        _entered("vm-stopped", VMS, "status", _stayed, "Down"),
        _gone("vm-removed", VMS),
        _became("vm-unknown", VMS, "status", "Unknown"),
        _entered("migration-rolled-back", VMS, "status", _rolled_back, "Up"),
        _entered("migration-arrived", VMS, "host", _arrived),
        _became("migration-queued", VDSM_VMS, "step", "queued"),
        _entered("migration-cancelled", VDSM_VMS, "migration", lambda d: d.new.migration.startswith("47")),
        _became("job-failed", JOBS, "status", "FAILED"),
        _became("job-unknown", JOBS, "status", "UNKNOWN"),
        _became("host-connecting", HOSTS, "status", "Connecting"),
        _became("host-not-responding", HOSTS, "status", "NonResponsive"),
        _became("host-initializing", HOSTS, "status", "Initializing"),
        _became("host-being-fenced", HOSTS, "status", "Reboot"),
        _entered("host-fenced", HOSTS, "stopped_at", _stayed),
        _entered("vnic-plugged", VNICS, "plugged", _stayed, True),
        _entered("vnic-unplugged", VNICS, "plugged", _stayed, False),
        _became("vnic-held", VNICS, "wanted", "unplug asked"),
        _gone("vnic-removed", VNICS),
        _entered("nic-released", QEMUS, "nics", lambda d: d.old is not None and len(d.old.nics) > len(d.new.nics)),
        _became("host-preparing", HOSTS, "status", "PreparingForMaintenance"),
        _became("host-in-maintenance", HOSTS, "status", "Maintenance"),
        _entered("host-activated", HOSTS, "status", _stayed, "Unassigned"),
        _became("host-non-operational", HOSTS, "status", "NonOperational"),
        _entered("host-moved", HOSTS, "cluster", _stayed),
        _became("network-non-operational", ATTACHED, "status", "NonOperational"),
        _gone("network-detached", ATTACHED),
        _entered("network-made", NETWORKS, "uuid", lambda d: bool(d.new.uuid) and (d.old is None or not d.old.uuid)),
        _gone("network-removed", NETWORKS),
        _entered("port-plugged", QUANTUM_PORTS, "attachment", lambda d: bool(d.new.attachment)),
        _entered(
            "port-unplugged",
            QUANTUM_PORTS,
            "attachment",
            lambda d: d.old is not None and bool(d.old.attachment) > bool(d.new.attachment),
        ),
        _gone("port-removed", QUANTUM_PORTS),
        _entered("vif-dead", AGENT_VIFS, "network", lambda d: not d.new.network),
        _gone("ovs-port-removed", OVS_PORTS),
        _entered("source-paused", DOMAINS, "", lambda d: d.new.state == "PAUSED" and d.new.phase == "PERFORM3_DONE"),
        _entered("target-prepared", DOMAINS, "", lambda d: d.new.phase == "PREPARE" and d.new.reason == "MIGRATION"),
        _entered("target-runs", DOMAINS, "", lambda d: d.new.state == "RUNNING" and d.new.reason == "MIGRATED"),
        _entered("lease-moved", LEASES, "", lambda d: True),
        _entered("process-died", PROGRAMS, "up", _stayed, False),
        _entered("process-restarted", PROGRAMS, "starts", lambda d: d.new.up and d.new.starts > 1),
        _became("node-lost-power", MACHINES, "up", False),
        _entered("node-booted", MACHINES, "up", _stayed, True),
    )
}

MARKS = Marks(ALL.values())

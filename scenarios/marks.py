"""Named states that a history may reach: `then: reached: [...]` of a scenario.

Each is a pure predicate of one change of a row.
"""

from __future__ import annotations

from collections.abc import Callable

from fakes.records import AGENT_VIFS, DOMAINS, HOSTS, JOBS, LEASES, NETWORKS, OVS_PORTS, QUANTUM_PORTS, VMS
from sim.nodes import MACHINES, PROGRAMS
from sim.run import Reached
from sim.store import Delta
from sim.tables import Schema


def _entered(schema: Schema, test: Callable[[Delta], bool]) -> Callable[[Delta], bool]:  # type: ignore[type-arg]
    return lambda delta: delta.schema == schema.name and delta.new is not None and test(delta)


def _vm(before: str, after: str) -> Callable[[Delta], bool]:
    return _entered(
        VMS, lambda delta: delta.old is not None and delta.old.status == before and delta.new.status == after
    )


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


def _gone(schema: Schema) -> Callable[[Delta], bool]:  # type: ignore[type-arg]
    return lambda delta: delta.schema == schema.name and delta.new is None


ALL: dict[str, Reached] = {
    mark.name: mark
    for mark in (
        Reached("vm-started", _vm("WaitForLaunch", "Up")),
        Reached("vm-stopped", _entered(VMS, lambda d: d.old is not None and d.old.status != "Down" and d.new.status == "Down")),
        Reached("vm-removed", _gone(VMS)),
        Reached("vm-unknown", _entered(VMS, _became("status", "Unknown"))),
        Reached("migration-rolled-back", _entered(VMS, _rolled_back)),
        Reached("migration-arrived", _entered(VMS, _arrived)),
        Reached("job-failed", _entered(JOBS, _became("status", "FAILED"))),
        Reached("job-unknown", _entered(JOBS, _became("status", "UNKNOWN"))),
        Reached("host-connecting", _entered(HOSTS, _became("status", "Connecting"))),
        Reached("host-not-responding", _entered(HOSTS, _became("status", "NonResponsive"))),
        Reached("host-initializing", _entered(HOSTS, _became("status", "Initializing"))),
        Reached("network-made", _entered(NETWORKS, lambda d: bool(d.new.uuid) and (d.old is None or not d.old.uuid))),
        Reached("network-removed", _gone(NETWORKS)),
        Reached("port-plugged", _entered(QUANTUM_PORTS, lambda d: bool(d.new.attachment))),
        Reached("port-unplugged", _entered(QUANTUM_PORTS, lambda d: d.old is not None and bool(d.old.attachment) > bool(d.new.attachment))),
        Reached("port-removed", _gone(QUANTUM_PORTS)),
        Reached("vif-dead", _entered(AGENT_VIFS, lambda d: not d.new.network)),
        Reached("ovs-port-removed", _gone(OVS_PORTS)),
        Reached("source-paused", _entered(DOMAINS, lambda d: d.new.state == "PAUSED" and d.new.phase == "PERFORM3_DONE")),
        Reached("target-prepared", _entered(DOMAINS, lambda d: d.new.phase == "PREPARE" and d.new.reason == "MIGRATION")),
        Reached("target-runs", _entered(DOMAINS, lambda d: d.new.state == "RUNNING" and d.new.reason == "MIGRATED")),
        Reached("lease-moved", _entered(LEASES, lambda d: True)),
        Reached("process-died", _entered(PROGRAMS, lambda d: d.old is not None and d.old.up and not d.new.up)),
        Reached("process-restarted", _entered(PROGRAMS, lambda d: d.new.up and d.new.starts > 1)),
        Reached("node-lost-power", _entered(MACHINES, lambda d: not d.new.up)),
        Reached("node-booted", _entered(MACHINES, lambda d: d.old is not None and not d.old.up and d.new.up)),
    )
}

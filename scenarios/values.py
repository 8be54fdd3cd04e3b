"""The words that a column can hold, where they are known: names of this scenario, and statuses.

Facts: docs/facts/ovirt.md 1.1, 1.2, 1.4 (statuses); libvirt.md 4 (phases of a migration).
"""

from __future__ import annotations

from typing import Any

from scenarios.names import Names
from scenarios.nearest import nearest
from scenarios.tree import Node, shown

_VM = (
    "Down", "ImageIllegal", "ImageLocked", "MigratingFrom", "MigratingTo", "NotResponding", "Paused", "PoweredDown",
    "PoweringDown", "PoweringUp", "RebootInProgress", "RestoringState", "SavingState", "Suspended", "Unassigned",
    "Unknown", "Up", "WaitForLaunch",
)  # fmt: skip
_HOST = (
    "Connecting", "Down", "Error", "Initializing", "InstallFailed", "Installing", "Maintenance", "NonOperational",
    "NonResponsive", "PendingApproval", "PreparingForMaintenance", "Reboot", "Unassigned", "Up",
)  # fmt: skip
_PHASES = (
    "", "ABORTED", "BEGIN3", "BEGIN3_ABORTED", "CONFIRM3", "CONFIRM3_CANCELLED", "FINISH3", "PEER_LOST", "PERFORM3",
    "PERFORM3_DONE", "PREPARE",
)  # fmt: skip

STATUSES: dict[tuple[str, str], tuple[str, ...]] = {
    ("vms", "status"): _VM,
    ("vms", "wanted"): ("down", "up"),
    ("hosts", "status"): _HOST,
    ("networks", "status"): ("Active", "Removing"),
    ("attached", "status"): ("NonOperational", "Operational"),
    ("jobs", "status"): ("FAILED", "FINISHED", "STARTED", "UNKNOWN"),
    ("domains", "phase"): _PHASES,
    ("quantum_ports", "op_status"): ("DOWN", "UP"),
}
"""Table and column -> the words that it ever holds."""

NAMED = {
    ("vms", "name"): "vm",
    ("vms", "cluster"): "cluster",
    ("vms", "host"): "host",
    ("vms", "migrating_to"): "host",
    ("hosts", "id"): "host",
    ("hosts", "cluster"): "cluster",
    ("networks", "name"): "network",
    ("networks", "data_center"): "data center",
    ("clusters", "data_center"): "data center",
    ("data_centers", "id"): "data center",
    ("attached", "cluster"): "cluster",
}
"""Table and column -> the kind of thing whose name it holds; a host's may be empty."""

SUBJECTS = ("vm", "network", "host", "cluster")
"""What a request can be about, where its subject is a name of the scenario."""

SPOKEN_TO_BY_NAME = ("engine", "quantum", "vdsm", "libvirt", "ip", "sanlock")
"""Processes whose requests are about those; others are asked about devices, or by ids."""


def check_word(node: Node, table: str, column: str, value: Any, names: Names) -> None:
    """Refuse a word that the column never holds."""
    words = STATUSES.get((table, column), ())
    if (table, column) in NAMED:
        kind = NAMED[table, column]
        words = (*names.known[kind], "") if kind == "host" else tuple(names.known[kind])
    elif (table, column) == ("programs", "name"):
        words = (*names.processes(), "administrator")
    if words and value not in words:
        node.fail(f"the column {column!r} of {table} is never {shown(value)}", nearest(value, words))


def check_subject(node: Node, process: str, subject: str, names: Names) -> None:
    """Refuse a subject that nothing here is called."""
    known = {name: None for kind in SUBJECTS for name in names.known[kind]}
    word = subject.partition(" ")[0]
    if process in SPOKEN_TO_BY_NAME and word not in ("*", *known):
        node.fail(f"nothing here is called {shown(word)}", nearest(word, known))

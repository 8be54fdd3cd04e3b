"""The vocabularies of a scenario: every word that it may use, by kind."""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

import msgspec

DESIGNS = ("reference", "proposed")

PROCESSES = {
    "engine": "engine",
    "quantum": "server",
    "vdsm": "host",
    "libvirt": "host",
    "agent": "host",
    "ovs": "host",
    "ip": "host",
}
"""Each process that a trigger may name, and the kind of node that it runs on."""

QEMU = "qemu-"
"""The process of a VM is named by this and the VM's name, and runs on a host."""

ENGINE_NODE = "engine"


class Words(NamedTuple):
    """The vocabularies that other parts define."""

    designs: tuple[str, ...]
    defects: tuple[str, ...]
    checks: tuple[str, ...]
    marks: tuple[str, ...]
    columns: dict[str, dict[str, Any]]
    """Table -> column -> its type."""


@cache
def vocabulary() -> Words:
    """The words known today."""
    return Words(DESIGNS, _names("scenarios.defects"), _checks(), _names("scenarios.marks"), _columns())


def _names(module: str) -> tuple[str, ...]:
    from importlib import import_module
    try:
        return tuple(import_module(module).ALL)
    except (ImportError, AttributeError):
        return ()


def _checks() -> tuple[str, ...]:
    return _names("scenarios.checks")


def _columns() -> dict[str, dict[str, Any]]:
    from fakes.records import SCHEMAS

    return {
        name: {field.name: field.type for field in msgspec.structs.fields(schema.record)}
        for name, schema in SCHEMAS.items()
    }

"""Leases on shared storage, and what the lock managers remember.  Facts: docs/facts/links.md 3."""

from __future__ import annotations

import msgspec

from sim.tables import Lifetime, Schema


class Lease(msgspec.Struct, frozen=True, gc=False):
    """A VM's lease and the host that holds it; `session` is that host's connection to the storage."""

    vm: str
    host: str
    session: str


class Holder(msgspec.Struct, frozen=True, gc=False):
    """A qemu's socket to its host's lock manager, and the VM whose lease hangs on it."""

    socket: str
    vm: str
    process: str


class Owed(msgspec.Struct, frozen=True, gc=False):
    """A VM whose lease a host is to give back once the storage answers."""

    vm: str


class Lapsed(msgspec.Struct, frozen=True, gc=False):
    """A host's renewal has failed, and its holders were killed."""

    host: str


class Silent(msgspec.Struct, frozen=True, gc=False):
    """A session that renews no more, and whose end is being timed."""

    session: str


LEASES = Schema("leases", Lease, "vm", Lifetime.DURABLE, ("host", "session"))

HOLDERS = Schema("lease_holders", Holder, "socket", Lifetime.VOLATILE, ("vm",))
OWED = Schema("leases_owed", Owed, "vm", Lifetime.VOLATILE)
LAPSED = Schema("renewals_lapsed", Lapsed, "host", Lifetime.VOLATILE)
SILENT = Schema("sessions_silent", Silent, "session", Lifetime.VOLATILE)

SCHEMAS = (LEASES, HOLDERS, OWED, LAPSED, SILENT)

"""Leases on shared storage.  Facts: docs/facts/links.md 3."""

from __future__ import annotations

import msgspec

from sim.tables import Lifetime, Schema


class Lease(msgspec.Struct, frozen=True, gc=False):
    """A VM's lease and the host that holds it; `session` is that host's connection to the storage."""

    vm: str
    host: str
    session: str


LEASES = Schema("leases", Lease, "vm", Lifetime.DURABLE, ("host", "session"))

SCHEMAS = (LEASES,)

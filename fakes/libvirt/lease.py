"""The lock manager's part: a VM's lease is held by whoever runs its CPUs.

Facts: docs/facts/links.md 3: released when CPUs stop, acquired before they start, refused while a living
host holds it; a paused domain holds none.  Leases are a switch: off in stock 2012 (links.md 3).
"""

from __future__ import annotations

from fakes.links import SANLOCK
from fakes.records.libvirt import Domain
from sim.nodes import Service
from sim.outcomes import Outcome


async def acquire(daemon: Service, domain: Domain) -> bool:
    """Take the lease; False when it cannot be had."""
    try:
        args = {"vm": domain.uuid, "name": domain.definition.name}
        await daemon.call(SANLOCK, daemon.node, "sanlock", "acquire", domain.definition.name, args)
    except Outcome:
        return False
    return True


async def release(daemon: Service, domain: Domain) -> None:
    """Give the lease back; a release that fails is only logged."""
    try:
        await daemon.call(SANLOCK, daemon.node, "sanlock", "release", domain.definition.name, {"vm": domain.uuid})
    except Outcome:
        return

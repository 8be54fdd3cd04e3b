"""The lock manager's part: a VM's lease is held by whoever runs its CPUs.

Facts: docs/facts/links.md 3: released when CPUs have stopped, acquired before they start, refused while a
living host holds it; a paused domain holds none.  It hangs on qemu, so restarts of libvirtd change nothing, and
a qemu that exits gives it back (`fakes.host.sanlock`).  Leases are a switch: off in stock 2012.
"""

from __future__ import annotations

from fakes.links import SANLOCK
from fakes.records.libvirt import Domain
from sim.nodes import Service
from sim.outcomes import Failed, Outcome


async def acquire(daemon: Service, domain: Domain) -> bool:
    """Take the lease for the domain's qemu; False when it cannot be had."""
    name = domain.definition.name
    args = {"vm": domain.uuid, "process": f"qemu-{name}"}
    try:
        await daemon.call(SANLOCK, daemon.node, "sanlock", "acquire", name, args)
    except Failed:
        return False
    except Outcome:
        await release(daemon, domain)  # nobody knows: it must not stay with a domain that does not run
        return False
    return True


async def release(daemon: Service, domain: Domain) -> None:
    """Give the lease back; a release that fails is only logged."""
    try:
        await daemon.call(SANLOCK, daemon.node, "sanlock", "release", domain.definition.name, {"vm": domain.uuid})
    except Outcome:
        return

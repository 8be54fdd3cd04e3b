"""Defects of the systems below the engine, each a switch: repaired (the default) or as they were.

`reference` must be free of findings with all repaired; with one as it was, a finding is allowed only if
it cites that fact.
"""

from __future__ import annotations

import msgspec


class Repairs(msgspec.Struct, frozen=True):
    """Which factual defects are repaired.

    Args:
        op_status_after_migration: a port's DOWN is taken only from the host that last said UP
            (else the source's agent writes DOWN over the target's UP: quantum.md 2.7, 5.1 L15).
        vlan_in_one_transaction: a network and its VLAN binding are committed together
            (else a network without VLAN can remain: quantum.md 5.1 L5, 6.3).
        peer_destroy_looks_first: a failed migration destroys on the target only what it made there and
            what does not run in the source's place (else it kills a healthy VM: ovirt.md 5.5).
        ports_swept_at_start: the agent removes records of devices that are gone when it starts
            (else Open vSwitch rows outlive a reboot: libvirt.md 8, quantum.md 5.1 L8).
        vanished_vm_unplugged: VDSM removes wiring of its own whose domain is gone when it starts
            (else devices of a VM that vanished stay: ovirt.md 5.5, 5.9).
        destroy_ends_incoming: destroy of a migration target ends its incoming qemu at once
            (else the creation thread does it up to 300 s later: ovirt.md 5.5).
    """

    op_status_after_migration: bool = True
    vlan_in_one_transaction: bool = True
    peer_destroy_looks_first: bool = True
    ports_swept_at_start: bool = True
    vanished_vm_unplugged: bool = True
    destroy_ends_incoming: bool = True


REPAIRED = Repairs()
UNREPAIRED = Repairs(*[False] * len(Repairs.__struct_fields__))

"""Defects of the systems below the engine, each a switch: repaired (the default) or as they were.

`reference` must be free of findings with all repaired; with one as it was, a finding is allowed only if
it cites that fact.
"""

from __future__ import annotations

import msgspec


class Repairs(msgspec.Struct, frozen=True):
    """Which factual defects are repaired.

    Args:
        op_status_after_migration: a port is DOWN only when no host's agent sees its VIF, and an agent writes
            UP again when it was overwritten between two passes
            (else the source's agent writes DOWN over the target's UP, and a target's over the source's:
            quantum.md 2.7, 5.1 L15, L16).
        vlan_in_one_transaction: a network and its VLAN binding are committed together
            (else a network without VLAN can remain: quantum.md 5.1 L5, 6.3).
        migration_settled_by_asking: after a failed migration, or a restart in the middle of one, VDSM looks at
            its domain and asks its peer before it destroys or says Up (else it kills a healthy VM, or calls a
            paused one Up: ovirt.md 5.5, links.md 3).
        stale_ports_swept: the agent removes records of devices that are gone, at its start and in each pass
            (else Open vSwitch rows outlive a reboot, or a removal that failed and was ignored:
            libvirt.md 8, quantum.md 5.1 L7, L8).
        stale_port_made_anew: a record whose device is gone is replaced when a port of its name is added
            (else ``--may-exist`` takes it over with its VLAN: libvirt.md 8).
        vanished_vm_unplugged: VDSM removes wiring of its own whose domain is gone when it starts
            (else devices of a VM that vanished stay: ovirt.md 5.5, 5.9).
        destroy_ends_incoming: destroy of a migration target ends its incoming qemu at once
            (else the creation thread does it up to 300 s later: ovirt.md 5.5).
        destroy_reports_failure: VDSM's destroy fails, and can be repeated, while the domain survives
            (else success is reported even if qemu survived: ovirt.md 5.8).
    """

    op_status_after_migration: bool = True
    vlan_in_one_transaction: bool = True
    migration_settled_by_asking: bool = True
    stale_ports_swept: bool = True
    stale_port_made_anew: bool = True
    vanished_vm_unplugged: bool = True
    destroy_ends_incoming: bool = True
    destroy_reports_failure: bool = True


REPAIRED = Repairs()
UNREPAIRED = Repairs(*[False] * len(Repairs.__struct_fields__))

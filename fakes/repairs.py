"""Defects of the systems below the engine, each a switch: repaired (the default) or as they were.

`reference` must be free of findings with all repaired; with one as it was, a finding is allowed only if
it cites that fact.  `FACTS` has the fact of each switch.
"""

from __future__ import annotations

from typing import NamedTuple

import msgspec


class Repairs(msgspec.Struct, frozen=True):
    """Which factual defects are repaired; what each was like is in `FACTS`.

    Args:
        op_status_after_migration: a port is DOWN only when no host's agent sees its VIF, and an agent writes
            UP again when it was overwritten between two passes.
        vlan_in_one_transaction: a network and its VLAN binding are committed together.
        migration_settled_by_asking: after a failed migration, or a restart in the middle of one, VDSM looks at
            its domain and asks its peer before it destroys or says Up.
        stale_ports_swept: the agent removes records of devices that are gone, at its start and in each pass.
        stale_port_made_anew: a record whose device is gone is replaced when a port of its name is added.
        vanished_vm_unplugged: VDSM removes wiring of its own whose domain is gone when it starts.
        destroy_ends_incoming: destroy of a migration target ends its incoming qemu at once.
        destroy_reports_failure: VDSM's destroy fails, and can be repeated, while the domain survives.
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


class Fact(NamedTuple):
    """What a system did as it was.

    Args:
        sections: where docs/facts states it: page and section, as ``links.md 3; ovirt.md 5.5``.
        was: what it did, as a sentence.
    """

    sections: str
    was: str


FACTS: dict[str, Fact] = {
    "op_status_after_migration": Fact(
        "quantum.md 2.7, 5.1 (L15, L16)",
        "The source's agent writes DOWN over the target's UP, and a target's over the source's.",
    ),
    "vlan_in_one_transaction": Fact(
        "quantum.md 5.1 (L5), 6.3",
        "A network and its VLAN are written one after the other, so a network without VLAN can remain.",
    ),
    "migration_settled_by_asking": Fact(
        "ovirt.md 5.5; links.md 3",
        "After a failed migration VDSM kills a healthy VM on its peer, or calls a paused one Up.",
    ),
    "stale_ports_swept": Fact(
        "libvirt.md 8; quantum.md 5.1 (L7, L8)",
        "Open vSwitch rows outlive a reboot, and a removal that failed and was ignored.",
    ),
    "stale_port_made_anew": Fact(
        "libvirt.md 8",
        "A record whose device is gone is taken over by the next port of its name, with its VLAN.",
    ),
    "vanished_vm_unplugged": Fact(
        "ovirt.md 5.5, 5.9, 6.4",
        "Devices of a VM that vanished stay on the host.",
    ),
    "destroy_ends_incoming": Fact(
        "ovirt.md 5.5",
        "Destroy of a migration target leaves its incoming qemu, which the creation thread ends up to 300 s later.",
    ),
    "destroy_reports_failure": Fact(
        "ovirt.md 5.8",
        "VDSM's destroy reports success even if qemu survived.",
    ),
}
"""The fact below the engine that each repair undoes: what a finding with it left out may cite."""


def turned_round(repairs: Repairs, name: str) -> Repairs:
    """These repairs, that one turned round: left out if it is made, put back if it is left out."""
    return msgspec.structs.replace(repairs, **{name: not getattr(repairs, name)})

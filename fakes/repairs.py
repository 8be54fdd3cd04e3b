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
        tunnels_compared: the tunnel agent compares ports, flows and tags with what it made, and puts them right;
            its br-tun drops everything while it has no flows.
        tunnel_helper_there: a new tunnel end is met by an agent that has all of its methods.
        tunnel_unbind_guarded: a tunnel agent's pass goes on after it has unbound a VIF whose port was unplugged.
        replug_noticed: the tunnel agent compares networks, not attachments alone.
        local_vlans_kept: a tunnel agent that starts gives networks the local VLANs that their VIFs bear.
        local_vlan_given_back: the last VIF that vanishes takes its network's local VLAN and flows with it.
        recreated_tap_noticed: an agent tells a device from an earlier one of the same name.
        peer_destroys_its_own: a source that gives up ends at its target what this migration made, and no later one's.
        cancel_before_the_job_stops: a migration that is cancelled while it is queued, or before libvirt's job, ends
            there, and the VM goes on at its source.
        incoming_awaited_again: a VDSM that starts goes on to await a migration whose domain is not there yet.
        recovery_tries_again: a VDSM that an error of libvirt stops in its recovery ends itself and starts again.
        nics_as_libvirt_has_them: VDSM's list of a VM's NICs follows its domain, and a NIC is attached once.
        hot_unplug_removes_wiring: what VDSM itself wired goes at hot unplug, and when a hot plug fails.
        detach_follows_guest: libvirt keeps interface and tap until the guest has released the NIC.
        linuxbridge_unplug_repeats: unplugging a port that is not plugged succeeds.
        linuxbridge_agent_outlives: a network without a VLAN is skipped by the linuxbridge agent.
        linuxbridge_status_written: the linuxbridge agent writes UP again when it was lost or overwritten.
        late_removal_takes_its_own: a removal of a record that comes late does not take the next one of its name.
        late_addition_takes_its_own: an addition of a record that comes late is not made for the next tap of its name.
        linuxbridge_bridges_compared: the linuxbridge agent compares its host's bridges with the networks there are.
        linuxbridge_devices_compared: the linuxbridge agent removes a VLAN device of its interface that is in no bridge
            and that no plugged port needs.
        nic_attached_once: libvirt refuses to attach a NIC with a MAC that the domain has.
        destroy_of_what_was_seen: a destroy that comes late ends nothing that has become something else meanwhile.
        migrate_of_what_was_known: a migrate that comes late moves no VM that has a NIC more meanwhile.
        unknown_arrival_ended: VDSM ends the domain of a migration that it does not await, before it arrives.
    """

    op_status_after_migration: bool = True
    vlan_in_one_transaction: bool = True
    migration_settled_by_asking: bool = True
    stale_ports_swept: bool = True
    stale_port_made_anew: bool = True
    vanished_vm_unplugged: bool = True
    destroy_ends_incoming: bool = True
    destroy_reports_failure: bool = True
    tunnels_compared: bool = True
    tunnel_helper_there: bool = True
    tunnel_unbind_guarded: bool = True
    replug_noticed: bool = True
    local_vlans_kept: bool = True
    local_vlan_given_back: bool = True
    recreated_tap_noticed: bool = True
    peer_destroys_its_own: bool = True
    cancel_before_the_job_stops: bool = True
    incoming_awaited_again: bool = True
    recovery_tries_again: bool = True
    nics_as_libvirt_has_them: bool = True
    hot_unplug_removes_wiring: bool = True
    detach_follows_guest: bool = True
    linuxbridge_unplug_repeats: bool = True
    linuxbridge_agent_outlives: bool = True
    linuxbridge_status_written: bool = True
    late_removal_takes_its_own: bool = True
    late_addition_takes_its_own: bool = True
    linuxbridge_bridges_compared: bool = True
    linuxbridge_devices_compared: bool = True
    nic_attached_once: bool = True
    destroy_of_what_was_seen: bool = True
    migrate_of_what_was_known: bool = True
    unknown_arrival_ended: bool = True


REPAIRED = Repairs()
LATER = ("local_vlan_given_back", "linuxbridge_bridges_compared")
"""Mistakes of later releases: in 2012-05 the systems did not make them."""
UNREPAIRED = Repairs(**{name: name in LATER for name in Repairs.__struct_fields__})


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
    "tunnels_compared": Fact(
        "quantum.md 5.2",
        "A restart of Open vSwitch drops the flows: br-tun is a plain switch then, and no agent notices.",
    ),
    "tunnel_helper_there": Fact(
        "quantum.md 3.1",
        "A new tunnel end makes an agent that has networks wipe its flows, die, and repeat that in each pass.",
    ),
    "tunnel_unbind_guarded": Fact(
        "quantum.md 3.1",
        "A port unplugged while its VIF is there ends every pass of the tunnel agent until that VIF is gone.",
    ),
    "replug_noticed": Fact(
        "quantum.md 3.1",
        "The tunnel agent does not notice that an attachment has moved to another network.",
    ),
    "local_vlans_kept": Fact(
        "quantum.md 3.1",
        "A tunnel agent that starts numbers its local VLANs anew, one VIF after the other.",
    ),
    "local_vlan_given_back": Fact(
        "quantum.md 5.1 (L10), 5.2",
        "The last VIF of a network vanishes, and the host keeps its local VLAN and flows; from Folsom on, not before.",
    ),
    "recreated_tap_noticed": Fact(
        "quantum.md 5.2",
        "A tap that is removed and made again within one poll loses its tag and is not wired again.",
    ),
    "peer_destroys_its_own": Fact(
        "links.md 1; ovirt.md 5.5",
        "A destroy of the peer names the VM alone, so one that comes late ends the next migration's entry there.",
    ),
    "cancel_before_the_job_stops": Fact(
        "ovirt.md 5.5",
        "A cancel before libvirt's job is reported as a success: the VM is Down with exit code 0 while qemu runs.",
    ),
    "incoming_awaited_again": Fact(
        "ovirt.md 5.9",
        "A VDSM that starts forgets a migration that it awaits, if its domain has not come yet.",
    ),
    "recovery_tries_again": Fact(
        "ovirt.md 5.9",
        "An error of libvirt ends VDSM's recovery, and every verb answers 99 until it is restarted.",
    ),
    "nics_as_libvirt_has_them": Fact(
        "ovirt.md 5.8; libvirt.md 9, 10",
        "Hot unplug takes a NIC from list and file first, whatever becomes of it; what libvirt did stays unseen.",
    ),
    "hot_unplug_removes_wiring": Fact(
        "ovirt.md 6.4",
        "Hot unplug, and a hot plug that fails, leave the tap and the port that VDSM made.",
    ),
    "detach_follows_guest": Fact(
        "libvirt.md 9",
        "detachDevice removes tap and definition right away, whether or not the guest has released the NIC.",
    ),
    "linuxbridge_unplug_repeats": Fact(
        "quantum.md 1.4, 6.2",
        "The linuxbridge plugin answers 500 when a port that is not plugged is unplugged.",
    ),
    "linuxbridge_agent_outlives": Fact(
        "quantum.md 3.2, 5.1 (L6)",
        "A plugged port whose network has no VLAN ends the linuxbridge agent, on every host.",
    ),
    "linuxbridge_status_written": Fact(
        "quantum.md 2.7, 3.2",
        "The linuxbridge agent writes UP only when it newly bridges a tap, and never DOWN.",
    ),
    "late_removal_takes_its_own": Fact(
        "libvirt.md 8",
        "Names of taps are used again at once, so the late clean-up of one VIF takes the record of the next.",
    ),
    "late_addition_takes_its_own": Fact(
        "libvirt.md 8",
        "Names of taps are used again at once, so the late addition of one VIF's record is made for the next.",
    ),
    "linuxbridge_bridges_compared": Fact(
        "quantum.md 5.1 (L9, L14)",
        "A network that goes while the linuxbridge agent is off leaves its bridges; from Folsom on, not before.",
    ),
    "linuxbridge_devices_compared": Fact(
        "quantum.md 3.2",
        "The linuxbridge agent looks for bridges alone, so a VLAN device that came into none stays.",
    ),
    "nic_attached_once": Fact(
        "libvirt.md 8",
        "attachDevice takes a MAC that the domain has, so a request that comes twice gives the VM the NIC twice.",
    ),
    "destroy_of_what_was_seen": Fact(
        "links.md 1; ovirt.md 4.2",
        "VDSM's destroy takes an id alone, so one that comes late ends what has arrived since the engine looked.",
    ),
    "migrate_of_what_was_known": Fact(
        "links.md 1; ovirt.md 4.2",
        "VDSM's migrate takes id and target alone: one that comes late moves a VM with a NIC that does not fit there.",
    ),
    "unknown_arrival_ended": Fact(
        "links.md 1; ovirt.md 5.9",
        "An event of a VM that is not in VDSM's list is dropped, and no host reports the domain until VDSM restarts.",
    ),
}
"""The fact below the engine that each repair undoes: what a finding with it left out may cite."""


def turned_round(repairs: Repairs, name: str) -> Repairs:
    """These repairs, that one turned round: left out if it is made, put back if it is left out."""
    return msgspec.structs.replace(repairs, **{name: not getattr(repairs, name)})

"""What differs between libvirt of 2012 and libvirt 9.0, as data.

Facts: docs/facts/libvirt.md 2, 3, 4, 5, 6, 8 (marked 2012 there) and links.md 4.
"""

from __future__ import annotations

import msgspec

from sim.clock import MS, SECOND

Event = tuple[str, str]


class Profile(msgspec.Struct, frozen=True):
    """One libvirt.

    Args:
        started: the events of a start.
        destroyed: those of a destroy.
        saved: those of a running domain's save, before its end.
        restored, restored_paused: those of a restore, of a domain that ran and of one that was paused.
        canceled: the reason of a source that runs on after a migration that failed.
        aborted: the error of a migration ended by abortJob.
        remembers_abort: an abortJob before Perform counts; else it is ignored.
        refused: the error when the other daemon cannot be reached.
        autodestroyed: the phases in which a target ends with its source's connection.
        keeps_running_target: a daemon that restarts at phase FINISH3 keeps a target whose CPUs run.
        reuses_tap_names: the lowest free vnetN is taken; else numbers only grow.
        opens_existing_taps: a persistent tap is opened by name (type ethernet); else it is refused with 55,
            and deleted by the clean-up.
        removes_by_name: the clean-up of a start that failed removes the Open vSwitch record of every given
            name, another domain's too.
        removal_event: an event says that a guest has released a device; detachDevice waits 5 s for it.
        no_device: the error of a detach of a NIC that the domain does not have.
        several_devices: that of a detach by a MAC that several NICs have; "" for none.
        switch_over: state reason of the source between Perform and Confirm, and its event.
    """

    name: str
    started: tuple[Event, ...]
    destroyed: tuple[Event, ...]
    saved: tuple[Event, ...]
    restored: tuple[Event, ...]
    restored_paused: tuple[Event, ...]
    canceled: str
    aborted: str
    remembers_abort: bool
    refused: str
    autodestroyed: tuple[str, ...]
    keeps_running_target: bool
    reuses_tap_names: bool
    opens_existing_taps: bool
    switch_over: tuple[str, Event]
    removes_by_name: bool
    removal_event: bool
    no_device: str
    several_devices: str


PROFILES = {
    "2012-05": Profile(
        name="2012-05",
        started=(("STARTED", "BOOTED"),),
        destroyed=(("STOPPED", "DESTROYED"),),
        saved=(),
        restored=(("STARTED", "RESTORED"),),
        restored_paused=(("STARTED", "RESTORED"), ("SUSPENDED", "RESTORED")),
        canceled="MIGRATED",
        aborted="9",
        remembers_abort=False,
        refused="9",
        autodestroyed=("PREPARE", "FINISH3"),
        keeps_running_target=False,
        reuses_tap_names=True,
        opens_existing_taps=True,
        switch_over=("MIGRATION", ("SUSPENDED", "MIGRATED")),
        removes_by_name=False,
        removal_event=False,
        no_device="9",
        several_devices="",
    ),
    "9.0": Profile(
        name="9.0",
        started=(("RESUMED", "UNPAUSED"), ("STARTED", "BOOTED")),
        destroyed=(("SHUTDOWN", "HOST"), ("STOPPED", "DESTROYED")),
        saved=(("SUSPENDED", "PAUSED"),),
        restored=(("STARTED", "RESTORED"), ("RESUMED", "FROM_SNAPSHOT")),
        restored_paused=(("STARTED", "RESTORED"), ("SUSPENDED", "RESTORED")),
        canceled="MIGRATION_CANCELED",
        aborted="78",
        remembers_abort=True,
        refused="38",
        autodestroyed=("PREPARE",),
        keeps_running_target=True,
        reuses_tap_names=False,
        opens_existing_taps=False,
        switch_over=("MIGRATION", ("SUSPENDED", "MIGRATED")),
        removes_by_name=True,
        removal_event=True,
        no_device="99",
        several_devices="9",
    ),
}
"""Finish that is at work when the connection breaks: 0.9.13 takes the autodestroy mark away at its end and
discards a job in progress (links.md 4); in 9.0 the target was seen to live on (libvirt.md 6)."""

LAUNCH = 400 * MS
"""From createXML or Prepare to a qemu that answers its monitor [obs, libvirt.md 5]."""
COPY = 2 * SECOND
"""Memory of 512 MiB copied [obs: a live migration took 2.0 s]; more memory takes longer in proportion."""
WRITE = 300 * MS
"""An image written [obs: a save took 1.7 s, 1.4 of them for the end of qemu]."""
EXIT = 1_400 * MS
"""From SIGTERM to the end of a qemu [obs: 1.4 to 2.2 s]."""
ABORTED = "ABORTED"
"""The phase of a job that abortJob has ended, until whoever does it notices."""
JOB_WAIT = 30 * SECOND
"""How long a call waits for a domain's job before error 68 (libvirt.md 3)."""

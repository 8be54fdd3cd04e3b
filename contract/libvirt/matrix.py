"""The failure matrix of live migration, row by row: docs/facts/libvirt.md 6, in the words of its first column.

It is data: nothing of it may stand in the fake, which knows phases, autodestroy and keepalive, and no end.
Profile 9.0, keepalive 2 s x 3: silence is noticed after 8 s.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec

from contract.libvirt.world import FOR_EVER, NIC, WEB1, Answer, Hosts, fault, running
from fakes.records import BRIDGES
from sim.clock import MS, SECOND
from sim.decisions.scripted import ScriptedFault
from sim.triggers import parse

replace = msgspec.structs.replace

STARTED = "STARTED/MIGRATED"
DESTROYED = ("SHUTDOWN/HOST", "STOPPED/DESTROYED")
STOPPED = "STOPPED/FAILED"
AUTODESTROYED = (STARTED, *DESTROYED)
KILLED = (STARTED, STOPPED)
ARRIVED = (STARTED, "RESUMED/MIGRATED")
STAYED = "RUNNING/BOOTED"
BACK = "RUNNING/MIGRATION_CANCELED"
BACK_EVENTS = ("SUSPENDED/MIGRATED", "RESUMED/MIGRATED")
THERE = "RUNNING/MIGRATED"
LIMBO = "PAUSED/MIGRATION"

AT_ONCE = (0.0, 0.1)
A_QEMU_EXIT = (1.0, 2.2)
SILENCE = (6.5, 8.5)

PREPARE, FINISH = "libvirt[h2] prepare web1", "libvirt[h2] finish web1"
PERFORM = "qemu-web1[h1] migrate web1"
SECOND_NIC = replace(NIC, mac="00:1a:4a:00:00:02", slot=0, interfaceid="port-2")
"""Attached while web1 moves."""
REPLY_FIRST = fault("vdsm[*] lifecycle *", "late", lasts=FOR_EVER)
INTO = 500 * MS
"""So far into Perform."""


class Row(NamedTuple):
    """One row.

    Args:
        fault: what happens.
        error: libvirt's number as the caller sees it; "" for success, ``killed`` for a caller that died.
        source, target: how the domains end, "" for gone.
        source_events, target_events: what the clients of the two hosts hear.
        faults: as fates at exact messages.
        acts: calls so many seconds into Perform: host and verb.
        wire: the request right after whose delivery the connection between the daemons breaks.
        told: seconds from the blow to the caller's answer, at least and at most.
        tap: seconds from the caller's answer (from its death) to the end of the target's tap.
        client_managed: the client sends all five calls itself.
        args: further arguments of the migration.
        bridge: whether the target has the bridge.
        stale_record: the target's Open vSwitch record outlives its tap until the daemon is back.
        resumed: where web1's CPUs run after somebody has resumed the source, None if nobody can.
    """

    fault: str
    error: str
    source: str
    target: str
    source_events: tuple[str, ...] = ()
    target_events: tuple[str, ...] = ()
    faults: tuple[ScriptedFault, ...] = ()
    acts: tuple[tuple[float, str, str], ...] = ()
    wire: str = ""
    told: tuple[float, float] | None = None
    tap: tuple[float, float] | None = None
    client_managed: bool = False
    args: dict[str, Any] = {}
    bridge: bool = True
    stale_record: bool = False
    resumed: tuple[str, ...] | None = None


def _killed(node: str, process: str, back_after: int = -1) -> tuple[ScriptedFault, ...]:
    return (fault(PERFORM, "crash", node=node, process=process, delay=INTO, back_after=back_after),)


ROWS = (
    Row(
        "nothing", "", "", THERE,
        ("SUSPENDED/MIGRATED", "STOPPED/MIGRATED"), ARRIVED,
    ),
    Row(
        "bad dxml (ABI)", "67", STAYED, "",
        args={"dxml": replace(WEB1, interfaces=(replace(NIC, mac="00:1a:4a:00:00:02"),))},
    ),
    Row("bridge missing on the target", "38", STAYED, "", bridge=False),
    Row(
        "connection cut before Prepare is delivered", "1", STAYED, "",
        faults=(fault(PREPARE, "lost", how="cut"),), told=AT_ONCE,
    ),
    Row(
        "Prepare's reply lost", "1", STAYED, "", (), AUTODESTROYED,
        faults=(fault(f"{PREPARE} reply", "reply-lost", how="cut"),), told=AT_ONCE, tap=A_QEMU_EXIT,
    ),
    Row(
        "Prepare's reply lost in silence", "1", STAYED, "", (), AUTODESTROYED,
        faults=(fault(f"{PREPARE} reply", "reply-lost", how="silence"),), told=SILENCE, tap=A_QEMU_EXIT,
    ),
    Row(
        "abortJob in Perform", "78", STAYED, "", (), KILLED,
        acts=((0.5, "h1", "abort"),), told=(0.0, 2.2), tap=(-2.2, 0.0),
    ),
    Row(
        "abortJob in Perform, the source paused meanwhile", "78", BACK, "", BACK_EVENTS, KILLED,
        acts=((0.4, "h1", "suspend"), (0.5, "h1", "abort")), tap=(-2.2, 0.0),
    ),
    Row(
        "target's qemu killed in Perform", "9", STAYED, "", (), KILLED,
        faults=_killed("h2", "qemu-web1"), told=AT_ONCE, tap=(-0.1, 0.0),
    ),
    Row(
        "source's qemu killed in Perform", "9", "", "", (STOPPED,), KILLED,
        faults=_killed("h1", "qemu-web1"), told=AT_ONCE, tap=(-0.1, 0.0),
    ),
    Row(
        "destroy(source) in Perform", "9", "", "", DESTROYED, KILLED,
        acts=((0.5, "h1", "destroy"),), told=(0.0, 2.2), tap=(-2.2, 0.0),
    ),
    Row(
        "destroy(target) in Perform", "9", STAYED, "", (), AUTODESTROYED,
        acts=((0.5, "h2", "destroy"),), told=(0.0, 2.2), tap=(-1.0, 2.2),
    ),
    Row(
        "target's daemon killed in Perform", "1", STAYED, "", (), (STARTED,),
        faults=_killed("h2", "libvirt", 20 * SECOND), told=AT_ONCE, tap=(-0.1, 0.1), stale_record=True,
    ),
    Row(
        "source's daemon killed in Perform", "38", STAYED, "", (), AUTODESTROYED,
        faults=_killed("h1", "libvirt", 20 * SECOND), told=AT_ONCE, tap=A_QEMU_EXIT,
    ),
    Row(
        "source's daemon killed in Perform, and back at once", "38", STAYED, "", (), AUTODESTROYED,
        faults=_killed("h1", "libvirt", 1 * SECOND), told=AT_ONCE, tap=(0.9, 2.2),
    ),
    Row(
        "network down in Perform", "1", STAYED, "", (), AUTODESTROYED,
        faults=(fault(PERFORM, "partition", between=("h1", "h2"), delay=INTO, back_after=-1),),
        told=SILENCE, tap=A_QEMU_EXIT,
    ),
    Row(
        "connection cut before Finish is delivered", "1", BACK, "", BACK_EVENTS, AUTODESTROYED,
        faults=(fault(FINISH, "lost", how="cut"),), told=AT_ONCE, tap=A_QEMU_EXIT,
    ),
    Row(
        "Finish delivered, connection cut at once", "1", BACK, THERE, BACK_EVENTS, ARRIVED,
        wire=FINISH,
    ),
    Row(
        "Finish's reply lost", "1", BACK, THERE, BACK_EVENTS, ARRIVED,
        faults=(fault(f"{FINISH} reply", "reply-lost", how="cut"),), told=AT_ONCE,
    ),
    Row(
        "Finish's reply lost in silence", "1", BACK, THERE, BACK_EVENTS, ARRIVED,
        faults=(fault(f"{FINISH} reply", "reply-lost", how="silence"),), told=SILENCE,
    ),
    Row(
        "Finish's request swallowed", "1", BACK, "", BACK_EVENTS, AUTODESTROYED,
        faults=(fault(FINISH, "lost", how="silence"),), told=SILENCE, tap=A_QEMU_EXIT,
    ),
    Row(
        "client-managed: nothing", "", "", THERE,
        ("SUSPENDED/MIGRATED", "STOPPED/MIGRATED"), ARRIVED,
        client_managed=True,
    ),
    Row(
        "client-managed: Confirm lost", "", LIMBO, THERE, ("SUSPENDED/MIGRATED",), ARRIVED,
        faults=(fault("libvirt[h1] confirm web1", "lost", how="cut"),),
        client_managed=True, resumed=("h1", "h2"),
    ),
    Row(
        "client-managed: Perform's reply lost", "38", LIMBO, "", ("SUSPENDED/MIGRATED",), KILLED,
        faults=(fault("libvirt[h1] perform web1 reply", "reply-lost", how="cut"),),
        client_managed=True, resumed=("h1",),
    ),
    Row(
        "client-managed: Confirm lost in silence", "", LIMBO, THERE, ("SUSPENDED/MIGRATED",), ARRIVED,
        faults=(fault("libvirt[h1] confirm web1", "lost", how="silence"),), told=SILENCE,
        client_managed=True, resumed=("h1", "h2"),
    ),
    Row(
        "client-managed: Perform's reply lost in silence", "38", LIMBO, "", ("SUSPENDED/MIGRATED",), KILLED,
        faults=(fault("libvirt[h1] perform web1 reply", "reply-lost", how="silence"),),
        told=(8.0, 10.0), client_managed=True, resumed=("h1",),
    ),
    Row(
        "client-managed: client killed in Perform", "killed", STAYED, "", (), AUTODESTROYED,
        faults=_killed("client", "client"), tap=A_QEMU_EXIT, client_managed=True,
    ),
    Row(
        "peer to peer: client killed in Perform", "killed", "", THERE,
        ("SUSPENDED/MIGRATED", "STOPPED/MIGRATED"), ARRIVED,
        faults=_killed("client", "client"),
    ),
)  # fmt: skip
"""`nothing` rows are what the others are compared with; rows with silence are the second halves of theirs."""


# --- a row on the fake ----------------------------------------------------------------------------


def play(row: Row, reply_first: bool = False) -> tuple[Hosts, Answer]:
    """The row's migration and all that follows from it."""
    hosts = running("9.0", *row.faults, *([REPLY_FIRST] if reply_first else []))
    if not row.bridge:
        hosts.apply(hosts.table(BRIDGES, "h2").drop("br-int"))
    if row.wire:
        hosts.cut_after_delivery(row.wire)
    for seconds, host, verb in row.acts:
        hosts.world.gate.listeners.append((parse(PERFORM), _later(hosts, seconds, host, verb)))
    answer = hosts.client_managed() if row.client_managed else hosts.migrate(**row.args)
    hosts.run(15)
    if row.stale_record:
        assert not hosts.taps("h2")
        assert len(hosts.ovs("h2")) == 1, "the record stays until the daemon is back"
    hosts.run(60)
    assert not [words for words in hosts.decisions.missed() if "lifecycle" not in words]
    return hosts, answer


def _later(hosts: Hosts, seconds: float, host: str, verb: str) -> Callable[[int], None]:
    def act() -> None:
        hosts.call(host, verb)

    def at_perform(_: int) -> None:
        hosts.kernel.at(hosts.kernel.now + round(seconds * SECOND), act)

    return at_perform


def blow(hosts: Hosts, row: Row) -> int:
    """When it happened: a process died, a cable went, a message was lost, somebody acted."""
    events = hosts.world.trace.events
    for event in events:
        struck = event.kind == "kill" or event.what == "partition"
        if struck if _machine(row) else event.kind == "fate":
            return event.time
        if event.kind == "task" and row.acts and event.what == f"{row.acts[-1][2]} {row.acts[-1][1]}":
            return event.time
    raise AssertionError(f"nothing happened in {row.fault}")


def _machine(row: Row) -> bool:
    return any(one.fate.name in ("crash", "partition") for one in row.faults)

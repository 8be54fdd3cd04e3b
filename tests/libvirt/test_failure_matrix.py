"""Every way in which a live migration fails ends as it did on two real daemons.

Facts: docs/facts/libvirt.md 6 (failure matrix), 2 (events before or after the reply), 8 (which record outlives
which device).
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from failure_matrix import PERFORM, ROWS, Row
from libvirt_world import FOR_EVER, HOSTS, Answer, Hosts, fault, running

from fakes.records import BRIDGES
from sim.clock import SECOND
from sim.triggers import parse

ALL = pytest.mark.parametrize("row", [pytest.param(row, id=row.fault.replace(" ", "-")) for row in ROWS])
REPLY_FIRST = fault("vdsm[*] lifecycle *", "late", lasts=FOR_EVER)


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


@ALL
@pytest.mark.parametrize("reply_first", [False, True], ids=["event-first", "reply-first"])
def test_a_migration_that_meets_this_ends_as_on_real_daemons(row: Row, reply_first: bool) -> None:
    hosts, answer = play(row, reply_first)
    assert answer.error == row.error
    assert (hosts.state("h1"), hosts.state("h2")) == (row.source, row.target)
    assert tuple(hosts.events("h1")) == row.source_events
    assert tuple(hosts.events("h2")) == row.target_events


@ALL
def test_what_is_left_on_a_host_is_what_its_domain_has(row: Row) -> None:
    hosts, _ = play(row)
    for host in HOSTS:
        domain = hosts.domain(host)
        targets = [one.target for one in domain.definition.interfaces] if domain is not None else []
        assert [tap.name for tap in hosts.taps(host)] == targets
        assert [port.name for port in hosts.ovs(host)] == targets
        assert hosts.qemu_runs(host) == (domain is not None and domain.state == "RUNNING")
        assert domain is None or (domain.job, domain.phase) == ("", ""), "no job is left behind"


@ALL
def test_the_caller_is_told_and_the_tap_goes_in_the_observed_time(row: Row) -> None:
    hosts, answer = play(row)
    assert answer.time is not None
    if row.told is not None:
        low, high = row.told
        assert low <= (answer.time - blow(hosts, row)) / SECOND <= high
    if row.tap is not None:
        low, high = row.tap
        gone = hosts.removed_at("taps", "h2")
        assert gone is not None
        assert low <= (gone - answer.time) / SECOND <= high


@pytest.mark.parametrize("row", [row for row in ROWS if row.source and row.target], ids=lambda row: row.fault)
def test_a_vm_on_both_hosts_has_two_taps_with_one_mac_and_one_iface_id_for_ever(row: Row) -> None:
    hosts, _ = play(row)
    hosts.run(3_600)
    assert [len(hosts.taps(host)) for host in ("h1", "h2")] == [1, 1]
    assert hosts.taps("h1")[0].mac == hosts.taps("h2")[0].mac
    assert hosts.ovs("h1")[0].iface_id == hosts.ovs("h2")[0].iface_id


@pytest.mark.parametrize("row", [row for row in ROWS if row.resumed], ids=lambda row: row.fault)
def test_a_source_left_paused_runs_once_somebody_resumes_it(row: Row) -> None:
    hosts, _ = play(row)
    assert row.resumed is not None
    assert "h1" not in hosts.runs_on()
    assert hosts.ask("h1", "resume").error == ""
    assert tuple(hosts.runs_on()) == row.resumed


def test_with_late_events_the_reply_is_there_first() -> None:
    hosts, answer = play(next(row for row in ROWS if row.fault == "Finish's reply lost"), reply_first=True)
    assert answer.time is not None
    assert all(told.time > answer.time for told in hosts.told["h1"] if told.name == "RESUMED/MIGRATED")
    hosts, answer = play(next(row for row in ROWS if row.fault == "Finish's reply lost"))
    assert answer.time is not None
    assert all(told.time <= answer.time for told in hosts.told["h1"])

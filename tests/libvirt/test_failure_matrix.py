"""Every way in which a live migration fails ends as it did on two real daemons.

Facts: docs/facts/libvirt.md 6 (failure matrix), 2 (events before or after the reply), 8 (which record outlives
which device).
"""

from __future__ import annotations

import pytest

from contract.libvirt.matrix import ROWS, Row, blow, play
from contract.libvirt.world import HOSTS
from sim.clock import SECOND

ALL = pytest.mark.parametrize("row", [pytest.param(row, id=row.fault.replace(" ", "-")) for row in ROWS])


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

"""Where libvirt 0.9.13 differs from 9.0: events, numbers, autodestroy, restart.

Facts: docs/facts/libvirt.md 2, 3, 6, 8 (marked 2012 there) and links.md 4.  Tap names are in `test_taps`,
phases at a restart in `test_daemon_restart`.
"""

from __future__ import annotations

import pytest

from contract.libvirt.matrix import FINISH, PERFORM, PREPARE
from contract.libvirt.world import NIC, WEB1, Hosts, fault, replace, running
from sim.clock import SECOND


def old(*faults: object) -> Hosts:
    """web1 runs on h1."""
    return running("2012-05", *faults)  # type: ignore[arg-type]


def test_a_start_tells_started_only() -> None:
    hosts = Hosts("2012-05")
    hosts.create()
    assert hosts.events("h1") == ["STARTED/BOOTED"]


def test_a_destroy_tells_stopped_only() -> None:
    hosts = old()
    hosts.ask("h1", "destroy")
    assert hosts.events("h1") == ["STOPPED/DESTROYED"]


def test_an_aborted_migration_is_error_9() -> None:
    hosts = old()
    answer = hosts.migrate()
    hosts.run(1)
    hosts.ask("h1", "abort")
    hosts.run(5)
    assert answer.error == "9"
    assert "canceled by client" in str(answer.task.error), "vdsm of 2012 looks for these words"
    assert (hosts.state("h1"), hosts.events("h1")) == ("RUNNING/BOOTED", [])


def test_an_abort_before_perform_is_ignored() -> None:
    hosts = old()
    answer = hosts.migrate()
    hosts.run(0.2)
    assert hosts.ask("h1", "abort").error == ""
    hosts.run(10)
    assert answer.error == ""
    assert hosts.runs_on() == ["h2"]


def test_a_target_that_cannot_be_reached_is_error_9() -> None:
    hosts = old()
    hosts.kill("h2", "libvirt")
    answer = hosts.migrate()
    hosts.run(5)
    assert answer.error == "9"


def test_a_source_that_goes_on_is_running_migrated() -> None:
    hosts = old(fault(FINISH, "lost", how="cut"))
    answer = hosts.migrate()
    hosts.run(10)
    assert answer.error == "1"
    assert hosts.state("h1") == "RUNNING/MIGRATED"
    assert hosts.events("h1") == ["SUSPENDED/MIGRATED", "RESUMED/MIGRATED"]


def test_autodestroy_tells_stopped_only() -> None:
    hosts = old(fault(f"{PREPARE} reply", "reply-lost", how="cut"))
    hosts.migrate()
    hosts.run(10)
    assert hosts.events("h2") == ["STARTED/MIGRATED", "STOPPED/DESTROYED"]
    assert (hosts.state("h1"), hosts.state("h2")) == ("RUNNING/BOOTED", "")


def test_silence_between_daemons_ends_after_30_s() -> None:
    hosts = old(fault(PERFORM, "partition", between=("h1", "h2"), back_after=-1))
    answer = hosts.migrate()
    hosts.run(60)
    assert answer.error == "1"
    struck = next(event.time for event in hosts.world.trace.events if event.what == "partition")
    assert answer.time is not None
    assert (answer.time - struck) / SECOND == pytest.approx(30, abs=0.1)
    assert hosts.runs_on() == ["h1"], "the guest runs on all the while"
    assert not [event for event in hosts.events("h1") if event.startswith("SUSPENDED")]


def test_a_connection_that_breaks_while_finish_is_at_work_destroys_the_target() -> None:
    hosts = old()
    hosts.cut_after_delivery(FINISH)
    answer = hosts.migrate()
    hosts.run(10)
    assert answer.error == "1"
    assert (hosts.runs_on(), hosts.state("h2"), hosts.taps("h2")) == (["h1"], "", [])


def test_finishs_reply_lost_leaves_the_vm_on_both_hosts() -> None:
    hosts = old(fault(f"{FINISH} reply", "reply-lost", how="cut"))
    hosts.migrate()
    hosts.run(3_600)
    assert (hosts.state("h1"), hosts.state("h2")) == ("RUNNING/MIGRATED", "RUNNING/MIGRATED")


def test_a_persistent_tap_is_opened_by_name_and_kept() -> None:
    hosts = Hosts("2012-05")
    hosts.make_tap("h1", "tap-a")
    nic = replace(NIC, type="ethernet", target="tap-a", bridge="", interfaceid="")
    hosts.create(definition=replace(WEB1, interfaces=(nic,)))
    assert [(tap.name, tap.maker, tap.holder) for tap in hosts.taps("h1")] == [("tap-a", "ip", "")]

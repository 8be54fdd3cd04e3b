"""What a domain's life tells its host's client, and in which state it leaves the domain.

Facts: docs/facts/libvirt.md 2 (order per operation; events travel apart from replies and are not stored).
Rows that need a guest or a definition are not there: the fake has none of them.  Save and restore: test_saving.py.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from contract.libvirt.world import FOR_EVER, NIC, WEB1, Hosts, fault, replace, running
from fakes.records import BRIDGES
from sim.clock import SECOND
from sim.decisions.scripted import ScriptedFault

STARTS = ["RESUMED/UNPAUSED", "STARTED/BOOTED"]
ENDS = ["SHUTDOWN/HOST", "STOPPED/DESTROYED"]


def test_a_start_tells_resumed_then_started() -> None:
    hosts = Hosts()
    answer = hosts.call("h1", "create", definition=WEB1)
    hosts.run(0.2)
    assert hosts.state("h1") == "PAUSED/STARTING_UP"
    assert len(hosts.taps("h1")) == 1, "the tap is there before the guest runs"
    assert hosts.events("h1") == []
    hosts.run(1)
    assert answer.error == ""
    assert hosts.events("h1") == STARTS
    assert hosts.state("h1") == "RUNNING/BOOTED"
    assert hosts.qemu_runs("h1")


def test_suspend_tells_suspended_and_a_second_one_tells_nothing() -> None:
    hosts = running()
    assert hosts.ask("h1", "suspend").error == ""
    assert hosts.events("h1") == ["SUSPENDED/PAUSED"]
    assert (hosts.state("h1"), hosts.qemu_runs("h1")) == ("PAUSED/USER", False)
    assert hosts.ask("h1", "suspend").error == ""
    assert hosts.events("h1") == ["SUSPENDED/PAUSED"]


def test_resume_tells_resumed_and_a_second_one_is_refused() -> None:
    hosts = running()
    hosts.ask("h1", "suspend")
    hosts.arm()
    assert hosts.ask("h1", "resume").error == ""
    assert hosts.events("h1") == ["RESUMED/UNPAUSED"]
    assert (hosts.state("h1"), hosts.qemu_runs("h1")) == ("RUNNING/UNPAUSED", True)
    assert hosts.ask("h1", "resume").error == "55"
    assert hosts.events("h1") == ["RESUMED/UNPAUSED"]


def test_destroy_tells_shutdown_then_stopped() -> None:
    hosts = running()
    answer = hosts.call("h1", "destroy")
    hosts.run(0.5)
    assert hosts.events("h1") == ENDS[:1]
    assert not hosts.qemu_runs("h1"), "SIGTERM stops the CPUs; the process takes its time"
    assert len(hosts.taps("h1")) == 1
    hosts.run(2)
    assert answer.error == ""
    assert hosts.events("h1") == ENDS
    assert hosts.state("h1") == ""


def test_a_killed_qemu_tells_stopped_failed_though_the_state_is_crashed() -> None:
    hosts = running()
    hosts.kill("h1", "qemu-web1")
    hosts.run(2)
    assert hosts.events("h1") == ["STOPPED/FAILED"]
    assert hosts.state("h1") == ""
    assert "CRASHED" in [delta.new.ending for _, delta in hosts.deltas("domains", "h1") if delta.new is not None]


def _no_bridge(hosts: Hosts) -> None:
    hosts.apply(hosts.table(BRIDGES, "h1").drop("br-int"))


def _no_ovs(hosts: Hosts) -> None:
    hosts.kill("h1", "ovs")


def _nothing(hosts: Hosts) -> None:
    """The fault is the blow."""


@pytest.mark.parametrize(
    ("blow", "faults", "error"),
    [
        (_no_bridge, [], "38"),
        (_no_ovs, [], "1"),
        (_nothing, [fault("ovs[h1] add-port web1", "error-after")], "1"),
        (_nothing, [fault("ovs[h1] add-port web1", "crash", node="h1", process="qemu-web1", delay=100_000)], "1"),
    ],
    ids=["bridge missing", "Open vSwitch down", "record made, error answered", "qemu dies"],
)
def test_a_start_that_fails_tells_nothing_and_leaves_nothing(
    blow: Callable[[Hosts], None], faults: list[ScriptedFault], error: str
) -> None:
    hosts = Hosts(faults=faults)
    hosts.arm()
    blow(hosts)
    answer = hosts.ask("h1", "create", definition=WEB1)
    hosts.run(5)
    assert answer.error == error
    assert hosts.events("h1") == []
    assert (hosts.state("h1"), hosts.taps("h1"), hosts.ovs("h1")) == ("", [], [])


def test_the_second_interface_of_a_start_that_fails_takes_the_first_away() -> None:
    hosts = Hosts()
    other = replace(NIC, mac="00:1a:4a:00:00:02", slot=4, bridge="br-none", interfaceid="port-2")
    assert hosts.ask("h1", "create", definition=replace(WEB1, interfaces=(NIC, other))).error == "38"
    assert (hosts.taps("h1"), hosts.ovs("h1")) == ([], [])


def test_destroying_what_still_starts_ends_the_start() -> None:
    for seconds in (0.002, 0.008, 0.2, 0.4125):
        hosts = Hosts()
        start = hosts.call("h1", "create", definition=WEB1)
        hosts.run(seconds)
        assert hosts.ask("h1", "destroy").error == ""
        hosts.run(2)
        assert start.error == "1"
        assert (hosts.state("h1"), hosts.taps("h1"), hosts.ovs("h1"), hosts.runs_on()) == ("", [], [], [])
        assert hosts.events("h1") == ["STOPPED/DESTROYED"]


@pytest.mark.parametrize("seconds", [0.0015, 0.008, 0.2, 0.4115, 0.4125])
def test_a_daemon_that_dies_while_a_domain_starts_leaves_nothing_once_it_is_back(seconds: float) -> None:
    hosts = Hosts()
    start = hosts.call("h1", "create", definition=WEB1)
    hosts.run(seconds)
    hosts.kill("h1", "libvirt", back_after=2)
    hosts.run(0.5)
    assert start.error == "38"
    hosts.run(5)
    assert (hosts.state("h1"), hosts.taps("h1"), hosts.runs_on()) == ("", [], [])


# --- events and replies travel apart ----------------------------------------------------------------


def test_an_event_comes_before_the_reply_of_the_call_that_caused_it() -> None:
    hosts = running()
    answer = hosts.ask("h1", "suspend")
    assert answer.time is not None
    assert hosts.told["h1"][0].time <= answer.time


def test_an_event_may_come_after_that_reply() -> None:
    hosts = running("9.0", fault("vdsm[h1] lifecycle *", "late"))
    answer = hosts.ask("h1", "suspend")
    assert answer.error == ""
    assert hosts.events("h1") == []
    hosts.run(2)
    assert hosts.events("h1") == ["SUSPENDED/PAUSED"]
    assert answer.time is not None
    assert hosts.told["h1"][0].time > answer.time


def test_an_event_may_be_overtaken_by_replies_until_the_next_one() -> None:
    hosts = running("9.0", fault("vdsm[h1] lifecycle *", "overtaken"))
    assert hosts.ask("h1", "suspend").error == ""
    hosts.run(5)
    assert hosts.events("h1") == []
    assert hosts.ask("h1", "resume").error == ""
    hosts.run(1)
    assert hosts.events("h1") == ["SUSPENDED/PAUSED", "RESUMED/UNPAUSED"]


def test_events_keep_their_order_however_late_the_first_is() -> None:
    hosts = running("9.0", fault("vdsm[h1] lifecycle *", "late", delay=30 * SECOND))
    early = running()
    for verb in ("suspend", "resume", "destroy"):
        early.ask("h1", verb)
        hosts.ask("h1", verb)
    assert hosts.events("h1") == []
    hosts.run(60)
    assert hosts.events("h1") == early.events("h1")


def test_a_late_event_never_changes_what_the_call_did() -> None:
    early, late = running(), running("9.0", fault("vdsm[h1] lifecycle *", "late", lasts=FOR_EVER))
    for hosts in (early, late):
        for verb in ("suspend", "resume", "destroy"):
            hosts.ask("h1", verb)
        hosts.run(5)
    assert early.events("h1") == late.events("h1")
    assert early.state("h1") == late.state("h1") == ""


def test_a_client_that_is_away_loses_events() -> None:
    hosts = running()
    hosts.kill("h1", "vdsm", back_after=3)
    hosts.ask("h1", "suspend")
    hosts.run(5)
    hosts.ask("h1", "resume")
    assert hosts.events("h1") == ["RESUMED/UNPAUSED"]


def test_nobody_is_told_what_a_daemon_cleaned_up_when_it_started() -> None:
    hosts = running()
    hosts.kill("h1", "libvirt", back_after=3)
    hosts.kill("h1", "qemu-web1")
    hosts.run(10)
    assert hosts.state("h1") == ""
    assert hosts.events("h1") == []

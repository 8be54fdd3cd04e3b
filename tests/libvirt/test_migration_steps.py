"""What exists on both hosts after each step of a live migration.

Facts: docs/facts/libvirt.md 5 (steps, the table of what exists, vnet numbers), 6 (client connection lost).
"""

from __future__ import annotations

import pytest

from contract.libvirt.world import FOR_EVER, NIC, WEB1, Hosts, fault, replace, running
from sim.clock import SECOND
from sim.connections import Connection


def wiring(hosts: Hosts) -> list[int]:
    """Taps on source and target; each must have its record, with one iface-id."""
    for host in ("h1", "h2"):
        assert [port.name for port in hosts.ovs(host)] == [tap.name for tap in hosts.taps(host)]
        assert {port.iface_id for port in hosts.ovs(host)} <= {"port-1"}
    return [len(hosts.taps(host)) for host in ("h1", "h2")]


def both(hosts: Hosts) -> tuple[str, str]:
    """The states of source and target."""
    return hosts.state("h1"), hosts.state("h2")


class Steps:
    """A client-managed migration, step by step."""

    def __init__(self, hosts: Hosts) -> None:
        self.hosts = hosts
        self.source: Connection = hosts.connect("h1")
        self.target: Connection = hosts.connect("h2")

    def to(self, last: str) -> None:
        """Take the steps up to this one."""
        hosts = self.hosts
        steps = {
            "begin": lambda: hosts.on(self.source, "begin"),
            "prepare": lambda: hosts.on(self.target, "prepare", definition=WEB1),
            "perform": lambda: hosts.on(self.source, "perform", host="h2", peer2peer=False),
            "finish": lambda: hosts.on(self.target, "finish", cancelled=False),
            "confirm": lambda: hosts.on(self.source, "confirm", cancelled=False),
        }
        for name, step in steps.items():
            assert step().error == "", name
            if name == last:
                return


AFTER = {
    "begin": (("RUNNING/BOOTED", ""), [1, 0], [], []),
    "prepare": (("RUNNING/BOOTED", "PAUSED/MIGRATION"), [1, 1], [], ["STARTED/MIGRATED"]),
    "perform": (
        ("PAUSED/MIGRATION", "PAUSED/MIGRATION"), [1, 1], ["SUSPENDED/MIGRATED"], ["STARTED/MIGRATED"],
    ),
    "finish": (
        ("PAUSED/MIGRATION", "RUNNING/MIGRATED"), [1, 1],
        ["SUSPENDED/MIGRATED"], ["STARTED/MIGRATED", "RESUMED/MIGRATED"],
    ),
    "confirm": (
        ("", "RUNNING/MIGRATED"), [0, 1],
        ["SUSPENDED/MIGRATED", "STOPPED/MIGRATED"], ["STARTED/MIGRATED", "RESUMED/MIGRATED"],
    ),
}  # fmt: skip
"""States, taps and events of source and target after each step."""


@pytest.mark.parametrize("step", AFTER)
def test_after_each_step_there_is_this_on_both_hosts(step: str) -> None:
    hosts = running()
    Steps(hosts).to(step)
    states, taps, source_events, target_events = AFTER[step]
    assert both(hosts) == states
    assert wiring(hosts) == taps
    assert hosts.events("h1") == source_events
    assert hosts.events("h2") == target_events
    assert hosts.runs_on() == [host for host in ("h1", "h2") if hosts.state(host).startswith("RUNNING")]


def test_in_prepare_both_hosts_have_the_port_and_the_target_is_starting_up() -> None:
    hosts = running()
    hosts.migrate()
    hosts.run(0.2)
    assert both(hosts) == ("RUNNING/BOOTED", "PAUSED/STARTING_UP")
    assert wiring(hosts) == [1, 1]


def test_the_source_keeps_its_tap_while_its_qemu_exits() -> None:
    hosts = running()
    answer = hosts.migrate()
    hosts.run(10)
    assert answer.error == ""
    resumed = next(told.time for told in hosts.told["h2"] if told.name == "RESUMED/MIGRATED")
    gone = hosts.removed_at("taps", "h1")
    assert gone is not None
    assert 1.3 <= (gone - resumed) / SECOND <= 2.2


@pytest.mark.parametrize("reply_first", [False, True])
def test_events_of_one_host_keep_their_order_on_either_side_of_the_reply(reply_first: bool) -> None:
    hosts = running("9.0", *([fault("vdsm[*] lifecycle *", "late", lasts=FOR_EVER)] if reply_first else []))
    answer = hosts.migrate()
    hosts.run(10)
    assert answer.time is not None
    stopped = hosts.told["h1"][-1]
    assert stopped.name == "STOPPED/MIGRATED"
    assert (stopped.time > answer.time) == reply_first
    assert hosts.events("h2") == ["STARTED/MIGRATED", "RESUMED/MIGRATED"]


def test_a_chosen_tap_name_is_chosen_anew_and_a_given_one_is_carried_over() -> None:
    for given, there in (("", "vnet1"), ("vnet7", "vnet1"), ("tap-a", "tap-a")):
        hosts = Hosts()
        other = replace(WEB1, uuid="uuid-web2", name="web2", interfaces=(replace(NIC, mac="00:1a:4a:00:00:02"),))
        hosts.create("h2", other)
        hosts.create(definition=replace(WEB1, interfaces=(replace(NIC, target=given),)))
        answer = hosts.migrate()
        hosts.run(10)
        assert answer.error == ""
        assert there in [tap.name for tap in hosts.taps("h2")]


def test_a_given_tap_name_must_be_free_on_the_target() -> None:
    hosts = Hosts()
    hosts.create(definition=replace(WEB1, interfaces=(replace(NIC, target="tap-a"),)))
    hosts.make_tap("h2", "tap-a")
    answer = hosts.migrate()
    hosts.run(10)
    assert answer.error == "55"
    assert both(hosts) == ("RUNNING/BOOTED", "")
    assert [tap.maker for tap in hosts.taps("h2")] == ["ip"]


def test_a_vm_migrates_there_and_back_again() -> None:
    hosts = running()
    for source, target in (("h1", "h2"), ("h2", "h1"), ("h1", "h3")):
        answer = hosts.migrate(source, target)
        hosts.run(10)
        assert answer.error == ""
        assert hosts.runs_on() == [target]
        assert (hosts.taps(source), hosts.ovs(source)) == ([], [])


CLIENT_LOST = {
    "begin": (("RUNNING/BOOTED", ""), []),
    "prepare": (("RUNNING/BOOTED", ""), ["STARTED/MIGRATED", "SHUTDOWN/HOST", "STOPPED/DESTROYED"]),
    "perform": (("PAUSED/MIGRATION", ""), ["STARTED/MIGRATED", "SHUTDOWN/HOST", "STOPPED/DESTROYED"]),
    "finish": (("PAUSED/MIGRATION", "RUNNING/MIGRATED"), ["STARTED/MIGRATED", "RESUMED/MIGRATED"]),
}
"""After BEGIN3 aborted, after PREPARE autodestroyed, after PERFORM3_DONE left paused with its job dropped."""


@pytest.mark.parametrize("step", CLIENT_LOST)
def test_a_client_that_dies_between_two_steps_leaves_this(step: str) -> None:
    hosts = running()
    Steps(hosts).to(step)
    hosts.kill("client", "client")
    hosts.run(10)
    states, target_events = CLIENT_LOST[step]
    assert both(hosts) == states
    assert hosts.events("h2") == target_events
    domain = hosts.domain("h1")
    assert domain is not None
    assert domain.job == ""
    assert wiring(hosts) == [1, 1 if hosts.state("h2") else 0]

"""A domain that is saved to a file and comes back, and what interrupts that.

Facts: docs/facts/libvirt.md 2.1, 4 (jobs); links.md 3 (a paused domain holds no lease).  What two real daemons do is
in the contract; here is what it cannot play.
"""

from __future__ import annotations

import pytest

from contract.libvirt.world import Hosts, fault, running
from sim.decisions.scripted import ScriptedFault

PATH = "web1.img"
SAVING = 0.1
"""Seconds into a save: its CPUs stand, its image is not written yet."""


def save(hosts: Hosts) -> None:
    """web1 is in the image."""
    assert hosts.ask("h1", "save", path=PATH).error == ""
    hosts.run(3)


def nothing_is_left(hosts: Hosts) -> bool:
    """No domain, tap, record or running qemu."""
    return (hosts.state("h1"), hosts.taps("h1"), hosts.ovs("h1"), hosts.runs_on()) == ("", [], [], [])


def test_a_domain_that_is_saved_stands_until_it_has_gone() -> None:
    hosts = running()
    answer = hosts.call("h1", "save", path=PATH)
    hosts.run(SAVING)
    assert (hosts.state("h1"), hosts.qemu_runs("h1"), answer.open) == ("PAUSED/SAVE", False, True)
    hosts.run(3)
    assert answer.error == ""
    assert nothing_is_left(hosts)


@pytest.mark.parametrize(
    ("profile", "events"), [("9.0", ["SUSPENDED/PAUSED", "STOPPED/SAVED"]), ("2012-05", ["STOPPED/SAVED"])]
)
def test_the_events_of_a_save_are_those_of_the_profile(profile: str, events: list[str]) -> None:
    hosts = running(profile)
    save(hosts)
    assert hosts.events("h1") == events


def test_an_abort_lets_the_domain_go_on_and_leaves_no_image() -> None:
    hosts = running()
    answer = hosts.call("h1", "save", path=PATH)
    hosts.run(SAVING)
    assert hosts.ask("h1", "abort").error == ""
    hosts.run(3)
    assert answer.error == "78"
    assert (hosts.state("h1"), hosts.qemu_runs("h1")) == ("RUNNING/SAVE_CANCELED", True)
    assert hosts.events("h1") == ["SUSPENDED/PAUSED", "RESUMED/UNPAUSED"]
    assert hosts.ask("h1", "destroy").error == ""
    assert hosts.ask("h1", "restore", path=PATH).error == "38"


def test_a_paused_domain_whose_save_is_aborted_stays_paused() -> None:
    hosts = running()
    hosts.ask("h1", "suspend")
    answer = hosts.call("h1", "save", path=PATH)
    hosts.run(SAVING)
    hosts.ask("h1", "abort")
    hosts.run(3)
    assert (answer.error, hosts.state("h1")) == ("78", "PAUSED/USER")


@pytest.mark.parametrize("verb", ["destroy", "kill"])
def test_a_domain_that_ends_while_it_is_saved_leaves_neither_domain_nor_image(verb: str) -> None:
    hosts = running()
    answer = hosts.call("h1", "save", path=PATH)
    hosts.run(SAVING)
    if verb == "kill":
        hosts.kill("h1", "qemu-web1")
    else:
        assert hosts.ask("h1", "destroy").error == ""
    hosts.run(3)
    assert answer.error == "9"
    assert nothing_is_left(hosts)
    assert hosts.ask("h1", "restore", path=PATH).error == "38"


def test_a_daemon_that_dies_while_it_saves_lets_the_domain_go_on_once_it_is_back() -> None:
    hosts = running()
    answer = hosts.call("h1", "save", path=PATH)
    hosts.run(SAVING)
    hosts.kill("h1", "libvirt", back_after=1)
    hosts.run(5)
    assert answer.error == "38"
    assert (hosts.state("h1"), hosts.qemu_runs("h1")) == ("RUNNING/SAVE_CANCELED", True)
    assert hosts.ask("h1", "suspend").error == "", "no job is left behind"


def test_a_daemon_that_dies_once_the_image_is_written_ends_the_domain_or_lets_it_go_on() -> None:
    """Never both an ended save and a domain that runs on without a job."""
    for seconds in (0.29, 0.31, 0.9, 1.69, 1.71):
        hosts = running()
        hosts.call("h1", "save", path=PATH)
        hosts.run(seconds)
        hosts.kill("h1", "libvirt", back_after=1)
        hosts.run(5)
        domain = hosts.domain("h1")
        assert nothing_is_left(hosts) or (domain is not None and (domain.job, hosts.runs_on()) == ("", ["h1"]))


@pytest.mark.parametrize(
    "blow",
    [
        fault("ovs[h1] add-port web1", "error-after"),
        fault("ovs[h1] add-port web1", "crash", node="h1", process="qemu-web1", delay=100_000),
    ],
    ids=["Open vSwitch refuses", "qemu dies"],
)
def test_a_restore_that_fails_leaves_nothing_and_can_be_tried_again(blow: ScriptedFault) -> None:
    hosts = Hosts(faults=[blow])
    hosts.create()
    save(hosts)
    hosts.arm()
    assert hosts.ask("h1", "restore", path=PATH).error != ""
    hosts.run(3)
    assert nothing_is_left(hosts)
    assert hosts.ask("h1", "restore", path=PATH).error == ""
    assert hosts.state("h1") == "RUNNING/RESTORED"


def test_an_image_outlives_a_reboot() -> None:
    hosts = running()
    save(hosts)
    hosts.world.power_off("h1")
    hosts.run(1)
    hosts.world.power_on("h1")
    hosts.run(120)
    assert hosts.ask("h1", "restore", path=PATH).error == ""


def test_a_lease_is_given_back_by_a_save_and_taken_by_a_restore() -> None:
    hosts = running(leases=True)
    save(hosts)
    assert hosts.lease_of() == ""
    assert hosts.ask("h1", "restore", path=PATH).error == ""
    assert hosts.lease_of() == "h1"


def test_a_domain_restored_paused_holds_no_lease_until_it_is_resumed() -> None:
    hosts = running(leases=True)
    hosts.ask("h1", "suspend")
    save(hosts)
    assert hosts.ask("h1", "restore", path=PATH).error == ""
    assert hosts.lease_of() == ""
    assert hosts.ask("h1", "resume").error == ""
    assert hosts.lease_of() == "h1"


def test_a_domain_whose_lease_another_host_has_is_not_restored() -> None:
    hosts = running(leases=True)
    save(hosts)
    hosts.create("h2")
    assert hosts.ask("h1", "restore", path=PATH).error == "38"
    hosts.run(3)
    assert hosts.runs_on() == ["h2"]
    assert (hosts.state("h1"), hosts.taps("h1")) == ("", [])

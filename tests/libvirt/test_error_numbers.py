"""The error numbers that clients of libvirt branch on.

Facts: docs/facts/libvirt.md 3 (those that the fake can reach), 4, 6.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from contract.libvirt.world import NIC, WEB1, Answer, Hosts, fault, replace, running
from fakes.records import BRIDGES

OTHER = replace(WEB1, uuid="uuid-other")


def _same_host() -> Answer:
    return _ended(running(), "migrate", target="h1")


def _ended(hosts: Hosts, act: str, /, *args: str, seconds: float = 40, **rest: object) -> Answer:
    answer: Answer = getattr(hosts, act)(*args, **rest)
    hosts.run(seconds)
    return answer


def _ovs_down() -> Answer:
    hosts = running()
    hosts.kill("h2", "ovs")
    return _ended(hosts, "migrate")


def _name_taken_on_target() -> Answer:
    hosts = running()
    hosts.create("h2", OTHER)
    return _ended(hosts, "migrate")


def _name_taken() -> Answer:
    return running().ask("h1", "create", definition=OTHER)


def _target_qemu_dies() -> Answer:
    at = "qemu-web1[h1] migrate web1"
    return _ended(running("9.0", fault(at, "crash", node="h2", process="qemu-web1", back_after=-1)), "migrate")


def _target_down() -> Answer:
    hosts = running()
    hosts.kill("h2", "libvirt")
    return _ended(hosts, "migrate")


def _no_route() -> Answer:
    hosts = running()
    hosts.strike("power-loss", node="h2", back_after=-1)
    return _ended(hosts, "migrate", seconds=200)


def _daemon_down() -> Answer:
    hosts = running()
    hosts.kill("h1", "libvirt")
    return hosts.ask("h1", "suspend")


def _daemon_dies_under_the_call() -> Answer:
    hosts = running()
    answer = hosts.call("h1", "destroy")
    hosts.run(0.5)
    hosts.kill("h1", "libvirt")
    hosts.run(1)
    return answer


def _bridge_missing() -> Answer:
    hosts = Hosts()
    hosts.apply(hosts.table(BRIDGES, "h1").drop("br-int"))
    return hosts.ask("h1", "create", definition=WEB1)


def _vanished(verb: str, **args: object) -> Callable[[], Answer]:
    def act() -> Answer:
        hosts = running()
        hosts.ask("h1", "destroy")
        return hosts.ask("h1", verb, **args)

    return act


def _running_already() -> Answer:
    return running().ask("h1", "resume")


def _active_already() -> Answer:
    return running().ask("h1", "create", definition=WEB1)


def _active_on_target() -> Answer:
    hosts = running()
    hosts.create("h2")
    return _ended(hosts, "migrate")


def _abort_without_job() -> Answer:
    return running().ask("h1", "abort")


def _abort_of_the_target() -> Answer:
    hosts = running()
    hosts.migrate()
    hosts.run(1)
    return hosts.ask("h2", "abort")


def _tap_name_exists() -> Answer:
    hosts = Hosts()
    hosts.create(definition=replace(WEB1, interfaces=(replace(NIC, target="tap-a"),)))
    nic = replace(NIC, target="tap-a", mac="00:1a:4a:00:00:02", interfaceid="port-2")
    answer = hosts.ask("h1", "create", definition=replace(WEB1, uuid="uuid-web2", name="web2", interfaces=(nic,)))
    assert [tap.mac for tap in hosts.taps("h1")] == [NIC.mac]
    assert hosts.ovs("h1") == [], "the clean-up removes the record of that name, whose ever it is"
    return answer


def _persistent_tap_exists() -> Answer:
    hosts = Hosts()
    hosts.make_tap("h1", "tap-a")
    nic = replace(NIC, type="ethernet", target="tap-a", bridge="", interfaceid="")
    answer = hosts.ask("h1", "create", definition=replace(WEB1, interfaces=(nic,)))
    assert hosts.taps("h1") == [], "its clean-up deletes the foreign tap"
    return answer


def _step_without_migration(verb: str, **args: object) -> Callable[[], Answer]:
    return lambda: running().ask("h1", verb, **args)


def _abi() -> Answer:
    return _ended(running(), "migrate", dxml=replace(WEB1, interfaces=(replace(NIC, slot=9),)))


def _job_held() -> Answer:
    hosts = Hosts()
    hosts.create(definition=replace(WEB1, memory=512 * 100))
    hosts.migrate()
    hosts.run(1)
    return _ended(hosts, "call", "h1", "resume")


def _monitor_stuck() -> Answer:
    hosts = running("9.0", fault("qemu-web1[h1] cont web1", "hung"))
    hosts.ask("h1", "suspend")
    hosts.call("h1", "resume")
    return _ended(hosts, "call", "h1", "resume")


def _aborted() -> Answer:
    hosts = running()
    answer = hosts.migrate()
    hosts.run(1)
    hosts.ask("h1", "abort")
    hosts.run(5)
    return answer


ERRORS = [
    ("1", "migration to the same host", _same_host),
    ("1", "ovs-vsctl fails on the target", _ovs_down),
    ("9", "the name is another domain's on the target", _name_taken_on_target),
    ("9", "the name is another domain's", _name_taken),
    ("9", "the target's qemu dies", _target_qemu_dies),
    ("38", "the target's daemon is down", _target_down),
    ("38", "no route to the target", _no_route),
    ("38", "the daemon is down", _daemon_down),
    ("38", "the daemon dies under the call", _daemon_dies_under_the_call),
    ("38", "a bridge is missing", _bridge_missing),
    ("42", "suspend of a vanished domain", _vanished("suspend")),
    ("42", "resume of a vanished domain", _vanished("resume")),
    ("42", "destroy of a vanished domain", _vanished("destroy")),
    ("42", "lookup of a vanished domain", _vanished("lookup")),
    ("42", "abort of a vanished domain", _vanished("abort")),
    ("42", "migration of a vanished domain", _vanished("perform", host="h2")),
    ("55", "resume of a running domain", _running_already),
    ("55", "start of an active domain", _active_already),
    ("55", "it is active on the target", _active_on_target),
    ("55", "abortJob without a job", _abort_without_job),
    ("55", "abortJob of an incoming migration", _abort_of_the_target),
    ("55", "the tap's name exists", _tap_name_exists),
    ("55", "a persistent tap exists", _persistent_tap_exists),
    ("55", "Perform without Begin", _step_without_migration("perform", host="h2", peer2peer=False)),
    ("55", "Finish without Prepare", _step_without_migration("finish", cancelled=False)),
    ("55", "Confirm without Begin", _step_without_migration("confirm", cancelled=False)),
    ("67", "the ABI would change", _abi),
    ("68", "a migration holds the job", _job_held),
    ("68", "a stuck monitor holds the job", _monitor_stuck),
    ("78", "abortJob", _aborted),
]


@pytest.mark.parametrize(("number", "act"), [pytest.param(n, act, id=f"{n}: {why}") for n, why, act in ERRORS])
def test_a_client_is_told_this_number(number: str, act: Callable[[], Answer]) -> None:
    assert act().error == number


def test_an_error_of_a_migration_leaves_the_source_running_and_free() -> None:
    hosts = running()
    hosts.kill("h2", "ovs")
    hosts.migrate()
    hosts.run(5)
    domain = hosts.domain("h1")
    assert domain is not None
    assert (hosts.state("h1"), domain.job, hosts.runs_on()) == ("RUNNING/BOOTED", "", ["h1"])
    assert hosts.ask("h1", "suspend").error == ""
    assert hosts.ask("h1", "resume").error == ""

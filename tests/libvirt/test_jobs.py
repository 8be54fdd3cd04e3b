"""One modify job a domain: what may run during a migration, what waits, and what nobody can hold up.

Facts: docs/facts/libvirt.md 4; a suspended migration in 4, the paused VM in 5.
"""

from __future__ import annotations

import pytest

from contract.libvirt.world import WEB1, Answer, Hosts, fault, replace, running
from fakes.records.libvirt import Definition
from sim.clock import SECOND

LONG = replace(WEB1, memory=512 * 100)
"""Its migration takes 200 s: whoever waits for the job gives up first."""


def moving(definition: Definition | None = None, seconds: float = 1) -> tuple[Hosts, Answer]:
    """web1 is so far in a migration from h1 to h2."""
    hosts = Hosts()
    hosts.create(definition=definition)
    hosts.run(1)
    hosts.arm()
    answer = hosts.migrate()
    hosts.run(seconds)
    return hosts, answer


def test_suspend_works_during_a_migration() -> None:
    hosts, _ = moving()
    assert hosts.ask("h1", "suspend").error == ""
    assert hosts.events("h1") == ["SUSPENDED/MIGRATED"]
    assert (hosts.state("h1"), hosts.qemu_runs("h1")) == ("PAUSED/MIGRATION", False)


def test_a_migration_that_was_suspended_and_succeeds_leaves_the_target_running() -> None:
    hosts, answer = moving()
    hosts.ask("h1", "suspend")
    hosts.run(10)
    assert answer.error == ""
    assert (hosts.state("h2"), hosts.runs_on()) == ("RUNNING/MIGRATED", ["h2"])
    assert hosts.events("h1") == ["SUSPENDED/MIGRATED", "STOPPED/MIGRATED"], "the CPUs stop once"


def test_a_migration_that_was_suspended_and_aborted_resumes_the_source() -> None:
    hosts, answer = moving()
    hosts.ask("h1", "suspend")
    assert hosts.ask("h1", "abort").error == ""
    hosts.run(10)
    assert answer.error == "78"
    assert (hosts.state("h1"), hosts.runs_on()) == ("RUNNING/MIGRATION_CANCELED", ["h1"])
    assert hosts.events("h1") == ["SUSPENDED/MIGRATED", "RESUMED/MIGRATED"]


def test_a_paused_vm_arrives_paused_and_nobody_hears_resumed() -> None:
    hosts = running()
    hosts.ask("h1", "suspend")
    hosts.arm()
    answer = hosts.migrate()
    hosts.run(10)
    assert answer.error == ""
    assert (hosts.state("h1"), hosts.state("h2"), hosts.runs_on()) == ("", "PAUSED/USER", [])
    assert hosts.events("h1") == ["STOPPED/MIGRATED"]
    assert hosts.events("h2") == ["STARTED/MIGRATED", "SUSPENDED/PAUSED"]


def test_a_paused_vm_whose_migration_fails_stays_paused() -> None:
    hosts = running()
    hosts.ask("h1", "suspend")
    hosts.arm()
    hosts.migrate()
    hosts.run(1)
    hosts.ask("h1", "abort")
    hosts.run(10)
    assert (hosts.state("h1"), hosts.runs_on(), hosts.events("h1")) == ("PAUSED/USER", [], [])


@pytest.mark.parametrize("verb", ["resume", "perform"])
def test_what_a_migration_does_not_allow_waits_30_s_and_fails_with_68(verb: str) -> None:
    hosts, _ = moving(LONG)
    asked = hosts.kernel.now
    waiting = hosts.call("h1", verb, **({"host": "h3"} if verb == "perform" else {}))
    hosts.run(29)
    assert waiting.open
    hosts.run(2)
    assert waiting.error == "68"
    assert waiting.time is not None
    assert (waiting.time - asked) / SECOND == pytest.approx(30, abs=0.1)
    assert hosts.state("h3") == ""


@pytest.mark.parametrize("verb", ["resume", "perform"])
def test_what_waits_for_a_migration_that_succeeds_finds_no_domain(verb: str) -> None:
    hosts, answer = moving()
    waiting = hosts.call("h1", verb, **({"host": "h3"} if verb == "perform" else {}))
    hosts.run(0.5)
    assert waiting.open
    hosts.run(10)
    assert answer.error == ""
    assert waiting.error == "42"


def test_what_waits_for_a_migration_that_fails_runs_then() -> None:
    hosts, _ = moving()
    waiting = hosts.migrate(target="h3")
    hosts.ask("h1", "abort")
    hosts.run(10)
    assert waiting.error == ""
    assert (hosts.state("h1"), hosts.state("h2"), hosts.state("h3")) == ("", "", "RUNNING/MIGRATED")


def test_resume_on_the_target_waits_and_then_finds_it_running() -> None:
    hosts, _ = moving()
    waiting = hosts.call("h2", "resume")
    hosts.run(0.5)
    assert waiting.open
    hosts.run(10)
    assert waiting.error == "55"


def test_suspend_on_the_target_waits_for_the_migration() -> None:
    hosts, _ = moving()
    waiting = hosts.call("h2", "suspend")
    hosts.run(0.5)
    assert waiting.open
    hosts.run(10)
    assert waiting.error == ""
    assert hosts.state("h2") == "PAUSED/USER"


@pytest.mark.parametrize("host", ["h1", "h2"])
@pytest.mark.parametrize("seconds", [0.1, 0.3, 0.5, 1.0, 2.0, 2.44, 2.5, 3.0])
def test_destroy_is_never_blocked_on_either_end(host: str, seconds: float) -> None:
    hosts, answer = moving(seconds=seconds)
    destroy = hosts.ask(host, "destroy")
    assert destroy.error in ("", "42"), "42 when somebody else was first, or nothing was there"
    assert hosts.state(host) == ""
    hosts.run(10)
    assert not answer.open
    assert hosts.state(host) == ""
    assert len(hosts.runs_on()) <= 1
    for one in ("h1", "h2"):
        assert len(hosts.taps(one)) == len(hosts.ovs(one)) == (1 if hosts.state(one) else 0)


@pytest.mark.parametrize(("host", "left"), [("h1", []), ("h2", ["h1"])])
def test_destroying_an_end_in_perform_fails_the_migration_with_9(host: str, left: list[str]) -> None:
    hosts, answer = moving()
    hosts.ask(host, "destroy")
    hosts.run(10)
    assert answer.error == "9"
    assert hosts.runs_on() == left


def test_who_destroys_second_waits_and_finds_no_domain() -> None:
    hosts = running()
    first, second = hosts.call("h1", "destroy"), hosts.call("h1", "destroy")
    hosts.run(3)
    assert (first.error, second.error) == ("", "42")
    assert first.time is not None and second.time is not None
    assert second.time - first.time < SECOND // 10
    assert hosts.events("h1") == ["SHUTDOWN/HOST", "STOPPED/DESTROYED"]


def test_what_comes_while_a_domain_is_destroyed_finds_no_domain() -> None:
    hosts = running()
    hosts.call("h1", "destroy")
    hosts.run(0.1)
    answers = [hosts.call("h1", verb) for verb in ("suspend", "resume")]
    hosts.run(3)
    assert [answer.error for answer in answers] == ["42", "42"]
    assert hosts.events("h1") == ["SHUTDOWN/HOST", "STOPPED/DESTROYED"]


def test_abort_before_perform_is_remembered() -> None:
    hosts = running()
    answer = hosts.migrate()
    hosts.run(0.2)
    assert hosts.ask("h1", "abort").error == ""
    hosts.run(10)
    assert answer.error == "78"
    assert (hosts.state("h1"), hosts.state("h2"), hosts.events("h1")) == ("RUNNING/BOOTED", "", [])


def test_abort_after_the_copy_is_too_late() -> None:
    hosts = running()
    answer = hosts.migrate()
    hosts.run_until(lambda: hosts.state("h1") == "PAUSED/MIGRATION")
    assert hosts.ask("h1", "abort").error == ""
    hosts.run(10)
    assert answer.error == ""
    assert hosts.runs_on() == ["h2"]


@pytest.mark.parametrize("message", ["connect", "ram", "complete"])
def test_a_migration_whose_stream_stalls_can_be_aborted_and_the_source_runs_on(message: str) -> None:
    # the target's qemu is first connected to by its own daemon, to the monitor
    hosts = running("9.0", fault(f"qemu-web1[h2] {message}", "hung", nth=2 if message == "connect" else 1))
    answer = hosts.migrate()
    hosts.run(20)
    assert answer.open
    assert hosts.ask("h1", "abort").error == ""
    hosts.run(20)
    assert answer.error == "78"
    assert (hosts.state("h1"), hosts.state("h2"), hosts.runs_on()) == ("RUNNING/BOOTED", "", ["h1"])


def test_while_nothing_gets_through_the_guest_runs_on() -> None:
    hosts, _ = moving()
    hosts.strike("partition", between=("h1", "h2"), back_after=-1)
    hosts.run(7)
    assert hosts.runs_on() == ["h1"]
    hosts.run(3)
    assert (hosts.state("h1"), hosts.runs_on()) == ("RUNNING/BOOTED", ["h1"])


def test_a_network_that_is_back_before_anybody_noticed_changes_nothing() -> None:
    hosts, answer = moving()
    hosts.strike("partition", between=("h1", "h2"), back_after=5 * SECOND)
    hosts.run(20)
    assert answer.error == ""
    assert hosts.runs_on() == ["h2"]

"""What a daemon that starts makes of a migration, by the phase that its status file has.

Facts: docs/facts/libvirt.md 6 (daemon restart, by recorded phase), 2 (nobody is told what was cleaned up);
links.md 4 (2012: a target in FINISH3 is always killed).
"""

from __future__ import annotations

from typing import NamedTuple

import pytest

from contract.libvirt.world import Hosts, fault, running
from sim.clock import SECOND
from sim.decisions.scripted import ScriptedFault

BACK = 3 * SECOND
LOST = fault("libvirt[h2] finish web1", "lost", how="cut")


class Phase(NamedTuple):
    """One end's daemon dies right after it has recorded the phase, and is started again.

    Args:
        at: the commit.
        host: whose daemon.
        source, target: how it ends.
        profile: of both daemons.
        moment: before or after the commit.
        more: further faults, that lead into the phase.
    """

    at: str
    host: str
    source: str
    target: str
    profile: str = "9.0"
    moment: str = "after"
    more: tuple[ScriptedFault, ...] = ()


STAYED, THERE, LIMBO = "RUNNING/BOOTED", "RUNNING/MIGRATED", "PAUSED/MIGRATION"

PHASES = {
    "source in BEGIN3: forgotten": Phase("libvirt[h1] commits web1 phase BEGIN3", "h1", STAYED, ""),
    "source in PERFORM3: cancelled": Phase("libvirt[h1] commits web1 phase PERFORM3", "h1", STAYED, ""),
    "source whose CPUs stop in PERFORM3: its qemu goes on by itself": Phase(
        "qemu-web1[h1] commits CPUs stop for the switch-over", "h1", STAYED, ""
    ),
    "source whose qemu is done in PERFORM3: resumed": Phase(
        "qemu-web1[h1] commits migration completed", "h1", "RUNNING/MIGRATION_CANCELED", ""
    ),
    "source before PERFORM3_DONE is recorded: resumed": Phase(
        "libvirt[h1] commits web1 phase PERFORM3_DONE", "h1", "RUNNING/MIGRATION_CANCELED", "", moment="before"
    ),
    "source in PERFORM3_DONE: left paused": Phase(
        "libvirt[h1] commits web1 phase PERFORM3_DONE", "h1", LIMBO, ""
    ),
    "source in CONFIRM3_CANCELLED: resumed": Phase(
        "libvirt[h1] commits web1 phase CONFIRM3_CANCELLED", "h1", "RUNNING/MIGRATION_CANCELED", "", more=(LOST,)
    ),
    "source in CONFIRM3: killed": Phase("libvirt[h1] commits web1 phase CONFIRM3", "h1", "", THERE),
    "target starting up: killed": Phase("libvirt[h2] commits web1 plugged", "h2", STAYED, ""),
    "target in PREPARE: killed": Phase("libvirt[h2] commits web1 prepared", "h2", STAYED, ""),
    "target in FINISH3, CPUs stand: killed": Phase(
        "libvirt[h2] commits web1 phase FINISH3", "h2", "RUNNING/MIGRATION_CANCELED", ""
    ),
    "target in FINISH3, CPUs run: kept": Phase(
        "qemu-web1[h2] commits CPUs start", "h2", "RUNNING/MIGRATION_CANCELED", THERE
    ),
    "2012: target in FINISH3, CPUs run: killed all the same": Phase(
        "qemu-web1[h2] commits CPUs start", "h2", "RUNNING/MIGRATED", "", profile="2012-05"
    ),
    "2012: source in PERFORM3_DONE: left paused": Phase(
        "libvirt[h1] commits web1 phase PERFORM3_DONE", "h1", LIMBO, "", profile="2012-05"
    ),
}  # fmt: skip


def play(phase: Phase) -> Hosts:
    """The daemon dies there, and is back after three seconds."""
    crash = fault(phase.at, "crash", node=phase.host, process="libvirt", back_after=BACK, moment=phase.moment)
    hosts = running(phase.profile, crash, *phase.more)
    hosts.migrate()
    hosts.run(60)
    assert hosts.decisions.missed() == []
    return hosts


@pytest.mark.parametrize("name", PHASES)
def test_a_daemon_that_starts_again_ends_the_migration_so(name: str) -> None:
    phase = PHASES[name]
    hosts = play(phase)
    assert (hosts.state("h1"), hosts.state("h2")) == (phase.source, phase.target)
    for host in ("h1", "h2"):
        domain = hosts.domain(host)
        assert hosts.qemu_runs(host) == (domain is not None and domain.state == "RUNNING")
        assert domain is None or (domain.job, domain.phase, domain.ending) == ("", "", "")
        assert len(hosts.taps(host)) == len(hosts.ovs(host)) == (0 if domain is None else 1)


@pytest.mark.parametrize("name", [name for name in PHASES if name.endswith("killed") or "killed " in name])
def test_nobody_is_told_of_a_domain_that_the_restart_killed(name: str) -> None:
    phase = PHASES[name]
    hosts = play(phase)
    assert not [event for event in hosts.events(phase.host) if event.startswith(("STOPPED", "SHUTDOWN"))]


@pytest.mark.parametrize("name", [name for name in PHASES if "left paused" in name])
def test_a_third_party_decides_over_a_source_that_was_left_paused(name: str) -> None:
    for verb, runs in (("resume", ["h1"]), ("destroy", [])):
        hosts = play(PHASES[name])
        assert hosts.ask("h1", verb).error == ""
        assert hosts.runs_on() == runs


def test_a_call_that_comes_while_the_daemon_starts_waits_until_it_has_recovered() -> None:
    hosts = running("9.0", fault("libvirt[h1] commits web1 phase CONFIRM3", "crash", node="h1", process="libvirt",
                                 back_after=BACK, moment="after"))  # fmt: skip
    hosts.migrate()
    hosts.run_until(lambda: not hosts.world.is_up("h1", "libvirt"))
    hosts.run_until(lambda: hosts.world.is_up("h1", "libvirt"))
    assert hosts.state("h1") == LIMBO
    assert hosts.ask("h1", "list").value == []


def test_a_daemon_that_dies_while_it_destroys_a_domain_finds_it_gone_or_ends_it() -> None:
    for seconds in (0.001, 0.5, 1.39, 1.41):
        for back_after in (0.3, 5):
            hosts = running()
            hosts.call("h1", "destroy")
            hosts.run(seconds)
            hosts.kill("h1", "libvirt", back_after)
            hosts.run(10)
            assert (hosts.state("h1"), hosts.taps("h1"), hosts.ovs("h1"), hosts.runs_on()) == ("", [], [], [])


def test_a_qemu_that_got_sigterm_exits_though_its_daemon_has_died() -> None:
    hosts = running()
    hosts.call("h1", "destroy")
    hosts.run(0.5)
    hosts.kill("h1", "libvirt")
    hosts.run(2)
    assert hosts.taps("h1") == []
    assert not hosts.world.is_up("h1", "qemu-web1")


def test_a_job_that_the_daemon_held_ends_with_it() -> None:
    hosts = running("9.0", fault("qemu-web1[h1] cont web1", "hung"))
    hosts.ask("h1", "suspend")
    hosts.call("h1", "resume")
    hosts.run(1)
    hosts.kill("h1", "libvirt", back_after=1)
    hosts.run(3)
    assert hosts.state("h1") == "PAUSED/USER"
    assert hosts.ask("h1", "resume").error == ""

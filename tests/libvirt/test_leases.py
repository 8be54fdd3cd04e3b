"""With a lease a VM's CPUs run in one place, whatever is lost; what that costs, and when a lease is free again.

Facts: docs/facts/links.md 3 (clock, moments, what may be relied on): (a) at most one domain with running
CPUs; (b) a resume or a Finish can fail for want of the lease; (c) a lost host frees it after 140 to 210 s, a
living one never; (d) a paused domain holds none.  links.md 1 says what can be lost where.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from contract.libvirt.matrix import FINISH, PERFORM, PREPARE
from contract.libvirt.world import HOSTS, Answer, Hosts, fault, process_of, running
from fakes import links
from sim.clock import SECOND
from sim.decisions.scripted import ScriptedFault
from sim.triggers import parse


def leased(*faults: ScriptedFault) -> Hosts:
    """web1 runs on h1 and holds its lease."""
    hosts = running("9.0", *faults, leases=True)
    assert (hosts.runs_on(), hosts.lease_of()) == (["h1"], "h1")
    return hosts


def most_running(hosts: Hosts) -> int:
    """On how many hosts at once web1's CPUs ran."""
    runs: set[str] = set()
    most = 0
    for event in hosts.world.trace.events:
        for delta in event.deltas:
            if delta.schema == "qemus":
                (runs.add if delta.new is not None and delta.new.running else runs.discard)(delta.node)
        most = max(most, len(runs))
    return most


# --- (a) at most one ---------------------------------------------------------------------------------

MESSAGES = {
    "libvirt[h2] connect": links.LIBVIRT_PEER["9.0"],
    PREPARE: links.LIBVIRT_PEER["9.0"],
    FINISH: links.LIBVIRT_PEER["9.0"],
    "qemu-web1[h2] connect": links.QEMU_STREAM,
    "qemu-web1[h2] ram": links.QEMU_STREAM,
    "qemu-web1[h2] complete": links.QEMU_STREAM,
    PERFORM: links.QEMU_MONITOR,
    "qemu-web1[h2] cont web1": links.QEMU_MONITOR,
}
"""What a migration sends between and on the hosts."""

DEATHS = [
    *({"name": "crash", "node": node, "process": name} for node in ("h1", "h2") for name in ("libvirt", "qemu-web1")),
    *({"name": "crash", "node": node, "process": "sanlock"} for node in ("h1", "h2")),
    {"name": "crash", "node": "storage", "process": "leases"},
    *({"name": "power-loss", "node": node} for node in ("h1", "h2")),
    *({"name": "partition", "between": pair} for pair in (("h1", "h2"), ("h1", "storage"), ("h2", "storage"))),
]


def blows() -> Iterator[ScriptedFault]:
    """Every fate that a message of a migration can meet, and every death at every message."""
    for at, link in MESSAGES.items():
        for name in sorted(set(link.fates) - {"held"}):
            hows = ("cut", "silence") if name in ("lost", "reply-lost") else ("silence",)
            yield from (fault(at, name, nth=_nth(at), how=how) for how in hows)
        for death in DEATHS:
            for back_after in (5 * SECOND, 100 * SECOND, -1):
                yield fault(at, nth=_nth(at), back_after=back_after, **death)  # type: ignore[arg-type]


def _nth(at: str) -> int:
    """The first connection to the target's qemu is its own daemon's, to the monitor; the second is the stream."""
    return 2 if at == "qemu-web1[h2] connect" else 1


def _id(blow: ScriptedFault) -> str:
    fate = blow.fate
    return f"{fate.describe()} {fate.how} {fate.back_after // SECOND} at {blow.trigger and blow.trigger.text}"


@pytest.mark.parametrize("at", MESSAGES)
def test_whatever_is_lost_or_dies_the_cpus_run_in_one_place_at_most(at: str) -> None:
    for blow in [blow for blow in blows() if blow.trigger is not None and blow.trigger.text == at]:
        hosts = leased(blow)
        hosts.migrate()
        hosts.run(60)
        assert not hosts.decisions.missed(), _id(blow)
        for host in HOSTS:  # whoever thinks that the VM is there, or nowhere
            hosts.call(host, "resume")
        hosts.run(100)
        hosts.call("h3", "create", definition=hosts.vm)
        hosts.run(240)
        hosts.call("h2", "resume")
        hosts.call("h1", "create", definition=hosts.vm)
        hosts.run(60)
        assert most_running(hosts) == 1, _id(blow)
        hosts.close()


def test_without_a_lease_the_same_loss_lets_them_run_in_two() -> None:
    hosts = running("9.0", fault(f"{FINISH} reply", "reply-lost", how="cut"))
    hosts.migrate()
    hosts.run(10)
    assert most_running(hosts) == 2


# --- (b) resume and Finish can fail ------------------------------------------------------------------


def test_finishs_reply_lost_leaves_the_target_running_and_the_source_paused() -> None:
    hosts = leased(fault(f"{FINISH} reply", "reply-lost", how="cut"))
    answer = hosts.migrate()
    hosts.run(10)
    assert answer.error == "1"
    assert (hosts.state("h1"), hosts.state("h2")) == ("PAUSED/MIGRATION", "RUNNING/MIGRATED")
    assert (hosts.runs_on(), hosts.lease_of()) == (["h2"], "h2")
    assert hosts.events("h1") == ["SUSPENDED/MIGRATED"]
    assert hosts.ask("h1", "resume").error == "38"
    assert hosts.state("h1") == "PAUSED/MIGRATION"
    domain = hosts.domain("h1")
    assert domain is not None
    assert domain.job == ""
    hosts.ask("h2", "destroy")
    assert hosts.ask("h1", "resume").error == "", "the lease of a VM that ended is free at once"
    assert hosts.runs_on() == ["h1"]


def in_the_gap() -> tuple[Hosts, Answer, list[Answer]]:
    """A third host takes the lease between Perform and Finish."""
    hosts = leased(fault(FINISH, "held", until="leases[storage] acquire *"))
    started: list[Answer] = []

    def third(_: int) -> None:
        hosts.kernel.at(hosts.kernel.now, lambda: started.append(hosts.call("h3", "create", definition=hosts.vm)))

    hosts.world.gate.listeners.append((parse(FINISH), third))
    answer = hosts.migrate()
    hosts.run(20)
    return hosts, answer, started


def test_a_third_host_that_takes_the_lease_in_the_gap_wins() -> None:
    hosts, answer, started = in_the_gap()
    assert answer.error == "9"
    assert started[0].error == ""
    assert (hosts.state("h1"), hosts.state("h2"), hosts.state("h3")) == ("PAUSED/MIGRATION", "", "RUNNING/BOOTED")
    assert hosts.events("h2") == ["STARTED/MIGRATED", "STOPPED/FAILED"]
    assert (hosts.lease_of(), most_running(hosts)) == ("h3", 1)


def test_without_a_third_host_finish_gets_the_lease() -> None:
    hosts = leased()
    assert _migrated(hosts).error == ""
    assert (hosts.runs_on(), hosts.lease_of()) == (["h2"], "h2")


def test_without_a_rival_a_failed_finish_gives_the_lease_back_to_the_source() -> None:
    hosts = leased(fault(FINISH, "lost", how="cut"))
    assert _migrated(hosts).error == "1"
    assert (hosts.state("h1"), hosts.lease_of()) == ("RUNNING/MIGRATION_CANCELED", "h1")


def _migrated(hosts: Hosts) -> Answer:
    answer = hosts.migrate()
    hosts.run(20)
    return answer


def test_a_start_without_the_lease_makes_no_qemu_that_runs_and_leaves_nothing() -> None:
    hosts = leased()
    asked = hosts.kernel.now
    answer = hosts.ask("h2", "create", definition=hosts.vm)
    assert answer.error == "38"
    assert answer.time is not None
    assert (answer.time - asked) / SECOND < 0.1, "it fails before qemu is up"
    hosts.run(5)
    assert (hosts.events("h2"), hosts.state("h2"), hosts.taps("h2"), hosts.ovs("h2")) == ([], "", [], [])
    assert hosts.lease_of() == "h1"


# --- (c) when it is free again -----------------------------------------------------------------------


def free_after(hosts: Hosts, on: str = "h3", at_most: float = 400) -> float | None:
    """Seconds until another host can start web1; None if it cannot."""
    begun = hosts.kernel.now
    while hosts.kernel.now - begun < at_most * SECOND:
        asked = hosts.kernel.now
        if hosts.ask(on, "create", definition=hosts.vm).error == "":
            return (asked - begun) / SECOND
        hosts.run(1)
    return None


def test_a_living_host_never_loses_its_lease() -> None:
    assert free_after(leased()) is None


@pytest.mark.parametrize("back_after", [-1, 5, 60, 100])
def test_a_host_without_power_frees_its_leases_after_140_to_210_s(back_after: int) -> None:
    hosts = leased()
    back = back_after * SECOND if back_after > 0 else -1
    hosts.strike("power-loss", node="h1", back_after=back)
    after = free_after(hosts)
    assert after is not None
    assert 140 <= after <= 210
    assert most_running(hosts) == 1


def test_a_host_that_rebooted_may_start_its_vm_itself_at_once() -> None:
    hosts = leased()
    hosts.strike("power-loss", node="h1", back_after=1 * SECOND)
    hosts.run(50)
    assert hosts.ask("h1", "create", definition=hosts.vm).error == ""
    hosts.run(300)
    assert (hosts.runs_on(), hosts.lease_of()) == (["h1"], "h1")
    assert free_after(hosts) is None


def test_a_host_cut_off_from_the_storage_kills_its_vms_before_the_lease_is_free() -> None:
    hosts = leased()
    begun = hosts.kernel.now
    hosts.strike("partition", between=("h1", "storage"), back_after=-1)
    after = free_after(hosts)
    assert after is not None
    assert 140 <= after <= 210
    died = next(told for told in hosts.told["h1"] if told.name == "STOPPED/FAILED")
    assert 80 <= (died.time - begun) / SECOND <= 120
    assert most_running(hosts) == 1


@pytest.mark.parametrize("seconds", [1, 30, 79])
def test_a_short_absence_of_the_storage_changes_nothing(seconds: int) -> None:
    for name, rest in (
        ("partition", {"between": ("h1", "storage")}),
        ("crash", {"node": "storage", "process": "leases"}),
    ):
        hosts = leased()
        hosts.strike(name, back_after=seconds * SECOND, **rest)
        hosts.run(300)
        assert (hosts.runs_on(), hosts.lease_of(), hosts.events("h1")) == (["h1"], "h1", [])


def test_a_vm_killed_for_want_of_the_storage_gives_its_lease_back_when_it_answers_again() -> None:
    hosts = leased()
    hosts.strike("partition", between=("h1", "storage"), back_after=120 * SECOND)
    hosts.run(119)
    assert (hosts.runs_on(), hosts.lease_of()) == ([], "h1")
    hosts.run(30)
    assert hosts.lease_of() == ""
    assert free_after(hosts) == 0


@pytest.mark.parametrize("process", ["qemu-web1", "libvirt, then qemu-web1"])
def test_a_holder_that_exits_gives_it_back_at_once_even_without_its_daemon(process: str) -> None:
    hosts = leased()
    for name in process.split(", then "):
        hosts.kill("h1", name)
    hosts.run(0.1)
    assert hosts.lease_of() == ""
    assert free_after(hosts) == 0


@pytest.mark.parametrize("process", ["libvirt", "vdsm"])
def test_a_restart_of_a_daemon_changes_no_lease(process: str) -> None:
    hosts = leased()
    hosts.kill("h1", process, back_after=100)
    hosts.run(300)
    assert (hosts.runs_on(), hosts.lease_of()) == (["h1"], "h1")


@pytest.mark.parametrize("back_after", [-1, 1, 30])
def test_a_dead_sanlock_has_its_host_reset_before_the_lease_is_free(back_after: int) -> None:
    hosts = leased()
    begun = hosts.kernel.now
    hosts.kill("h1", "sanlock", back_after)
    after = free_after(hosts)
    assert after is not None
    assert 140 <= after <= 210
    reset = next(event.time for event in hosts.world.trace.events if event.what == "loses power")
    assert (reset - begun) / SECOND <= 60
    assert process_of(hosts, "h1", "libvirt").up, "the host is back"
    assert most_running(hosts) == 1


# --- (d) a paused domain holds none ------------------------------------------------------------------


def test_suspend_gives_the_lease_back_and_resume_takes_it_again() -> None:
    hosts = leased()
    hosts.ask("h1", "suspend")
    assert hosts.lease_of() == ""
    assert hosts.ask("h1", "resume").error == ""
    assert hosts.lease_of() == "h1"


def test_resume_fails_when_another_host_has_it_and_the_domain_stays_paused() -> None:
    hosts = leased()
    hosts.ask("h1", "suspend")
    hosts.create("h2")
    assert hosts.lease_of() == "h2"
    assert hosts.ask("h1", "resume").error == "38"
    assert (hosts.state("h1"), hosts.runs_on()) == ("PAUSED/USER", ["h2"])


def test_prepare_takes_nothing_and_between_perform_and_finish_nobody_holds_it() -> None:
    hosts = leased(fault(FINISH, "held", until="libvirt[h3] list *"))
    hosts.migrate()
    hosts.run(1)
    assert (hosts.state("h2"), hosts.lease_of()) == ("PAUSED/MIGRATION", "h1")
    hosts.run(5)
    assert (hosts.state("h1"), hosts.state("h2")) == ("PAUSED/MIGRATION", "PAUSED/MIGRATION")
    assert hosts.lease_of() == ""
    hosts.ask("h3", "list")
    hosts.run(5)
    assert (hosts.runs_on(), hosts.lease_of()) == (["h2"], "h2")


def _releases(blow: ScriptedFault) -> bool:
    """Whether it comes to rest with every release let through: a failed one is only logged, and needs a daemon."""
    fate = blow.fate
    away = "storage" in (fate.node, *fate.between) or (fate.process, fate.back_after) == ("libvirt", -1)
    return not away and fate.name != "hung"


@pytest.mark.parametrize("at", MESSAGES)
def test_no_paused_domain_holds_the_lease_once_all_is_quiet(at: str) -> None:
    for blow in [blow for blow in blows() if blow.trigger is not None and blow.trigger.text == at and _releases(blow)]:
        hosts = leased(blow)
        hosts.migrate()
        hosts.run(400)
        assert hosts.lease_of() in ("", *hosts.runs_on()), _id(blow)
        hosts.close()


def test_a_release_that_fails_is_only_logged_and_the_other_side_fails() -> None:
    hosts = leased()
    hosts.kill("storage", "leases", back_after=3)
    assert hosts.ask("h1", "suspend").error == ""
    hosts.run(10)
    assert (hosts.state("h1"), hosts.runs_on(), hosts.lease_of()) == ("PAUSED/USER", [], "h1")
    assert hosts.ask("h2", "create", definition=hosts.vm).error == "38"
    assert hosts.ask("h1", "resume").error == ""


def test_the_cpus_have_stopped_before_the_lease_is_given_back_and_start_after_it_was_had() -> None:
    hosts = leased()
    hosts.ask("h1", "suspend")
    hosts.ask("h1", "resume")
    _migrated(hosts)
    holder = ""
    runs: set[str] = set()
    for event in hosts.world.trace.events:
        for delta in event.deltas:
            if delta.schema == "leases":
                holder = delta.new.host if delta.new is not None else ""
            elif delta.schema == "qemus":
                (runs.add if delta.new is not None and delta.new.running else runs.discard)(delta.node)
        assert runs <= {holder}

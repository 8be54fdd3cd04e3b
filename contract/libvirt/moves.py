"""What libvirt does in a live migration: steps, jobs, what the XML may change, and how it fails."""

from __future__ import annotations

from functools import partial

from contract.behaviours import Seen
from contract.libvirt.behaviours import BEHAVIOURS, on, running, told, with_nic
from contract.libvirt.matrix import ROWS, SECOND_NIC, Row
from contract.libvirt.pair import HOSTS, LONG, SLOW, Pair
from contract.libvirt.restarts import RESTARTS, Restart
from contract.libvirt.world import NIC, WEB1, replace
from fakes.records.libvirt import Definition

BIG = replace(WEB1, memory=SLOW)
TWO = replace(WEB1, interfaces=(NIC, replace(SECOND_NIC, slot=4)))
LEFT = ["SUSPENDED/MIGRATED", "STOPPED/MIGRATED"]
ARRIVED = ["STARTED/MIGRATED", "RESUMED/MIGRATED"]


def both(pair: Pair) -> Seen:
    """States, events and devices of both hosts."""
    pair.settle()
    return {host: told(pair, host) for host in HOSTS}


def _on(state: str) -> Seen:
    there = 1 if state else 0
    return {"state": state, "taps": there, "records": ["port-1"] * there}


def _at(state: str, *events: str) -> Seen:
    return {"events": list(events), **_on(state)}


# --- steps ---------------------------------------------------------------------------------------

MOVING = ["RUNNING/BOOTED", "PAUSED/MIGRATION", 1, 1]
STOPPED = ["PAUSED/MIGRATION", "PAUSED/MIGRATION", 1, 1]
HANDED_OVER = ["PAUSED/MIGRATION", "RUNNING/MIGRATED", 1, 1]


@BEHAVIOURS(
    "libvirt.md 5",
    {"prepare": MOVING, "perform": STOPPED, "finish": HANDED_OVER, "confirm": ["", "RUNNING/MIGRATED", 0, 1]},
)
def after_each_step_both_hosts_have_these_states_taps_and_records(pair: Pair) -> Seen:
    running(pair)

    def look() -> list[object]:
        for host in HOSTS:
            assert len(pair.taps(host)) == len(pair.records(host))
        return [*(pair.state(host) for host in HOSTS), *(len(pair.taps(host)) for host in HOSTS)]

    return pair.at_steps(look)


@BEHAVIOURS(
    "libvirt.md 5", {"errors": [""], "h1": _at("", *LEFT), "h2": _at("RUNNING/MIGRATED", *ARRIVED), "back": [""]}
)
def a_vm_migrates_there_and_back(pair: Pair) -> Seen:
    running(pair)
    seen = {"errors": pair.migrate("h1", "h2"), **both(pair)}
    return {**seen, "back": pair.migrate("h2", "h1")}


@BEHAVIOURS(
    "libvirt.md 5",
    {
        "errors": [""], "h1": _at("", "STOPPED/MIGRATED"),
        "h2": _at("PAUSED/USER", "STARTED/MIGRATED", "SUSPENDED/PAUSED"),
    },
)  # fmt: skip
def a_paused_vm_stays_paused_and_tells_no_resumed(pair: Pair) -> Seen:
    running(pair)
    pair.ask("h1", "suspend")
    pair.forget()
    return {"errors": pair.migrate("h1", "h2"), **both(pair)}


@BEHAVIOURS("libvirt.md 5", {"errors": [""], "taps": ["tap-a"]})
def a_given_tap_name_is_carried_over(pair: Pair) -> Seen:
    running(pair, with_nic(target="tap-a"))
    errors = pair.migrate("h1", "h2")
    pair.settle()
    return {"errors": errors, "taps": pair.taps("h2")}


@BEHAVIOURS("libvirt.md 6", {"errors": ["55"], "state": "RUNNING/BOOTED"})
def a_vm_that_is_active_on_the_target_is_refused(pair: Pair) -> Seen:
    running(pair)
    assert pair.create("h2", WEB1) == ""
    return {"errors": pair.migrate("h1", "h2"), "state": pair.state("h1")}


@BEHAVIOURS("libvirt.md 3", {"errors": ["9"], "state": "RUNNING/BOOTED"})
def a_name_that_another_vm_has_on_the_target_is_refused(pair: Pair) -> Seen:
    running(pair)
    assert pair.create("h2", replace(WEB1, uuid="uuid-web2")) == ""
    return {"errors": pair.migrate("h1", "h2"), "state": pair.state("h1")}


@BEHAVIOURS("libvirt.md 3", {"errors": ["1"], "h1": _at("RUNNING/BOOTED"), "state": "", "taps": 0})
def a_target_whose_open_vswitch_refuses_leaves_the_source_running(pair: Pair) -> Seen:
    running(pair)
    pair.kill("h2", "ovs")
    errors = pair.migrate("h1", "h2")
    seen = {"errors": errors, "h1": told(pair), "state": pair.state("h2"), "taps": len(pair.taps("h2"))}
    pair.start("h2", "ovs")
    return seen


# --- jobs ----------------------------------------------------------------------------------------


@BEHAVIOURS(
    "libvirt.md 4",
    {"errors": ["", ""], "h1": _at("", *LEFT), "h2": _at("RUNNING/MIGRATED", *ARRIVED)},
)
def a_vm_suspended_in_perform_runs_on_the_target(pair: Pair) -> Seen:
    running(pair, BIG)
    return {"errors": pair.migrate("h1", "h2", during=[(1.0, "h1", "suspend")]), **both(pair)}


@BEHAVIOURS("libvirt.md 4", {"errors": ["", "42"], "taps": 0})
def an_attach_waits_for_the_migration_and_meets_42_when_the_vm_has_left(pair: Pair) -> Seen:
    running(pair, BIG)
    errors = pair.migrate("h1", "h2", during=[(1.0, "h1", "attachDevice")])
    pair.settle()
    return {"errors": errors, "taps": len(pair.taps("h1"))}


@BEHAVIOURS("libvirt.md 4", {"errors": ["78", "", ""], "state": "RUNNING/BOOTED", "macs": [NIC.mac, SECOND_NIC.mac]})
def an_attach_that_waits_succeeds_late_when_the_migration_is_aborted(pair: Pair) -> Seen:
    running(pair, BIG)
    errors = pair.migrate("h1", "h2", during=[(1.0, "h1", "attachDevice"), (2.0, "h1", "abort")])
    pair.settle()
    return {"errors": errors, "state": pair.state("h1"), "macs": pair.macs("h1")}


@BEHAVIOURS("libvirt.md 4", {"errors": ["78", "68", ""]})
def a_resume_gives_up_after_30_s_of_a_long_migration(pair: Pair) -> Seen:
    running(pair, replace(WEB1, memory=LONG))
    errors = pair.migrate("h1", "h2", during=[(1.0, "h1", "resume"), (33.0, "h1", "abort")])
    return {"errors": errors}


@BEHAVIOURS("libvirt.md 4", {"errors": ["", "55"]})
def an_abort_sent_to_the_target_is_55(pair: Pair) -> Seen:
    running(pair, BIG)
    return {"errors": pair.migrate("h1", "h2", during=[(1.0, "h2", "abort")])}


# --- what the XML may change ---------------------------------------------------------------------

REFUSED = {
    "MAC": (WEB1, with_nic(mac="00:1a:4a:00:00:09")),
    "model": (WEB1, with_nic(model="e1000")),
    "device address": (WEB1, with_nic(slot=9)),
    "MTU": (WEB1, with_nic(mtu=9_000)),
    "one NIC more": (WEB1, TWO),
    "one NIC less": (TWO, WEB1),
    "order of the NICs": (TWO, replace(TWO, interfaces=TWO.interfaces[::-1])),
    "name": (WEB1, replace(WEB1, name="web9")),
    "uuid": (WEB1, replace(WEB1, uuid="uuid-web9")),
}
MAPPED = {
    "type": ({"type": "ethernet", "bridge": "", "interfaceid": ""}, [""], []),
    "bridge": ({"bridge": "storage", "interfaceid": ""}, ["storage"], []),
    "interfaceid": ({"interfaceid": "port-9"}, ["ovs"], ["port-9"]),
    "target name": ({"target": "tap-a"}, ["ovs"], ["port-1"]),
}


def _refused(before: Definition, after: Definition, pair: Pair) -> Seen:
    running(pair, before)
    errors = pair.migrate("h1", "h2", after)
    return {"errors": errors, "state": pair.state("h1"), "events": pair.events("h1"), "target": told(pair, "h2")}


def _mapped(columns: dict[str, str], pair: Pair) -> Seen:
    running(pair)
    errors = pair.migrate("h1", "h2", with_nic(**columns))
    pair.settle()
    records = pair.records("h2")
    masters = ["ovs"] if records else pair.masters("h2")
    return {"errors": errors, "state": pair.state("h2"), "masters": masters, "records": records, "h1": pair.taps("h1")}


for _what, (_before, _after) in REFUSED.items():
    BEHAVIOURS.add(
        f"a migration that would change {_what} is refused with 67",
        "libvirt.md 7",
        {"errors": ["67"], "state": "RUNNING/BOOTED", "events": [], "target": _at("")},
        partial(_refused, _before, _after),
    )
for _what, (_columns, _masters, _records) in MAPPED.items():
    BEHAVIOURS.add(
        f"a migration may change the interface's {_what}",
        "libvirt.md 7",
        {"errors": [""], "state": "RUNNING/MIGRATED", "masters": _masters, "records": _records, "h1": []},
        partial(_mapped, _columns),
    )


# --- the failure matrix --------------------------------------------------------------------------


def _row(row: Row, pair: Pair) -> Seen:
    seen = pair.play(row)
    seen.update({host: told(pair, host) for host in HOSTS})
    if row.bridge is False:
        seen["h2"].pop("records")
    if row.source and row.target:
        seen["one MAC"] = pair.macs("h1") == pair.macs("h2")
    if row.resumed is not None:
        seen["resume"] = pair.ask("h1", "resume")
        seen["runs on"] = [host for host in HOSTS if pair.state(host).startswith("RUNNING")]
    return seen


SILENT = "1"
"""A client whose own keepalive has found the silence: *connection closed due to keepalive timeout*."""


def _says(row: Row) -> Seen:
    says: Seen = {"error": SILENT if row.told == (8.0, 10.0) else row.error}
    if row.told is not None:
        says["noticed"] = True
    says["h1"] = _at(row.source, *row.source_events)
    says["h2"] = _at(row.target, *row.target_events)
    if row.bridge is False:
        says["h2"].pop("records")
    if row.source and row.target:
        says["one MAC"] = True
    if row.resumed is not None:
        says |= {"resume": "", "runs on": list(row.resumed)}
    return says


for _one in ROWS:
    BEHAVIOURS.add(f"migration: {_one.fault}", "libvirt.md 6", _says(_one), partial(_row, _one))


# --- a daemon started again ----------------------------------------------------------------------


def _restart(row: Restart, pair: Pair) -> Seen:
    seen = {**pair.restart(row), **{host: on(pair, host) for host in HOSTS}}
    return {**seen, "heard": pair.events(next(host for host in HOSTS if host != row.host))}


def _says_restart(row: Restart) -> Seen:
    ends = {"h1": _on(row.source), "h2": _on(row.target)}
    return {"error": row.error, **ends, "heard": list(row.heard)}


for _again in RESTARTS:
    BEHAVIOURS.add(
        f"daemon restarted: {_again.phase}", "libvirt.md 6", _says_restart(_again), partial(_restart, _again)
    )

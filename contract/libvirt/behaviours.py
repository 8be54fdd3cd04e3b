"""What libvirt does with a domain and its NICs on one host.  Errors are libvirt's numbers, "" for none."""

from __future__ import annotations

from contract.behaviours import Behaviours, Seen
from contract.libvirt.matrix import SECOND_NIC
from contract.libvirt.pair import Pair
from contract.libvirt.world import NIC, WEB1, replace
from fakes.records.libvirt import Definition

BEHAVIOURS = Behaviours("libvirt")
OTHER = replace(WEB1, uuid="uuid-web2", name="web2", interfaces=(SECOND_NIC,))
NOWHERE = {"state": "", "taps": 0, "records": []}
GONE = {"events": ["STOPPED/FAILED"], **NOWHERE}


def on(pair: Pair, host: str = "h1") -> Seen:
    """State, number of taps, records."""
    return {"state": pair.state(host), "taps": len(pair.taps(host)), "records": pair.records(host)}


def told(pair: Pair, host: str = "h1") -> Seen:
    """Events, and what is there."""
    return {"events": pair.events(host), **on(pair, host)}


def running(pair: Pair, definition: Definition = WEB1) -> None:
    """web1 runs on h1, and what it told is forgotten."""
    assert pair.create("h1", definition) == ""
    pair.forget()


def with_nic(**columns: object) -> Definition:
    """web1 with another interface."""
    return replace(WEB1, interfaces=(replace(NIC, **columns),))


# --- life ----------------------------------------------------------------------------------------


@BEHAVIOURS(
    "libvirt.md 2",
    {
        "error": "", "events": ["RESUMED/UNPAUSED", "STARTED/BOOTED"], "state": "RUNNING/BOOTED", "taps": 1,
        "records": ["port-1"],
    },
)  # fmt: skip
def a_start_tells_resumed_then_started(pair: Pair) -> Seen:
    error = pair.create("h1", WEB1)
    pair.settle()
    return {"error": error, **told(pair)}


@BEHAVIOURS("libvirt.md 2", {"errors": ["", ""], "events": ["SUSPENDED/PAUSED"], "state": "PAUSED/USER"})
def a_second_suspend_succeeds_and_tells_nothing(pair: Pair) -> Seen:
    running(pair)
    errors = [pair.ask("h1", "suspend"), pair.ask("h1", "suspend")]
    return {"errors": errors, "events": pair.events("h1"), "state": pair.state("h1")}


@BEHAVIOURS("libvirt.md 2", {"errors": ["", "55"], "events": ["RESUMED/UNPAUSED"], "state": "RUNNING/UNPAUSED"})
def a_second_resume_is_refused(pair: Pair) -> Seen:
    running(pair)
    pair.ask("h1", "suspend")
    pair.forget()
    errors = [pair.ask("h1", "resume"), pair.ask("h1", "resume")]
    return {"errors": errors, "events": pair.events("h1"), "state": pair.state("h1")}


@BEHAVIOURS("libvirt.md 2", {"error": "", "events": ["SHUTDOWN/HOST", "STOPPED/DESTROYED"], **NOWHERE})
def a_destroy_tells_shutdown_then_stopped_and_leaves_nothing(pair: Pair) -> Seen:
    running(pair)
    error = pair.ask("h1", "destroy")
    pair.settle()
    return {"error": error, **told(pair)}


@BEHAVIOURS("libvirt.md 2", {"error": "", "events": ["SHUTDOWN/HOST", "STOPPED/DESTROYED"], **NOWHERE})
def a_destroy_of_a_paused_domain_tells_the_same(pair: Pair) -> Seen:
    running(pair)
    pair.ask("h1", "suspend")
    pair.forget()
    error = pair.ask("h1", "destroy")
    pair.settle()
    return {"error": error, **told(pair)}


@BEHAVIOURS("libvirt.md 2", GONE)
def a_qemu_killed_tells_stopped_failed_and_leaves_nothing(pair: Pair) -> Seen:
    running(pair)
    pair.kill("h1", "qemu")
    pair.settle()
    return told(pair)


@BEHAVIOURS("libvirt.md 2", {"events": ["SHUTDOWN/HOST", "STOPPED/SHUTDOWN"], **NOWHERE})
def a_qemu_that_gets_sigterm_tells_shutdown_then_stopped(pair: Pair) -> Seen:
    running(pair)
    pair.terminate("h1")
    pair.settle()
    return told(pair)


VERBS = ("lookup", "suspend", "resume", "destroy", "abort")


@BEHAVIOURS("libvirt.md 3", dict.fromkeys(VERBS, "42"))
def a_vanished_domain_answers_every_call_with_42(pair: Pair) -> Seen:
    running(pair)
    pair.ask("h1", "suspend")
    pair.ask("h1", "destroy")
    return {verb: pair.ask("h1", verb) for verb in VERBS}


@BEHAVIOURS("libvirt.md 3", {"same uuid": "55", "same name": "9", "state": "RUNNING/BOOTED", "taps": 1})
def a_domain_that_is_active_or_whose_name_is_taken_is_refused(pair: Pair) -> Seen:
    running(pair)
    errors = {"same uuid": pair.create("h1", WEB1), "same name": pair.create("h1", replace(OTHER, name="web1"))}
    return {**errors, "state": pair.state("h1"), "taps": len(pair.taps("h1"))}


@BEHAVIOURS("libvirt.md 3", {"error": "55"})
def an_abort_without_a_job_is_55(pair: Pair) -> Seen:
    running(pair)
    return {"error": pair.ask("h1", "abort")}


@BEHAVIOURS("libvirt.md 3", {"error": "38", "events": [], **NOWHERE})
def a_start_on_a_bridge_that_is_missing_leaves_nothing(pair: Pair) -> Seen:
    error = pair.create("h1", with_nic(bridge="br-none", interfaceid=""))
    pair.settle()
    return {"error": error, **told(pair)}


@BEHAVIOURS("libvirt.md 3", {"error": "38", "events": [], **NOWHERE})
def a_start_whose_second_bridge_is_missing_takes_the_first_tap_away(pair: Pair) -> Seen:
    second = replace(SECOND_NIC, bridge="br-none", interfaceid="", slot=4)
    error = pair.create("h1", replace(WEB1, interfaces=(NIC, second)))
    pair.settle()
    return {"error": error, **told(pair)}


@BEHAVIOURS("libvirt.md 3", {"error": "1", "events": [], "state": "", "taps": 0})
def a_start_that_open_vswitch_refuses_leaves_no_domain_and_no_tap(pair: Pair) -> Seen:
    pair.kill("h1", "ovs")
    error = pair.create("h1", WEB1)
    seen = {"error": error, "events": pair.events("h1"), "state": pair.state("h1"), "taps": len(pair.taps("h1"))}
    pair.start("h1", "ovs")
    return seen


# --- taps ----------------------------------------------------------------------------------------


@BEHAVIOURS("libvirt.md 8", {"taps": ["tap-a"], "other": "55", "after": ["tap-a"], "records": []})
def a_tap_of_a_given_name_that_another_domain_has_is_refused_and_its_record_goes(pair: Pair) -> Seen:
    running(pair, with_nic(target="tap-a"))
    taps = pair.taps("h1")
    error = pair.create("h1", replace(OTHER, interfaces=(replace(SECOND_NIC, target="tap-a"),)))
    return {"taps": taps, "other": error, "after": pair.taps("h1"), "records": pair.records("h1")}


@BEHAVIOURS("libvirt.md 8", {"before": ["tap-a"], "error": "55", "after": []})
def a_persistent_tap_of_somebody_else_is_refused_and_deleted(pair: Pair) -> Seen:
    pair.make_tap("h1", "tap-a")
    before = pair.taps("h1")
    error = pair.create("h1", with_nic(type="ethernet", bridge="", interfaceid="", target="tap-a"))
    return {"before": before, "error": error, "after": pair.taps("h1")}


@BEHAVIOURS("libvirt.md 8", {"again": False})
def a_tap_name_that_libvirt_chose_is_not_used_again(pair: Pair) -> Seen:
    running(pair)
    first = pair.taps("h1")
    pair.ask("h1", "destroy")
    pair.settle()
    running(pair)
    return {"again": pair.taps("h1") == first}


@BEHAVIOURS("libvirt.md 8", {"taken over": False, "taps": 1})
def a_target_named_like_libvirts_own_is_chosen_anew(pair: Pair) -> Seen:
    running(pair, with_nic(target="vnet777"))
    return {"taken over": pair.taps("h1") == ["vnet777"], "taps": len(pair.taps("h1"))}


@BEHAVIOURS("libvirt.md 8", {"masters": ["storage"], "records": []})
def a_nic_of_a_linux_bridge_is_in_that_bridge(pair: Pair) -> Seen:
    running(pair, with_nic(bridge="storage", interfaceid=""))
    return {"masters": pair.masters("h1"), "records": pair.records("h1")}


@BEHAVIOURS("libvirt.md 8", {"masters": [""], "records": []})
def a_nic_of_type_ethernet_is_in_no_bridge(pair: Pair) -> Seen:
    running(pair, with_nic(type="ethernet", bridge="", interfaceid=""))
    return {"masters": pair.masters("h1"), "records": pair.records("h1")}


# --- the daemon ----------------------------------------------------------------------------------


@BEHAVIOURS("libvirt.md 6", {"events": [], "state": "RUNNING/BOOTED", "taps": 1, "records": ["port-1"]})
def a_daemon_that_restarts_finds_its_domain_running(pair: Pair) -> Seen:
    running(pair)
    pair.kill("h1", "libvirt")
    pair.start("h1", "libvirt")
    pair.settle()
    return told(pair)


@BEHAVIOURS("libvirt.md 8", {"taps": 0, "records": ["port-1"], "after": {"events": [], **NOWHERE}})
def a_record_outlives_daemon_and_qemu_until_the_daemon_is_back(pair: Pair) -> Seen:
    running(pair)
    pair.kill("h1", "libvirt")
    pair.kill("h1", "qemu")
    seen = {"taps": len(pair.taps("h1")), "records": pair.records("h1")}
    pair.start("h1", "libvirt")
    pair.settle()
    return {**seen, "after": told(pair)}


# --- hot plug ------------------------------------------------------------------------------------


@BEHAVIOURS(
    "libvirt.md 9", {"error": "", "macs": [NIC.mac, SECOND_NIC.mac], "taps": 2, "records": ["port-1", "port-2"]}
)
def an_attached_nic_has_tap_and_record(pair: Pair) -> Seen:
    running(pair)
    error = pair.ask("h1", "attachDevice", interface=SECOND_NIC)
    return {"error": error, "macs": pair.macs("h1"), "taps": len(pair.taps("h1")), "records": pair.records("h1")}


@BEHAVIOURS("libvirt.md 9", {"error": "38", "macs": [NIC.mac], "taps": 1})
def an_attach_to_a_bridge_that_is_missing_leaves_no_tap(pair: Pair) -> Seen:
    running(pair)
    error = pair.ask("h1", "attachDevice", interface=replace(SECOND_NIC, bridge="br-none", interfaceid=""))
    return {"error": error, "macs": pair.macs("h1"), "taps": len(pair.taps("h1"))}


@BEHAVIOURS("libvirt.md 9", {"error": "", "macs": [NIC.mac, NIC.mac], "taps": 2})
def a_second_nic_with_the_same_mac_is_accepted(pair: Pair) -> Seen:
    running(pair)
    error = pair.ask("h1", "attachDevice", interface=replace(SECOND_NIC, mac=NIC.mac))
    return {"error": error, "macs": pair.macs("h1"), "taps": len(pair.taps("h1"))}


@BEHAVIOURS(
    "libvirt.md 9",
    {"error": "", "events": [], "macs": [NIC.mac, SECOND_NIC.mac], "taps": 2, "records": ["port-1", "port-2"]},
)
def a_detach_returns_success_though_the_guest_keeps_the_nic(pair: Pair) -> Seen:
    running(pair)
    pair.ask("h1", "attachDevice", interface=SECOND_NIC)
    pair.forget()
    error = pair.ask("h1", "detachDevice", mac=SECOND_NIC.mac)
    pair.settle()
    return {
        "error": error, "events": pair.events("h1"), "macs": pair.macs("h1"), "taps": len(pair.taps("h1")),
        "records": pair.records("h1"),
    }  # fmt: skip


@BEHAVIOURS("libvirt.md 9", {"error": "9", "macs": [NIC.mac, NIC.mac]})
def a_detach_by_a_mac_that_two_nics_have_is_refused(pair: Pair) -> Seen:
    running(pair)
    pair.ask("h1", "attachDevice", interface=replace(SECOND_NIC, mac=NIC.mac))
    return {"error": pair.ask("h1", "detachDevice", mac=NIC.mac), "macs": pair.macs("h1")}


@BEHAVIOURS("libvirt.md 3", {"error": "99"})
def a_detach_of_a_nic_that_is_not_there_is_99(pair: Pair) -> Seen:
    running(pair)
    return {"error": pair.ask("h1", "detachDevice", mac="00:1a:4a:00:00:99")}


@BEHAVIOURS("libvirt.md 8", {"error": "55", "taps": ["tap-a", "vnet"], "records": ["port-1", "port-9"]})
def an_attach_with_another_domains_tap_name_leaves_its_record(pair: Pair) -> Seen:
    running(pair, replace(OTHER, interfaces=(replace(SECOND_NIC, target="tap-a", interfaceid="port-9"),)))
    running(pair)
    error = pair.ask("h1", "attachDevice", interface=replace(SECOND_NIC, target="tap-a"))
    taps = [name.rstrip("0123456789") for name in pair.taps("h1")]
    return {"error": error, "taps": taps, "records": pair.records("h1")}

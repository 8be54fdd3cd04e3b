"""What libvirt does with a domain that is saved to a file and restored."""

from __future__ import annotations

from contract.behaviours import Seen
from contract.libvirt.behaviours import BEHAVIOURS, NOWHERE, OTHER, on, running, told, with_nic
from contract.libvirt.matrix import SECOND_NIC
from contract.libvirt.pair import IMAGE, SLOW, UNWRITABLE, Pair
from contract.libvirt.world import NIC, WEB1, replace

SAVED = ["SUSPENDED/PAUSED", "STOPPED/SAVED"]
RESTORED = {
    "error": "", "events": ["STARTED/RESTORED", "RESUMED/FROM_SNAPSHOT"], "state": "RUNNING/RESTORED", "taps": 1,
    "records": ["port-1"],
}  # fmt: skip


def saved(pair: Pair, paused: bool = False) -> None:
    """web1 was running, or paused, on h1, and is in the image; what it told is forgotten."""
    running(pair)
    if paused:
        assert pair.ask("h1", "suspend") == ""
    assert pair.ask("h1", "save", path=IMAGE) == ""
    pair.settle()
    pair.forget()


def settled(pair: Pair, verb: str, path: str = IMAGE) -> Seen:
    """The call, and what is there in the end."""
    error = pair.ask("h1", verb, path=path)
    pair.settle()
    return {"error": error, **told(pair)}


@BEHAVIOURS("libvirt.md 2.1", {"error": "", "events": SAVED, **NOWHERE})
def a_save_tells_suspended_then_stopped_and_leaves_nothing(pair: Pair) -> Seen:
    running(pair)
    return settled(pair, "save")


@BEHAVIOURS("libvirt.md 2.1", {"error": "", "events": ["STOPPED/SAVED"], **NOWHERE})
def a_save_of_a_paused_domain_tells_stopped_alone(pair: Pair) -> Seen:
    running(pair)
    pair.ask("h1", "suspend")
    pair.forget()
    return settled(pair, "save")


@BEHAVIOURS("libvirt.md 2.1", RESTORED)
def a_restore_tells_started_then_resumed(pair: Pair) -> Seen:
    saved(pair)
    return settled(pair, "restore")


@BEHAVIOURS("libvirt.md 2.1", RESTORED)
def an_image_can_be_restored_again(pair: Pair) -> Seen:
    saved(pair)
    pair.ask("h1", "restore", path=IMAGE)
    pair.ask("h1", "destroy")
    pair.settle()
    pair.forget()
    return settled(pair, "restore")


@BEHAVIOURS(
    "libvirt.md 2.1",
    {
        "error": "", "events": ["STARTED/RESTORED", "SUSPENDED/RESTORED"], "state": "PAUSED/MIGRATION", "taps": 1,
        "records": ["port-1"], "resume": "", "after": "RUNNING/UNPAUSED",
    },
)  # fmt: skip
def a_domain_saved_while_paused_comes_back_paused_with_another_reason(pair: Pair) -> Seen:
    saved(pair, paused=True)
    seen = settled(pair, "restore")
    return {**seen, "resume": pair.ask("h1", "resume"), "after": pair.state("h1")}


@BEHAVIOURS("libvirt.md 2.1", {"errors": ["78", ""], "state": "PAUSED/MIGRATION", "events": []})
def a_domain_restored_paused_stays_paused_when_its_migration_is_aborted(pair: Pair) -> Seen:
    running(pair, replace(WEB1, memory=SLOW))
    for verb in ("suspend", "save", "restore"):
        assert pair.ask("h1", verb, **({} if verb == "suspend" else {"path": IMAGE})) == ""
    pair.settle()
    pair.forget()
    errors = pair.migrate("h1", "h2", during=[(1.0, "h1", "abort")])
    pair.settle()
    return {"errors": errors, "state": pair.state("h1"), "events": pair.events("h1")}


@BEHAVIOURS(
    "libvirt.md 2.1", {"error": "", "macs": [NIC.mac, SECOND_NIC.mac], "taps": 2, "records": ["port-1", "port-2"]}
)
def an_attached_nic_comes_back_too(pair: Pair) -> Seen:
    running(pair)
    pair.ask("h1", "attachDevice", interface=SECOND_NIC)
    pair.ask("h1", "save", path=IMAGE)
    error = pair.ask("h1", "restore", path=IMAGE)
    return {"error": error, "macs": pair.macs("h1"), "taps": len(pair.taps("h1")), "records": pair.records("h1")}


@BEHAVIOURS("libvirt.md 8", {"chosen": False, "given": ["tap-a"]})
def a_restore_keeps_a_given_tap_name_and_chooses_another_anew(pair: Pair) -> Seen:
    running(pair)
    first = pair.taps("h1")
    for verb in ("save", "restore"):
        assert pair.ask("h1", verb, path=IMAGE) == ""
    chosen = pair.taps("h1") == first
    pair.ask("h1", "destroy")
    pair.settle()
    running(pair, with_nic(target="tap-a"))
    for verb in ("save", "restore"):
        assert pair.ask("h1", verb, path=IMAGE) == ""
    return {"chosen": chosen, "given": pair.taps("h1")}


@BEHAVIOURS("libvirt.md 2.1", {"active": "55", "no file": "38", "name taken": "9", "vanished": "42"})
def a_restore_and_a_save_are_refused_with_these_numbers(pair: Pair) -> Seen:
    saved(pair)
    vanished = pair.ask("h1", "save", path=IMAGE)
    pair.ask("h1", "restore", path=IMAGE)
    active, none = (pair.ask("h1", "restore", path=path) for path in (IMAGE, "none.img"))
    pair.ask("h1", "destroy")
    assert pair.create("h1", replace(OTHER, name="web1")) == ""
    return {
        "active": active,
        "no file": none,
        "name taken": pair.ask("h1", "restore", path=IMAGE),
        "vanished": vanished,
    }


@BEHAVIOURS("libvirt.md 2.1", {"error": "38", "events": [], **NOWHERE})
def a_restore_on_a_bridge_that_is_missing_leaves_nothing(pair: Pair) -> Seen:
    running(pair, with_nic(bridge="storage", interfaceid=""))
    pair.ask("h1", "save", path=IMAGE)
    pair.settle()
    pair.forget()
    pair.delete_bridge("h1", "storage")
    return settled(pair, "restore")


@BEHAVIOURS(
    "libvirt.md 2.1",
    {
        "error": "38", "events": ["SUSPENDED/PAUSED", "RESUMED/UNPAUSED"], "state": "RUNNING/SAVE_CANCELED", "taps": 1,
        "records": ["port-1"],
    },
)  # fmt: skip
def a_save_whose_image_cannot_be_written_lets_the_domain_go_on(pair: Pair) -> Seen:
    running(pair)
    return settled(pair, "save", UNWRITABLE)


@BEHAVIOURS("libvirt.md 4", {"errors": ["", "42"], **NOWHERE})
def a_save_waits_for_the_migration_and_meets_42_when_the_vm_has_left(pair: Pair) -> Seen:
    running(pair, replace(WEB1, memory=SLOW))
    errors = pair.migrate("h1", "h2", during=[(1.0, "h1", "save")])
    pair.settle()
    return {"errors": errors, **on(pair)}

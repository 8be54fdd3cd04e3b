"""Events and replies travel apart: which of the two a client sees first, in several tries of one call."""

from __future__ import annotations

from contract.behaviours import Seen
from contract.libvirt.behaviours import BEHAVIOURS
from contract.libvirt.pair import Pair

EITHER: Seen = {"lost": 0, "orders": ["event first", "reply first"]}


def _orders(pair: Pair, verb: str) -> Seen:
    """In which orders the call's last event and its reply came; and how many events never did."""
    tries = pair.tries(verb)
    lost = sum(len(one) < 2 for one in tries)
    return {
        "lost": lost,
        "orders": sorted({"reply first" if one[0] == "reply" else "event first" for one in tries if one}),
    }


@BEHAVIOURS("libvirt.md 2", EITHER)
def an_event_of_suspend_comes_before_or_after_its_reply(pair: Pair) -> Seen:
    return _orders(pair, "suspend")


@BEHAVIOURS("libvirt.md 2", EITHER)
def an_event_of_resume_comes_before_or_after_its_reply(pair: Pair) -> Seen:
    return _orders(pair, "resume")


@BEHAVIOURS("libvirt.md 2", EITHER)
def the_last_event_of_destroy_comes_before_or_after_its_reply(pair: Pair) -> Seen:
    return _orders(pair, "destroy")


@BEHAVIOURS("libvirt.md 2", EITHER)
def the_last_event_of_a_start_comes_before_or_after_its_reply(pair: Pair) -> Seen:
    return _orders(pair, "create")

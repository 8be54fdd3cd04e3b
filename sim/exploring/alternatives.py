"""What can befall a point: every fate of the vocabulary, each either played or skipped for a stated reason.

A fate is skipped where it cannot strike (the table of the link does not have it, nobody waits for a reply, the victim
is not under test), and where it comes to the same as another one that is played.  That it does is proved by playing
it: tests compare the last rows and the findings of both.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator
from typing import NamedTuple

import msgspec

from sim.clock import SECOND
from sim.exploring.points import Place, Point
from sim.fates import MACHINE, ONE_WAY, Fate

PASSING = {"crash": 5 * SECOND, "power-loss": 60 * SECOND, "partition": 60 * SECOND}
"""How long what befalls a machine lasts [ours: a daemon is started again, a host boots, a cable is put back]."""


class Fated(NamedTuple):
    """A fate at a point.

    Args:
        skipped: why it is not played; "" if it is.
        same: the other fate at whose playing it comes to the same, if that is why; at the point named by `at`.
        at: "" for this point; ``request`` for the request to this reply, or that is answered by this write;
            ``before`` for the write before this point; ``nowhere`` if it comes to the same as no fate at all.
    """

    fate: Fate
    skipped: str = ""
    same: Fate | None = None
    at: str = ""


class Victims(NamedTuple):
    """Who can be struck.

    Args:
        process: of a process, whether it can die.
        node: of a node, whether it can lose power or be cut off.
        writes: of a process, what can become of its durable writes.
    """

    process: Callable[[Place], bool]
    node: Callable[[str], bool]
    writes: Callable[[Place], Container[str]]


LOST, CUT = Fate("lost"), Fate("lost", how="cut")
REPLY_LOST, REPLY_CUT = Fate("reply-lost"), Fate("reply-lost", how="cut")
LATE, DUPLICATED, HUNG = Fate("late"), Fate("duplicated"), Fate("hung")
BEFORE, AFTER = Fate("error-before"), Fate("error-after")

FATES = {
    "request": (Fate("refused"), LOST, CUT, BEFORE, AFTER, LATE, DUPLICATED, Fate("overtaken"), HUNG),
    "reply": (REPLY_LOST, REPLY_CUT, LATE),
    "commit": (Fate("commit-refused"), Fate("commit-unknown")),
}
"""By kind of point, what can become of the message or the write itself."""

NOT_ON_LINK = "the link does not have it"
NO_DATABASE = "no transaction of a database"
NO_REPLY = "nobody waits for a reply"
NOT_UNDER_TEST = "the victim is not under test"
ONE_NODE = "both ends are on one node"


def alternatives(point: Point, victims: Victims) -> Iterator[Fated]:
    """Every fate of the vocabulary at that point, in a fixed order; each once."""
    for fate in FATES[point.kind]:
        reason = _impossible(fate, point, victims)
        yield Fated(fate, reason) if reason else _fated(fate, point, victims)
    for fate in dict.fromkeys(_of_machines(point)):
        reason = _spared(fate, victims)
        yield Fated(fate, reason) if reason else _fated(fate, point, victims)


def _impossible(fate: Fate, point: Point, victims: Victims) -> str:
    """Why it cannot strike there; "" if it can."""
    if point.link is None:
        return "" if fate.name in victims.writes(point.by) else NO_DATABASE
    if fate.name not in point.link.fates:
        return NOT_ON_LINK
    return "" if point.answered or fate.name in ONE_WAY else NO_REPLY


# --- what befalls machines -----------------------------------------------------------------------


def _of_machines(point: Point) -> Iterator[Fate]:
    """Deaths of either end and of its node, and a partition between them."""
    moments = ("before", "after") if point.kind == "commit" else ("before",)
    for place in (point.to, point.by):
        for moment in moments:
            yield _machine("crash", process=place.process, node=place.node, moment=moment)
            yield _machine("power-loss", node=place.node, moment=moment)
    if point.kind != "commit":
        first, second = sorted((point.by.node, point.to.node))
        yield _machine("partition", between=(first, second))


def _machine(name: str, **whom: object) -> Fate:
    return msgspec.convert({"name": name, "back-after": PASSING[name], **whom}, Fate)


def _spared(fate: Fate, victims: Victims) -> str:
    """Why nobody is struck by it; "" if somebody is."""
    first, second = fate.between
    if fate.name == "partition" and first == second:
        return ONE_NODE
    nodes = fate.between if fate.name == "partition" else (fate.node,)
    if not all(map(victims.node, nodes)):
        return NOT_UNDER_TEST
    mortal = fate.name != "crash" or victims.process(Place(fate.process, fate.node))
    return "" if mortal else NOT_UNDER_TEST


# --- what comes to the same ----------------------------------------------------------------------


class _Same(NamedTuple):
    """At a point of that kind for which `holds`, this fate comes to the same as another, or as none."""

    kind: str
    fate: str
    how: str
    other: Callable[[Fate], Fate | None]
    at: str
    reason: str
    holds: Callable[[Point, Fate], bool]


def _gives_up(point: Point, fate: Fate) -> bool:
    """Whether its caller sees no more than silence, and gives up by a time-out."""
    return point.link is not None and point.link.timeout is not None and point.answered and not point.connected


def _unseen(point: Point, fate: Fate) -> bool:
    return not point.answered and not point.connected


def _reads(point: Point, fate: Fate) -> bool:
    return point.reads


def _itself(fate: Fate) -> Fate:
    return fate


def _asked(point: Point, fate: Fate) -> bool:
    """Whether it befalls who was asked, and not only who asks."""
    return point.to == Place(fate.process, fate.node) if fate.name == "crash" else point.to.node == fate.node


def _noticed(point: Point, fate: Fate) -> bool:
    """Whether the caller sees a death alike before and after the request was taken: else it is refused, or cut off."""
    return fate.name == "power-loss" or point.connected


def _follows_a_write(point: Point, fate: Fate) -> bool:
    return point.since == "write" and fate.moment == "before"


def _begins_with_it(point: Point, fate: Fate) -> bool:
    return point.since == "request" and fate.moment == "before"


def _ends_with_a_write(point: Point, fate: Fate) -> bool:
    return point.since == "write" and _asked(point, fate)


def _only_looks(point: Point, fate: Fate) -> bool:
    return point.since == "request" and _asked(point, fate) and _noticed(point, fate)


def _apart(point: Point, fate: Fate) -> bool:
    """Whether only the caller dies, and what was done meanwhile is done all the same.

    It is if nothing was, or nobody can have seen the caller die: who is elsewhere, and has no connection with it.
    """
    elsewhere = point.by.node != point.to.node and not point.connected
    return point.alone and not _asked(point, fate) and (elsewhere or point.reads)


_NOTHING_BACK = "nothing comes back, as if it were lost"
_ITS_CALLER = "its caller has given up by then"
_READS_ONLY = "the request changes nothing"
_SINCE_WRITE = "nothing has happened since the write before"
_SINCE_REQUEST = "nothing has happened since the request arrived"
_APART = "its caller only waits since the request arrived"

_RULES = (
    _Same("request", "hung", "", lambda fate: LOST, "", _NOTHING_BACK, _gives_up),
    _Same("request", "lost", "cut", lambda fate: LOST, "", "nobody waits who could see it cut", _unseen),
    _Same("request", "error-after", "", lambda fate: BEFORE, "", _READS_ONLY, _reads),
    _Same("request", "late", "", lambda fate: LOST, "", _READS_ONLY, _reads),
    _Same("request", "duplicated", "", lambda fate: None, "nowhere", _READS_ONLY, _reads),
    _Same("reply", "late", "", lambda fate: REPLY_LOST, "", _ITS_CALLER, _gives_up),
    _Same("reply", "reply-lost", "silence", lambda fate: LOST, "request", _READS_ONLY, _reads),
    _Same("reply", "reply-lost", "cut", lambda fate: CUT, "request", _READS_ONLY, _reads),
    _Same("commit", "crash", "", _itself, "before", _SINCE_WRITE, _follows_a_write),
    _Same("commit", "power-loss", "", _itself, "before", _SINCE_WRITE, _follows_a_write),
    _Same("commit", "power-loss", "", _itself, "request", _SINCE_REQUEST, _begins_with_it),
    _Same("reply", "crash", "", _itself, "before", _SINCE_WRITE, _ends_with_a_write),
    _Same("reply", "power-loss", "", _itself, "before", _SINCE_WRITE, _ends_with_a_write),
    _Same("reply", "crash", "", _itself, "request", _SINCE_REQUEST, _only_looks),
    _Same("reply", "power-loss", "", _itself, "request", _SINCE_REQUEST, _only_looks),
    _Same("reply", "crash", "", _itself, "request", _APART, _apart),
    _Same("reply", "power-loss", "", _itself, "request", _APART, _apart),
)  # fmt: skip


def _fated(fate: Fate, point: Point, victims: Victims) -> Fated:
    """The fate, unless it comes to the same as another that the point, or the one named, can meet."""
    for rule in _RULES:
        if (rule.kind, rule.fate) != (point.kind, fate.name) or rule.how not in ("", fate.how):
            continue
        other = rule.other(fate)
        if rule.holds(point, fate) and (
            other is None or other.name in MACHINE or not _impossible(other, point, victims)
        ):
            return Fated(fate, rule.reason, other, rule.at)
    return Fated(fate)

"""What a run is called that came to no verdict: an id by its cause, as a finding has one."""

from __future__ import annotations

import re

from sim.findings import UNKNOWN, Result

_AT_WORK = ": still at work: "


def unknown_in(result: Result) -> dict[str, str]:
    """Why the run came to no verdict, by its id; nothing if it came to one.

    What was found, or was stated and did not happen, is beside that: neither hides it.
    """
    return {unknown_id(result.unknown): result.unknown} if result.unknown else {}


def unknown_id(why: str) -> str:
    """The bound that was passed, and what was at work then, without names and numbers."""
    bound, _, at_work = why.partition(_AT_WORK)
    first = at_work.partition(", ")[0].rpartition(" > ")[2]
    place, *verb = re.sub(r"\[[^]]*\]", "", first).split()[:2] or [""]
    words = [bound.partition(",")[0], " ".join([place.partition("-")[0], *verb])]
    return "/".join([UNKNOWN, *filter(None, map(_slug, words))])


def _slug(words: str) -> str:
    return "-".join(re.findall(r"[a-z]+", re.sub(r"\w*\d\w*", "", words.lower())))


def is_unknown(name: str) -> bool:
    """Whether that is such an id."""
    return name.partition("/")[0] == UNKNOWN

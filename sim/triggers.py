"""Triggers: where a fault strikes, in words.

``libvirt[h1] perform web1`` names a request; with ``reply`` at its end, the reply;
``engine[engine] commits VM web1 Up`` a durable write.  ``*`` stands for any node, verb or subject.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from sim.messages import Call
    from sim.tasks import Task

_FORM = re.compile(r"(?P<process>[\w.-]+)(?:\[(?P<node>[\w.*-]+)\])?\s+(?P<rest>\S.*)\Z")


class Trigger(msgspec.Struct, frozen=True):
    """A parsed trigger; `kind` is ``request``, ``reply`` or ``commit``."""

    text: str
    kind: str
    process: str
    node: str
    verb: str
    subject: str

    def matches(self, call: Call) -> bool:
        """Whether this request (or the reply to it) is meant."""
        return (
            call.process == self.process
            and self.verb in ("*", call.verb)
            and self.node in ("*", call.node)
            and self.subject in ("*", call.subject)
        )

    def matches_commit(self, task: Task, why: str) -> bool:
        """Whether this durable write is meant."""
        return (
            task.process.name == self.process
            and self.node in ("*", task.process.node.name)
            and self.subject in ("*", why)
        )


@lru_cache(maxsize=1024)
def parse(text: str) -> Trigger:
    """The trigger of that text.

    Raises:
        ValueError: the text has not the form of a trigger.
    """
    match = _FORM.match(text.strip())
    if match is None:
        form = "`process[node] verb subject`, such as `libvirt[h1] perform web1`"
        raise ValueError(f"{text!r} is no trigger; write {form}")
    process, node, rest = match["process"], match["node"] or "*", match["rest"].strip()
    if rest.startswith("commits "):
        return Trigger(text, "commit", process, node, "commits", rest.removeprefix("commits ").strip())
    kind = "request"
    if rest.endswith(" reply"):
        kind, rest = "reply", rest.removesuffix(" reply").strip()
    verb, _, subject = rest.partition(" ")
    return Trigger(text, kind, process, node, verb, subject.strip() or "*")

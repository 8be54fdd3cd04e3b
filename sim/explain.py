"""From a broken check to a finding: which event made the subject, since when it is wrong, which fault.

Nothing here guesses: the making event is the one whose delta made the row; "since" is found by playing
the trace again and asking the same check after every event that could matter.
"""

from __future__ import annotations

import re
from typing import Any

from sim.checks import Broken, Check, Subject, View
from sim.faults import Standing
from sim.findings import Finding
from sim.tables import Key, Schema
from sim.trace import Trace
from sim.travel import Traveller

_NUMBER = re.compile(r"\s*[#@]\d+")


class Explainer:
    """Explains the broken checks of one run.

    Args:
        trace: its trace.
        schemas: every schema of its world, by name.
        standing: the faults that never healed.
        begin: the event with which the history under test began; what a scenario expects of that history
            is not wrong before it.
    """

    def __init__(self, trace: Trace, schemas: dict[str, Schema[Any]], standing: list[Standing], begin: int = 0) -> None:
        self.events = trace.events
        self.trace = trace
        self.schemas = schemas
        self.standing = standing
        self.begin = begin
        self.nodes = {delta.node for event in self.events[:1] for delta in event.deltas}

    def finding(self, broken: Broken) -> Finding:
        """The finding of that breach."""
        check, breach = broken.check, broken.breach
        last = broken.event
        made = self._made(breach.subject, last)
        since = self._since(check, broken.key, last)
        identity = (check.id, breach.role, self._maker(made), self._command(since))
        return Finding(
            id="/".join(re.sub(r"\s+", "-", part) for part in identity),
            check=check.id,
            statement=check.statement,
            subject=f"{breach.subject.schema}[{breach.subject.node}] {_key(breach.subject.key)}",
            remains=breach.remains,
            made=self.describe(made),
            made_at=self._time(made),
            since=self.describe(since),
            since_at=self._time(since),
            fault=self._fault(since, last),
            found_at=broken.time,
            excused=self._excuse(breach.subject.node, breach.place),
            made_event=made,
            since_event=since,
        )

    def _time(self, number: int) -> int:
        return self.events[number].time if number >= 0 else 0

    def _made(self, subject: Subject, last: int) -> int:
        """The event that made the row, the latest if it was made several times; -1 if none did."""
        for number in range(last, -1, -1):
            for delta in self.events[number].deltas:
                if delta.old is None and (delta.schema, delta.node, delta.key) == tuple(subject):
                    return number
        return -1

    def _since(self, check: Check, key: Key, last: int) -> int:
        """The event after which the key was wrong without a break until it was found.

        -1 for what a scenario expects and what was not so when its history began.
        """
        traveller = Traveller(self.schemas)
        watched = set(check.watches)
        since, wrong = -1, False
        first = 0 if check.of_rows else self.begin
        for number in range(last + 1):
            event = self.events[number]
            traveller.play(event)
            if number == first or any(delta.schema in watched for delta in event.deltas):
                now = number >= first and _judge(check, traveller.view, key)
                if now and not wrong:
                    since = number if check.of_rows or number > first else -1
                wrong = now
        return since

    def _fault(self, since: int, last: int) -> str:
        """The fate that struck last at or before the moment it went wrong; else the first after it."""
        fates = [number for number, event in enumerate(self.events[: last + 1]) if event.kind == "fate"]
        before = [number for number in fates if number <= since]
        chosen = before[-1:] or fates[:1]
        return self.events[chosen[0]].what if chosen else ""

    def _excuse(self, *nodes: str) -> str:
        """The standing fault of a node that alone could undo it."""
        for standing in self.standing:
            if standing.node and standing.node in nodes:
                return standing.what
        return ""

    def _maker(self, number: int) -> str:
        """The kind of the nearest request, round or start that brought the event about."""
        for cause in self.trace.causes(number):
            event = self.events[cause]
            if event.kind == "call":
                words = event.what.split()
                return f"{_process(words[0])} {words[1]}"
            if event.kind in ("round", "start"):
                return f"{_process(event.where)} {_NUMBER.sub('', event.what)}"
        return "nobody"

    def _command(self, number: int) -> str:
        """The kind of the step, round or start at the root of the event."""
        root = -1
        for cause in self.trace.causes(number):
            root = cause
        if root < 0:
            return "nobody"
        event = self.events[root]
        if event.kind == "step":
            return event.what.split()[0]
        if event.kind == "task":
            return f"{_process(event.where)} {event.what.split()[0]}"
        words = [word for word in _NUMBER.sub("", event.what).split() if word not in self.nodes]
        return f"{_process(event.where)} {' '.join(words)}"

    def describe(self, number: int) -> str:
        """An event in words: where, what, and the step or round that it belongs to."""
        if number < 0:
            return "the world as it was given"
        event = self.events[number]
        roots = [self.events[cause] for cause in self.trace.causes(number)]
        root = roots[-1]
        within = f", within {root.where} {root.what}" if root is not event else ""
        return f"{event.where} {event.what}{within}"


def _judge(check: Check, view: View, key: Key) -> bool:
    try:
        return check.judge(view, key) is not None
    except KeyError:  # the key's rows do not exist yet
        return False


def _process(where: str) -> str:
    """``qemu-web1[h1]`` -> ``qemu``: the name of the program without its node and instance."""
    return where.partition("[")[0].partition("-")[0]


def _key(key: Key) -> str:
    return "/".join(map(str, key)) if isinstance(key, tuple) else str(key)

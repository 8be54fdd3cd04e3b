"""Random calls: what can be called on a pair, and what is seen of both hosts after each call."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import NamedTuple

from contract.behaviours import Seen
from contract.libvirt.matrix import SECOND_NIC
from contract.libvirt.pair import HOSTS, IMAGE, At, Pair
from contract.libvirt.world import WEB1, replace

VM = replace(WEB1, memory=1_536)
"""Big enough that something can be done in Perform, small enough to move in some seconds if nothing is."""
MEANWHILE = {
    "migrate and abort": ("source", "abort"),
    "migrate and destroy source": ("source", "destroy"),
    "migrate and destroy target": ("target", "destroy"),
}
VERBS = (
    "start", "suspend", "resume", "plug", "unplug", "migrate", "destroy", "abort", "kill qemu", "restart daemon",
    "save", "restore", *MEANWHILE,
)  # fmt: skip
SAME_ERROR = {("migrate and destroy target", "42"): "9"}
"""Which of the two it is hangs on whether the target has gone when the source cancels (alternatives.yaml says more)."""
INTO = 1.0
"""Seconds into Perform at which something is done meanwhile."""


class Call(NamedTuple):
    """One call, about web1 on that host; of a migration it is the source."""

    verb: str
    host: str

    def __str__(self) -> str:
        return f"{self.verb} on {self.host}"


class Side:
    """A pair, and how much of its events was looked at."""

    def __init__(self, pair: Pair) -> None:
        self.pair = pair
        self.heard = dict.fromkeys(HOSTS, 0)

    def do(self, call: Call) -> list[str]:
        """Make the call; its error, and that of what was done meanwhile."""
        pair, host = self.pair, call.host
        other = next(one for one in HOSTS if one != host)
        match call.verb:
            case "start":
                return [pair.create(host, VM)]
            case "plug":
                return [pair.ask(host, "attachDevice", interface=SECOND_NIC)]
            case "unplug":
                return [pair.ask(host, "detachDevice", mac=SECOND_NIC.mac)]
            case "save" | "restore":
                return [pair.ask(host, call.verb, path=IMAGE)]
            case "migrate" | "migrate and abort" | "migrate and destroy source" | "migrate and destroy target":
                return self._migrate(call.verb, host, other)
            case "kill qemu":
                self._kill_qemu(host)
            case "restart daemon":
                pair.kill(host, "libvirt")
                pair.start(host, "libvirt")
            case verb:
                return [pair.ask(host, verb)]
        return []

    def _migrate(self, verb: str, source: str, target: str) -> list[str]:
        meanwhile = self._meanwhile(verb, source, target)
        error, *rest = self.pair.migrate(source, target, during=meanwhile)
        return [SAME_ERROR.get((verb, error), error) if meanwhile else error, *rest]

    def _meanwhile(self, verb: str, source: str, target: str) -> list[At]:
        """Nothing, if there will be no Perform."""
        if verb not in MEANWHILE or not self.pair.state(source) or self.pair.state(target):
            return []
        at, what = MEANWHILE[verb]
        return [(INTO, source if at == "source" else target, what)]

    def _kill_qemu(self, host: str) -> None:
        if self.pair.state(host):
            self.pair.kill(host, "qemu")

    def look(self) -> Seen:
        """Of both hosts: state, devices, and the events since the last call."""
        return {host: self._of(host) for host in HOSTS}

    def _of(self, host: str) -> Seen:
        state = self.pair.state(host)
        return {
            "state": state,
            "macs": self.pair.macs(host) if state else [],
            "taps": len(self.pair.taps(host)),
            "records": self.pair.records(host),
            "events": self.pair.events(host)[self.heard[host] :],
        }

    def looked(self) -> None:
        """The next call begins: events so far count no more."""
        self.heard = {host: len(self.pair.events(host)) for host in HOSTS}


def until(side: Side, expected: Seen, patience: float) -> Seen:
    """What is seen once it is as expected, or when the patience has ended."""
    end = time.monotonic() + patience
    while (seen := side.look()) != expected and time.monotonic() < end:
        time.sleep(0.1)
    return seen


def played(pair: Pair, calls: Sequence[Call]) -> list[Seen]:
    """What is seen after each of the calls, on a pair of fakes."""
    side, found = Side(pair), []
    for call in calls:
        side.looked()
        errors = side.do(call)
        pair.settle()
        found.append({"errors": errors, **side.look()})
    return found

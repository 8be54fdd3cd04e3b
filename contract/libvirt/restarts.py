"""A daemon that dies at a phase of a migration and is started again: what both daemons make of it.

It is data, as the failure matrix is (docs/facts/libvirt.md 6: daemon restart, by recorded phase).  The daemon dies as a
message leaves: a request that it sends itself still arrives, any other message at that point is lost with it.
"""

from __future__ import annotations

from typing import NamedTuple

from contract.behaviours import Seen
from contract.libvirt.matrix import (
    ARRIVED,
    AUTODESTROYED,
    BACK,
    BACK_EVENTS,
    FINISH,
    LIMBO,
    PREPARE,
    STAYED,
    THERE,
)
from contract.libvirt.world import Hosts, fault, running
from sim.clock import MS, SECOND

BACK_AFTER = 1 * SECOND
"""From the daemon's death to its next start."""
BEGIN, PERFORM, CONFIRM = "libvirt[h1] begin web1", "libvirt[h1] perform web1", "libvirt[h1] confirm web1"


class Restart(NamedTuple):
    """One row.

    Args:
        phase: where it dies; the row's name.
        at: the message at which it does.
        host: whose daemon.
        error: libvirt's number as the migrating client sees it.
        source, target: how the domains end, "" for gone.
        heard: what the client of the other host hears; that of the host itself is away with its daemon.
        client_managed: the client sends all five calls itself.
        later: milliseconds from the message to the death; the message then arrives.
        frozen: the host whose qemu stands still meanwhile, so that its daemon goes no further.
        commit: for the fake, that has no qemu that stands still: the write after which the daemon dies.
        lost: the message is lost, whoever dies.
    """

    phase: str
    at: str
    host: str
    error: str
    source: str
    target: str
    heard: tuple[str, ...] = ()
    client_managed: bool = False
    later: int = 0
    frozen: str = ""
    commit: str = ""
    lost: bool = False

    @property
    def call(self) -> tuple[str, bool, str]:
        """Of the message: the call, whether it is its reply, and the host that is asked."""
        words = self.at.split()
        return words[1], words[-1] == "reply", words[0].split("[")[1].rstrip("]")

    @property
    def arrives(self) -> bool:
        """Whether the message gets through."""
        _, reply, asked = self.call
        return not self.lost and (bool(self.later or self.frozen) or (not reply and asked != self.host))


RESTARTS = (
    Restart("source in BEGIN3, Prepare on its way", PREPARE, "h1", "38", STAYED, "", AUTODESTROYED),
    Restart("source in BEGIN3, target in PREPARE", f"{PREPARE} reply", "h1", "38", STAYED, "", AUTODESTROYED),
    Restart("target in PREPARE", f"{PREPARE} reply", "h2", "1", STAYED, ""),
    Restart("target in PREPARE, the memory there", FINISH, "h2", "1", BACK, "", BACK_EVENTS),
    Restart("source in PERFORM3_DONE, Finish on its way", FINISH, "h1", "38", LIMBO, THERE, ARRIVED),
    Restart("source in PERFORM3_DONE, target arrived", f"{FINISH} reply", "h1", "38", LIMBO, THERE, ARRIVED),
    Restart("target arrived", f"{FINISH} reply", "h2", "1", BACK, THERE, BACK_EVENTS),
    Restart("target in FINISH3, CPUs stand", FINISH, "h2", "1", BACK, "", BACK_EVENTS,
            frozen="h2", commit="libvirt[h2] commits web1 phase FINISH3"),
    Restart("source in CONFIRM3", f"{FINISH} reply", "h1", "38", "", THERE, ARRIVED, later=400),
    Restart("source in CONFIRM3_CANCELLED", FINISH, "h1", "38", BACK, "", AUTODESTROYED,
            frozen="h1", commit="libvirt[h1] commits web1 phase CONFIRM3_CANCELLED", lost=True),
    Restart("client-managed: source in BEGIN3", f"{BEGIN} reply", "h1", "38", STAYED, "", client_managed=True),
    Restart("client-managed: target in PREPARE", f"{PREPARE} reply", "h2", "38", STAYED, "", client_managed=True),
    Restart("client-managed: source in PERFORM3_DONE", f"{PERFORM} reply", "h1", "38", LIMBO, "",
            ("STARTED/MIGRATED", "STOPPED/FAILED"), client_managed=True),
    Restart("client-managed: target arrived", f"{FINISH} reply", "h2", "38", BACK, THERE, BACK_EVENTS,
            client_managed=True),
    Restart("client-managed: source in PERFORM3_DONE, Confirm on its way", CONFIRM, "h1", "", LIMBO, THERE, ARRIVED,
            client_managed=True),
)  # fmt: skip
"""PERFORM3 is in the failure matrix.  FINISH3 with running CPUs is over before a message could be held."""


def play(row: Restart) -> tuple[Hosts, Seen]:
    """On the fake: the daemon dies at the message, or after the write, and is back a second later."""
    delay = row.later * MS or int(row.arrives and not row.commit)  # a request that leaves arrives first
    blow = fault(row.commit or row.at, "crash", node=row.host, process="libvirt", back_after=BACK_AFTER, delay=delay,
                 **({"moment": "after"} if row.commit else {}))  # fmt: skip
    losses = [fault(row.at, "lost", how="cut")] if row.lost else []
    hosts = running("9.0", blow, *losses)
    answer = hosts.client_managed() if row.client_managed else hosts.migrate()
    hosts.run(90)
    assert hosts.decisions.missed() == []
    return hosts, {"error": answer.error}

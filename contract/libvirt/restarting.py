"""A real daemon that dies while the proxy holds a message, and is started again."""

from __future__ import annotations

import signal
import threading
import time
from typing import TYPE_CHECKING

from contract.behaviours import Seen
from contract.libvirt.migrating import Migrating
from contract.libvirt.proxy import Rule
from contract.libvirt.restarts import BACK_AFTER, Restart
from contract.libvirt.world import WEB1
from sim.clock import SECOND

if TYPE_CHECKING:
    from contract.libvirt.real import RealPair

STUCK = 1.0
"""Seconds in which a daemon comes to the command that a qemu which stands still does not answer."""


def play(pair: RealPair, row: Restart) -> Seen:
    """A row of `contract.libvirt.restarts`."""
    pair.create("h1", WEB1)
    pair.forget()
    call, reply, asked = row.call
    proxy = pair.proxies[f"{'client' if row.client_managed else 'peer'}-{asked}"]
    died = threading.Event()

    def seen(one: str, answers: bool) -> None:
        if (one, answers) == (call, reply) and not died.is_set():
            _blow(pair, row, died)

    if not row.arrives:
        proxy.arm(Rule(call, reply, "cut"))
    proxy.watchers.append(seen)
    moving = Migrating(pair, "h1", "h2", row.client_managed)
    moving.thread.start()
    assert died.wait(60), f"no {row.at}"
    moving.thread.join(60)
    time.sleep(BACK_AFTER / SECOND)
    pair.start(row.host, "libvirt")
    pair.settle()
    return {"error": moving.error}


def _blow(pair: RealPair, row: Restart, died: threading.Event) -> None:
    """The daemon dies now; or a little later, while the message goes on."""
    if row.frozen:
        pair.hosts[row.frozen].kill_qemu("web1", signal.SIGSTOP)
    if row.frozen or row.later:
        threading.Thread(target=_later, args=(pair, row, died), daemon=True).start()
        return
    pair.kill(row.host, "libvirt")
    died.set()


def _later(pair: RealPair, row: Restart, died: threading.Event) -> None:
    time.sleep(row.later / 1_000 or STUCK)
    pair.kill(row.host, "libvirt")
    if row.frozen:
        pair.hosts[row.frozen].kill_qemu("web1", signal.SIGCONT)
    died.set()

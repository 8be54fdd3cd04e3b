"""The pair of hosts of the contract: what a behaviour can do to it and see of it, real or fake.

Facts: docs/facts/libvirt.md 2, 3, 5 and 6.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from contract.behaviours import Seen
from contract.libvirt.matrix import SECOND_NIC, Row
from contract.libvirt.restarts import Restart
from fakes.records.libvirt import Definition

HOSTS = ("h1", "h2")
SLOW = 512 * 8
"""Memory of a VM whose migration takes long enough to do something meanwhile: 16 s on the fake."""
LONG = 512 * 32
"""Whoever waits for the job of its migration gives up first: 64 s on the fake."""
IMAGE, UNWRITABLE = "web1.img", "/nowhere/web1.img"
"""Files of saved domains: one in a folder of the host, one in a folder that is not there."""
ARGS: dict[str, dict[str, Any]] = {"attachDevice": {"interface": SECOND_NIC}, "save": {"path": IMAGE}}
"""Of calls that are made while web1 moves."""
TRIED: dict[str, tuple[str, str]] = {
    "create": ("STARTED/BOOTED", "destroy"), "suspend": ("SUSPENDED/PAUSED", "resume"),
    "resume": ("RESUMED/UNPAUSED", "suspend"), "destroy": ("STOPPED/DESTROYED", "create"),
}  # fmt: skip
"""The last event of each call that is tried several times, and what undoes the call."""
At = tuple[float, str, str]
"""So many seconds into Perform, this host, that verb."""


class Pair(Protocol):
    """Hosts ``h1`` and ``h2``, each with bridge ``br-int`` of Open vSwitch and bridge ``storage`` of Linux.

    Errors are libvirt's numbers, "" for none.  Whatever guest there is never lets go of a NIC.
    """

    def create(self, host: str, definition: Definition) -> str:
        """createXML"""

    def ask(self, host: str, verb: str, /, **args: Any) -> str:
        """A call about web1: suspend, resume, destroy, abort, lookup, attachDevice, detachDevice, save, restore."""

    def tries(self, verb: str) -> list[list[str]]:
        """That call several times on h1: of each, its last event and ``reply``, in the order in which they came."""

    def migrate(self, source: str, target: str, dxml: Definition | None = None, during: Sequence[At] = ()) -> list[str]:
        """Peer to peer; its error, and those of the calls made during Perform."""

    def play(self, row: Row) -> Seen:
        """A row of the failure matrix: ``error``, and ``noticed`` if the row says how long that took."""

    def restart(self, row: Restart) -> Seen:
        """A migration in which a daemon dies and is started again: ``error``."""

    def at_steps(self, look: Callable[[], Any]) -> dict[str, Any]:
        """A migration from h1 to h2, and a look after each step."""

    def settle(self) -> None:
        """Wait until nothing happens any more."""

    def forget(self) -> None:
        """What was told before counts no more."""

    def state(self, host: str) -> str:
        """Of web1: ``RUNNING/BOOTED``; "" for none."""

    def events(self, host: str) -> list[str]:
        """What the host's client was told of web1 and its kin, in order."""

    def taps(self, host: str) -> list[str]:
        """Names of the host's taps."""

    def masters(self, host: str) -> list[str]:
        """The bridge of Linux that each tap is in, "" for none."""

    def records(self, host: str) -> list[str]:
        """iface-ids of the host's records in Open vSwitch."""

    def macs(self, host: str) -> list[str]:
        """MACs of web1's live XML."""

    def delete_bridge(self, host: str, name: str) -> None:
        """A bridge of Linux goes."""

    def make_tap(self, host: str, name: str) -> None:
        """A persistent tap of somebody else."""

    def kill(self, host: str, process: str) -> None:
        """SIGKILL for ``libvirt``, ``qemu`` or ``ovs``."""

    def terminate(self, host: str) -> None:
        """SIGTERM for web1's qemu."""

    def start(self, host: str, process: str) -> None:
        """Start ``libvirt`` or ``ovs`` again."""

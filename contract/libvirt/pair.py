"""The pair of hosts of the contract: what a behaviour can do to it and see of it, real or fake.

Facts: docs/facts/libvirt.md 2, 3, 5 and 6.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from contract.behaviours import Seen
from contract.libvirt.matrix import Row
from fakes.records.libvirt import Definition

HOSTS = ("h1", "h2")
SLOW = 512 * 8
"""Memory of a VM whose migration takes long enough to do something meanwhile: 16 s on the fake."""
LONG = 512 * 32
"""Whoever waits for the job of its migration gives up first: 64 s on the fake."""
At = tuple[float, str, str]
"""So many seconds into Perform, this host, that verb."""


class Pair(Protocol):
    """Hosts ``h1`` and ``h2``, each with bridge ``br-int`` of Open vSwitch and bridge ``storage`` of Linux.

    Errors are libvirt's numbers, "" for none.  Whatever guest there is never lets go of a NIC.
    """

    def create(self, host: str, definition: Definition) -> str:
        """createXML"""

    def ask(self, host: str, verb: str, /, **args: Any) -> str:
        """A call about web1: suspend, resume, destroy, abort, lookup, attachDevice, detachDevice."""

    def migrate(self, source: str, target: str, dxml: Definition | None = None, during: Sequence[At] = ()) -> list[str]:
        """Peer to peer; its error, and those of the calls made during Perform."""

    def play(self, row: Row) -> Seen:
        """A row of the failure matrix: ``error``, and ``noticed`` if the row says how long that took."""

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

    def make_tap(self, host: str, name: str) -> None:
        """A persistent tap of somebody else."""

    def kill(self, host: str, process: str) -> None:
        """SIGKILL for ``libvirt``, ``qemu`` or ``ovs``."""

    def terminate(self, host: str) -> None:
        """SIGTERM for web1's qemu."""

    def start(self, host: str, process: str) -> None:
        """Start ``libvirt`` or ``ovs`` again."""

"""The real parts, and for each how to get a host of it, real or fake."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from contract import libvirt, linux, openvswitch
from contract.behaviours import Behaviour
from contract.lab import Lab

Host = AbstractContextManager[Any]


@dataclass(frozen=True)
class Part:
    """A real part.

    Attributes:
        title: its name for people.
        behaviours: what is compared.
        fake: a fresh host of fakes, for one behaviour.
        real: a fresh host of the real part in the lab, for one behaviour.
        packages: of Debian 12, that the real part needs.
        version: of the installed real part.
    """

    title: str
    behaviours: list[Behaviour]
    fake: Callable[[], Host]
    real: Callable[[Lab], Host]
    packages: tuple[str, ...]
    version: Callable[[], str]


PARTS: dict[str, Part] = {
    "libvirt": Part(
        "libvirt and QEMU",
        libvirt.BEHAVIOURS.all,
        libvirt.FakePair,
        libvirt.RealPair,
        libvirt.PACKAGES,
        libvirt.version,
    ),
    "linux": Part(
        "Linux", linux.BEHAVIOURS.all, linux.FakeHost, linux.RealHost, ("iproute2", "bridge-utils"), linux.version
    ),
    "openvswitch": Part(
        "Open vSwitch",
        openvswitch.BEHAVIOURS.all,
        openvswitch.FakeHost,
        openvswitch.RealHost,
        openvswitch.PACKAGES,
        openvswitch.version,
    ),
}

"""The words of a scenario's `then: eventually`: what this history must come to."""

from __future__ import annotations

from typing import ClassVar

from scenarios.model import Strict


class Expectation(Strict, frozen=True):
    """One expectation with its arguments; `scenarios.playing` makes a check of it."""

    word: ClassVar[str]
    example: ClassVar[str]
    refers: ClassVar[dict[str, str]] = {}


class VmRuns(Expectation, frozen=True):
    """The VM runs, on that host if one is named, and nowhere else."""

    word: ClassVar[str] = "vm-runs"
    example: ClassVar[str] = "vm-runs: {vm: web1, host: h1}"
    refers: ClassVar[dict[str, str]] = {"vm": "vm", "host": "host"}

    vm: str
    host: str = ""


class VmDown(Expectation, frozen=True):
    """The VM exists and is down."""

    word: ClassVar[str] = "vm-down"
    example: ClassVar[str] = "vm-down: {vm: web1}"
    refers: ClassVar[dict[str, str]] = {"vm": "vm"}

    vm: str


class VmGone(Expectation, frozen=True):
    """No engine knows a VM of that name."""

    word: ClassVar[str] = "vm-gone"
    example: ClassVar[str] = "vm-gone: {vm: web1}"
    refers: ClassVar[dict[str, str]] = {"vm": "vm"}

    vm: str


class NetworkOperational(Expectation, frozen=True):
    """The logical network exists and is operational in the cluster."""

    word: ClassVar[str] = "network-operational"
    example: ClassVar[str] = "network-operational: {network: red, cluster: blue}"
    refers: ClassVar[dict[str, str]] = {"network": "network", "cluster": "cluster"}

    network: str
    cluster: str


class NetworkGone(Expectation, frozen=True):
    """No engine knows a logical network of that name."""

    word: ClassVar[str] = "network-gone"
    example: ClassVar[str] = "network-gone: {network: red}"
    refers: ClassVar[dict[str, str]] = {"network": "network"}

    network: str


class VnicPlugged(Expectation, frozen=True):
    """The vNIC is plugged, and its VM, which runs, has it."""

    word: ClassVar[str] = "vnic-plugged"
    example: ClassVar[str] = "vnic-plugged: {vm: web1, nic: nic2}"
    refers: ClassVar[dict[str, str]] = {"vm": "vm", "nic": "nic"}

    vm: str
    nic: str


class VnicUnplugged(Expectation, frozen=True):
    """The vNIC exists and is unplugged, and its VM does not have it."""

    word: ClassVar[str] = "vnic-unplugged"
    example: ClassVar[str] = "vnic-unplugged: {vm: web1, nic: nic2}"
    refers: ClassVar[dict[str, str]] = {"vm": "vm", "nic": "nic"}

    vm: str
    nic: str


class VnicGone(Expectation, frozen=True):
    """The VM has no vNIC of that name."""

    word: ClassVar[str] = "vnic-gone"
    example: ClassVar[str] = "vnic-gone: {vm: web1, nic: nic2}"
    refers: ClassVar[dict[str, str]] = {"vm": "vm", "nic": "nic"}

    vm: str
    nic: str


class NetworkNonOperational(Expectation, frozen=True):
    """The logical network is attached to the cluster, and not operational there."""

    word: ClassVar[str] = "network-non-operational"
    example: ClassVar[str] = "network-non-operational: {network: red, cluster: blue}"
    refers: ClassVar[dict[str, str]] = {"network": "network", "cluster": "cluster"}

    network: str
    cluster: str


class NetworkDetached(Expectation, frozen=True):
    """The logical network exists and is not attached to the cluster."""

    word: ClassVar[str] = "network-detached"
    example: ClassVar[str] = "network-detached: {network: red, cluster: blue}"
    refers: ClassVar[dict[str, str]] = {"network": "network", "cluster": "cluster"}

    network: str
    cluster: str


class HostUp(Expectation, frozen=True):
    """The host is Up, in that cluster if one is named."""

    word: ClassVar[str] = "host-up"
    example: ClassVar[str] = "host-up: {host: h1, cluster: blue}"
    refers: ClassVar[dict[str, str]] = {"host": "host", "cluster": "cluster"}

    host: str
    cluster: str = ""


class HostInMaintenance(Expectation, frozen=True):
    """The host is in maintenance, in that cluster if one is named."""

    word: ClassVar[str] = "host-in-maintenance"
    example: ClassVar[str] = "host-in-maintenance: {host: h1, cluster: blue}"
    refers: ClassVar[dict[str, str]] = {"host": "host", "cluster": "cluster"}

    host: str
    cluster: str = ""


class HostNonOperational(Expectation, frozen=True):
    """The host is not operational, in that cluster if one is named."""

    word: ClassVar[str] = "host-non-operational"
    example: ClassVar[str] = "host-non-operational: {host: h1, cluster: blue}"
    refers: ClassVar[dict[str, str]] = {"host": "host", "cluster": "cluster"}

    host: str
    cluster: str = ""


class HostIn(Expectation, frozen=True):
    """The host is in that cluster, whatever its status."""

    word: ClassVar[str] = "host-in"
    example: ClassVar[str] = "host-in: {host: h1, cluster: blue}"
    refers: ClassVar[dict[str, str]] = {"host": "host", "cluster": "cluster"}

    host: str
    cluster: str


ALL: dict[str, type[Expectation]] = {
    one.word: one
    for one in (
        VmRuns, VmDown, VmGone, NetworkOperational, NetworkNonOperational, NetworkDetached, NetworkGone,
        VnicPlugged, VnicUnplugged, VnicGone, HostUp, HostInMaintenance, HostNonOperational, HostIn,
    )
}  # fmt: skip

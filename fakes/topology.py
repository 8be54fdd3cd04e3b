"""The world that is given, as data: servers, clusters, hosts, networks, switches.

It is what a scenario's `topology` says; `fakes.assembly` makes nodes and rows of it.
"""

from __future__ import annotations

from typing import Literal

import msgspec

Profile = Literal["2012-05", "9.0"]


class Strict(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab", omit_defaults=True):
    """A mapping that refuses a key it does not know."""


class QuantumModel(Strict, frozen=True):
    """A Quantum server: its plugin, its segmentation type, the VLAN ids that it may give out."""

    plugin: Literal["openvswitch"] = "openvswitch"
    type: Literal["vlan"] = "vlan"
    vlans: str = "1-4094"


class HostModel(Strict, frozen=True):
    """A host: the Quantum server whose fabric it carries ("" for none), and the physical network of its trunk."""

    fabric: str = ""
    physical: str = "physnet1"


class ClusterModel(Strict, frozen=True):
    """A cluster: its hosts by name."""

    hosts: dict[str, HostModel] = {}


class NetworkModel(Strict, frozen=True):
    """A logical network that exists and is attached before the scenario begins."""

    server: str = ""
    vlan: int | None = None
    clusters: list[str] = []


class SwitchModel(Strict, frozen=True):
    """A physical switch: the physical networks that it joins, and the VLANs that it carries ("" all)."""

    joins: list[str]
    vlans: str = ""


class Topology(Strict, frozen=True):
    """The world that is given."""

    quantum: dict[str, QuantumModel] = {}
    clusters: dict[str, ClusterModel] = {}
    networks: dict[str, NetworkModel] = {}
    switches: dict[str, SwitchModel] = {}
    libvirt: Profile = "2012-05"
    leases: bool = False
    macs: int = 150

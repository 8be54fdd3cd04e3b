"""The world that is given, as data: servers, clusters, hosts, networks, switches.

It is what a scenario's `topology` says; `fakes.assembly` makes nodes and rows of it.
"""

from __future__ import annotations

from typing import Literal

import msgspec

Profile = Literal["2012-05", "9.0"]

VLANS = range(1, 4095)
"""The ids that a VLAN can have."""

NIC = "eth1"
"""The interface of a host whose topology names none."""
ENGINE = "engine"
"""The node of an engine that no topology names."""
AGENT = "agent"
"""The process of a host's only Quantum agent."""


class Strict(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab", omit_defaults=True):
    """A mapping that refuses a key it does not know."""


class QuantumModel(Strict, frozen=True):
    """A Quantum server: its plugin, its segmentation type, the VLAN ids that it may give out."""

    plugin: Literal["openvswitch", "linuxbridge"] = "openvswitch"
    type: Literal["vlan", "gre"] = "vlan"
    vlans: str = "1-4094"

    def ends(self) -> tuple[int, int]:
        """The first and the last VLAN id that it may give out."""
        first, _, last = self.vlans.partition("-")
        return int(first), int(last or first)


class FabricModel(Strict, frozen=True):
    """A Quantum fabric on a host: the interface that its agent uses, and the physical network that this leads to.

    `installed`: the agent's package is there; `running`: it is started at boot; `mode`: the segmentation type
    that the agent is configured for, the server's if left out (the server does not know it: quantum.md 3.1).
    """

    nic: str
    physical: str = "physnet1"
    mode: Literal["", "vlan", "gre"] = ""
    installed: bool = True
    running: bool = True


class HostNetworkModel(Strict, frozen=True):
    """A network of VDSM's own fabric: a plain bridge named like it, on an interface, tagged if `vlan` is given."""

    nic: str
    physical: str = "physnet1"
    vlan: int | None = None


class HostModel(Strict, frozen=True):
    """A host: the fabrics that it carries.

    Short: `fabric` is the one Quantum server ("" for none), reached through `eth1` on `physical`.  Long:
    `fabrics` by Quantum server, one agent and one interface each.  `networks` are VDSM's own, by network.
    `max_outgoing_migrations` as in vdsm.conf; `power`: the engine can fence it (docs/facts/ovirt.md 1.7).
    """

    fabric: str = ""
    physical: str = "physnet1"
    fabrics: dict[str, FabricModel] = {}
    networks: dict[str, HostNetworkModel] = {}
    max_outgoing_migrations: int = 5
    power: bool = False

    def carried(self) -> dict[str, FabricModel]:
        """The Quantum fabrics, by server; the short form written out."""
        if self.fabric:
            return {self.fabric: FabricModel(NIC, self.physical)}
        return self.fabrics

    def with_modes(self, quantum: dict[str, QuantumModel]) -> HostModel:
        """The same host, each agent's mode written out."""
        modes = {
            server: msgspec.structs.replace(one, mode=one.mode or quantum[server].type)
            for server, one in self.carried().items()
        }
        return msgspec.structs.replace(self, fabric="", fabrics=modes)

    def nics(self) -> dict[str, str]:
        """The physical interfaces, each with the physical network that it leads to."""
        found = {one.nic: one.physical for one in self.carried().values()}
        found |= {one.nic: one.physical for one in self.networks.values()}
        return found or {NIC: self.physical}

    def agents(self) -> dict[str, str]:
        """The process of each installed agent, by server: `agent`, or `agent-<server>` where there are several."""
        several = len(self.carried()) > 1
        return {
            server: f"{AGENT}-{server}" if several else AGENT
            for server, fabric in self.carried().items()
            if fabric.installed
        }


class DataCenterModel(Strict, frozen=True):
    """A data center: the engine whose it is."""

    engine: str = ENGINE


class ClusterModel(Strict, frozen=True):
    """A cluster: its hosts by name, and its data center, the first if none is named."""

    hosts: dict[str, HostModel] = {}
    data_center: str = ""


class NetworkModel(Strict, frozen=True):
    """A logical network that exists and is attached before the scenario begins.

    `required`: in which clusters; `vm`: whether VMs may use it; `data_center`: that of its clusters, if none is named.
    """

    server: str = ""
    vlan: int | None = None
    clusters: list[str] = []
    required: list[str] = []
    vm: bool = True
    data_center: str = ""


class SwitchModel(Strict, frozen=True):
    """A physical switch: the physical networks that it joins, and the VLANs that it carries ("" all)."""

    joins: list[str]
    vlans: str = ""


class Topology(Strict, frozen=True):
    """The world that is given; without `data_centers` there is one, of one engine."""

    quantum: dict[str, QuantumModel] = {}
    clusters: dict[str, ClusterModel] = {}
    networks: dict[str, NetworkModel] = {}
    switches: dict[str, SwitchModel] = {}
    libvirt: Profile = "2012-05"
    leases: bool = False
    macs: int = 150
    data_centers: dict[str, DataCenterModel] = {}

    def centers(self) -> dict[str, DataCenterModel]:
        """The data centers, with the one that is there without being named."""
        return self.data_centers or {"dc": DataCenterModel()}

    def engines(self) -> list[str]:
        """The nodes of the engines."""
        return list(dict.fromkeys(center.engine for center in self.centers().values()))

    def center_of(self, cluster: str) -> str:
        """The data center of a cluster."""
        return self.clusters[cluster].data_center or next(iter(self.centers()))

    def center_of_network(self, name: str) -> str:
        """The data center of a network."""
        network = self.networks[name]
        if network.data_center or not network.clusters:
            return network.data_center or next(iter(self.centers()))
        return self.center_of(network.clusters[0])

    def clusters_of(self, engine: str) -> dict[str, ClusterModel]:
        """The clusters that an engine has."""
        centers = self.centers()
        return {name: model for name, model in self.clusters.items() if centers[self.center_of(name)].engine == engine}

"""Verbs of logical networks: add, attach, detach, remove."""

from __future__ import annotations

from typing import ClassVar

from fakes.topology import VLANS
from scenarios.verbs.base import Administrator, Verb


class NetworkAdd(Verb, frozen=True):
    """Make a logical network in a data centre; on the Quantum server `server`, if one is named; `vm`: for VMs."""

    word: ClassVar[str] = "network.add"
    example: ClassVar[str] = "network.add: {network: red, server: q1}"
    refers: ClassVar[dict[str, str]] = {"server": "server", "data_center": "data center"}
    makes: ClassVar[dict[str, str]] = {"network": "network"}
    bounds: ClassVar[dict[str, range]] = {"vlan": VLANS}

    network: str
    server: str = ""
    vlan: int | None = None
    vm: bool = True
    data_center: str = ""

    async def act(self, administrator: Administrator) -> str:
        columns = {"server": self.server, "vlan": self.vlan, "vm_network": self.vm}
        if self.data_center:
            columns["data_center"] = self.data_center
        return await administrator.command("AddNetwork", self.network, network=self.network, **columns)


class NetworkAttach(Verb, frozen=True):
    """Attach a logical network to a cluster; `required: true` asks every host of the cluster to carry it."""

    word: ClassVar[str] = "network.attach"
    example: ClassVar[str] = "network.attach: {network: red, cluster: blue}"
    refers: ClassVar[dict[str, str]] = {"network": "network", "cluster": "cluster"}

    network: str
    cluster: str
    required: bool = False

    async def act(self, administrator: Administrator) -> str:
        return await administrator.command(
            "AttachNetworkToVdsGroup",
            self.network,
            network=self.network,
            cluster=self.cluster,
            required=self.required,
        )


class NetworkDetach(Verb, frozen=True):
    """Detach a logical network from a cluster none of whose VMs uses it."""

    word: ClassVar[str] = "network.detach"
    example: ClassVar[str] = "network.detach: {network: red, cluster: blue}"
    refers: ClassVar[dict[str, str]] = {"network": "network", "cluster": "cluster"}

    network: str
    cluster: str

    async def act(self, administrator: Administrator) -> str:
        return await administrator.command(
            "DetachNetworkToVdsGroup", self.network, network=self.network, cluster=self.cluster
        )


class NetworkRemove(Verb, frozen=True):
    """Detach a logical network from every cluster and remove it."""

    word: ClassVar[str] = "network.remove"
    example: ClassVar[str] = "network.remove: {network: red}"
    refers: ClassVar[dict[str, str]] = {"network": "network"}

    network: str

    async def act(self, administrator: Administrator) -> str:
        return await administrator.command("RemoveNetwork", self.network, network=self.network)


VERBS: tuple[type[Verb], ...] = (NetworkAdd, NetworkAttach, NetworkDetach, NetworkRemove)

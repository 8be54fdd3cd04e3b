"""Flows of logical networks: add, attach to a cluster, remove.

Facts: docs/facts/ovirt.md 2.4 (checks at E12, in order), proposal.md (which of them call Quantum).
"""

from __future__ import annotations

from fakes.engine.base import EngineBase, replace
from fakes.records.engine import LogicalNetwork, NetworkInCluster
from sim.outcomes import Failed


class Networks(EngineBase):
    """The commands."""

    async def on_AddNetwork(self, network: str, server: str = "", vlan: int | None = None) -> str:
        """Make a logical network of the data center."""
        if network.lower().startswith("bond"):
            raise Failed("NETWORK_CANNOT_CONTAIN_BOND_NAME", network)
        if self.networks.first("name", network) is not None:
            raise Failed("NETWROK_NAME_ALREADY_EXISTS", network)
        if vlan is not None and not 0 <= vlan <= 4095:
            raise Failed("NETWROK_VLAN_OUT_OF_RANGE", str(vlan))
        if vlan is not None and any(row.vlan == vlan for row in self.networks):
            raise Failed("NETWROK_VLAN_IN_USE", str(vlan))
        row = LogicalNetwork(self.world.new_id("network"), network, "dc", server, "", vlan)
        return await self.command("AddNetwork", network, ((row.id, "NETWORK"),), lambda job: self._add_network(row))

    async def _add_network(self, network: LogicalNetwork) -> None:
        await self.commit(f"network {network.name} saved", self.networks.put(network))
        await self.design.networks.added(self.engine, network)

    async def on_AttachNetworkToVdsGroup(self, network: str, cluster: str) -> str:
        """Attach a network to a cluster; attaching again edits the row, and is no error (ovirt.md 2.4)."""
        row = self.network_named(network)
        if cluster not in self.clusters:
            raise Failed("VDS_CLUSTER_IS_NOT_VALID", cluster)
        return await self.command(
            "AttachNetworkToVdsGroup", network, ((row.id, "NETWORK"),), lambda job: self._attach(row.id, cluster)
        )

    async def _attach(self, network_id: str, cluster: str) -> None:
        network = self.networks[network_id]
        await self.design.networks.attached(self.engine, network, cluster)
        status = self.design.networks.status(self.engine.networks[network_id])
        row = NetworkInCluster(network_id, cluster, status)
        await self.commit(f"network {network.name} attached to {cluster}", self.attached.put(row))

    async def on_RemoveNetwork(self, network: str) -> str:
        """Remove a network that no vNIC uses, with its attachments to clusters."""
        row = self.network_named(network)
        if self.vnics.where("network", row.id):
            raise Failed("NETWORK_CANNOT_REMOVE_NETWORK_IN_USE_BY_VM", network)
        return await self.command("RemoveNetwork", network, ((row.id, "NETWORK"),), lambda job: self._remove(row.id))

    async def _remove(self, network_id: str) -> None:
        network = self.networks[network_id]
        detached = [
            self.attached.drop((row.network, row.cluster)) for row in self.attached.where("network", network_id)
        ]
        removing = replace(network, status="Removing")
        await self.commit(f"network {network.name} being removed", self.networks.put(removing), *detached)
        await self.design.networks.removed(self.engine, removing)

    async def set_network_status(self, network_id: str, status: str) -> None:
        """The status of a network in every cluster that it is attached to."""
        for row in self.attached.where("network", network_id):
            if row.status != status:
                name = self.networks[network_id].name
                await self.commit(f"network {name} {status}", self.attached.put(replace(row, status=status)))

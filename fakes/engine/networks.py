"""Flows of logical networks: add, attach to a cluster, detach, remove.

Facts: docs/facts/ovirt.md 2.4 (checks at E12, in order), proposal.md (which of them call Quantum).
"""

from __future__ import annotations

from fakes.engine.base import replace
from fakes.engine.compliance import Compliance
from fakes.engine.segments import contested_by
from fakes.records.engine import MANAGEMENT, LogicalNetwork, NetworkInCluster
from sim.outcomes import Failed
from sim.tables import Change


class Networks(Compliance):
    """The commands."""

    async def on_AddNetwork(
        self,
        network: str,
        server: str = "",
        vlan: int | None = None,
        vm_network: bool = True,
        data_center: str = "",
    ) -> str:
        """Make a logical network of a data center (the first, if none is given)."""
        chosen = data_center or next((row.id for row in self.data_centers), "")
        if chosen not in self.data_centers:
            raise Failed("ACTION_TYPE_FAILED_STORAGE_POOL_NOT_EXIST", chosen)
        row = LogicalNetwork(self.world.new_id("network"), network, chosen, server, "", vlan, vm_network)
        self._may_add(row)
        names = ((row.id, "NETWORK"), (network, "NETWORK_NAME"), (str(vlan), "NETWORK_VLAN"))
        contested = tuple((name, "PROVIDER_VLANS") for name in contested_by(self.quantums, row))
        locked = (names if vlan is not None else names[:2]) + contested
        return await self.command(
            "AddNetwork", network, locked, lambda job: self._add_network(row), still=lambda: self._may_add(row)
        )

    def _may_add(self, row: LogicalNetwork) -> None:
        """The checks of E12, in order."""
        network, vlan = row.name, row.vlan
        beside = [one for one in self.networks if one.data_center == row.data_center]
        if network.lower().startswith("bond"):
            raise Failed("NETWORK_CANNOT_CONTAIN_BOND_NAME", network)
        if self.networks.first("name", network) is not None:  # in any data center (ours): commands name a network
            raise Failed("NETWROK_NAME_ALREADY_EXISTS", network)
        if vlan is not None and not 0 <= vlan <= 4095:
            raise Failed("NETWROK_VLAN_OUT_OF_RANGE", str(vlan))
        if vlan is not None and any(one.vlan == vlan for one in beside):
            raise Failed("NETWROK_VLAN_IN_USE", str(vlan))
        refusal = self.design.networks.refusal(self.engine, row)
        if refusal is not None:
            raise refusal

    async def _add_network(self, network: LogicalNetwork) -> None:
        await self.commit(f"network {network.name} saved", self.networks.put(network))
        await self.design.networks.added(self.engine, network)

    async def on_AttachNetworkToVdsGroup(self, network: str, cluster: str, required: bool = False) -> str:
        """Attach a network to a cluster; attaching again edits the row, and is no error (ovirt.md 2.4)."""
        row = self.network_named(network)
        if cluster not in self.clusters:
            raise Failed("VDS_CLUSTER_IS_NOT_VALID", cluster)
        unfit = self.design.networks.unfit(self.engine, row, cluster)
        if unfit is not None:
            raise unfit
        return await self.command(
            "AttachNetworkToVdsGroup",
            network,
            ((row.id, "NETWORK"),),
            lambda job: self._attach(row.id, cluster, required),
            still=lambda: self._still_kept(row.id),
        )

    def still_a_network(self, network_id: str) -> LogicalNetwork:
        """The network as it is now: while a lock or an answer was waited for, it may have been removed.

        Raises:
            Failed: it has.
        """
        network = self.networks.get(network_id)
        if network is None:
            raise Failed("NETWROK_NOT_EXISTS", network_id)
        return network

    def _still_kept(self, network_id: str) -> None:
        """Refuse to attach a network whose removal was asked for: what is attached then would outlive it.

        Raises:
            Failed: it was, or the network is gone.
        """
        if self.still_a_network(network_id).status == "Removing":
            raise Failed("NETWROK_NOT_EXISTS", network_id)

    async def _attach(self, network_id: str, cluster: str, required: bool) -> None:
        network = self.still_a_network(network_id)
        await self.design.networks.attached(self.engine, network, cluster)
        status = self.network_status(self.still_a_network(network_id), cluster, required)
        row = NetworkInCluster(network_id, cluster, status, required)
        await self.commit(f"network {network.name} attached to {cluster}", self.attached.put(row))

    async def on_DetachNetworkToVdsGroup(self, network: str, cluster: str) -> str:
        """Detach a network from a cluster none of whose VMs uses it; hosts are left as they are (ovirt.md 2.4)."""
        row = self.network_named(network)
        if cluster not in self.clusters:
            raise Failed("VDS_CLUSTER_IS_NOT_VALID", cluster)
        self._check_attached(row, cluster)
        return await self.command(
            "DetachNetworkToVdsGroup",
            network,
            ((row.id, "NETWORK"),),
            lambda job: self._detach(row, cluster),
            still=lambda: self._check_attached(row, cluster),
        )

    def _check_attached(self, network: LogicalNetwork, cluster: str) -> None:
        """Refuse to detach what is not attached, or is in use.

        Raises:
            Failed: it is so.
        """
        if (network.id, cluster) not in self.attached:
            raise Failed("NETWROK_NOT_EXISTS_IN_CLUSTER", network.name)
        self._check_unused(network, cluster)

    def _check_unused(self, network: LogicalNetwork, cluster: str) -> None:
        for vnic in self.vnics.where("network", network.id):
            vm = self.vms.get(vnic.vm)
            if vm is not None and vm.cluster == cluster:
                raise Failed("NETWORK_CANNOT_REMOVE_NETWORK_IN_USE_BY_VM", network.name)

    async def _detach(self, network: LogicalNetwork, cluster: str) -> None:
        def gone() -> list[Change]:
            if (network.id, cluster) not in self.attached:
                return []
            self._check_unused(network, cluster)
            return [self.attached.drop((network.id, cluster))]

        await self.amend(f"network {network.name} detached from {cluster}", gone)

    async def on_RemoveNetwork(self, network: str) -> str:
        """Remove a network that no vNIC uses, with its attachments to clusters."""
        row = self.network_named(network)
        if network == MANAGEMENT:
            raise Failed("NETWORK_CANNOT_REMOVE_MANAGEMENT_NETWORK", network)
        self._check_without_vnics(row)
        return await self.command(
            "RemoveNetwork",
            network,
            ((row.id, "NETWORK"),),
            lambda job: self._remove(row.id),
            still=lambda: self._check_without_vnics(self.still_a_network(row.id)),
        )

    def _check_without_vnics(self, network: LogicalNetwork) -> None:
        if self.vnics.where("network", network.id):
            raise Failed("NETWORK_CANNOT_REMOVE_NETWORK_IN_USE_BY_VM", network.name)

    async def _remove(self, network_id: str) -> None:
        network = self.still_a_network(network_id)
        removing = replace(network, status="Removing")

        def gone() -> list[Change]:
            """The row goes, or says that it shall: not if a vNIC has come meanwhile."""
            if self.networks.get(network_id) in (None, removing):
                return []
            self._check_without_vnics(network)
            row = self.networks.put(removing) if network.server else self.networks.drop(network_id)
            attached = self.attached.where("network", network_id)
            return [row, *[self.attached.drop((one.network, one.cluster)) for one in attached]]

        await self.amend(f"network {network.name} {'being removed' if network.server else 'removed'}", gone)
        if network.server:
            await self.design.networks.removed(self.engine, removing)

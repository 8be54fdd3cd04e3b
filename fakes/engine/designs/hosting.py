"""What a design asks of hosts: what they must carry, and what it remembers while they are emptied and moved."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from fakes.records.engine import Compensation, Host, LogicalNetwork, NetworkInCluster, Vnic
from sim.outcomes import Failed
from sim.tables import Change

if TYPE_CHECKING:
    from fakes.engine.service import Engine

replace = msgspec.structs.replace


class Hosting:
    """As at E12 (docs/facts/ovirt.md 1.1 to 1.3, 2.5, 2.6).

    "A host's operational status must be treated differently with a Quantum network" (proposal.md): such a
    network is left out of what a host must carry [ours].
    """

    judges_while_up = False
    """Whether an Up host that loses a required network becomes NonOperational, by its reports."""
    watches_maintenance = False
    """Whether hosts in maintenance are asked for their VMs; E12 does not monitor them."""
    trusts_own_rows = False
    """Whether a host of which the database still has VMs is full, whatever it reports."""

    def asks(self, engine: Engine, cluster: str) -> list[NetworkInCluster]:
        """What a cluster asks of its hosts: the required networks that are operational there."""
        rows = engine.attached.where("required", True)
        return [row for row in rows if (row.cluster, row.status) == (cluster, "Operational")]

    def lacks(self, engine: Engine, host: Host) -> str:
        """The first network that its cluster asks of the host, and that it does not carry; "" if none."""
        for row in self.asks(engine, host.cluster):
            network = engine.networks.get(row.network)
            if network is not None and not self.carries(engine, host, network):
                return network.name
        return ""

    def carries(self, engine: Engine, host: Host, network: LogicalNetwork) -> bool:
        """Whether the host has that network, by its last report."""
        return bool(network.server) or network.name in host.networks

    def required_status(self, engine: Engine, network: LogicalNetwork, cluster: str) -> str:
        """The status of a required network in a cluster: one Up host without it is enough, none is too few."""
        up = [host for host in engine.hosts.where("cluster", cluster) if host.status == "Up"]
        return "Operational" if all(self.carries(engine, host, network) for host in up) else "NonOperational"

    def while_starting(self, host: Host) -> str:
        """The status of a host whose VDSM answers that it is starting."""
        return "Initializing"

    def remembers(self, engine: Engine, job: str, host: Host) -> list[Change]:
        """What a command on the host notes, to be put back if it fails: compensation."""
        return [engine.compensations.put(Compensation(job, "hosts", host.id, host))]

    def check_vnic(self, engine: Engine, vnic: Vnic) -> None:
        """Refuse a vNIC that has just been saved, as its network is detached from its cluster since it was asked for.

        Raises:
            Failed: it is.
        """

    def check_move(self, engine: Engine, host: Host) -> None:
        """Refuse to move the host.

        Raises:
            Failed: it must stay where it is.
        """

    async def move(self, engine: Engine, job: str, host_id: str, cluster: str) -> None:
        """Move it: its row alone, and not judged again since the command was accepted."""
        host = engine.hosts[host_id]
        row = engine.hosts.put(replace(host, cluster=cluster))
        await engine.commit(f"host {host_id} moved to {cluster}", row, *self.remembers(engine, job, host))


class LooksAgain(Hosting):
    """`reference`: judged by what hosts report, and once more at the moment of each write.

    A required network is operational while an Up host of the cluster carries it; an Up host that does not is
    NonOperational after the grace of `NicDHCPDelayGraceInMS`.  A host is not moved while a VM is on it.
    """

    judges_while_up = True
    watches_maintenance = True
    trusts_own_rows = True

    def carries(self, engine: Engine, host: Host, network: LogicalNetwork) -> bool:
        if not network.server:
            return network.name in host.networks
        return any(one.name == network.server and one.running for one in host.fabrics)

    def required_status(self, engine: Engine, network: LogicalNetwork, cluster: str) -> str:
        up = [host for host in engine.hosts.where("cluster", cluster) if host.status == "Up"]
        return "Operational" if any(self.carries(engine, host, network) for host in up) else "NonOperational"

    def while_starting(self, host: Host) -> str:
        return host.status if host.status == "PreparingForMaintenance" else "Initializing"

    def remembers(self, engine: Engine, job: str, host: Host) -> list[Change]:
        """Nothing: each status is one from which the monitor goes on, and what it found since is not undone."""
        return []

    def check_vnic(self, engine: Engine, vnic: Vnic) -> None:
        if (vnic.network, engine.vms[vnic.vm].cluster) not in engine.attached:
            raise Failed("NETWORK_NOT_EXISTS_IN_CURRENT_CLUSTER", vnic.name)

    def check_move(self, engine: Engine, host: Host) -> None:
        engine.check_movable(host)
        if engine.holds_vms(host.id):
            raise Failed("VDS_STATUS_NOT_VALID_FOR_UPDATE", f"{host.id} is {host.status} and has VMs")

    async def move(self, engine: Engine, job: str, host_id: str, cluster: str) -> None:
        def moved(host: Host) -> Host:
            self.check_move(engine, host)
            return replace(host, cluster=cluster, lacking_since=-1)

        left = engine.hosts[host_id].cluster
        await engine.change_host(host_id, f"moved to {cluster}", moved)
        for one in (left, cluster):
            await engine.judge_networks(engine.attached.where("cluster", one))

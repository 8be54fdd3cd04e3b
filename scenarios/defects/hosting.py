"""Defects of what the engine asks of hosts: how they are judged, emptied and moved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fakes.engine.designs.hosting import Hosting, LooksAgain
from fakes.records.engine import Host, LogicalNetwork, NetworkInCluster, Vnic
from scenarios.defects.base import Defect, using

if TYPE_CHECKING:
    from fakes.engine.service import Engine


class MovesWithoutLook(LooksAgain):
    """A host is moved as at E12: its row alone."""

    def check_move(self, engine: Engine, host: Host) -> None:
        engine.check_movable(host)

    async def move(self, engine: Engine, job: str, host_id: str, cluster: str) -> None:
        await Hosting.move(self, engine, job, host_id, cluster)


class BelievesReports(LooksAgain):
    """A host that reports no VM is empty, whatever is on its way there, and is not looked at any more."""

    trusts_own_rows = False
    watches_maintenance = False


class ForgetsMaintenance(LooksAgain):
    """A host in maintenance is not looked at any more."""

    watches_maintenance = False


class AddsWithoutLook(LooksAgain):
    """A vNIC stays on its network although that was detached while the vNIC was being saved."""

    def check_vnic(self, engine: Engine, vnic: Vnic) -> None:
        """It was looked at when the command was given."""


class NobodyLacks(LooksAgain):
    """A required network is operational where no Up host lacks it, so also where no host is Up."""

    def required_status(self, engine: Engine, network: LogicalNetwork, cluster: str) -> str:
        return Hosting.required_status(self, engine, network, cluster)


class AsksForAll(LooksAgain):
    """The flag `required` is not consulted."""

    def asks(self, engine: Engine, cluster: str) -> list[NetworkInCluster]:
        return [row for row in engine.attached.where("cluster", cluster) if row.status == "Operational"]


class LastNetworkDecides(LooksAgain):
    """The result of each network overwrites that of the one before."""

    def lacks(self, engine: Engine, host: Host) -> str:
        lacks = ""
        for row in self.asks(engine, host.cluster):
            network = engine.networks.get(row.network)
            lacks = network.name if network is not None and not self.carries(engine, host, network) else ""
        return lacks


class JudgesOnce(LooksAgain):
    """A host is judged when it comes up, and never again."""

    judges_while_up = False


DEFECTS = (
    Defect(
        "moves-without-look",
        "A host is moved to another cluster with the VMs that run on it, and neither cluster is judged anew.",
        "check-then-act",
        using(hosting=MovesWithoutLook()),
    ),
    Defect(
        "believes-reports",
        "A host that reports no VM is put into maintenance while one is on its way there.",
        "acting on a stale read",
        using(hosting=BelievesReports()),
    ),
    Defect(
        "forgets-maintenance",
        "What appears on a host in maintenance is never seen.",
        "clean-up that is nobody's",
        using(hosting=ForgetsMaintenance()),
    ),
    Defect(
        "empties-once",
        "A VM that could not leave its host at the first try is never asked again.",
        "loop that stops at the first failure",
        using(reconcilers=("networks", "ports")),
    ),
    Defect(
        "adds-without-look",
        "A vNIC is saved on a network that was detached from its cluster meanwhile.",
        "check-then-act",
        using(hosting=AddsWithoutLook()),
    ),
    Defect(
        "nobody-lacks-it",
        "A required network is called operational in a cluster none of whose hosts is up.",
        "condition that is true of nothing",
        using(hosting=NobodyLacks()),
    ),
    Defect(
        "asks-for-all",
        "A host that lacks an optional network is called non-operational.",
        "flag that is not consulted",
        using(hosting=AsksForAll()),
    ),
    Defect(
        "last-network-decides",
        "Of several required networks only the last one decides about a host.",
        "result overwritten in a loop",
        using(hosting=LastNetworkDecides()),
    ),
    Defect(
        "judges-once",
        "A host that loses a required network after it came up stays operational.",
        "check-then-act",
        using(hosting=JudgesOnce()),
    ),
)

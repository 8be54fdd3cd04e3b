"""Defects of the engine: a strategy of the reference design replaced by a wrong one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fakes.engine import macs
from fakes.engine.designs.base import Placement, Recovery, Scheduler
from fakes.engine.designs.e12 import LastReporterWins
from fakes.engine.designs.reference import FabricsDecide, KeptAndCompared, MadeAndKept
from fakes.records.engine import Host, LogicalNetwork, Vm
from scenarios.defects.base import Defect, using
from sim.outcomes import Failed, Unknown

if TYPE_CHECKING:
    from fakes.engine.service import Engine


class MakesPortAgain(KeptAndCompared):
    """No reply to *create port* or to *plug*: it makes another port before it looks."""

    async def ensure(self, engine: Engine, vm: Vm, vnic_id: str, network: LogicalNetwork) -> None:
        try:
            await super().ensure(engine, vm, vnic_id, network)
        except Unknown:
            port = await self.create(engine, vm, network)
            await engine.save_vnic(vnic_id, "has another port", port=port, attachment="")
            raise


class MakesNetworkAgain(MadeAndKept):
    """No reply to *create network*: it makes another instead of looking."""

    async def create(self, engine: Engine, network: LogicalNetwork) -> str:
        try:
            return await super().create(engine, network)
        except Unknown:
            return await super().create(engine, network)


class RefusesNothing(MadeAndKept):
    """Any network is made, whatever its VLAN, its use and its server's range."""

    def refusal(self, engine: Engine, network: LogicalNetwork) -> Failed | None:
        return None


class BlindToTypes(Scheduler):
    """A running agent of the network's server is enough, whatever it makes of the network's id."""

    def accepts(self, engine: Engine, vm: Vm, host: Host) -> bool:
        running = {fabric.name for fabric in host.fabrics if fabric.running}
        return all(network.server in running for _, network in engine.quantum_vnics(vm))


class BlindToBridges(FabricsDecide):
    """A network without Quantum is taken to be on every host."""

    @staticmethod
    def carries(engine: Engine, host: Host, network: LogicalNetwork) -> bool:
        return not network.server or FabricsDecide.carries(engine, host, network)


class ForgetsJobs(Recovery):
    """After its restart the engine builds its memory, and leaves jobs and compensation rows as they were."""

    async def recover(self, engine: Engine) -> None:
        used = tuple(vnic.mac for vnic in engine.vnics)
        engine.set("MAC pool built", engine.pool.put(macs.rebuilt(engine.mac_first, engine.mac_range, used)))


DEFECTS = (
    Defect(
        "unplug-once",
        "An unplug that fails at VM stop is never tried again.",
        "loop that stops at the first failure",
        using(reconcilers=("networks", "hosts")),
    ),
    Defect(
        "makes-port-again",
        "A lost reply to create port or to plug is answered by making another port, and strays are not removed.",
        "retry that makes a second",
        using(ports=MakesPortAgain(), removes_strays=False),
    ),
    Defect(
        "makes-network-again",
        "A lost reply to create network is answered by making a second network, and strays are not removed.",
        "retry that makes a second",
        using(networks=MakesNetworkAgain(), removes_strays=False),
    ),
    Defect(
        "leaves-strangers",
        "A VM that a host reports and the engine does not place there is left alone.",
        "undo of one side only",
        using(placement=Placement()),
    ),
    Defect(
        "last-reporter-wins",
        "The database follows whatever host reported a VM last.",
        "acting on a stale read",
        using(placement=LastReporterWins()),
    ),
    Defect(
        "forgets-jobs",
        "An engine that restarts does not end the jobs that it left.",
        "volatile state lost at restart",
        using(recovery=ForgetsJobs()),
    ),
    Defect(
        "no-lease",
        "VMs have no lease, so a source may resume beside its running target.",
        "check-then-act",
        using(leases=False),
    ),
    Defect(
        "refuses-nothing",
        "A network is made on Quantum, or with a VLAN, whatever it is for and whatever servers may give out.",
        "validation left out",
        using(networks=RefusesNothing()),
    ),
    Defect(
        "blind-to-bridges",
        "The scheduler takes a network without Quantum to be on every host.",
        "a question not asked",
        using(scheduler=BlindToBridges()),
    ),
    Defect(
        "blind-to-types",
        "The scheduler looks whether an agent runs, and not for which segmentation type.",
        "placement without a look",
        using(scheduler=BlindToTypes()),
    ),
    Defect(
        "blind-scheduler",
        "The scheduler does not look at what a host reports of its agents.",
        "placement without a look",
        using(scheduler=Scheduler()),
    ),
)

"""Defects of fencing, of cancelled migrations, and of what becomes of VMs that nobody sees."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from fakes.engine.designs.base import Design, Migration
from fakes.engine.designs.fencing import FencesOnce, FencesUntilCertain
from fakes.engine.designs.reference import WantedDecides, YoungerThanTheRow
from fakes.records.engine import Vm
from fakes.records.vdsm import Report
from fakes.repairs import Repairs
from scenarios.defects.base import Defect, using, without
from sim.outcomes import Outcome

if TYPE_CHECKING:
    from fakes.engine.service import Engine


def _believes_errors(design: Design, repairs: Repairs) -> tuple[Design, Repairs]:
    """With what VDSM does about the arrival that comes of it left out."""
    return using(believes_errors=True)(*without("unknown_arrival_ended")(design, repairs))


class StartsElsewhere(FencesUntilCertain):
    """A host that does not answer is taken for dead: its VMs are Down, and started again."""

    async def not_responding(self, engine: Engine, host: str) -> None:
        for vm in engine.vms.where("host", host):
            await self.off(engine, vm)
            engine.spawn(engine.start_again(vm.id), f"start {vm.name} elsewhere")


class BelievesTheScript(FencesUntilCertain):
    """`fenceNode` returned, so the host is off."""

    verifies = False


class CancelBelieved(Migration):
    """The source was told to cancel, so the VM is Up there."""

    async def cancel(self, engine: Engine, vm: Vm) -> None:
        with suppress(Outcome):
            await engine.tell_to_cancel(vm)
        await engine.save_vm(vm.id, "cancelled", status="Up", migrating_to="")


class WaitsForWord(WantedDecides):
    """A VM that its host no longer reports is left as it was."""

    async def absent(self, engine: Engine, host: str, vm: Vm) -> None:
        return


class ForgetsWhatMoved(WantedDecides):
    """A VM whose host was silent, and has it no more, is Down: that it was on its way elsewhere is forgotten."""

    async def absent(self, engine: Engine, host: str, vm: Vm) -> None:
        if vm.status == "Unknown":
            await engine.went_down(vm.id, "could not be found")
        else:
            await super().absent(engine, host, vm)


class ForgetsOnArrival(YoungerThanTheRow):
    """The source's word that a VM has moved counts only while its status says that it migrates."""

    def moved(self, vm: Vm, report: Report) -> bool:
        return vm.status == "MigratingFrom" and super().moved(vm, report)


class WritesUnknownAgain(FencesUntilCertain):
    """That a VM is Unknown is written again when the database was in doubt, whatever was learnt meanwhile."""

    async def not_responding(self, engine: Engine, host: str) -> None:
        for vm in engine.vms.where("host", host):
            if vm.status != "Down":
                await engine.save_vm(vm.id, "Unknown: its host does not answer", status="Unknown")


class AdoptsWithoutHost(WantedDecides):
    """A VM that runs and that nobody knows is taken into the database, with no host to stop it on."""

    async def unknown_vm(self, engine: Engine, host: str, report: Report) -> None:
        cluster = engine.hosts[host].cluster
        vm = Vm(report.vm, f"external-{report.vm}", cluster, status="Up", wanted="up")
        await engine.commit(f"VM {vm.name} adopted", engine.vms.put(vm))

    async def elsewhere(self, engine: Engine, host: str, vm: Vm, report: Report) -> None:
        if not vm.name.startswith("external-"):
            await super().elsewhere(engine, host, vm, report)


DEFECTS = (
    Defect(
        "cancel-counts-as-success",
        "A migration that is cancelled before libvirt's job is reported as done, and the VM is ended at its source.",
        "flag looked at too late",
        without("cancel_before_the_job_stops"),
    ),
    Defect(
        "cancel-believed",
        "A VM whose migration was to be cancelled is called Up at its source, whatever became of it.",
        "outcome that nobody looks at",
        using(migration=CancelBelieved()),
    ),
    Defect(
        "stop-believed",
        "A VM whose host did not end it for ten minutes is called Down all the same.",
        "patience taken for success",
        using(believes_stops=True),
    ),
    Defect(
        "error-believed",
        "A start or migration that was answered by an error counts as not begun, whatever the error is.",
        "outcome that nobody looks at",
        _believes_errors,
    ),
    Defect(
        "recovery-ends-early",
        "An error of libvirt while VDSM starts leaves its verbs shut for ever.",
        "start that gives up",
        without("recovery_tries_again"),
    ),
    Defect(
        "starts-elsewhere",
        "VMs of a host that does not answer are called Down and started on another, without a lease.",
        "silence taken for death",
        using(fencing=StartsElsewhere(), leases=False),
    ),
    Defect(
        "failed-start-means-down",
        "A VM of a silent host is started elsewhere; its lease forbids that, and then it counts as Down.",
        "failure that overwrites what is not known",
        using(fencing=StartsElsewhere()),
    ),
    Defect(
        "believes-the-script",
        "A host counts as off as soon as its fence agent was started.",
        "effect reported before it is done",
        using(fencing=BelievesTheScript()),
    ),
    Defect(
        "fences-once",
        "Fencing that could not be had is not tried again, and a host that stayed off is not switched on.",
        "event that comes only once",
        using(fencing=FencesOnce()),
    ),
    Defect(
        "waits-for-word",
        "A VM that its host no longer reports stays as it was in the database.",
        "absence that nobody notices",
        using(placement=WaitsForWord()),
    ),
    Defect(
        "forgets-what-moved",
        "A VM that arrived while its source was silent is called Down when the source has it no more.",
        "state forgotten in silence",
        using(placement=ForgetsWhatMoved(), reports=ForgetsOnArrival()),
    ),
    Defect(
        "writes-unknown-again",
        "A write that was in doubt is repeated as it was, over what an administrator has confirmed since.",
        "old copy written back",
        using(fencing=WritesUnknownAgain()),
    ),
    Defect(
        "adopts-without-host",
        "A running VM that the database lacks is taken into it without its host.",
        "adoption in halves",
        using(placement=AdoptsWithoutHost()),
    ),
)

"""What the engine of 2012 did with unexpected reports, and at its own restart.

Facts: docs/facts/ovirt.md 1.6, 2.1 (engine restart), 2.5.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fakes.engine import macs
from fakes.engine.base import replace
from fakes.engine.designs.base import Placement, Recovery
from fakes.records.engine import Vm
from fakes.records.vdsm import Report

if TYPE_CHECKING:
    from fakes.engine.service import Engine


class LastReporterWins(Placement):
    """A VM reported Up elsewhere is moved there in the database; unknown ids are ignored."""

    async def elsewhere(self, engine: Engine, host: str, vm: Vm, report: Report) -> None:
        moving = vm.status == "MigratingFrom" and vm.migrating_to == host
        if report.status == "Up" and not moving:
            await engine.save_vm(vm.id, f"reported by {host}", host=host, status="Up", migrating_to="")

    async def unwanted(self, engine: Engine, host: str, vm: Vm) -> None:
        if vm.status != "Up":
            await engine.save_vm(vm.id, "reported Up", status="Up")


class E12Recovery(Recovery):
    """Compensation rows are replayed, jobs become UNKNOWN, the MAC pool is rebuilt from the vNIC rows."""

    async def recover(self, engine: Engine) -> None:
        for job in engine.jobs.where("status", "STARTED"):
            undo, _ = engine.undo(job.id)
            unknown = replace(job, status="UNKNOWN", reason="the engine restarted")
            await engine.commit(f"{job.action} {job.subject} unknown", engine.jobs.put(unknown), *undo)
        for vm in engine.vms.all():
            if vm.status == "Down" and vm.wanted == "up":
                await engine.save_vm(vm.id, "not started", wanted="down")
            if vm.status == "Down":
                await engine.design.hot_plug.vm_down(engine, vm)
        for host in engine.hosts.all():
            if host.status == "NonResponsive":
                for vm in engine.vms.where("host", host.id):
                    await engine.unknown(vm.id)
        used = tuple(vnic.mac for vnic in engine.vnics)
        engine.set("MAC pool built", engine.pool.put(macs.rebuilt(engine.mac_first, engine.mac_range, used)))

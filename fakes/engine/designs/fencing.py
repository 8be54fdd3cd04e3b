"""What an engine does about a host that does not answer: as at E12, and until it is certain.

Facts: docs/facts/ovirt.md 1.6, 1.7.  What is ours: docs/design.md (`reference`).
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from fakes.engine.designs.base import Fencing
from fakes.records.engine import Vm
from sim.outcomes import Outcome

if TYPE_CHECKING:
    from fakes.engine.service import Engine

FENCEABLE = ("Down", "InstallFailed", "Maintenance", "NonOperational", "NonResponsive")
"""Host statuses in which the treatment goes on (row 6)."""


class FencesOnce(Fencing):
    """E12: one treatment, in a thread, when the host becomes NonResponsive; what stops it is not tried again."""

    async def not_responding(self, engine: Engine, host: str) -> None:
        if engine.hosts[host].power:
            engine.spawn(self._treatment(engine, host), f"VdsNotRespondingTreatment {host}")
        else:
            await self._given_up(engine, host)

    async def _treatment(self, engine: Engine, host: str) -> None:
        try:
            await engine.may_fence(host)
        except Outcome:
            await self._given_up(engine, host)
            return
        if engine.hosts[host].status in FENCEABLE:
            with suppress(Outcome):  # row G: the host is NonResponsive, its VMs keep their status
                await engine.restart_host(host)

    async def _given_up(self, engine: Engine, host: str) -> None:
        """Row F: its VMs may well run; their migration targets are told to stop."""
        for vm in engine.vms.where("host", host):
            await self._end_at_target(engine, vm)
            await engine.unknown(vm.id)

    async def off(self, engine: Engine, vm: Vm) -> None:
        await self._end_at_target(engine, vm)
        await engine.went_down(vm.id, "its host was fenced")

    @staticmethod
    async def _end_at_target(engine: Engine, vm: Vm) -> None:
        if vm.migrating_to:
            with suppress(Outcome):
                await engine.destroy_on(vm.migrating_to, vm.id, vm.name)


class FencesUntilCertain(Fencing):
    """Its VMs are Unknown until the host answers or is certainly off; fencing is tried again until it is."""

    repeats = True

    async def not_responding(self, engine: Engine, host: str) -> None:
        for vm in engine.vms.where("host", host):
            if vm.status != "Down":
                await engine.unknown(vm.id)

    async def look(self, engine: Engine, host: str) -> None:
        row = engine.hosts[host]
        if row.status != "NonResponsive" or not row.power:
            return
        tried = row.started_at >= row.failing_since
        if tried and not engine.vms.where("host", host):
            await engine.back_on(host)
            return
        since = engine.may_fence_from()
        if engine.now < since:
            engine.not_later_than(since)
        else:
            await engine.locked_host(host, lambda: engine.restart_host(host))

    async def confirmed(self, engine: Engine, host: str) -> None:
        """Where there is a fence device, it is believed, and the administrator is not."""
        if engine.hosts[host].power:
            await engine.restart_host(host)

    async def off(self, engine: Engine, vm: Vm) -> None:
        """What was on its way to another host is that host's now; its next report decides."""
        if vm.migrating_to:
            target = vm.migrating_to
            await engine.save_vm(vm.id, "left the fenced host", host=target, migrating_to="", status="Unknown")
        else:
            await engine.went_down(vm.id, "its host is off")

"""The source thread's place in the queue, and its cancelling.

Facts: docs/facts/ovirt.md 5.3 (step 4: a slot), 5.5 (cancel while queued, before the job, during the copy), 4.3
(code 47).
"""

from __future__ import annotations

from fakes.records import VDSM_VMS
from fakes.records.vdsm import VdsmVm, VmConf
from fakes.topology import HostModel
from fakes.vdsm.life import Life
from sim.outcomes import Failed

CANCEL_ERROR = "47 migCancelErr"
CANCELLED = f"{CANCEL_ERROR}: Migration canceled"
HOLDING = ("preparing", "copying")
"""Steps of a source thread in which it holds one of the slots."""


class Outgoing(Life):
    """Slots and cancel."""

    host: HostModel = HostModel()

    async def take_slot(self, conf: VmConf) -> bool:
        """Wait for a slot; False when the VM was destroyed meanwhile, so that there is nothing to migrate.

        Raises:
            Failed: 47, repaired: it was cancelled meanwhile.
        """
        if not self._has_slot():
            self.note(conf.id, "queued", step="queued")
            await self.until(lambda: self._gone(conf.id) or self._has_slot() or self._gives_up(conf.id))
        if self._gone(conf.id):
            return False
        self.not_cancelled(conf)
        self.note(conf.id, "has a slot", step="preparing")
        return True

    def _has_slot(self) -> bool:
        return sum(row.step in HOLDING for row in self.table(VDSM_VMS)) < self.host.max_outgoing_migrations

    def _gone(self, vm_id: str) -> bool:
        row = self.table(VDSM_VMS).get(vm_id)
        return row is None or row.destroyed

    def cancelled(self, vm_id: str) -> bool:
        """Whether the migration of that VM was cancelled."""
        row = self.table(VDSM_VMS).get(vm_id)
        return row is not None and row.cancelled

    def _gives_up(self, vm_id: str) -> bool:
        return self.repairs.cancel_before_the_job_stops and self.cancelled(vm_id)

    def not_cancelled(self, conf: VmConf) -> None:
        """Repaired: a cancel before libvirt's job ends the thread.

        Raises:
            Failed: 47.
        """
        if self._gives_up(conf.id):
            raise Failed(CANCEL_ERROR, "Migration canceled")

    async def on_migrateCancel(self, vm_id: str) -> None:
        """Set the thread's flag and abort libvirt's job.

        As it was, the answer is 47 while there is no job, and the flag makes the thread skip its job and report
        success.

        Raises:
            Failed: 1; 47 when there is nothing to abort; 99.
        """
        self.ready()
        row = self.entry(vm_id)
        if row.status == "Migration Source":
            self.note(vm_id, "cancel asked for", cancelled=True)
        if not self._stops_by_itself(row):
            await self._abort(row.conf)

    def _stops_by_itself(self, row: VdsmVm) -> bool:
        repaired = self.repairs.cancel_before_the_job_stops
        return repaired and row.status == "Migration Source" and row.step != "copying"

    async def _abort(self, conf: VmConf) -> None:
        try:
            await self.libvirt("abort", conf.name, uuid=conf.id)
        except Failed as error:
            raise Failed(CANCEL_ERROR, str(error)) from error

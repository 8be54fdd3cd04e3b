"""Cancel of a migration.

Facts: docs/facts/ovirt.md 2.3 (CancelMigrateVm), 5.5 (what VDSM makes of it at each point).
"""

from __future__ import annotations

from contextlib import suppress

from fakes.engine.running import START_WITHIN, Running
from fakes.records.engine import Vm
from sim.clock import SECOND
from sim.outcomes import Failed, Outcome

CANCEL_AGAIN = SECOND
CANCEL_ERROR = "47 MIGRATION_CANCEL_ERROR"


class Cancelling(Running):
    """The command."""

    async def on_CancelMigrateVm(self, vm: str) -> str:
        """Cancel the migration of a VM; no lock, since the migration may hold the VM's."""
        row = self.vm_named(vm)
        if row.status != "MigratingFrom":
            raise Failed("ACTION_TYPE_FAILED_VM_IS_NOT_MIGRATING", row.status)
        return await self.command("CancelMigrateVm", vm, (), lambda job: self.design.migration.cancel(self.engine, row))

    async def tell_to_cancel(self, vm: Vm) -> None:
        """Tell the source.

        Raises:
            Failed: 47, it has nothing to cancel; `Unknown` as any call.
        """
        await self.vdsm(vm.host, "migrateCancel", vm.name, vm_id=vm.id)

    async def cancel_until_it_ends(self, vm: Vm) -> None:
        """Tell the source again until the migration has ended either way.

        Raises:
            Failed: 47, it did not end by this.
        """
        give_up = self.now + START_WITHIN
        while not self._over(vm.id) and self.now < give_up:
            with suppress(Outcome):  # too early, too late, or unknown
                await self.tell_to_cancel(vm)
            await self.until(lambda: self._over(vm.id), CANCEL_AGAIN)
        now = self.vms.get(vm.id)
        if now is None or (now.status, now.host) != ("Up", vm.host):
            raise Failed(CANCEL_ERROR, f"{vm.name} is {now.status if now is not None else 'gone'}")

    def _over(self, vm_id: str) -> bool:
        vm = self.vms.get(vm_id)
        return vm is None or vm.status != "MigratingFrom"

"""What every part of VDSM uses: entries, recovery files, calls to libvirt.

Facts: docs/facts/ovirt.md 4.3 (codes), 5.1, 5.8 (the recovery file is written before the entry).
"""

from __future__ import annotations

from typing import Any

import msgspec

from fakes.links import VDSM_LIBVIRT
from fakes.records import OPENED, RECOVERY_FILES, VDSM_VMS
from fakes.records.vdsm import RecoveryFile, VdsmVm, VmConf
from fakes.repairs import Repairs
from sim.clock import SECOND
from sim.nodes import Service
from sim.outcomes import Failed, Refused, Unknown

replace = msgspec.structs.replace

NO_VM = "1 noVM"
EXISTS = "4 exist"
RECOVERY = "99 recovery"
RESPAWN = 5 * SECOND
"""After losing libvirtd VDSM ends itself and is started again (links.md 2, row 7)."""


class VdsmBase(Service):
    """Entries of the VM list and their recovery files."""

    uncaught = "16 unexpected"
    repairs: Repairs = Repairs()
    leases: bool = False

    def entry(self, vm_id: str) -> VdsmVm:
        """The entry of that VM.

        Raises:
            Failed: 1, there is none.
        """
        row = self.table(VDSM_VMS).get(vm_id)
        if row is None:
            raise Failed(NO_VM, vm_id)
        return row

    def ready(self) -> None:
        """While it starts and recovers, every verb answers 99 (ovirt.md 5.6)."""
        if "vdsm" not in self.table(OPENED):
            raise Failed(RECOVERY, "recovering from crash or initializing")

    def note(self, vm_id: str, why: str, /, **columns: Any) -> None:
        """Change an entry in memory."""
        row = self.table(VDSM_VMS).get(vm_id)
        if row is not None:
            self.set(f"{row.conf.name} {why}", self.table(VDSM_VMS).put(replace(row, **columns)))

    async def add(self, conf: VmConf, status: str, attempt: str = "") -> None:
        """A new entry: its recovery file first, then the list; `attempt` is the migration by which it comes."""
        if self.table(VDSM_VMS).get(conf.id) is not None:
            raise Failed(EXISTS, conf.name)
        file = RecoveryFile(conf.id, conf, status, False, attempt=attempt)
        await self.commit(f"{conf.name} file", self.table(RECOVERY_FILES).put(file))
        self.set(f"{conf.name} {status}", self.table(VDSM_VMS).put(VdsmVm(conf.id, conf, status, attempt=attempt)))

    async def save(self, vm_id: str, status: str, /, **columns: Any) -> None:
        """Change status (and columns); the file is written before the memory, and never once destroyed."""
        row = self.table(VDSM_VMS).get(vm_id)
        if row is None or row.status == "Down":
            return
        if not row.destroyed:
            wired, peer = columns.get("wired", row.wired), columns.get("peer", row.peer)
            file = RecoveryFile(vm_id, row.conf, status, wired, peer, columns.get("attempt", row.attempt))
            await self.commit(f"{row.conf.name} file {status}", self.table(RECOVERY_FILES).put(file))
        self.note(vm_id, status, status=status, **columns)

    async def libvirt(self, verb: str, subject: str, /, **args: Any) -> Any:
        """A call to the host's libvirtd; without it VDSM ends itself and is started again.

        Raises:
            Failed: libvirt's error.
        """
        try:
            return await self.call(VDSM_LIBVIRT, self.node, "libvirt", verb, subject, args)
        except (Refused, Unknown):
            await self.respawn(RESPAWN)
            raise

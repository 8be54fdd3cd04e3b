"""Who may be where: hosts and the roles that they have taken on."""

from __future__ import annotations

from fakes.records import HOSTS, QEMUS, VMS
from fakes.records.engine import Host
from scenarios.checks.base import Settled, vm_of
from sim.checks import View


class Roles(Settled):
    """Hosts in maintenance."""

    id = "roles"
    statement = "no VM on a host in maintenance"
    judged = (HOSTS,)
    depends = (VMS, QEMUS)

    def wrong(self, view: View, node: str, row: Host) -> str:
        if row.status != "Maintenance":
            return ""
        for column in ("host", "migrating_to"):
            for _, vm in view.where(VMS, column, row.id):
                return f"{row.id} is in maintenance, and the engine has {vm.name} on it ({vm.status})"
        for qemu in view.of(QEMUS, row.id):
            vm = vm_of(view, qemu.vm)
            return f"{row.id} is in maintenance, and a qemu of {vm.name if vm else qemu.vm} is on it"
        return ""


CHECKS = (Roles(),)

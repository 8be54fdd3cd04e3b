"""Commands on hosts: maintenance, activation, move to another cluster; and what the engine does with them by itself.

Facts: docs/facts/ovirt.md 1.2 (statuses), 2.3 (move), 2.6 (checks and steps at E12).
"""

from __future__ import annotations

from contextlib import suppress

from fakes.engine.base import replace
from fakes.engine.monitoring import FULL_REFRESH, Monitoring
from fakes.engine.running import MIGRATE_WITHIN
from fakes.records.engine import Host, Vm
from sim.clock import MINUTE, SECOND
from sim.outcomes import Failed, Outcome

MAINTAINABLE = ("Maintenance", "NonResponsive", "Up", "Error", "PreparingForMaintenance", "Down", "NonOperational")
AT_ONCE = ("NonResponsive", "Down")
MOVABLE = ("NonResponsive", "Maintenance", "Down", "Unassigned", "InstallFailed", "PendingApproval")
"""`EditableOnVdsStatus`."""
EMPTY_WITHIN = 600 * SECOND
"""How long the command waits for the host to be empty, once no VM migrates from it any more (ours)."""
AUTO_RECOVERY = 5 * MINUTE
"""`AutoRecoverySchedule`."""


class Hosts(Monitoring):
    """The commands."""

    # --- maintenance ---------------------------------------------------------------------------

    async def on_MaintananceNumberOfVdss(self, host: str) -> str:
        """Empty a host and put it into maintenance; the job ends when it is there (ours: E12's ended before)."""
        self._leaving(self.host_named(host))
        return await self.command(
            "MaintananceNumberOfVdss", host, ((host, "VDS"),), lambda job: self._maintain(job, host)
        )

    def _leaving(self, host: Host) -> Host:
        """The host on its way, or there at once if it does not answer.

        Raises:
            Failed: it may not go.
        """
        if host.status == "Maintenance":
            raise Failed("VDS_CANNOT_MAINTENANCE_VDS_IS_IN_MAINTENANCE", host.id)
        if host.status not in MAINTAINABLE:
            raise Failed("VDS_CANNOT_MAINTENANCE_VDS_IS_NOT_OPERATIONAL", host.status)
        full = self.holds_vms(host.id)
        if host.status in AT_ONCE:
            if full:
                raise Failed("VDS_CANNOT_MAINTENANCE_VDS_IS_NOT_RESPONDING_WITH_VMS", host.id)
            return replace(host, status="Maintenance", reason="", lacking_since=-1)
        others = [row for row in self.hosts.where("cluster", host.cluster) if row.status == "Up" and row.id != host.id]
        if full and not others:
            raise Failed("CANNOT_MAINTANANCE_VDS_RUN_VMS_NO_OTHER_RUNNING_VDS", host.id)
        return replace(host, status="PreparingForMaintenance", reason="", lacking_since=-1)

    def holds_vms(self, host: str) -> bool:
        """Whether a VM is on the host, or on its way there, by the database."""
        return bool(self.vms.where("host", host) or self.vms.where("migrating_to", host))

    async def _maintain(self, job: str, host_id: str) -> None:
        await self.change_host(host_id, "to be emptied", self._leaving)
        self.unlock(job)  # from now on the status says it; who changes their mind may activate the host
        await self.evacuate(host_id)
        await self.judge_networks(self.attached.where("cluster", self.hosts[host_id].cluster))
        await self.until(lambda: self.hosts[host_id].status != "PreparingForMaintenance", EMPTY_WITHIN)
        status = self.hosts[host_id].status
        if status != "Maintenance":
            raise Failed("VDS_CANNOT_MAINTENANCE", f"{host_id} is {status}")

    async def evacuate(self, host_id: str) -> None:
        """InternalMigrateVm for each VM of the host; one that cannot move stays (ovirt.md 2.6)."""
        jobs = []
        for vm in self.vms.where("host", host_id):
            with suppress(Outcome):
                jobs.append(await self.on_MigrateVm(vm.name))
        await self.until(lambda: all(job not in self.commands for job in jobs), MIGRATE_WITHIN)

    async def emptied(self, host_id: str, reported: bool) -> None:
        """The monitor has heard of the host's VMs: one that prepares for maintenance, and has none, is there."""
        hosting = self.design.hosting

        def there(host: Host) -> Host:
            known = self.holds_vms(host_id)
            if host.status == "Maintenance" and known and hosting.watches_maintenance:
                return replace(host, status="PreparingForMaintenance")
            full = reported or (known and hosting.trusts_own_rows)
            leaves = host.status == "PreparingForMaintenance" and not full
            return replace(host, status="Maintenance") if leaves else host

        await self.change_host(host_id, "emptied", there)

    # --- activation ----------------------------------------------------------------------------

    async def on_ActivateVds(self, host: str) -> str:
        """Bring a host up: its report decides between Up and NonOperational."""
        if self.host_named(host).status == "Up":
            raise Failed("VDS_CANNOT_ACTIVATE_VDS_ALREADY_UP", host)
        return await self.command("ActivateVds", host, ((host, "VDS"),), lambda job: self._activate(job, host))

    async def _activate(self, job: str, host_id: str) -> None:
        host = self.hosts[host_id]
        kept = self.design.hosting.remembers(self.engine, job, host)
        coming = replace(host, status="Unassigned", reason="", failures=0, failing_since=-1, lacking_since=-1)
        await self.commit(f"host {host_id} Unassigned", self.hosts.put(coming), *kept)
        await self.refresh(host_id)
        await self.judge_networks(self.attached.where("cluster", self.hosts[host_id].cluster))

    async def recover(self, host_id: str) -> None:
        """Auto recovery: every five minutes, a NonOperational host that has what it lacked is activated.

        One that still lacks it is left alone (ours: E12 tries, and fails again).
        """
        host = self.hosts[host_id]
        if host.status != "NonOperational" or self.design.hosting.lacks(self.engine, host):
            return
        if self.now % AUTO_RECOVERY < FULL_REFRESH:
            with suppress(Outcome):
                await self.on_ActivateVds(host_id)
        else:
            self.not_later_than(-(-self.now // AUTO_RECOVERY) * AUTO_RECOVERY)

    # --- move ----------------------------------------------------------------------------------

    async def on_ChangeVDSCluster(self, host: str, cluster: str) -> str:
        """Move a host to another cluster; the next activation judges it there."""
        row = self.host_named(host)
        if row.status not in MOVABLE:
            raise Failed("VDS_STATUS_NOT_VALID_FOR_UPDATE", row.status)
        if cluster not in self.clusters:
            raise Failed("VDS_CLUSTER_IS_NOT_VALID", cluster)
        self.design.hosting.check_move(self.engine, row)
        return await self.command(
            "ChangeVDSCluster", host, ((host, "VDS"),), lambda job: self._move(job, host, cluster)
        )

    async def _move(self, job: str, host_id: str, cluster: str) -> None:
        if self.hosts[host_id].cluster != cluster:
            await self.design.hosting.move(self.engine, job, host_id, cluster)

    def check_movable(self, host: Host) -> None:
        """Refuse to move a host whose status does not allow it.

        Raises:
            Failed: it does not.
        """
        if host.status not in MOVABLE:
            raise Failed("VDS_STATUS_NOT_VALID_FOR_UPDATE", host.status)

    # --- by itself -----------------------------------------------------------------------------

    async def hosts_round(self) -> None:
        """A reconciler: networks have their status, and hosts that shall be empty become so."""
        for rows in (self.attached.where("required", True), self.attached.where("status", "NonOperational")):
            await self.judge_networks(rows)
        for status in ("PreparingForMaintenance", "NonOperational"):
            for host in self.hosts.where("status", status):
                for vm in self.vms.where("host", host.id):
                    await self._move_away(vm)

    async def _move_away(self, vm: Vm) -> None:
        if vm.status == "Up" and vm.wanted == "up" and (vm.id, "VM") not in self.locks:
            with suppress(Outcome):
                await self.on_MigrateVm(vm.name)

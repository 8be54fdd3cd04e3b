"""The monitoring loop: hosts, and the VMs on them.

Facts: docs/facts/ovirt.md 1.2 (host statuses), 1.3 (bringing up), 1.6 (the loop, what it does with VMs).
Every 2 s `list`, every fifth time capabilities and statistics.
"""

from __future__ import annotations

from typing import Any

from fakes.engine.base import replace
from fakes.engine.running import Running
from fakes.records.engine import Capabilities, Host, Vm
from fakes.records.vdsm import Report
from sim.clock import MS, SECOND
from sim.outcomes import Failed, Outcome
from sim.tables import Change

REFRESH = 2 * SECOND
FULL_REFRESH = 5 * REFRESH
GRACE = 60 * SECOND
"""`TimeoutToResetVdsInSeconds`; within it, or with fewer than 2 failures, a host is only Connecting."""
MONITORED = (
    "Unassigned", "Up", "Connecting", "NonResponsive", "Initializing", "NonOperational", "PreparingForMaintenance",
)  # fmt: skip
LISTED = ("Up", "NonOperational", "PreparingForMaintenance")
"""Host statuses in which the VMs that it reports are looked at."""


class Monitoring(Running):
    """One timer a host for VMs, one for the host itself."""

    def monitor(self) -> None:
        """Begin to monitor every host; hosts are spread over the period."""
        for number, host in enumerate(self.hosts.all()):
            phase = (number * 97) % 1_000 * MS
            self.every(f"monitor {host.id}", REFRESH, self._monitor_round(host.id), phase)
            self.every(f"refresh {host.id}", FULL_REFRESH, self._refresh_round(host.id), phase + 500 * MS)

    def _monitor_round(self, host: str) -> Any:
        return lambda: self._monitor(host)

    def _refresh_round(self, host: str) -> Any:
        return lambda: self.refresh(host)

    # --- hosts ---------------------------------------------------------------------------------

    async def refresh(self, host_id: str) -> None:
        """Ask for capabilities: what the host reports of fabrics, and that it is there at all."""
        host = self.hosts[host_id]
        if host.status not in MONITORED:
            return
        try:
            found: Capabilities = await self.vdsm(host_id, "getVdsCapabilities", "")
        except Outcome as error:
            await self._not_answering(host_id, error)
            return
        await self._answered(host_id, found)

    async def _answered(self, host_id: str, found: Capabilities | None) -> None:
        if self.hosts[host_id].status not in MONITORED:
            return  # meanwhile somebody has taken it out of monitoring
        columns: dict[str, Any] = {"failures": 0, "failing_since": -1}
        if found is not None:
            columns |= self._told(self.hosts[host_id], found)
        was = self.hosts[host_id].status
        await self.change_host(host_id, "answers", lambda host: self.judged(replace(host, **columns)))
        if self.hosts[host_id].status == "NonOperational" != was:
            self.spawn(self.engine.evacuate(host_id), f"evacuate {host_id}")
        await self.engine.recover(host_id)

    def _told(self, host: Host, found: Capabilities) -> dict[str, Any]:
        """What the host reports, and since when if it is something else."""
        if (host.fabrics, host.networks) == (found.fabrics, found.networks):
            return {}
        return {"fabrics": found.fabrics, "networks": found.networks, "reported": self.now}

    async def _not_answering(self, host_id: str, error: Outcome) -> None:
        host = self.hosts[host_id]
        if host.status not in MONITORED:
            return
        if isinstance(error, Failed) and error.code.startswith("99"):
            await self._host_becomes(host, self.design.hosting.while_starting(host))
            return
        since = host.failing_since if host.failures else self.now
        host = replace(host, failures=host.failures + 1, failing_since=since)
        if host.failures < 2 or self.now < since + GRACE:
            self.not_later_than(since + GRACE)
            status = host.status if host.status in ("NonResponsive", "PreparingForMaintenance") else "Connecting"
            await self._host_becomes(host, status)
        elif host.status != "NonResponsive":
            await self._host_becomes(host, "NonResponsive")
            if self.hosts[host_id].status == "NonResponsive":
                await self.design.fencing.not_responding(self.engine, host_id)

    async def _host_becomes(self, host: Host, status: str) -> None:
        """The host, read just now, with its new count of failures; a status that changes meanwhile is left."""
        was, counted = self.hosts[host.id].status, {"failures": host.failures, "failing_since": host.failing_since}

        def becomes(row: Host) -> Host:
            return replace(row, status=status, **counted) if row.status == was else row

        await self.change_host(host.id, status, becomes)

    async def unknown(self, vm_id: str) -> None:
        """The VM may well run, and nobody can say (ovirt.md 1.7, F): it is no longer followed."""
        before = self.vms.get(vm_id)
        if before is None:
            return

        def changes() -> list[Change]:
            vm = self.vms.get(vm_id)
            if vm is None or vm.status == "Down" or vm.host != before.host:
                return []  # meanwhile somebody could say
            return [self.vms.put(replace(vm, changed=self.now, status="Unknown"))]

        await self.amend(f"{before.name} Unknown: its host does not answer", changes)

    # --- VMs -----------------------------------------------------------------------------------

    async def _monitor(self, host_id: str) -> None:
        """One light round: what the host reports against what the database says."""
        if not self._listed(host_id):
            return
        asked = self.now
        try:
            reports: list[Report] = await self.vdsm(host_id, "list", "")
        except Outcome as error:
            await self._not_answering(host_id, error)
            return
        if not self._listed(host_id):
            return
        for report in reports:
            await self._reported(host_id, report, asked)
        present = {report.vm for report in reports}
        for vm in self.vms.where("host", host_id):
            if vm.id in self.vms and vm.id not in present and self._counts(vm.id, asked):
                await self.design.placement.absent(self.engine, host_id, self.vms[vm.id])
        await self.engine.emptied(host_id, bool(reports))

    def _listed(self, host_id: str) -> bool:
        status = self.hosts[host_id].status
        return status in LISTED or (status == "Maintenance" and self.design.hosting.watches_maintenance)

    def _unanswered(self, vm_id: str) -> bool:
        """Whether a command about this VM still waits for the host's answer: no report counts yet."""
        row = self.in_flight.get(vm_id)
        return row is not None and not row.action.endswith("sent")

    def _counts(self, vm_id: str, asked: int) -> bool:
        """Whether an answer that was asked for then may be judged by; if not, the next one soon will."""
        if self._unanswered(vm_id):
            return False
        counts = self.design.reports.counts(self.vms[vm_id], asked)
        if not counts:
            self.not_later_than(self.now + REFRESH)
        return counts

    async def _reported(self, host_id: str, report: Report, asked: int) -> None:
        vm = self.vms.get(report.vm)
        if vm is None:
            await self.design.placement.unknown_vm(self.engine, host_id, report)
        elif not self._counts(vm.id, asked):
            return
        elif report.status == "Down":
            await self._reported_down(host_id, vm, report)
        elif report.status == "Migration Destination":
            await self.design.placement.incoming(self.engine, host_id, vm)
        elif vm.host != host_id:
            await self.design.placement.elsewhere(self.engine, host_id, vm, report)
        else:
            await self._reported_running(host_id, vm, report)

    async def _reported_running(self, host_id: str, vm: Vm, report: Report) -> None:
        if vm.wanted == "down" and (vm.id, "VM") not in self.locks:
            await self.design.placement.unwanted(self.engine, host_id, vm)
        elif report.status == "Migration Source":
            if vm.status != "MigratingFrom":
                await self.save_vm(vm.id, "migrates", status="MigratingFrom")
        elif report.status == "Up":
            if self.design.reports.has_stayed(vm):
                await self.save_vm(vm.id, "still at the source", status="Up", migrating_to="")
            elif vm.status != "Up":
                await self.save_vm(vm.id, "Up", status="Up")
            elif (vm.id, "VM") not in self.locks:
                await self.design.hot_plug.reported(self.engine, vm, report)

    async def _reported_down(self, host_id: str, vm: Vm, report: Report) -> None:
        """The entry is destroyed, then the exit code decides (ovirt.md 1.6)."""
        await self._destroy(host_id, vm)
        now = self.vms.get(vm.id)
        if now is None or now.host != host_id:
            return
        vm = now
        if self._moving(vm) and self.design.reports.moved(vm, report):
            await self._hand_over(vm, "Up")
            return
        if vm.migrating_to:
            await self._destroy(vm.migrating_to, vm)
        await self.went_down(vm.id, f"down: {report.exit_message}")

    @staticmethod
    def _moving(vm: Vm) -> bool:
        """Whether it was migrating, also where its host did not answer meanwhile."""
        return vm.status == "MigratingFrom" or (vm.status == "Unknown" and bool(vm.migrating_to))

    async def _hand_over(self, vm: Vm, status: str) -> None:
        """The source has let go: the VM is the target's; without a target known it is nobody's until reported."""
        if vm.migrating_to:
            await self.save_vm(vm.id, "handed over", status=status, **self.design.reports.handed_over(vm))
        else:
            await self.save_vm(vm.id, "left its host", host="", status="Unknown")

    async def vanished(self, vm: Vm) -> None:
        """Its host does not have it: the target of its migration may, else it is Down."""
        if self._moving(vm) and vm.migrating_to:
            await self._hand_over(vm, "Unknown")
        elif vm.status != "Down":
            await self.went_down(vm.id, "could not be found")

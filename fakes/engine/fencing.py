"""Power management of hosts: the fence device through a proxy host, stop, start, restart, confirmed reboot.

Facts: docs/facts/ovirt.md 1.7 (rows 1 to 12, F, G; confirm reboot).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from fakes.engine.base import replace
from fakes.engine.running import Running
from fakes.records import UPTIME
from fakes.records.engine import Host, Uptime
from sim.clock import SECOND
from sim.outcomes import Failed, Outcome

DISABLED_AT_STARTUP = 300 * SECOND
"""`DisableFenceAtStartupInSec`."""
QUIET = 180 * SECOND
"""`FenceQuietTimeBetweenOperationsInSec`."""
PROXY_TRIES, PROXY_AGAIN = 3, 30 * SECOND
"""`FindFenceProxyRetries`, `FindFenceProxyDelayBetweenRetriesInSec`."""
FIRST_POLL, POLLS, POLL_AGAIN = 5 * SECOND, 3, 60 * SECOND
"""The wait before the first look, `FenceStop/StartStatusRetries`, `...DelayBetweenRetriesInSec`."""
STARTS_AGAIN, START_AGAIN = 10, 30 * SECOND
"""How often a design that repeats fencing starts a highly available VM, and how far apart (ours)."""
LOOK_AGAIN = 60 * SECOND
"""How often a design that repeats fencing looks at a silent host (ours)."""
ON_WITHIN = 900 * SECOND
"""How long it asks for power for a host that it has switched off (ours)."""
FENCE_WITHIN = 3_600 * SECOND
STARTABLE = ("Down", "NonResponsive", "Reboot", "Maintenance")
CONFIRMABLE = ("Down", "InstallFailed", "Maintenance", "NonOperational", "NonResponsive", "Reboot", "Installing")


class PowerManagement(Running):
    """The commands, and what a design's `fencing` uses."""

    def watch_power(self) -> None:
        """Begin: the engine's own start counts for the start-up interval; the world was given with one that is old."""
        since = self.now if self.process.starts > 1 else -DISABLED_AT_STARTUP
        self.set("engine started", self.table(UPTIME).put(Uptime("engine", since)))
        if self.design.fencing.repeats:
            for number, host in enumerate(row for row in self.hosts.all() if row.power):
                self.every(f"fence {host.id}", LOOK_AGAIN, self._look_round(host.id), number * SECOND)

    def _look_round(self, host: str) -> Any:
        async def round_() -> None:
            with suppress(Outcome):  # what failed comes again when anything changes that was read
                await self.design.fencing.look(self.engine, host)

        return round_

    # --- the device ----------------------------------------------------------------------------

    async def fence(self, host: str, action: str, tries: int = PROXY_TRIES) -> str:
        """Ask the host's fence device through the first other host of its data center that is Up.

        Raises:
            Failed: no proxy, or the device's error; `Unknown` as any call.
        """
        for number in range(tries):
            if number:
                await self.sleep(PROXY_AGAIN)
            proxy = self._proxy(host)
            if proxy:
                return str(await self.vdsm(proxy, "fenceNode", host, host=host, action=action))
        raise Failed("VDS_NO_VDS_PROXY_FOUND", host)

    def _proxy(self, host: str) -> str:
        center = self._center(self.hosts[host])
        others = (row for row in self.hosts.all() if row.id != host and row.status == "Up")
        return next((row.id for row in others if self._center(row) == center), "")

    def _center(self, host: Host) -> str:
        return self.clusters[host.cluster].data_center

    def may_fence_from(self) -> int:
        """The time at which the start-up interval is over."""
        return self.table(UPTIME)["engine"].since + DISABLED_AT_STARTUP

    async def may_fence(self, host: str) -> None:
        """Rows 1 to 5: power management, the engine's age, quiet time, a proxy, a device that answers.

        Raises:
            Failed, Unknown: one of them fails.
        """
        row = self.hosts[host]
        if not row.power:
            raise Failed("VDS_ALERT_FENCE_IS_NOT_CONFIGURED", host)
        if self.now < self.may_fence_from():
            raise Failed("VDS_FENCE_DISABLED_AT_SYSTEM_STARTUP_INTERVAL", host)
        if row.started_at >= 0 and self.now < row.started_at + QUIET:
            raise Failed("VDS_FENCE_DISABLED_AT_QUIET_TIME", host)
        await self._device_answers(host)

    async def _device_answers(self, host: str, tries: int = PROXY_TRIES) -> str:
        status = await self.fence(host, "status", tries)
        if status not in ("on", "off"):
            raise Failed("VDS_FAILED_FENCE_VIA_PROXY_CONNECTION", status)
        return status

    async def _verified(self, host: str, wanted: str) -> None:
        """Row 8: wait, then ask until the device says so.

        Raises:
            Failed: it never did.
        """
        if not self.design.fencing.verifies:
            return
        await self.sleep(FIRST_POLL)
        for number in range(POLLS):
            if number:
                await self.sleep(POLL_AGAIN)
            with suppress(Outcome):
                if await self.fence(host, "status", 1) == wanted:
                    return
        raise Failed("VDS_ALERT_FENCING_STATUS_VERIFICATION_FAILED", f"{host} is not {wanted}")

    # --- stop, start ---------------------------------------------------------------------------

    async def save_host(self, host: str, why: str, /, **columns: Any) -> None:
        """Change columns of a host's row."""
        await self.change_host(host, why, lambda row: replace(row, **columns))

    async def restart_host(self, host: str) -> None:
        """Rows 7 to 11: off, its VMs Down, on again.

        Raises:
            Failed: the device, or its answer, failed; the host is as before (row 7), or NonResponsive.
        """
        before = self.hosts[host].status
        await self._device_answers(host)
        if self.hosts[host].status == "Maintenance" != before:
            raise Failed("VDS_STATUS_NOT_VALID_FOR_STOP", f"{host} has gone into maintenance")
        await self.switch_off(host, before)
        await self.switch_on(host)

    async def switch_off(self, host: str, before: str) -> None:
        """Rows 7 to 9; the host is `Reboot` meanwhile, and afterwards until somebody starts it."""
        await self.save_host(host, "Reboot", status="Reboot")
        try:
            if await self.fence(host, "status", 1) != "off":
                await self.fence(host, "off")
                await self._verified(host, "off")
        except Outcome:
            await self.save_host(host, "not off", status=before)
            raise
        await self.save_host(host, "off", stopped_at=self.now)
        await self.cleared(host)

    async def cleared(self, host: str) -> None:
        """Nothing of the host runs any more: its VMs are as the design says; those that are to be up are started."""
        there = self.vms.where("host", host)
        again = [vm.id for vm in there if vm.ha and vm.wanted == "up"]
        for vm in there:
            if vm.id in self.vms:
                with suppress(Outcome):
                    await self.design.fencing.off(self.engine, self.vms[vm.id])
        for vm_id in again:
            if vm_id in self.vms:
                self.spawn(self.start_again(vm_id), f"start {self.vms[vm_id].name} again")

    async def start_again(self, vm_id: str) -> None:
        """A highly available VM: one attempt, or as many as outlast the lease of the host that was fenced."""
        for number in range(STARTS_AGAIN if self.design.fencing.repeats else 1):
            if number:
                await self.sleep(START_AGAIN)
            vm = self.vms.get(vm_id)
            if vm is None or vm.status != "Down":
                return
            with suppress(Outcome):
                job = await self.on_RunVm(vm.name)
                await self.until(lambda job=job: self.jobs[job].status != "STARTED")  # type: ignore[misc]

    async def switch_on(self, host: str) -> None:
        """Row 11; a design that repeats fencing asks three times."""
        await self.save_host(host, "is to start", status="NonResponsive", started_at=self.now)
        await self._on(host, PROXY_TRIES if self.design.fencing.repeats else 1)

    async def _on(self, host: str, tries: int) -> None:
        for _ in range(tries):
            with suppress(Outcome):
                await self.fence(host, "on")
                await self._verified(host, "on")
                return
        raise Failed("VDS_ALERT_FENCING_STATUS_VERIFICATION_FAILED", f"{host} is not on")

    async def back_on(self, host: str) -> None:
        """A fenced host that is off still is switched on, for a while: perhaps there is no power to be had."""
        since = max(self.hosts[host].started_at, self.may_fence_from())
        if self.now < since + ON_WITHIN and await self.fence(host, "status", 1) == "off":
            await self._on(host, PROXY_TRIES)

    async def locked_host(self, host: str, act: Callable[[], Awaitable[None]]) -> None:
        """Act while nobody else fences the host; not at all while somebody does."""
        await self.while_free(f"fencing {host}", (host, "VDS_FENCE"), FENCE_WITHIN, act)

    # --- commands ------------------------------------------------------------------------------

    def _managed(self, host: str) -> Host:
        row = self.hosts.get(host)
        if row is None:
            raise Failed("ACTION_TYPE_FAILED_HOST_NOT_EXIST", host)
        if not row.power:
            raise Failed("VDS_ALERT_FENCE_IS_NOT_CONFIGURED", host)
        return row

    async def _fencing(
        self, action: str, host: str, act: Callable[[], Awaitable[None]], check: Callable[[str], Host]
    ) -> str:
        """A command that switches a host: no other one on this host meanwhile, whatever it is about."""
        check(host)
        locked = ((host, "VDS"), (host, "VDS_FENCE"))
        return await self.command(action, host, locked, lambda job: act(), FENCE_WITHIN, still=lambda: check(host))

    async def on_RestartVds(self, host: str) -> str:
        """Off and on again, whatever its status."""
        return await self._fencing("RestartVds", host, lambda: self.restart_host(host), self._managed)

    async def on_StopVds(self, host: str) -> str:
        """Off; the host must be in Maintenance, where it is again Down."""
        return await self._fencing("StopVds", host, lambda: self._stop_host(host), self._may_stop)

    def _may_stop(self, host: str) -> Host:
        row = self._managed(host)
        if row.status != "Maintenance":
            raise Failed("VDS_STATUS_NOT_VALID_FOR_STOP", row.status)
        return row

    async def _stop_host(self, host: str) -> None:
        await self._device_answers(host)
        await self.switch_off(host, "Maintenance")
        await self.save_host(host, "Down", status="Down")

    async def on_StartVds(self, host: str) -> str:
        """On."""
        return await self._fencing("StartVds", host, lambda: self._start_host(host), self._may_start)

    def _may_start(self, host: str) -> Host:
        row = self._managed(host)
        if row.status not in STARTABLE:
            raise Failed("VDS_STATUS_NOT_VALID_FOR_START", row.status)
        return row

    async def _start_host(self, host: str) -> None:
        await self._device_answers(host)
        await self.switch_on(host)

    async def on_FenceVdsManualy(self, host: str) -> str:
        """An administrator says that the host was rebooted (`clearVMs`); a design may ask the device first."""
        return await self._fencing("FenceVdsManualy", host, lambda: self._confirmed(host), self._may_confirm)

    def _may_confirm(self, host: str) -> Host:
        row = self.hosts.get(host)
        if row is None:
            raise Failed("ACTION_TYPE_FAILED_HOST_NOT_EXIST", host)
        if row.status not in CONFIRMABLE:
            raise Failed("VDS_FENCE_MANUALLY_STATUS", row.status)
        return row

    async def _confirmed(self, host: str) -> None:
        await self.design.fencing.confirmed(self.engine, host)
        await self.cleared(host)

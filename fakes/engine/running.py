"""Flows of running VMs: run, stop, migrate.

Facts: docs/facts/ovirt.md 2.6 (RunVm step by step, stop family, migration, reruns), 1.6.
"""

from __future__ import annotations

from fakes.engine.networks import Networks
from fakes.engine.vnics import Vnics
from fakes.links import ENGINE_QUANTUM, ENGINE_VDSM
from fakes.records.engine import Host, Vm
from sim.clock import SECOND
from sim.outcomes import Failed, Refused, Unknown

MOST_HOSTS = 3
"""`MaxRerunVmOnVdsCount`: at most three hosts in all."""
START_WITHIN = 600 * SECOND
ASK_AGAIN = 10 * SECOND
MIGRATE_WITHIN = 3_600 * SECOND
ANSWERED_WITHIN = ENGINE_VDSM.timeout or 0
MIGRATION = ANSWERED_WITHIN + MIGRATE_WITHIN + START_WITHIN
"""How long a migration may take: until VDSM has answered, until the VM is no more on its way, until it is at rest."""
PORT_WITHIN = 9 * (ENGINE_QUANTUM.timeout or 0)
"""How long a vNIC's port may take: three times look, make and plug."""
NO_VM = "1 noVM"
EXISTS = "4 exist"
BEFORE_ANY_EFFECT = (NO_VM, "99", "ACTION_TYPE_FAILED")
"""How the codes begin of what was refused before anything was done: by VDSM, or by the engine itself."""


class Running(Networks, Vnics):
    """The commands."""

    # --- choosing a host -----------------------------------------------------------------------

    def choose(self, vm: Vm, wish: str, without: tuple[str, ...]) -> Host:
        """The host wished for, if it fits, else the first by name that does.

        Raises:
            Failed: none does.
        """
        if wish:
            self.host_named(wish)
        fits = [
            host
            for host in sorted(self.hosts.where("cluster", vm.cluster), key=lambda host: host.id)
            if host.status == "Up" and host.id not in without and self.design.scheduler.accepts(self.engine, vm, host)
        ]
        for host in fits:
            if host.id == wish:
                return host
        if not fits:
            raise Failed("ACTION_TYPE_FAILED_VDS_VM_CLUSTER", f"no host fits {vm.name}")
        return fits[0]

    # --- run -----------------------------------------------------------------------------------

    async def on_RunVm(self, vm: str, host: str = "") -> str:
        """Start a VM that is down."""
        row = self.vm_named(vm)
        if row.status != "Down":
            raise Failed("ACTION_TYPE_FAILED_VM_IS_RUNNING", row.status)
        if row.id in self.in_flight:
            raise Failed("ACTION_TYPE_FAILED_VM_DURING_INITIATION", vm)
        self._refuse_other_networks(row)
        self.choose(row, host, ())
        return await self.command(
            "RunVm",
            vm,
            ((row.id, "VM"),),
            lambda job: self._run(job, row.id, host),
            MOST_HOSTS * (ANSWERED_WITHIN + START_WITHIN + len(self.vnics.where("vm", row.id)) * PORT_WITHIN),
            still=lambda: self._still_down(row.id),
        )

    def _still_down(self, vm_id: str) -> None:
        """Refuse to start a VM that another command has started or removed while this one waited for its lock.

        Raises:
            Failed: it has.
        """
        status = self.still_there(vm_id).status
        if status != "Down":
            raise Failed("ACTION_TYPE_FAILED_VM_IS_RUNNING", status)

    def _refuse_other_networks(self, vm: Vm) -> None:
        """A plugged vNIC on a network that is not for VMs keeps its VM from starting (ovirt.md 2.6)."""
        for vnic in self.vnics.where("vm", vm.id):
            if vnic.plugged and not self.networks[vnic.network].vm_network:
                raise Failed("ACTION_TYPE_FAILED_NOT_A_VM_NETWORK", self.networks[vnic.network].name)

    async def _run(self, job: str, vm_id: str, wish: str) -> None:
        tried: tuple[str, ...] = ()
        self._still_down(vm_id)
        try:
            while True:
                host = self.choose(self.still_there(vm_id), wish, tried).id
                await self.save_vm(vm_id, "wanted up", wanted="up")
                tried = (*tried, host)
                if await self._run_on(job, self.still_there(vm_id), host):
                    return
                if len(tried) >= MOST_HOSTS:
                    raise Failed("FailedToRunVm", f"{self.still_there(vm_id).name} did not start on {', '.join(tried)}")
        except Failed:
            await self._not_started(vm_id)
            raise

    async def _not_started(self, vm_id: str) -> None:
        await self.save_vm(vm_id, "not started", wanted="down")
        if vm_id in self.vms and self.vms[vm_id].status == "Down":
            await self.design.ports.start_failed(self.engine, self.vms[vm_id])

    async def _run_on(self, job: str, vm: Vm, host: str) -> bool:
        """Try one host; whether the VM came up.  False: it went down again, another may be tried."""
        await self.design.ports.plug(self.engine, vm)
        self.follow(vm, "run", job)
        if self.design.intent_first:
            await self.save_vm(vm.id, f"to start on {host}", status="WaitForLaunch", host=host)
            if self.hosts[host].status != "Up":  # on its way to maintenance since it was chosen
                await self._refused_start(vm.id)
                return False
        try:
            await self.vdsm(host, "create", vm.name, conf=self.conf(self.still_there(vm.id)))
        except Failed as error:
            if not self.design.intent_first or _surely_refused(error) or self.design.believes_errors:
                await self._refused_start(vm.id)
                raise
        except Unknown:
            if not self.design.intent_first:
                self.set("not followed", self.in_flight.drop(vm.id))
                raise
        if not self.design.intent_first:  # else it was saved before, and may have changed since
            await self.save_vm(vm.id, f"launched on {host}", status="WaitForLaunch", host=host)
        self.sent(vm.id)
        settled = await self.until(lambda: self._settled(vm.id), START_WITHIN)
        self.set("run ended", self.in_flight.drop(vm.id))
        if not settled:  # it may run there yet: nothing may be started in its place
            raise Failed("FailedToRunVm", f"{vm.name} is {self.still_there(vm.id).status} on {host}")
        return vm.id in self.vms and self.vms[vm.id].status == "Up"

    async def _refused_start(self, vm_id: str) -> None:
        self.set("not followed", self.in_flight.drop(vm_id))
        if not self._is_down(vm_id):
            await self.save_vm(vm_id, "refused by the host", status="Down", host="")

    def _settled(self, vm_id: str) -> bool:
        vm = self.vms.get(vm_id)
        return vm is None or vm.status in ("Up", "Down")

    # --- stop ----------------------------------------------------------------------------------

    async def on_StopVm(self, vm: str) -> str:
        """Stop a VM; one whose status is Unknown cannot be stopped (ovirt.md 2.6)."""
        row = self.vm_named(vm)
        if row.status in ("Down", "Unknown"):
            raise Failed("ACTION_TYPE_FAILED_VM_IS_NOT_RUNNING", row.status)
        return await self.command("StopVm", vm, ((row.id, "VM"),), lambda job: self._stop(row.id))

    async def _stop(self, vm_id: str) -> None:
        vm = self.still_there(vm_id)
        if vm.status == "Down":
            return
        await self.save_vm(vm_id, "wanted down", wanted="down")
        if vm.status == "MigratingFrom" and vm.migrating_to:
            await self._destroy(vm.migrating_to, vm)
        await self._destroyed(vm)
        if vm_id in self.vms and self.vms[vm_id].status != "Down":
            await self.went_down(vm_id, "stopped")

    async def _destroyed(self, vm: Vm) -> None:
        """Destroy the VM on its host; a design that rolls forward asks again until it is certain.

        Raises:
            Failed, Unknown: the VM may still run.
        """
        give_up = self.now + START_WITHIN
        while True:
            try:
                await self._destroy(vm.host, vm)
                return
            except (Failed, Unknown):
                if self.now > give_up and self.design.believes_stops:
                    return
                if not self.design.rolls_forward or self.now > give_up:
                    raise
            if await self.until(lambda: self._is_down(vm.id), ASK_AGAIN):
                return

    def _is_down(self, vm_id: str) -> bool:
        vm = self.vms.get(vm_id)
        return vm is None or vm.status == "Down"

    async def _destroy(self, host: str, vm: Vm) -> None:
        """Destroy on a host; that the host has none is as good."""
        try:
            await self.vdsm(host, "destroy", vm.name, vm_id=vm.id)
        except Failed as error:
            if error.code != NO_VM:
                raise

    async def went_down(self, vm_id: str, why: str) -> None:
        """The VM is Down, however that was learnt; what follows is the design's, until the VM is removed."""
        if self._is_down(vm_id):
            return
        await self.save_vm(vm_id, why, status="Down", host="", migrating_to="", wanted="down")
        for follows in (self.design.hot_plug.vm_down, self.design.ports.unplug):
            if vm_id in self.vms:
                await follows(self.engine, self.vms[vm_id])

    # --- migrate -------------------------------------------------------------------------------

    async def on_MigrateVm(self, vm: str, host: str = "") -> str:
        """Migrate a VM that is up to that host, or another of its cluster."""
        row = self.vm_named(vm)
        if row.status == "MigratingFrom":
            raise Failed("ACTION_TYPE_FAILED_MIGRATION_IN_PROGRESS", vm)
        if row.status != "Up":
            raise Failed("ACTION_TYPE_FAILED_VM_IS_NOT_RUNNING", row.status)
        target = self.choose(row, host, (row.host,))
        if host and target.id != host:
            raise Failed("ACTION_TYPE_FAILED_VDS_VM_CLUSTER", f"{host} does not fit {vm}")
        return await self.command(
            "MigrateVm",
            vm,
            ((row.id, "VM"),),
            lambda job: self._migrate(job, row.id, target.id),
            MIGRATION,
            still=lambda: self._still_fits(row, target.id),
        )

    def _still_fits(self, vm: Vm, target: str) -> None:
        """Refuse to migrate a VM that is another now than when its target was chosen: it may have a vNIC more.

        Raises:
            Failed: it is gone, does not run, has moved, or does not fit there any more.
        """
        now = self.still_there(vm.id)
        if now.status != "Up" or now.host != vm.host:
            raise Failed("ACTION_TYPE_FAILED_VM_IS_NOT_RUNNING", now.status)
        if self.choose(now, target, (now.host,)).id != target:
            raise Failed("ACTION_TYPE_FAILED_VDS_VM_CLUSTER", f"{target} does not fit {vm.name}")

    async def _migrate(self, job: str, vm_id: str, target: str) -> None:
        vm = self.still_there(vm_id)
        if vm.status != "Up":
            raise Failed("ACTION_TYPE_FAILED_VM_IS_NOT_RUNNING", vm.status)
        source = vm.host
        await self.design.migration.before(self.engine, vm, target)
        self.follow(vm, "migrate", job)
        if self.design.intent_first:
            await self.save_vm(vm_id, f"to migrate to {target}", status="MigratingFrom", migrating_to=target)
            if self.hosts[target].status != "Up":  # on its way to maintenance since it was chosen
                await self._not_migrating(vm_id, Failed("ACTION_TYPE_FAILED_VDS_VM_CLUSTER", target))
        try:
            known = self.design.migration.known(self.engine, vm)
            await self.vdsm(source, "migrate", vm.name, vm_id=vm_id, host=target, **known)
        except (Failed, Unknown) as error:
            await self._not_migrating(vm_id, error)
        if not self.design.intent_first:
            await self.save_vm(vm_id, f"migrates to {target}", status="MigratingFrom", migrating_to=target)
        self.sent(vm_id)
        await self.until(lambda: self._on_its_way_no_more(vm_id, target), MIGRATE_WITHIN)
        self.set("migration ended", self.in_flight.drop(vm_id))
        await self.until(lambda: self._settled(vm_id), START_WITHIN)
        if vm_id in self.vms and self.vms[vm_id].host == target and self.vms[vm_id].status == "Up":
            await self.design.migration.succeeded(self.engine, self.vms[vm_id], source)
        else:
            await self.design.migration.failed(self.engine, vm, target)
            raise Failed("RESOURCE_MANAGER_MIGRATION_FAILED_AT_DST", vm.name)

    def _on_its_way_no_more(self, vm_id: str, target: str) -> bool:
        vm = self.vms.get(vm_id)
        return vm is None or not vm.migrating_to or vm.host == target

    def _believed(self, error: Failed | Unknown) -> bool:
        return isinstance(error, Failed) and self.design.believes_errors

    async def _not_migrating(self, vm_id: str, error: Failed | Unknown) -> None:
        """E12 calls the VM NotResponding, whatever went wrong; else only a certain failure is one.

        Any code but the verb's own may come of a verb that is half done (links.md 1, row 1): reports will tell.
        """
        if self.design.intent_first and not (_surely_refused(error) or self._believed(error)):
            return
        status = "Up" if self.design.intent_first else "NotResponding"
        await self.save_vm(vm_id, "does not migrate", status=status, migrating_to="")
        self.set("not followed", self.in_flight.drop(vm_id))
        raise error


def _surely_refused(error: Failed | Unknown) -> bool:
    """Whether nothing has begun: nobody listens, or VDSM has refused before it did anything (ovirt.md 4.3)."""
    return isinstance(error, Refused) or (isinstance(error, Failed) and error.code.startswith(BEFORE_ANY_EFFECT))

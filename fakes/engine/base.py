"""What every part of the engine uses: its tables, its clients, its commands' frame.

Facts: docs/facts/ovirt.md 2 (frame of a command), 2.1 (compensation), 2.5 (locks at E12), 4.6 (the
XML-RPC client).
"""

from __future__ import annotations

import types
from collections.abc import Awaitable, Callable, Generator, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, cast

import msgspec

from fakes.engine import macs
from fakes.links import ENGINE_QUANTUM, ENGINE_VDSM
from fakes.records import (
    ATTACHED,
    CLUSTERS,
    COMMANDS,
    COMPENSATIONS,
    DATA_CENTERS,
    HOSTS,
    IN_FLIGHT,
    JOBS,
    LOCKS,
    MAC_POOL,
    NETWORKS,
    VMS,
    VNICS,
)
from fakes.records.engine import Command, Compensation, Host, InFlight, Job, Lock, LogicalNetwork, Vm, Vnic
from fakes.topology import QuantumModel
from sim.clock import SECOND
from sim.nodes import Process, Service
from sim.outcomes import Failed, Outcome
from sim.tables import Change
from sim.tasks import Op

if TYPE_CHECKING:
    from fakes.engine.designs.base import Design
    from fakes.engine.service import Engine

replace = msgspec.structs.replace
MARGIN = 60 * SECOND
LOCK_WAIT = 5 * SECOND
"""E12 fails at once on a busy lock; designs that lock give a reconciler's short one this long (ours)."""


class EngineBase(Service):
    """Tables, clients, locks, jobs, compensation."""

    uncaught = "engine error"
    design: Design
    plugins: Mapping[str, str] = MappingProxyType({})  # of each configured Quantum server
    quantums: Mapping[str, QuantumModel] = MappingProxyType({})  # the same servers, as they are configured
    mac_range: int = 150
    mac_first: int = 0  # where its range begins: each engine is configured one of its own

    def __init__(self, process: Process) -> None:
        super().__init__(process)
        self.vms = self.table(VMS)
        self.vnics = self.table(VNICS)
        self.hosts = self.table(HOSTS)
        self.networks = self.table(NETWORKS)
        self.attached = self.table(ATTACHED)
        self.data_centers = self.table(DATA_CENTERS)
        self.clusters = self.table(CLUSTERS)
        self.jobs = self.table(JOBS)
        self.compensations = self.table(COMPENSATIONS)
        self.locks = self.table(LOCKS)
        self.pool = self.table(MAC_POOL)
        self.in_flight = self.table(IN_FLIGHT)
        self.commands = self.table(COMMANDS)

    @property
    def engine(self) -> Engine:
        """This engine as strategies know it: all of its parts together."""
        return cast("Engine", self)

    @property
    def tenant(self) -> str:
        """Under what name it uses Quantum, and its VMs are known to hosts: its own (ours: docs/facts/README.md)."""
        return self.design.tenant or self.process.node.name

    # --- looking up ----------------------------------------------------------------------------

    def vm_named(self, name: str) -> Vm:
        """The VM of that name.

        Raises:
            Failed: there is none.
        """
        vm = self.vms.first("name", name)
        if vm is None:
            raise Failed("ACTION_TYPE_FAILED_VM_NOT_EXIST", name)
        return vm

    def network_named(self, name: str) -> LogicalNetwork:
        """The logical network of that name.

        Raises:
            Failed: there is none.
        """
        network = self.networks.first("name", name)
        if network is None:
            raise Failed("NETWROK_NOT_EXISTS", name)
        return network

    def quantum_vnics(self, vm: Vm) -> list[tuple[Vnic, LogicalNetwork]]:
        """The plugged vNICs of the VM that are on Quantum networks."""
        pairs = [(vnic, self.networks[vnic.network]) for vnic in self.vnics.where("vm", vm.id) if vnic.plugged]
        return [(vnic, network) for vnic, network in pairs if network.server]

    def host_named(self, name: str) -> Host:
        """The host of that name.

        Raises:
            Failed: there is none.
        """
        host = self.hosts.get(name)
        if host is None:
            raise Failed("VDS_INVALID_SERVER_ID", name)
        return host

    # --- clients -------------------------------------------------------------------------------

    def vdsm(self, host: str, verb: str, subject: str, /, **args: Any) -> Awaitable[Any]:
        """A call to a host's VDSM.

        Raises:
            Failed: there is no host to call: the VM that it is about has left its own.
        """
        if not host:
            raise Failed("VDS_INVALID_SERVER_ID", subject)
        return self.call(ENGINE_VDSM, host, "vdsm", verb, subject, args)

    def quantum(self, server: str, verb: str, subject: str, /, **args: Any) -> Awaitable[Any]:
        """A call to a Quantum server, as this engine's tenant."""
        return self.call(ENGINE_QUANTUM, server, "quantum", verb, subject, {"tenant": self.tenant, **args})

    # --- changing ------------------------------------------------------------------------------

    def commit(self, why: str, *changes: Change) -> Awaitable[None]:  # type: ignore[override]
        """Make changes durable; how often it is tried is the design's (docs/facts/links.md 1, row 3)."""
        return self.amend(why, lambda: changes)

    @types.coroutine  # itself what `ask` is, of which there is one frame less to make
    def amend(self, why: str, changes: Callable[[], Sequence[Change]]) -> Generator[Op, Any, None]:
        """Commit what `changes` says at each try: rows may have changed while the one before was in doubt.

        Raises:
            Failed: `changes` finds that it may not be.
        """
        for left in reversed(range(self.design.commit_tries)):
            new = changes()
            if not new:
                return
            try:
                yield (self.world.kernel.op_commit, (why, new))
                return
            except Outcome:
                if not left:
                    raise
                yield (self.world.kernel.op_sleep, SECOND)

    async def change_host(self, host_id: str, why: str, change: Callable[[Host], Host]) -> None:
        """Change a host's row as it is then; no change, no write."""

        def changes() -> list[Change]:
            host = self.hosts[host_id]
            new = change(host)
            return [] if new == host else [self.hosts.put(new)]

        await self.amend(f"host {host_id} {why}", changes)

    async def save_vm(self, vm_id: str, why: str, /, **columns: Any) -> None:
        """Change columns of a VM's row, if it still exists."""
        if vm_id in self.vms:
            await self.amend(f"{self.vms[vm_id].name} {why}", lambda: self._changed_vm(vm_id, columns))

    def _changed_vm(self, vm_id: str, columns: dict[str, Any]) -> tuple[Change, ...]:
        vm = self.vms.get(vm_id)
        return (self.vms.put(replace(vm, changed=self.now, **columns)),) if vm is not None else ()

    async def save_vnic(self, vnic_id: str, why: str, /, **columns: Any) -> None:
        """Change columns of a vNIC's row, if it still exists."""
        if vnic_id in self.vnics:
            await self.amend(f"{self.vnics[vnic_id].name} {why}", lambda: self._changed_vnic(vnic_id, columns))

    def _changed_vnic(self, vnic_id: str, columns: dict[str, Any]) -> tuple[Change, ...]:
        vnic = self.vnics.get(vnic_id)
        return (self.vnics.put(replace(vnic, **columns)),) if vnic is not None else ()

    def take_mac(self) -> str:
        """An address of the pool.

        Raises:
            Failed: none is left; the pool was not built, for the engine's recovery ended before (ovirt.md 1.5).
        """
        if "pool" not in self.pool:
            raise Failed("5011 MAC_POOL_NOT_INITIALIZED")
        mac, pool = macs.take(self.pool["pool"], self.mac_first)
        self.set(f"MAC {mac} taken", self.pool.put(pool))
        return mac

    def free_macs(self, freed: tuple[str, ...]) -> None:
        """Addresses back to the pool."""
        if freed and "pool" in self.pool:
            self.set("MACs freed", self.pool.put(macs.give_back(self.pool["pool"], freed)))

    # --- commands ------------------------------------------------------------------------------

    async def command(
        self,
        action: str,
        subject: str,
        locked: tuple[tuple[str, str], ...],
        work: Callable[[str], Awaitable[None]],
        at_most: int = 1_800 * SECOND,
        vnic: str = "",
        asked: str = "",
        still: Callable[[], object] | None = None,
    ) -> str:
        """Take the locks, note the job, and work in a task of its own; returns the job's id at once.

        `at_most` bounds the locks: the sum of the time-outs of the calls that the command may make.  `still` is
        asked as they are taken: what was true before may have changed in the wait for them.

        Raises:
            Failed: a lock is taken, or `still` says so.
        """
        job = Job(f"job-{self.world.number('job')}", action, subject, vnic=vnic, asked=asked)
        held = await self._free(job.id, locked, at_most) if self.design.locks else []
        if still is not None and self.design.locks:
            still()
        self.set(f"{action} {subject} runs", *held, self.commands.put(Command(job.id, action, subject)))
        try:
            await self.commit(f"{action} {subject} begins", self.jobs.put(job))
        except Outcome:
            self._ended(job.id, "FAILED")
            raise
        self.spawn(self._work(job, work), f"{action} {subject}")
        return job.id

    async def lock(self, job: str, locked: tuple[tuple[str, str], ...], at_most: int) -> None:
        """All or none; what a reconciler holds for a moment is waited for."""
        self.set("locks taken", *await self._free(job, locked, at_most))

    async def _free(self, job: str, locked: tuple[tuple[str, str], ...], at_most: int) -> list[Change]:
        """The changes that take the locks, once all are free; whoever awaits it makes them at once."""
        if any(name in self.locks for name in locked):
            await self.until(lambda: not any(name in self.locks for name in locked), LOCK_WAIT)
        for name in locked:
            if name in self.locks:
                raise Failed("ACTION_TYPE_FAILED_OBJECT_LOCKED", name[0])
        return [self.locks.put(Lock(one, group, job, self.now, at_most + MARGIN)) for one, group in locked]

    async def while_free(
        self, job: str, name: tuple[str, str], at_most: int, act: Callable[[], Awaitable[None]]
    ) -> None:
        """Act under that lock; not at all while somebody else holds it."""
        if name in self.locks:
            return
        await self.lock(job, (name,), at_most)
        try:
            await act()
        except Outcome:
            self.unlock(job)
            raise
        self.unlock(job)

    def unlock(self, job: str) -> None:
        """Free what that job holds."""
        self.set("locks freed", *[self.locks.drop((row.id, row.group)) for row in self.locks.where("job", job)])

    async def _work(self, job: Job, work: Callable[[str], Awaitable[None]]) -> None:
        try:
            await work(job.id)
            kept = [self.compensations.drop((row.job, row.table, row.key)) for row in self._kept(job.id)]
            done = self.jobs.put(replace(job, status="FINISHED"))
            await self.commit(f"{job.action} {job.subject} finished", done, *kept)
        except Outcome as error:
            await self._failed(job, error)
            self._ended(job.id, "FAILED")
            return
        self._ended(job.id, "FINISHED")

    def _ended(self, job: str, status: str) -> None:
        """The command is no longer in memory: not in flight, no lock, no command."""
        gone = [self.in_flight.drop(row.vm) for row in self.in_flight.all() if row.job == job]
        if status in self.design.frees_locks:
            gone += [self.locks.drop((row.id, row.group)) for row in self.locks.where("job", job)]
        self.set(f"{job} ended", *gone, self.commands.drop(job))

    async def _failed(self, job: Job, error: Outcome) -> None:
        undo, freed = self.undo(job.id)
        failed = replace(job, status="FAILED", reason=str(error))
        try:
            await self.commit(f"{job.action} {job.subject} failed", self.jobs.put(failed), *undo)
        except Outcome:  # the database is in doubt: once more, as the transaction manager does
            await self.commit(f"{job.action} {job.subject} failed", self.jobs.put(failed), *undo)
        self.design.addresses.undone(self.engine, freed)

    # --- compensation --------------------------------------------------------------------------

    def _kept(self, job: str) -> list[Compensation]:
        return self.compensations.where("job", job)

    def compensate_new(self, job: str, table: str, key: str) -> Any:
        """The change that notes a new entity, to be removed if the command fails."""
        return self.compensations.put(Compensation(job, table, key, None))

    def undo(self, job: str) -> tuple[list[Any], tuple[str, ...]]:
        """The changes that put back what a command noted, and the MACs that come free."""
        tables: dict[str, Any] = {"vms": self.vms, "vnics": self.vnics}
        changes: list[Any] = []
        freed: list[str] = []
        for row in self._kept(job):
            changes.append(self.compensations.drop((row.job, row.table, row.key)))
            vnic = self.vnics.get(row.key) if row.table == "vnics" and row.before is None else None
            if vnic is not None and self.design.hot_plug.begun(self.engine, vnic):
                continue
            if vnic is not None:
                freed.append(vnic.mac)
            if isinstance(row.before, Host):
                changes.append(self._host_as(row.before))
                continue
            changes.append(tables[row.table].drop(row.key) if row.before is None else tables[row.table].put(row.before))
        return changes, tuple(freed)

    def _host_as(self, before: Host) -> Change:
        """Status and cluster as they were: what commands on hosts note; reports are newer (ovirt.md 2.6)."""
        host = self.hosts[before.id]
        return self.hosts.put(replace(host, status=before.status, cluster=before.cluster))

    def follow(self, vm: Vm, action: str, job: str) -> None:
        """Follow a VM's run or migration; only in memory, as at E12.

        Raises:
            Failed: it is being followed already.
        """
        if vm.id in self.in_flight:
            raise Failed("ACTION_TYPE_FAILED_VM_DURING_INITIATION", vm.name)
        self.set(f"{vm.name} {action} in flight", self.in_flight.put(InFlight(vm.id, action, job)))

    def sent(self, vm_id: str) -> None:
        """The call of a VM in flight has been answered: from now on reports count."""
        row = self.in_flight.get(vm_id)
        if row is not None:
            self.set("answered", self.in_flight.put(replace(row, action=f"{row.action} sent")))

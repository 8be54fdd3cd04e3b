"""VDSM as a whole: reports, and its own start.

Facts: docs/facts/ovirt.md 4.2, 4.4, 5.6, 5.9.
"""

from __future__ import annotations

from collections.abc import Callable

from fakes.records import HOST_NETWORKS, LINUX_BRIDGES, OPENED, RECOVERY_FILES, VDSM_VMS
from fakes.records.engine import Capabilities, Fabric
from fakes.records.libvirt import Domain
from fakes.records.vdsm import Opened, RecoveryFile, Report, VdsmVm
from fakes.repairs import Repairs
from fakes.restarts import Restarts
from fakes.topology import FabricModel, HostModel
from fakes.vdsm import drivers
from fakes.vdsm.base import RESPAWN
from fakes.vdsm.fencing import FenceProxy
from fakes.vdsm.hotplug import HotPlug, macs
from fakes.vdsm.migration import Migration
from sim.clock import SECOND
from sim.nodes import Process, Service, configured
from sim.outcomes import Failed

SAMPLE = 15 * SECOND
"""`vm_sample_cpu_interval` [ours: docs/facts/ovirt.md names the thread, not its period]."""


def _report(row: VdsmVm) -> Report:
    return Report(row.id, row.status, row.exit_code, row.exit_message, row.conf.owner, macs(row))


class Vdsm(FenceProxy, Migration, HotPlug):
    """The daemon."""

    host: HostModel = HostModel()
    restarts: Restarts = Restarts()

    def on_list(self) -> list[Report]:
        """Every VM of the list with its status; Down entries too, until they are destroyed."""
        self.ready()
        return [_report(row) for row in self.table(VDSM_VMS)]

    def on_getVmStats(self, vm_id: str) -> str:
        """The status of one VM."""
        self.ready()
        return self.entry(vm_id).status

    def on_getVdsCapabilities(self) -> Capabilities:
        """The fabrics of this host; of Quantum's: supported, installed, running, nics (ours for 2012-05)."""
        self.ready()
        agents = self.host.agents()
        fabrics = [self._fabric(name, agents.get(name, ""), one) for name, one in self.host.carried().items()]
        up = self.table(LINUX_BRIDGES)
        networks = [network.name for network in self.table(HOST_NETWORKS) if network.name in up]
        return Capabilities(tuple(fabrics), tuple(networks))

    def _fabric(self, name: str, agent: str, model: FabricModel) -> Fabric:
        """One fabric; a report changes when the agent's process does, so who asks periodically must wake then."""
        if not agent:
            return Fabric(name, True, False, False, (model.nic,), model.mode)
        self.process.node.programs.get(agent)
        return Fabric(name, True, True, self.world.is_up(self.node, agent), (model.nic,), model.mode)

    # --- start ---------------------------------------------------------------------------------

    async def started(self) -> None:
        """Take over running domains that have a file; kill those that have none; remove other files."""
        try:
            domains: list[Domain] = await self.libvirt("list", "")
        except Failed:
            if self.repairs.recovery_tries_again:
                await self.respawn(RESPAWN)
            raise  # as it was: recovery is over, and the verbs stay shut (ovirt.md 5.9)
        files = self.table(RECOVERY_FILES)
        for domain in domains:
            if domain.uuid in files:
                self._take_over(domain)
            else:
                await self.kill_loose(domain)
        running = {domain.uuid for domain in domains}
        for file in files.all():
            if file.id in running:
                continue
            if file.status == "Migration Destination" and self.repairs.incoming_awaited_again:
                self._await_again(file)
            else:
                if file.wired and self.repairs.vanished_vm_unplugged:
                    await self.rewire(file.conf)
                await self.commit(f"{file.conf.name} file removed", files.drop(file.id))
        self.set("verbs open", self.table(OPENED).put(Opened("vdsm")))
        self.every("sample", SAMPLE, self._sample, SAMPLE)

    async def _sample(self) -> None:
        """The statistics thread: a VM whose domain is missing is Down, without being released (ovirt.md 5.8)."""
        if not self.table(VDSM_VMS).all():
            return
        domains: list[Domain] = await self.libvirt("list", "")
        present = {domain.uuid for domain in domains}
        for row in self.table(VDSM_VMS).all():
            if row.status == "Up" and row.id not in present and not row.destroyed:
                await self.down(row.id, 1, "Lost connection with qemu process")
        self._missed_arrivals(domains)
        for domain in domains:
            await self.follow_domain(domain)

    def _missed_arrivals(self, domains: list[Domain]) -> None:
        """Repaired: an incoming domain that runs has arrived, though no event said so."""
        for domain in domains:
            row = self.table(VDSM_VMS).get(domain.uuid)
            if row is not None and row.status == "Migration Destination" and domain.state == "RUNNING":
                if self.repairs.migration_settled_by_asking:
                    self.note(row.id, "found running", told="RESUMED/MIGRATED")

    def _await_again(self, file: RecoveryFile) -> None:
        """Repaired: a migration that was awaited before the restart, and has not come yet, may come."""
        entry = VdsmVm(file.id, file.conf, file.status, wired=file.wired, peer=file.peer, attempt=file.attempt)
        self.set(f"{file.conf.name} awaited again", self.table(VDSM_VMS).put(entry))
        self.spawn(self.target(file.conf, look_first=True), f"await {file.conf.name}")

    def _take_over(self, domain: Domain) -> None:
        file = self.table(RECOVERY_FILES)[domain.uuid]
        asks = self.repairs.migration_settled_by_asking
        role = self.restarts.role(file, domain)
        incoming = role == "Migration Destination"
        moving = role == "Migration Source" and asks
        status = role if incoming or moving else "Up"
        conf = drivers.with_unknown(file.conf, domain.definition)
        row = VdsmVm(file.id, conf, status, wired=file.wired, peer=file.peer, attempt=file.attempt)
        self.set(f"{file.conf.name} taken over", self.table(VDSM_VMS).put(row))
        if incoming:
            self.spawn(self.target(file.conf, look_first=asks), f"await {file.conf.name}")
        elif moving and self.restarts.follows(file):
            self.spawn(self.resume_source(file.conf, file.peer), f"settle {file.conf.name}")


def daemon(repairs: Repairs, host: HostModel, leases: bool, restarts: Restarts) -> Callable[[Process], Service]:
    """The VDSM of one host."""
    return configured(Vdsm, repairs=repairs, host=host, leases=leases, restarts=restarts)

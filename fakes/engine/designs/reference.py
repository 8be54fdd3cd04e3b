"""This project's own design: the engine that survives every fault.

An intent is durable before its effect; every external object carries a natural key (the network's name is
engine and network id, the attachment is the vNIC's id), so an unknown outcome is resolved by looking and
adopting; what a command leaves undone a reconciler finishes; a VM lease keeps a source from resuming beside
its target; hosts sweep their own devices.  Ours: see docs/design.md.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from fakes.engine.designs.base import Design, Migration, Networks, Placement, Ports, Reports, Scheduler
from fakes.engine.designs.e12 import E12Recovery
from fakes.engine.designs.fencing import FencesUntilCertain
from fakes.engine.designs.hosting import LooksAgain
from fakes.engine.designs.hotplug import ComparedWithReports
from fakes.engine.keys import network_key
from fakes.engine.segments import rival
from fakes.records.engine import MANAGEMENT, Host, LogicalNetwork, Vm, Vnic
from fakes.records.vdsm import Report
from sim.outcomes import Failed, Outcome, Unknown

if TYPE_CHECKING:
    from fakes.engine.service import Engine

TRIES = 3


class MadeAndKept(Networks):
    """Commands try at once; what fails, the reconciler completes.  Until then the network is NonOperational."""

    def refusal(self, engine: Engine, network: LogicalNetwork) -> Failed | None:
        """By what is configured: the segments that servers share are not known, so ranges must not overlap (ours)."""
        if network.server and (not network.vm_network or network.name == MANAGEMENT):
            return Failed("EXTERNAL_NETWORK_MUST_BE_VM_NETWORK", network.name)
        other = rival(engine.quantums, network, engine.networks)
        if other and network.server:
            return Failed("PROVIDER_VLANS_OVERLAP", f"{network.server} and {other}")
        return Failed("NETWORK_VLAN_OF_PROVIDER", f"{network.vlan} is {other}'s to give out") if other else None

    def unfit(self, engine: Engine, network: LogicalNetwork, cluster: str) -> Failed | None:
        """A network of another data centre is none here (ours: E12 does not look)."""
        same = engine.clusters[cluster].data_center == network.data_center
        return None if same else Failed("NETWROK_NOT_EXISTS", network.name)

    async def added(self, engine: Engine, network: LogicalNetwork) -> None:
        await self._try(engine, network)

    async def attached(self, engine: Engine, network: LogicalNetwork, cluster: str) -> None:
        await self._try(engine, network)

    async def _try(self, engine: Engine, network: LogicalNetwork) -> None:
        if not network.server or network.uuid:
            return
        try:
            await self.ensure(engine, network.id)
        except Outcome:
            return  # the reconciler goes on

    async def ensure(self, engine: Engine, network_id: str) -> None:
        """Look for the network by its key; adopt it, or make it."""
        network = engine.networks[network_id]
        rows = await engine.quantum(network.server, "list-networks", network.name)
        mine = [row.id for row in rows if row.name == network_key(engine.tenant, network_id)]
        uuid = mine[0] if mine else await self.create(engine, network)
        await engine.save_network(network_id, "has its UUID", uuid=uuid)
        await engine.judge_networks(engine.attached.where("network", network_id))

    async def create(self, engine: Engine, network: LogicalNetwork) -> str:
        """Make it."""
        name = network_key(engine.tenant, network.id)
        return str(await engine.quantum(network.server, "create-network", network.name, name=name))

    async def removed(self, engine: Engine, network: LogicalNetwork) -> None:
        """The row says Removing; the reconciler removes Quantum's network, then the row."""
        if not network.server:
            await engine.commit(f"network {network.name} removed", engine.networks.drop(network.id))
            return
        try:
            await engine.reconcile_removed(network)
        except Outcome:
            return

    def status(self, network: LogicalNetwork) -> str:
        return "Operational" if network.uuid or not network.server else "NonOperational"


class KeptAndCompared(Ports):
    """A port is made when its vNIC first needs it; it is plugged while the VM is up."""

    async def plug(self, engine: Engine, vm: Vm) -> None:
        for vnic, network in engine.quantum_vnics(vm):
            await self.plug_one(engine, vm, vnic.id, network)

    async def plug_one(self, engine: Engine, vm: Vm, vnic_id: str, network: LogicalNetwork) -> None:
        if not network.uuid:
            raise Failed("PROVIDER_FAILURE", f"network {network.name} is not operational")
        last: Outcome | None = None
        for _ in range(TRIES):
            try:
                await self.ensure(engine, vm, vnic_id, network)
                return
            except Outcome as error:
                last = error
                if isinstance(error, Failed) and not isinstance(error, Unknown) and error.code.startswith("refused"):
                    break
        raise Failed("PROVIDER_FAILURE", f"{engine.vnics[vnic_id].name}: {last}")

    async def ensure(self, engine: Engine, vm: Vm, vnic_id: str, network: LogicalNetwork) -> None:
        """Look for the vNIC's port, by attachment, then by id; else make one; plug it.

        One that no vNIC has is not taken over: its removal may be on its way, and come late.
        """
        vnic = engine.vnics[vnic_id]
        rows = await engine.quantum(network.server, "list-ports", vm.name, network=network.uuid)
        plugged = [row.id for row in rows if row.attachment == vnic_id]
        if plugged:
            if vnic.port != plugged[0] or vnic.attachment != vnic_id:
                await engine.save_vnic(vnic_id, "adopts its port", port=plugged[0], attachment=vnic_id)
            return
        port = vnic.port
        if port not in [row.id for row in rows]:
            port = await self.create(engine, vm, network)
            await engine.save_vnic(vnic_id, "has its port", port=port, attachment="")
        await engine.quantum(network.server, "plug", vm.name, network=network.uuid, port=port, attachment=vnic_id)
        await engine.save_vnic(vnic_id, "is plugged", attachment=vnic_id)

    async def create(self, engine: Engine, vm: Vm, network: LogicalNetwork) -> str:
        """Make a port."""
        args = {"network": network.uuid, "state": "ACTIVE"}
        return str(await engine.quantum(network.server, "create-port", vm.name, **args))

    async def start_failed(self, engine: Engine, vm: Vm) -> None:
        await self.unplug(engine, vm)

    async def unplug(self, engine: Engine, vm: Vm) -> None:
        for vnic, network in engine.quantum_vnics(vm):
            try:
                await self.unplug_one(engine, vm, vnic.id, network)
            except Outcome:
                continue  # the reconciler goes on

    async def unplug_one(self, engine: Engine, vm: Vm, vnic_id: str, network: LogicalNetwork) -> None:
        vnic = engine.vnics.get(vnic_id)
        if vnic is not None and vnic.attachment:
            await engine.quantum(network.server, "unplug", vm.name, network=network.uuid, port=vnic.port)
            await engine.save_vnic(vnic_id, "is unplugged", attachment="")

    async def vnic_gone(self, engine: Engine, vm: Vm, vnic: Vnic, network: LogicalNetwork) -> None:
        """The row first: a port that no vNIC has is a stray, and the reconciler's if this does not succeed."""
        if not vnic.port:
            return
        with suppress(Outcome):
            if vnic.attachment:
                await engine.quantum(network.server, "unplug", vm.name, network=network.uuid, port=vnic.port)
            await engine.quantum(network.server, "delete-port", vm.name, network=network.uuid, port=vnic.port)


class CancelsUntilItEnds(Migration):
    """A cancel is asked for again until the migration has ended, either way.

    `migrate` names the NICs for which the target was chosen: one that comes late moves no VM that has another since.
    """

    def known(self, engine: Engine, vm: Vm) -> dict[str, Any]:
        return {"nics": tuple(vnic.mac for vnic in engine.vnics.where("vm", vm.id) if vnic.plugged)}

    async def cancel(self, engine: Engine, vm: Vm) -> None:
        await engine.cancel_until_it_ends(vm)


class WantedDecides(Placement):
    """A VM runs where it is wanted, and its leftovers are destroyed; the database is not moved by reports."""

    async def unknown_vm(self, engine: Engine, host: str, report: Report) -> None:
        if report.owner == engine.tenant:
            await engine.destroy_on(host, report.vm, report.vm)

    async def incoming(self, engine: Engine, host: str, vm: Vm) -> None:
        if host not in (vm.host, vm.migrating_to) and (vm.id, "VM") not in engine.locks:
            await engine.destroy_on(host, vm.id, vm.name, seen="Migration Destination")

    async def elsewhere(self, engine: Engine, host: str, vm: Vm, report: Report) -> None:
        if vm.migrating_to == host and vm.status == "Unknown" and report.status == "Up" and engine.design.leases:
            # Its source is silent; what runs here with the VM's lease runs nowhere else.
            await engine.save_vm(vm.id, f"arrived on {host}", host=host, status="Up", migrating_to="")
        if vm.migrating_to == host or vm.status == "WaitForLaunch":
            return
        if vm.wanted == "down" or vm.status == "Up":
            await engine.destroy_on(host, vm.id, vm.name)
        elif report.status == "Up" and (not vm.host or engine.design.leases):
            await engine.save_vm(vm.id, f"found on {host}", host=host, status="Up", migrating_to="")

    async def unwanted(self, engine: Engine, host: str, vm: Vm) -> None:
        if vm.migrating_to:  # it may run there: as long as nobody says, it is not down
            await engine.destroy_on(vm.migrating_to, vm.id, vm.name)
        await engine.destroy_on(host, vm.id, vm.name)
        await engine.went_down(vm.id, "stopped at last")


class YoungerThanTheRow(Reports):
    """An answer that was asked for before the VM's row was last saved says nothing: the next one will."""

    def counts(self, vm: Vm, asked: int) -> bool:
        return vm.changed < asked


class FabricsDecide(Scheduler):
    """A host fits if its cluster has every network of the VM, and it reports an agent for each that runs, or itself."""

    def accepts(self, engine: Engine, vm: Vm, host: Host) -> bool:
        networks = [engine.networks[vnic.network] for vnic in engine.vnics.where("vm", vm.id) if vnic.plugged]
        return all(self.takes(engine, host, network) for network in networks)

    def takes(self, engine: Engine, host: Host, network: LogicalNetwork) -> bool:
        return self.carries(engine, host, network) and engine.offers(host, network)

    @staticmethod
    def carries(engine: Engine, host: Host, network: LogicalNetwork) -> bool:
        """Whether the host reports what the network needs: a running agent of its server and type, or itself."""
        if not network.server:
            return network.name in host.networks
        wanted = (network.server, engine.quantums[network.server].type)
        return wanted in {(fabric.name, fabric.type) for fabric in host.fabrics if fabric.running}


class AsksAgain(E12Recovery):
    """Beside that, a host that was being fenced is asked again: it is monitored, and fenced if need be."""

    async def recover(self, engine: Engine) -> None:
        for host in engine.hosts.all():
            if host.status == "Reboot":
                await engine.save_host(host.id, "was being fenced", status="NonResponsive")
        await super().recover(engine)


REFERENCE = Design(
    name="reference",
    driver="virtualport",
    networks=MadeAndKept(),
    ports=KeptAndCompared(),
    migration=CancelsUntilItEnds(),
    placement=WantedDecides(),
    scheduler=FabricsDecide(),
    recovery=AsksAgain(),
    fencing=FencesUntilCertain(),
    hot_plug=ComparedWithReports(),
    hosting=LooksAgain(),
    locks=True,
    leases=True,
    intent_first=True,
    rolls_forward=True,
    reconcilers=("networks", "ports", "hosts"),
    removes_strays=True,
    commit_tries=4,
    reports=YoungerThanTheRow(),
)

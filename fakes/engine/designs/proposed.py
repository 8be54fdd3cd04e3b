"""The design under review.

A port is made at VM creation, plugged at start, unplugged at stop, deleted with the VM; two verbs of VDSM
carry the ids at migration; a failure is an error and undoes nothing.  Facts: docs/facts/proposal.md and
docs/facts/README.md (Ours).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fakes.engine.designs.base import Design, Migration, Networks, Ports, Scheduler
from fakes.engine.designs.e12 import E12Recovery, LastReporterWins
from fakes.engine.designs.fencing import FencesOnce
from fakes.engine.designs.hosting import Hosting
from fakes.engine.designs.hotplug import OneByOne
from fakes.records.engine import LogicalNetwork, Vm, Vnic
from sim.outcomes import Failed

if TYPE_CHECKING:
    from fakes.engine.service import Engine


class MadeWhenAttached(Networks):
    """The Quantum network is made when the network comes to a cluster that has a Quantum host."""

    async def attached(self, engine: Engine, network: LogicalNetwork, cluster: str) -> None:
        server = network.server or engine.first_fabric(cluster)
        if not server or network.uuid or not engine.uses_quantum(cluster):
            return
        uuid = await engine.quantum(server, "create-network", network.name, name=network.name)
        await engine.save_network(network.id, "has its UUID", server=server, uuid=uuid)

    async def removed(self, engine: Engine, network: LogicalNetwork) -> None:
        if network.uuid:
            await engine.quantum(network.server, "delete-network", network.name, network=network.uuid)
        await engine.commit(f"network {network.name} removed", engine.networks.drop(network.id))


class LifeOfTheVm(Ports):
    """A port lives as long as its VM; its attachment as long as the VM runs."""

    def wires(self, engine: Engine, vnic: Vnic, network: LogicalNetwork) -> bool:
        """The VM's cluster uses Quantum at this moment: any host of it does (docs/facts/README.md, Ours)."""
        return bool(network.server) and engine.uses_quantum(engine.vms[vnic.vm].cluster)

    async def vnic_added(self, engine: Engine, vm: Vm, vnic: Vnic, network: LogicalNetwork) -> None:
        if network.uuid and engine.uses_quantum(vm.cluster):
            port = await engine.quantum(network.server, "create-port", vm.name, network=network.uuid, state="ACTIVE")
            attachment = engine.world.new_id("attachment")
            await engine.save_vnic(vnic.id, "has its port", port=port, attachment=attachment)

    async def plug(self, engine: Engine, vm: Vm) -> None:
        for vnic, network in engine.quantum_vnics(vm):
            if self.wires(engine, vnic, network):
                await self._plug(engine, vm, vnic, network)

    async def _plug(self, engine: Engine, vm: Vm, vnic: Vnic, network: LogicalNetwork) -> None:
        if not vnic.port:
            raise Failed("PROVIDER_FAILURE", f"{vnic.name} has no port")
        await engine.quantum(
            network.server, "plug", vm.name,
            network=network.uuid, port=vnic.port, attachment=vnic.attachment,
        )  # fmt: skip

    async def unplug(self, engine: Engine, vm: Vm) -> None:
        for vnic, network in engine.quantum_vnics(vm):
            if vnic.port:
                await engine.quantum(network.server, "unplug", vm.name, network=network.uuid, port=vnic.port)

    async def vm_removed(self, engine: Engine, vm: Vm) -> None:
        for vnic in engine.vnics.where("vm", vm.id):
            network = engine.quantum_network(vnic)
            if network is not None:
                await self.vnic_removed(engine, vm, vnic, network)

    async def plug_one(self, engine: Engine, vm: Vm, vnic_id: str, network: LogicalNetwork) -> None:
        if not engine.vnics[vnic_id].port:
            await self.vnic_added(engine, vm, engine.vnics[vnic_id], network)
        await self._plug(engine, vm, engine.still_a_vnic(vnic_id), network)

    async def unplug_one(self, engine: Engine, vm: Vm, vnic_id: str, network: LogicalNetwork) -> None:
        vnic = engine.still_a_vnic(vnic_id)
        if vnic.port:
            await engine.quantum(network.server, "unplug", vm.name, network=network.uuid, port=vnic.port)
            await self.vnic_removed(engine, vm, vnic, network)
            await engine.save_vnic(vnic_id, "has no port", port="", attachment="")

    async def vnic_removed(self, engine: Engine, vm: Vm, vnic: Vnic, network: LogicalNetwork) -> None:
        if vnic.port:
            await engine.quantum(network.server, "delete-port", vm.name, network=network.uuid, port=vnic.port)


class TwoVerbs(Migration):
    """The ids are sent to the target before the move and to the source after it."""

    async def before(self, engine: Engine, vm: Vm, target: str) -> None:
        if engine.quantum_vnics(vm) and engine.uses_quantum(vm.cluster):
            await engine.vdsm(target, "quantumAttach", vm.name, conf=engine.conf(vm))

    async def succeeded(self, engine: Engine, vm: Vm, source: str) -> None:
        if engine.quantum_vnics(vm) and engine.uses_quantum(vm.cluster):
            await engine.vdsm(source, "quantumDetach", vm.name, conf=engine.conf(vm))


PROPOSED = Design(
    name="proposed",
    driver="ethernet",
    networks=MadeWhenAttached(),
    ports=LifeOfTheVm(),
    migration=TwoVerbs(),
    placement=LastReporterWins(),
    scheduler=Scheduler(),
    recovery=E12Recovery(),
    fencing=FencesOnce(),
    hot_plug=OneByOne(),
    hosting=Hosting(),
)

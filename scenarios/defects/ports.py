"""Defects of the engine's dealings with Quantum's ports, beside those that make one twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fakes.engine.designs.reference import KeptAndCompared
from fakes.records.engine import LogicalNetwork, Vm
from fakes.records.quantum import QuantumPort
from scenarios.defects.base import Defect, using
from sim.outcomes import Outcome

if TYPE_CHECKING:
    from fakes.engine.service import Engine


class EndsWithTheRun(KeptAndCompared):
    """A port is removed when its VM stops, so that each start makes a fresh one."""

    async def unplug(self, engine: Engine, vm: Vm) -> None:
        await super().unplug(engine, vm)
        for vnic, network in engine.quantum_vnics(vm):
            if vnic.port and not vnic.attachment:
                try:
                    await engine.quantum(network.server, "delete-port", vm.name, network=network.uuid, port=vnic.port)
                    await engine.save_vnic(vnic.id, "has no port any more", port="")
                except Outcome:
                    continue


class DeletedOnce(KeptAndCompared):
    """The ports of a VM are deleted with it; what Quantum does not do then is noted nowhere."""

    async def vm_removed(self, engine: Engine, vm: Vm) -> None:
        for vnic, network in engine.quantum_vnics(vm):
            if vnic.port:
                try:
                    await engine.quantum(network.server, "delete-port", vm.name, network=network.uuid, port=vnic.port)
                except Outcome:
                    continue


class TakesStraysOver(KeptAndCompared):
    """A vNIC that needs a port takes one that nobody has, whether or not it is being removed."""

    async def create(self, engine: Engine, vm: Vm, network: LogicalNetwork) -> str:
        rows: list[QuantumPort] = await engine.quantum(network.server, "list-ports", vm.name, network=network.uuid)
        strays = [row.id for row in rows if not row.attachment and engine.vnics.first("port", row.id) is None]
        return strays[0] if strays else await super().create(engine, vm, network)


DEFECTS = (
    Defect(
        "ports-end-at-stop",
        "A port is removed at each stop of its VM, with whatever its owner had set on it.",
        "identity replaced",
        using(ports=EndsWithTheRun()),
    ),
    Defect(
        "forgets-debts",
        "A port that Quantum does not delete with its VM is forgotten.",
        "debt that is noted nowhere",
        using(ports=DeletedOnce(), removes_strays=False),
    ),
    Defect(
        "takes-strays-over",
        "A port that nobody has is given to the next vNIC that needs one, while it is being removed.",
        "check that is too old when it counts",
        using(ports=TakesStraysOver()),
    ),
)

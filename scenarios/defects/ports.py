"""Defects of the engine's dealings with Quantum's ports, beside those that make one twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fakes.engine.designs.reference import KeptAndCompared
from fakes.records.engine import Vm
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
)

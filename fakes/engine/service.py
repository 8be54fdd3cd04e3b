"""The engine as a whole: its start, and what strategies ask of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from fakes.engine.cancelling import Cancelling
from fakes.engine.designs.base import Design
from fakes.engine.fencing import PowerManagement
from fakes.engine.reconciling import Reconciling
from fakes.topology import QuantumModel
from sim.nodes import Process, Service, configured
from sim.outcomes import Failed


class Engine(Cancelling, PowerManagement, Reconciling):
    """The engine process; its database outlives it."""

    serves_while_starting = False

    async def started(self) -> None:
        """Recover, then monitor and reconcile (docs/facts/ovirt.md 2.1)."""
        await self.design.recovery.recover(self)
        self.monitor()
        self.watch_power()
        self.reconcile(tuple(self.plugins))

    def uses_quantum(self, cluster: str) -> bool:
        """Whether any host of the cluster reports a Quantum fabric at this moment (proposal.md)."""
        return bool(self.first_fabric(cluster))

    def first_fabric(self, cluster: str) -> str:
        """The fabric of the cluster's first Quantum host by name; "" if it has none.

        A host in maintenance reports nothing (ours: the proposal asks for a host that does *at that moment*).
        """
        hosts = sorted(self.hosts.where("cluster", cluster), key=lambda host: host.id)
        return next((host.fabrics[0].name for host in hosts if host.fabrics and host.status != "Maintenance"), "")

    async def destroy_on(self, host: str, vm_id: str, name: str, seen: str = "") -> None:
        """Destroy a VM on a host, if it is still in the status that was `seen`; that the host has none is as good."""
        condition = {"seen": seen} if seen else {}
        try:
            await self.vdsm(host, "destroy", name, vm_id=vm_id, **condition)
        except Failed as error:
            if not error.code.startswith("1 "):
                raise


def engine(
    design: Design, quantum: Mapping[str, QuantumModel], macs: int, first_mac: int = 0
) -> Callable[[Process], Service]:
    """The engine of that design, with its configured Quantum servers (plugin, type, VLANs) and MAC range."""
    plugins = {server: model.plugin for server, model in quantum.items()}
    return configured(Engine, design=design, plugins=plugins, quantums=quantum, mac_range=macs, mac_first=first_mac)

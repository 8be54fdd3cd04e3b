"""The Essex linuxbridge plugin: VLAN ids are rows of a table, and rows are written in another order.

Facts: docs/facts/quantum.md 3.2 (the first unused row of `vlan_ids`), 5.1 (L6), 6.3.
"""

from __future__ import annotations

from fakes.records import QUANTUM_NETWORKS, QUANTUM_PORTS, SERVERS, VLAN_BINDINGS, VLAN_IDS
from fakes.records.quantum import QuantumNetwork, VlanBinding, VlanId
from fakes.repairs import Repairs
from sim.nodes import Service
from sim.outcomes import Failed


class LinuxBridgePlugin(Service):
    """Networks and their VLANs."""

    repairs: Repairs = Repairs()

    def _unused_vlan(self) -> int:
        """The first row of the range that is not used.

        Raises:
            Failed: 500, all are.
        """
        server, used = self.table(SERVERS).all()[0], self.table(VLAN_IDS)
        for vlan in range(server.first_vlan, server.last_vlan + 1):
            if vlan not in used:
                return vlan
        raise Failed("500 QuantumServiceFault", "no VLAN id is unused")

    async def make_network(self, network: QuantumNetwork) -> None:
        """The network's row, then its VLAN id, then the binding's row; repaired: all in one transaction."""
        networks, ids, bindings = self.table(QUANTUM_NETWORKS), self.table(VLAN_IDS), self.table(VLAN_BINDINGS)
        if not self.repairs.vlan_in_one_transaction:
            await self.commit("network row", networks.put(network))
        vlan = self._unused_vlan()
        used, binding = ids.put(VlanId(vlan, network.id)), bindings.put(VlanBinding(vlan, network.id))
        if self.repairs.vlan_in_one_transaction:
            await self.commit("network row and VLAN", networks.put(network), used, binding)
            return
        await self.commit(f"VLAN {vlan} used", used)
        await self.commit("VLAN binding row", binding)

    async def drop_network(self, network: str) -> None:
        """Unplugged ports, then the VLAN id, then the binding's row, the network last.

        Raises:
            Failed: 400, the network never got a VLAN: its row cannot be removed.
        """
        ports, bindings = self.table(QUANTUM_PORTS), self.table(VLAN_BINDINGS)
        unplugged = [ports.drop(port.id) for port in ports.where("network", network)]
        held = bindings.where("network", network)
        freed = [self.table(VLAN_IDS).drop(row.vlan) for row in held]
        unbound = [bindings.drop(row.vlan) for row in held]
        gone = self.table(QUANTUM_NETWORKS).drop(network)
        if self.repairs.vlan_in_one_transaction:
            await self.commit("network and VLAN removed", *unplugged, *freed, *unbound, gone)
            return
        if unplugged:
            await self.commit("ports removed", *unplugged)
        if not held:
            raise Failed("400 QuantumServiceFault", "the network has no VLAN binding")
        await self.commit("VLAN released", *freed)
        await self.commit("VLAN binding removed", *unbound)
        await self.commit("network removed", gone)

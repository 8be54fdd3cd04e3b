"""The Essex openvswitch plugin with VLANs: which id a network gets, and in which order rows are written.

Facts: docs/facts/quantum.md 3.1 (the pool is memory, reloaded from `vlan_bindings`), 5.1 L5, 6.3.
"""

from __future__ import annotations

from fakes.records import QUANTUM_NETWORKS, QUANTUM_PORTS, SERVERS, VLAN_BINDINGS, VLAN_MAP
from fakes.records.quantum import QuantumNetwork, VlanBinding
from fakes.repairs import Repairs
from sim.nodes import Service
from sim.outcomes import Failed, Outcome
from sim.tables import Change


class OpenVSwitchPlugin(Service):
    """Networks and their VLANs."""

    repairs: Repairs = Repairs()

    def load(self) -> None:
        """Rebuild the pool from the database, at the server's start."""
        pool = self.table(VLAN_MAP)
        self.set("VLAN pool loaded", *[pool.put(row) for row in self.table(VLAN_BINDINGS)])

    def _free_vlan(self) -> int:
        """The lowest id that is not in use.

        Raises:
            Failed: 500, the pool is empty.
        """
        server, pool = self.table(SERVERS).all()[0], self.table(VLAN_MAP)
        for vlan in range(server.first_vlan, server.last_vlan + 1):
            if vlan not in pool:
                return vlan
        raise Failed("500 QuantumServiceFault", "no more VLANs available")

    async def make_network(self, network: QuantumNetwork) -> None:
        """The network's row, then its VLAN, then the binding's row; repaired: both rows in one transaction."""
        networks = self.table(QUANTUM_NETWORKS)
        if not self.repairs.vlan_in_one_transaction:
            await self.commit("network row", networks.put(network))
        binding = VlanBinding(self._free_vlan(), network.id)
        self.set(f"VLAN {binding.vlan} taken", self.table(VLAN_MAP).put(binding))
        rows = (networks.put(network), self.table(VLAN_BINDINGS).put(binding))
        await self._with_pool("VLAN binding row", (binding.vlan,), *rows)

    async def _with_pool(self, why: str, vlans: tuple[int, ...], *changes: Change) -> None:
        """Commit, and let the pool be as the database is, whatever came of it; as it was, only on success."""
        try:
            await self.commit(why, *changes)
        except Outcome:
            if self.repairs.vlan_in_one_transaction:
                self._resync(vlans)
            raise
        self._resync(vlans)

    def _resync(self, vlans: tuple[int, ...]) -> None:
        pool, bindings = self.table(VLAN_MAP), self.table(VLAN_BINDINGS)
        rows = [(vlan, bindings.get(vlan)) for vlan in vlans]
        self.set("VLAN pool follows", *[pool.drop(vlan) if row is None else pool.put(row) for vlan, row in rows])

    async def drop_network(self, network: str) -> None:
        """Unplugged ports go silently with their network; then the binding, then the pool's entry."""
        ports = self.table(QUANTUM_PORTS)
        rows = [ports.drop(port.id) for port in ports.where("network", network)]
        rows.append(self.table(QUANTUM_NETWORKS).drop(network))
        vlans = tuple(binding.vlan for binding in self.table(VLAN_BINDINGS).where("network", network))
        bindings = [self.table(VLAN_BINDINGS).drop(vlan) for vlan in vlans]
        if self.repairs.vlan_in_one_transaction:
            await self._with_pool("network and VLAN removed", vlans, *rows, *bindings)
        else:
            await self.commit("network removed", *rows)
            await self._with_pool("VLAN binding removed", vlans, *bindings)

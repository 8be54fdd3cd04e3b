"""Reconcilers: compare what the engine wants with what a Quantum server has, and finish what is undone.

Each leaves alone what is in flight (locked) and what is not this engine's (another tenant's; a name that
is not its key).  Rows are read again after every wait: a stale read is never acted on.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Any

from fakes.engine.base import replace
from fakes.engine.hosts import Hosts
from fakes.engine.keys import network_key, network_of
from fakes.records.engine import LogicalNetwork, Vm, Vnic
from fakes.records.quantum import QuantumNetwork, QuantumPort
from sim.clock import SECOND
from sim.outcomes import Failed, Outcome

PERIOD = 10 * SECOND
HOLDER = "reconciler"


class Reconciling(Hosts):
    """The periodic comparisons, one of each kind a server."""

    def reconcile(self, servers: tuple[str, ...]) -> None:
        """Begin to compare."""
        rounds: dict[str, Callable[[str], Awaitable[None]]] = {
            "networks": self._networks_round,
            "ports": self._ports_round,
        }
        for number, server in enumerate(servers):
            for kind in (name for name in self.design.reconcilers if name in rounds):
                phase = (3 + number % 5) * SECOND if kind == "networks" else (4 + number % 5) * SECOND
                self.every(f"reconcile {kind} of {server}", PERIOD, self._round(rounds[kind], server), phase)
        if "hosts" in self.design.reconcilers:
            self.every("reconcile hosts", PERIOD, self._round(lambda _: self.hosts_round(), ""), 6 * SECOND)

    @staticmethod
    def _round(act: Callable[[str], Awaitable[None]], server: str) -> Callable[[], Coroutine[Any, Any, None]]:
        async def round_() -> None:
            # What failed comes again as soon as anything changes that was read: the server's being there too.
            with suppress(Outcome):
                await act(server)

        return round_

    async def _each(self, acts: list[Awaitable[None]]) -> None:
        """Do all of them, whatever becomes of one; a failure makes the round come again."""
        failed: Outcome | None = None
        for act in acts:
            try:
                await act
            except Outcome as error:
                failed = error
        if failed is not None:
            raise Failed("not reconciled", str(failed))

    # --- networks ------------------------------------------------------------------------------

    async def _networks_round(self, server: str) -> None:
        wanted = [row for row in self.networks.where("server", server) if row.status == "Active"]
        gone = [row for row in self.networks.where("server", server) if row.status == "Removing"]
        rows: list[QuantumNetwork] = await self.quantum(server, "list-networks", "")
        present = {row.id for row in rows}
        acts: list[Awaitable[None]] = [self._made(row.id) for row in wanted if row.uuid not in present]
        acts += [self._gone(row.id) for row in gone]
        acts += [self._stray_network(server, row) for row in rows]
        await self._each(acts)

    async def _locked(self, network_id: str, act: Callable[[], Awaitable[None]]) -> None:
        """Act on a network while holding its lock; not at all while somebody else does."""
        await self._holding((network_id, "NETWORK"), act, 300 * SECOND)

    async def locked_vm(self, vm: Vm, act: Callable[[], Awaitable[None]], at_most: int) -> None:
        """Act on a VM while holding its lock; not at all while somebody else does."""
        await self._holding((vm.id, "VM"), act, at_most)

    async def _holding(self, name: tuple[str, str], act: Callable[[], Awaitable[None]], at_most: int) -> None:
        await self.while_free(f"{HOLDER} {name[0]}", name, at_most, act)

    async def _made(self, network_id: str) -> None:
        """Unless it was removed while Quantum was asked what it has."""
        network = self.networks.get(network_id)
        if network is not None and network.status == "Active":
            await self._locked(network_id, lambda: self.design.networks.ensure(self.engine, network_id))

    async def _gone(self, network_id: str) -> None:
        network = self.networks.get(network_id)
        if network is not None:
            await self._locked(network_id, lambda: self.reconcile_removed(network))

    async def reconcile_removed(self, network: LogicalNetwork) -> None:
        """Remove every Quantum network with this one's key, then the row."""
        rows: list[QuantumNetwork] = await self.quantum(network.server, "list-networks", network.name)
        for row in rows:
            if row.name == network_key(self.tenant, network.id):
                await self._delete_network(network.server, row.id, network.name)
        await self.commit(f"network {network.name} removed", self.networks.drop(network.id))

    async def _delete_network(self, server: str, uuid: str, name: str) -> None:
        try:
            await self.quantum(server, "delete-network", name, network=uuid)
        except Failed as error:
            if not error.code.startswith("404"):
                raise

    async def _stray_network(self, server: str, row: QuantumNetwork) -> None:
        """A network with a key of this engine that no logical network has as its own."""
        network_id = network_of(self.tenant, row.name)
        if network_id is None:
            return
        network = self.networks.get(network_id)
        known = network is not None and network.uuid in ("", row.id)
        if self.design.removes_strays and not known and (network_id, "NETWORK") not in self.locks:
            await self._delete_network(server, row.id, network.name if network else row.name)

    # --- ports ---------------------------------------------------------------------------------

    async def _ports_round(self, server: str) -> None:
        for network in self.networks.where("server", server):
            if network.uuid:
                await self._ports_of(network)

    async def _ports_of(self, network: LogicalNetwork) -> None:
        rows: list[QuantumPort] = await self.quantum(network.server, "list-ports", network.name, network=network.uuid)
        present = {row.id for row in rows}
        acts: list[Awaitable[None]] = [self._port(network, row) for row in rows]
        vnics = self.vnics.where("network", network.id)
        acts += [self._without_port(network, vnic.id) for vnic in vnics if vnic.port not in present]
        await self._each(acts)

    def _owner(self, network: LogicalNetwork, row: QuantumPort) -> Vnic | None:
        """The vNIC that a port is of: by its attachment, which is the vNIC's id, else by the id on record."""
        for vnic in self.vnics.where("network", network.id):
            if vnic.id == row.attachment:
                return vnic
        return self.vnics.first("port", row.id)

    async def _port(self, network: LogicalNetwork, row: QuantumPort) -> None:
        vnic = self._owner(network, row)
        if vnic is None:
            await self._stray_port(network, row)
            return
        vm = self.vms[vnic.vm]
        if self._in_flight(vm):
            return
        if row.id != vnic.port:
            await self.save_vnic(vnic.id, "finds its port", port=row.id, attachment=row.attachment)
        if row.attachment and not self._needs_port(vm, vnic):
            await self.quantum(network.server, "unplug", vm.name, network=network.uuid, port=row.id)
            await self.save_vnic(vnic.id, "is unplugged at last", attachment="")
        elif not row.attachment and self._needs_port(vm, vnic):
            await self.design.ports.ensure(self.engine, vm, vnic.id, network)
        elif vnic.attachment != row.attachment:
            await self.save_vnic(vnic.id, "knows its attachment", attachment=row.attachment)

    @staticmethod
    def _needs_port(vm: Vm, vnic: Vnic) -> bool:
        """Whether the vNIC's port is to be plugged: its VM is not down, and it is plugged or about to be."""
        return vm.status != "Down" and (vnic.plugged or vnic.wanted == "plug")

    def _in_flight(self, vm: Vm) -> bool:
        return (vm.id, "VM") in self.locks

    async def _without_port(self, network: LogicalNetwork, vnic_id: str) -> None:
        vnic = self.vnics.get(vnic_id)
        vm = self.vms.get(vnic.vm) if vnic is not None else None
        if vnic is None or vm is None or self._in_flight(vm):
            return
        if self._needs_port(vm, vnic):
            await self.design.ports.ensure(self.engine, vm, vnic_id, network)
        elif vnic.port:
            await self.save_vnic(vnic_id, "has lost its port", port="", attachment="")

    async def _stray_port(self, network: LogicalNetwork, row: QuantumPort) -> None:
        """A port on this engine's own network that no vNIC has: nobody else's, unless a command is making it."""
        if self._making_on(network) or not self.design.removes_strays:
            return
        if row.attachment:
            await self.quantum(network.server, "unplug", network.name, network=network.uuid, port=row.id)
        await self.quantum(network.server, "delete-port", network.name, network=network.uuid, port=row.id)

    def _making_on(self, network: LogicalNetwork) -> bool:
        return any(self._in_flight(self.vms[vnic.vm]) for vnic in self.vnics.where("network", network.id))

    # --- rows ----------------------------------------------------------------------------------

    async def save_network(self, network_id: str, why: str, /, **columns: Any) -> None:
        """Change columns of a logical network's row."""
        network = self.networks[network_id]
        await self.commit(f"network {network.name} {why}", self.networks.put(replace(network, **columns)))

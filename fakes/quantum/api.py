"""API v1.1: networks, ports, attachments.  Ids are the server's; POST is not idempotent, nor is plug.

Facts: docs/facts/quantum.md 1.2 (operations), 1.3 (codes), 1.4 (semantics), 6.2 (idempotence).
Verbs are named for what they do: `plug` is PUT attachment, `unplug` DELETE attachment.
"""

from __future__ import annotations

import msgspec

from fakes.plugins import PLUGINS
from fakes.quantum.linuxbridge_plugin import LinuxBridgePlugin
from fakes.quantum.plugin import OpenVSwitchPlugin
from fakes.records import QUANTUM_NETWORKS, QUANTUM_PORTS, SERVERS
from fakes.records.quantum import QuantumNetwork, QuantumPort
from fakes.repairs import Repairs
from sim.nodes import Service
from sim.outcomes import Failed

replace = msgspec.structs.replace


class QuantumServer(Service):
    """The server process, but for its plugin; its database outlives it."""

    uncaught = "500 QuantumServiceFault"
    repairs: Repairs = Repairs()

    async def started(self) -> None:
        """Load the plugin."""
        self.load()

    # --- the plugin ----------------------------------------------------------------------------

    def load(self) -> None:
        """The server has started."""

    async def make_network(self, network: QuantumNetwork) -> None:
        """A network's rows, and its segment."""
        raise NotImplementedError

    async def drop_network(self, network: str) -> None:
        """A network's rows, its ports', and its segment."""
        raise NotImplementedError

    def _repeats_unplug(self) -> str:
        """The code answered to the unplugging of a port that is not plugged; "" for success."""
        code = PLUGINS[self.table(SERVERS).all()[0].plugin].unplugged_twice
        return "" if self.repairs.linuxbridge_unplug_repeats else code

    # --- looking -------------------------------------------------------------------------------

    def _network(self, tenant: str, network: str) -> QuantumNetwork:
        """The tenant's network: unknown and another tenant's look alike."""
        row = self.table(QUANTUM_NETWORKS).get(network)
        if row is None or row.tenant != tenant:
            raise Failed("404 NetworkNotFound", network)
        return row

    def _port(self, tenant: str, network: str, port: str) -> QuantumPort:
        self._network(tenant, network)
        row = self.table(QUANTUM_PORTS).get(port)
        if row is None or row.network != network:
            raise Failed("404 PortNotFound", port)
        return row

    def on_list_networks(self, tenant: str) -> list[QuantumNetwork]:
        """GET networks/detail."""
        return self.table(QUANTUM_NETWORKS).where("tenant", tenant)

    def on_list_ports(self, tenant: str, network: str) -> list[QuantumPort]:
        """GET networks/{id}/detail: its ports with their attachments."""
        self._network(tenant, network)
        return self.table(QUANTUM_PORTS).where("network", network)

    def on_show_attachment(self, tenant: str, network: str, port: str) -> str:
        """GET attachment; "" if none."""
        return self._port(tenant, network, port).attachment

    # --- networks ------------------------------------------------------------------------------

    async def on_create_network(self, tenant: str, name: str) -> str:
        """POST networks; the new id."""
        network = QuantumNetwork(self.world.new_id(f"{self.node}-network"), tenant, name)
        await self.make_network(network)
        return network.id

    async def on_delete_network(self, tenant: str, network: str) -> None:
        """DELETE network: refused while any port has an attachment."""
        self._network(tenant, network)
        if any(port.attachment for port in self.table(QUANTUM_PORTS).where("network", network)):
            raise Failed("409 NetworkInUse", network)
        await self.drop_network(network)

    # --- ports ---------------------------------------------------------------------------------

    async def on_create_port(self, tenant: str, network: str, state: str = "DOWN") -> str:
        """POST ports; the new id.  The default state is DOWN."""
        self._network(tenant, network)
        if state not in ("ACTIVE", "DOWN"):
            raise Failed("400 RequestedStateInvalid", state)
        port = QuantumPort(self.world.new_id(f"{self.node}-port"), network, state)
        await self.commit("port row", self.table(QUANTUM_PORTS).put(port))
        return port.id

    async def on_delete_port(self, tenant: str, network: str, port: str) -> None:
        """DELETE port: refused while it is plugged."""
        if self._port(tenant, network, port).attachment:
            raise Failed("409 PortInUse", port)
        await self.commit("port removed", self.table(QUANTUM_PORTS).drop(port))

    async def on_plug(self, tenant: str, network: str, port: str, attachment: str) -> None:
        """PUT attachment: not idempotent, even with the same id; an id is plugged once in the server."""
        row, ports = self._port(tenant, network, port), self.table(QUANTUM_PORTS)
        if row.attachment:
            raise Failed("409 PortInUse", port)
        if ports.where("attachment", attachment):
            raise Failed("409 AlreadyAttached", attachment)
        await self.commit("plugged", ports.put(replace(row, attachment=attachment)))

    async def on_unplug(self, tenant: str, network: str, port: str) -> None:
        """DELETE attachment: it writes op-status DOWN; whether it may be repeated is the plugin's."""
        row = self._port(tenant, network, port)
        if not row.attachment and (code := self._repeats_unplug()):
            raise Failed(code, "UnboundLocalError")
        unplugged = replace(row, attachment="", op_status="DOWN", seen_by=())
        await self.commit("unplugged", self.table(QUANTUM_PORTS).put(unplugged))


class OpenVSwitchServer(OpenVSwitchPlugin, QuantumServer):
    """A server with the openvswitch plugin."""


class LinuxBridgeServer(LinuxBridgePlugin, QuantumServer):
    """A server with the linuxbridge plugin."""


SERVER_OF: dict[str, type[QuantumServer]] = {"openvswitch": OpenVSwitchServer, "linuxbridge": LinuxBridgeServer}
"""The server's program, by its plugin."""

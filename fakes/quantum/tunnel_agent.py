"""The Essex openvswitch agent in tunnel mode: networks are GRE keys between hosts, and local VLANs on each.

A network gets a local VLAN with its first VIF on the host and gives it back with its last.  Every agent has
a GRE port to each address of table `tunnel_ips`.  Its start makes `br-tun` anew.
Facts: docs/facts/quantum.md 3.1 (tunnel agent), 5.2.
"""

from __future__ import annotations

from fakes.quantum.agent import BRIDGE, POLL, OvsAgent
from fakes.quantum.database import Binding
from fakes.records import AGENT_TUNNELS, AGENT_VIFS, LOCAL_VLANS
from fakes.records.agent import AgentVif
from fakes.records.host import OvsPort
from fakes.records.tunnels import DEFAULT, AgentTunnel, LocalVlan, TunnelFlow, TunnelPort, flows_of
from fakes.wiring import DEAD_VLAN
from sim.outcomes import Failed

LOCAL = range(1, 4094)
"""The local VLANs."""

Tags = dict[int, set[str]]
"""Which networks' VIFs bear a tag as a pass begins; "" for a VIF without a port."""


class TunnelAgent(OvsAgent):
    """The agent of one host."""

    async def started(self) -> None:
        """Clear the flows of the integration bridge, make the tunnel bridge anew; remember nothing."""
        await self._until_done("clear-flows")
        await self._until_done("reset-tunnels", secure=self.repairs.tunnels_compared)
        self.every("poll", POLL, self._poll, self.phase)

    async def _poll(self) -> None:
        vifs = await self._vifs()
        await self._mesh()
        if self.repairs.tunnels_compared:
            await self._compare()
        bindings = await self._bindings(vifs)
        tags: Tags = {}
        for vif in vifs:
            found = bindings.get(vif.iface_id)
            if vif.tag is not None:
                tags.setdefault(vif.tag, set()).add(found.network if found is not None else "")
        for vif in vifs:
            await self._treat(vif, bindings.get(vif.iface_id), tags)
        present = {vif.name for vif in vifs}
        for gone in [row for row in self.table(AGENT_VIFS) if row.name not in present]:
            await self._vanished(gone)

    # --- the mesh ------------------------------------------------------------------------------

    async def _mesh(self) -> None:
        """A GRE port to each other agent's address; its own address, if nobody has written it yet."""
        ips: list[str] = await self._database("tunnel-ips", "")
        if self.node not in ips:
            await self._database("add-tunnel-ip", self.node, ip=self.node)
        made = self.table(AGENT_TUNNELS)
        known = {row.remote for row in made}
        for ip in [ip for ip in ips if ip != self.node and ip not in known]:
            helped = self.repairs.tunnel_helper_there or not self.table(LOCAL_VLANS).all()
            row = AgentTunnel(f"gre-{len(made.all())}", ip if helped else "")
            await self._ovs("add-tunnel", ip, name=row.name, remote=ip)
            self.set(f"{row.name} made", made.put(row))
            if not helped:
                await self._ovs("wipe-tunnels", ip)
                raise Failed("pass ended", "no such method")

    async def _compare(self) -> None:
        """Repaired: put right what of `br-tun` is not as it was made."""
        ports: list[TunnelPort]
        flows: list[TunnelFlow]
        ports, flows = await self._ovs("list-tunnels", "")
        if DEFAULT not in flows:
            await self._ovs("reset-tunnels", "", bridge=BRIDGE, secure=True)
            ports, flows = [], [DEFAULT]
        wanted = {row.name: row.remote for row in self.table(AGENT_TUNNELS)}
        for name, remote in wanted.items():
            if TunnelPort(name, remote) not in ports:
                await self._ovs("add-tunnel", remote, name=name, remote=remote)
        for port in ports:
            if port.name not in wanted:
                await self._ovs("del-tunnel", port.remote, name=port.name)
        await self._compare_flows(flows)

    async def _compare_flows(self, flows: list[TunnelFlow]) -> None:
        kept = {row.network for row in self.table(AGENT_VIFS)}
        for row in self.table(LOCAL_VLANS):
            if row.network not in kept and self.repairs.local_vlan_given_back:
                self.set(f"local VLAN {row.vlan} unused", self.table(LOCAL_VLANS).drop(row.network))
        rows = self.table(LOCAL_VLANS).all()
        wanted = {flow.match: flow for row in rows for flow in flows_of(row.vlan, row.gre_key)}
        for flow in flows:
            if flow.match not in wanted and flow != DEFAULT:
                await self._ovs("unbind-tunnel", flow.match, match=flow.match)
        for row in rows:
            if any(flow not in flows for flow in flows_of(row.vlan, row.gre_key)):
                await self._ovs("bind-tunnel", row.network, local_vlan=row.vlan, gre_key=row.gre_key)

    # --- VIFs ----------------------------------------------------------------------------------

    async def _treat(self, vif: OvsPort, binding: Binding | None, tags: Tags) -> None:
        if binding is not None and not binding.vlan:
            return  # a network without its row: a warning, and the VIF is passed over
        old = self.table(AGENT_VIFS).get(vif.name)
        network = binding.network if binding is not None else ""
        if old is not None and self._same(vif, old, network):
            await self._as_before(vif, old, binding)
        elif binding is not None:
            await self._bind(vif, old, binding, tags)
        else:
            await self._dead(vif, old)

    def _same(self, vif: OvsPort, old: AgentVif, network: str) -> bool:
        """As it was, the attachment alone is compared: a port that moved to another network is not noticed."""
        if not self._known_device(vif, old) or vif.iface_id != old.iface_id:
            return False
        return old.network == network if self.repairs.replug_noticed else bool(old.network) == bool(network)

    async def _as_before(self, vif: OvsPort, old: AgentVif, binding: Binding | None) -> None:
        if binding is not None and self.repairs.tunnels_compared and vif.tag != old.vlan:
            await self._ovs("wire", vif.name, name=vif.name, tag=old.vlan)
        await self._again(vif, binding)

    async def _bind(self, vif: OvsPort, old: AgentVif | None, binding: Binding, tags: Tags) -> None:
        if old is not None and old.network != binding.network:
            await self._unbind(old)
        local = await self._local_vlan(vif, binding, tags)
        await self._ovs("wire", vif.name, name=vif.name, tag=local)
        await self._database("set-status", vif.name, iface_id=vif.iface_id, host=self.node, status="UP")
        seen = AgentVif(vif.name, vif.device, vif.iface_id, binding.network, local)
        self.set(f"{vif.name} handled", self.table(AGENT_VIFS).put(seen))

    async def _local_vlan(self, vif: OvsPort, binding: Binding, tags: Tags) -> int:
        """The network's local VLAN; with its first VIF, one that is free, and its flows."""
        row = self.table(LOCAL_VLANS).get(binding.network)
        if row is None:
            row = LocalVlan(binding.network, self._free(vif, binding.network, tags), binding.vlan)
            await self._ovs("bind-tunnel", vif.name, local_vlan=row.vlan, gre_key=row.gre_key)
            self.set(f"local VLAN {row.vlan} taken", self.table(LOCAL_VLANS).put(row))
        return row.vlan

    def _free(self, vif: OvsPort, network: str, tags: Tags) -> int:
        """The lowest number not in use; repaired: the VIF's own tag, and none that another network's VIF bears.

        Raises:
            Failed: none is left.
        """
        taken = {row.vlan for row in self.table(LOCAL_VLANS)}
        wishes: list[int] = []
        if self.repairs.local_vlans_kept:
            taken |= {tag for tag, networks in tags.items() if networks - {network}}
            wishes = [vif.tag] if vif.tag is not None and vif.tag != DEAD_VLAN else []
        for vlan in (*wishes, *LOCAL):
            if vlan not in taken:
                return int(vlan)
        raise Failed("pass ended", "no local VLAN left")

    async def _dead(self, vif: OvsPort, old: AgentVif | None) -> None:
        """Dead first, then unbound; as it was, a lookup of the binding that vanished ends the pass, for ever."""
        await self._ovs("deaden", vif.name, name=vif.name, tag=DEAD_VLAN)
        if old is not None and old.network:
            await self._unbind(old)
            if not self.repairs.tunnel_unbind_guarded:
                raise Failed("pass ended", "the binding has vanished")
        self.set(f"{vif.name} dead", self.table(AGENT_VIFS).put(AgentVif(vif.name, vif.device, vif.iface_id, "", 0)))

    async def _unbind(self, old: AgentVif) -> None:
        """With its last VIF the network's flows go, and its local VLAN is free."""
        row = self.table(LOCAL_VLANS).get(old.network)
        others = [one for one in self.table(AGENT_VIFS) if one.network == old.network and one.name != old.name]
        if row is None or others:
            return
        for flow in reversed(flows_of(row.vlan, row.gre_key)):
            await self._ovs("unbind-tunnel", old.name, match=flow.match)
        self.set(f"local VLAN {row.vlan} given back", self.table(LOCAL_VLANS).drop(row.network))

    async def _vanished(self, gone: AgentVif) -> None:
        """Its port, if it is still there, is reported DOWN; the network is unbound."""
        if gone.network and self.repairs.local_vlan_given_back:
            await self._unbind(gone)
        await super()._vanished(gone)

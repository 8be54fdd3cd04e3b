"""The fake Open vSwitch as the contract's host."""

from __future__ import annotations

from typing import Any

from contract.behaviours import NotHere
from contract.linux.fake import told
from contract.openvswitch.behaviours import ARRIVES, NOTHING
from contract.simulated import HOST, SimulatedHost
from fakes.records import BRIDGES, FLOWS, OVS_PORTS, TAPS
from fakes.records.host import OvsBridge
from fakes.wiring import DEAD_VLAN, sends
from sim.checks import View


class FakeHost(SimulatedHost):
    """`ovs-vsctl` and `ovs-ofctl`."""

    def __init__(self) -> None:
        super().__init__()
        bridges = self.table(BRIDGES)
        self.world.store.apply([bridges.put(OvsBridge(name)) for name in ("br-int", "br-eth1")])
        self._numbers: dict[int, int] = {}

    def _told(self, verb: str, /, **args: object) -> str:
        return told(self.tried("ovs", verb, **args))

    def tap(self, name: str) -> None:
        """Held by a process."""
        self.hold(name)

    def untap(self, name: str) -> None:
        """The process is killed."""
        self.kill_holder(name)

    def add_port(self, bridge: str, name: str, iface_id: str) -> str:
        """``--may-exist add-port`` with external ids"""
        return self._told("add-port", bridge=bridge, name=name, iface_id=iface_id, mac="", vm="")

    def del_port(self, name: str) -> str:
        """``--if-exists del-port``"""
        return self._told("del-port", name=name)

    def wire(self, name: str, tag: int) -> str:
        """The tag; no drop flow."""
        return self._told("wire", name=name, tag=tag)

    def deaden(self, name: str) -> str:
        """The dead tag, and the drop flow."""
        return self._told("deaden", name=name, tag=DEAD_VLAN)

    def clear_flows(self) -> None:
        """All but the normal rule."""
        self.give("ovs", "clear-flows", bridge="br-int")

    def restart_switch(self) -> None:
        """One process is switch and database; it dies and starts."""
        self.kill("ovs")
        self.start("ovs")

    def restart_database(self) -> None:
        """The fake has no process of its own for it.

        Raises:
            NotHere: always.
        """
        raise NotHere("the fake's database is not a process of its own: no fact lets it fail alone")

    def record(self, name: str) -> dict[str, Any] | None:
        """Number, bridge, iface-id, tag."""
        row = self.table(OVS_PORTS).rows.get(name)
        if row is None:
            return None
        number = self._numbers.setdefault(row.row, len(self._numbers) + 1)
        return {"number": number, "bridge": row.bridge, "iface_id": row.iface_id, "tag": row.tag}

    def has_device(self, name: str) -> bool:
        """As ``list-ports`` of the bridge says."""
        bridge = self.table(OVS_PORTS).rows[name].bridge
        ports = self.give("ovs", "list-ports", bridge=bridge)
        return any(port.name == name and port.device for port in ports)

    def dropped(self) -> list[str]:
        """By the rows of flows."""
        return sorted(flow.in_port for flow in self.table(FLOWS).rows.values())

    def frame(self, one: str, other: str) -> str:
        """As the wiring says."""
        taps = self.table(TAPS).rows
        arrives = sends(View(self.world.store), (HOST, taps[one]), (HOST, taps[other]))
        return ARRIVES if arrives else NOTHING

    def add_tunnel(self, name: str, remote: str) -> None:
        """`br-tun` anew, with a GRE port."""
        self.give("ovs", "reset-tunnels", bridge="br-int", secure=False)
        self.give("ovs", "add-tunnel", name=name, remote=remote)

    def bind_tunnel(self, vlan: int, key: int) -> None:
        """The flows of a network."""
        self.give("ovs", "bind-tunnel", local_vlan=vlan, gre_key=key)

    def tunnels(self) -> dict[str, list[str]]:
        """As listed."""
        ports, flows = self.give("ovs", "list-tunnels")
        return {"ports": sorted(port.name for port in ports), "flows": sorted(flow.match for flow in flows)}

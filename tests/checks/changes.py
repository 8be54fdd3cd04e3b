"""Changes that a property test makes to a world: every row, whole, without, and with other columns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec
from worlds import World, base

from fakes.records import (
    AGENT_VIFS,
    ATTACHED,
    COMPENSATIONS,
    DOMAINS,
    FLOWS,
    HOSTS,
    IN_FLIGHT,
    JOBS,
    LEASES,
    LOCKS,
    MAC_POOL,
    NETWORKS,
    OVS_PORTS,
    QEMUS,
    QUANTUM_NETWORKS,
    QUANTUM_PORTS,
    SCHEMAS,
    SWITCHES,
    TAPS,
    TRUNKS,
    VDSM_VMS,
    VLAN_BINDINGS,
    VLAN_DEVICES,
    VMS,
    VNICS,
)
from fakes.records.engine import Compensation, InFlight, Lock
from fakes.records.host import Flow
from fakes.records.libvirt import Domain
from fakes.records.quantum import QuantumPort, VlanBinding
from fakes.records.storage import Lease
from sim.tables import Index

COLUMNS: dict[str, list[dict[str, Any]]] = {
    "machines": [{"up": False}],
    "programs": [{"up": False}],
    HOSTS.name: [{"status": "NonResponsive"}, {"status": "Maintenance"}, {"fabrics": ()}],
    TRUNKS.name: [{"physical": "physnet2"}],
    SWITCHES.name: [{"joins": ()}],
    NETWORKS.name: [{"status": "Removing"}, {"uuid": ""}, {"uuid": "q-green"}, {"server": ""}, {"vm_network": False}],
    ATTACHED.name: [{"status": "NonOperational"}, {"required": True}],
    VLAN_BINDINGS.name: [{"network": "q-gone"}],
    VMS.name: [
        {"status": "Down", "host": ""}, {"status": "Up", "host": "h2", "migrating_to": ""}, {"host": "h1"},
        {"migrating_to": "h2"}, {"wanted": "down"},
    ],
    VNICS.name: [
        {"plugged": False}, {"port": ""}, {"port": "port-web2"}, {"attachment": ""},
        {"attachment": "att-web2"}, {"mac": "00:1a:4a:00:00:00"}, {"network": "net-red"},
        {"wanted": "plug"}, {"wanted": "unplug asked"},
    ],
    JOBS.name: [
        {"status": "FINISHED"}, {"status": "FAILED"}, {"action": "RunVm"}, {"action": "StopVm"},
        {"vnic": "web2.nic1", "asked": "plug"}, {"vnic": "web3.nic1", "asked": "unplug", "status": "FINISHED"},
    ],
    LOCKS.name: [{"since": 5}],
    MAC_POOL.name: [{"used": ()}, {"returned": ("00:1a:4a:00:00:00",)}],
    QUANTUM_NETWORKS.name: [{"tenant": "somebody"}],
    QUANTUM_PORTS.name: [
        {"attachment": ""}, {"attachment": "att-web1"}, {"attachment": "att-web2"}, {"op_status": "DOWN"},
        {"state": "DOWN"}, {"network": "q-green"},
    ],
    TAPS.name: [{"ifindex": 8}, {"mac": "00:1a:4a:00:00:01"}, {"bridge": ""}, {"bridge": "plain"}],
    VLAN_DEVICES.name: [{"bridge": ""}, {"bridge": "plain"}, {"vlan": 30}],
    QEMUS.name: [{"running": True}, {"running": False}, {"nics": ("00:1a:4a:00:00:07",)}],
    OVS_PORTS.name: [{"tag": None}, {"tag": 100}, {"tag": 200}, {"tag": 4095}, {"device": 0}],
    DOMAINS.name: [
        {"job": ""}, {"job": "out"}, {"state": "PAUSED", "reason": "MIGRATION"}, {"ending": "destroy"},
    ],
    VDSM_VMS.name: [{"status": "Down"}],
    AGENT_VIFS.name: [{"network": ""}],
}  # fmt: skip


class Edit(NamedTuple):
    """One change of one row: other columns ({}: as it once was), or its removal (None)."""

    node: str
    schema: str
    row: Any
    columns: dict[str, Any] | None

    def __repr__(self) -> str:
        return f"{self.schema}[{self.node}] {SCHEMAS[self.schema].key_of(self.row)}: {self.columns}"

    def make(self, world: World) -> None:
        """Carry it out; a row that is not there is put back with those columns."""
        table = world.table(self.node, SCHEMAS[self.schema])
        key = table.schema.key_of(self.row)
        if self.columns is None:
            world.store.apply([table.drop(key)])
        else:
            row = self.row if not self.columns else table.rows.get(key, self.row)
            world.store.apply([table.put(msgspec.structs.replace(row, **self.columns))])


def crowded() -> World:
    """Two servers, three networks, four VMs (two have leases, one of them migrates), commands that failed."""
    world = base()
    world.add_network("green", 200)
    world.add_server("q2")
    world.add_host("h3", fabric="q2", physical="physnet2")
    world.add_switch("physnet1", "physnet2")
    world.add_network("violet", 300, server="q2")
    world.add_bridging("h2", "h3")
    world.add_network("yellow", 1000, server="q3")
    world.add_plain_network("plain")
    for number, network in ((5, "yellow"), (6, "plain")):
        world.add_vm(f"web{number}", network)
        world.run_vm(f"web{number}", "h2")
    world.add_vm("web2", "green")
    world.run_vm("web2", "h2", lease=True)
    world.add_vm("web3")
    world.run_vm("web3", "h2")
    world.add_host("h4", physical="physnet2")
    world.add_vm("web4")
    world.run_vm("web4", "h4")
    world.prepare("web1", "h2")
    world.put("h1", DOMAINS, _leased(world.table("h1", DOMAINS)["vm-web1"]))
    for action, subject in (("RunVm", "web2"), ("StopVm", "web3"), ("RemoveVm", "web3"), ("RunVm", "web4")):
        world.ended(action, subject, "FAILED")
    world.ended("StopVm", "web4")
    for action, subject in (
        ("RemoveNetwork", "red"),
        ("AttachNetworkToVdsGroup", "green"),
        ("AddNetwork", "violet"),
    ):
        world.ended(action, subject, "FAILED")
    world.ended("AddNetwork", "red")
    world.put("engine", COMPENSATIONS, Compensation("job-1", "vms", "vm-web1", None))
    world.put("engine", LOCKS, Lock("vm-web1", "VM", "job-1", 0, 10))
    world.put("engine", IN_FLIGHT, InFlight("vm-web1", "migrate", "job-1"))
    world.put("q1", QUANTUM_PORTS, QuantumPort("port-extra", "q-red"))
    world.put("h1", FLOWS, Flow("br-int", "tap-web1"))
    world.put("storage", LEASES, Lease("vm-web2", "h2", "connection-2"))
    world.settle()
    return world


class Saved:
    """The rows of a world, to be put back after each of many trials."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.rows = [dict(table.rows) for table in world.store.by_id]
        self.indexes = _copied(world.store.indexes)

    def again(self) -> World:
        """The world as it was saved; nothing has changed."""
        store = self.world.store
        for table, rows in zip(store.by_id, self.rows, strict=True):
            table.rows = dict(rows)
        for schema, indexes in _copied(self.indexes).items():
            store.indexes[schema].update(indexes)
        self.world.settle()
        return self.world


def _copied(indexes: dict[str, dict[str, Index]]) -> dict[str, dict[str, Index]]:
    return {
        schema: {column: {value: dict(rows) for value, rows in index.items()} for column, index in columns.items()}
        for schema, columns in indexes.items()
    }


def _leased(domain: Domain) -> Domain:
    return msgspec.structs.replace(domain, definition=msgspec.structs.replace(domain.definition, lease=True))


def edits(suits: Callable[[str], bool] = lambda schema: True) -> list[Edit]:
    """Every edit of every row of the crowded world, of the schemas that suit; and VLANs that collide."""
    vlans: tuple[dict[str, Any] | None, ...] = ({}, None)
    found = [
        Edit(server, VLAN_BINDINGS.name, VlanBinding(vlan, network), columns)
        for server, vlan, network in (("q1", 300, "q-red"), ("q2", 100, "q-violet"))
        for columns in vlans
    ]
    for table in crowded().store.by_id:
        name = table.schema.name
        if suits(name):
            for row in table.rows.values():
                found += [Edit(table.node, name, row, columns) for columns in (None, {}, *COLUMNS.get(name, ()))]
    return found

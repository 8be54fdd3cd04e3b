"""The common shape of a check: every row of some tables must satisfy a predicate."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar, TypeVar

import msgspec

from fakes.records import BRIDGES, DATA_CENTERS, HOSTS, NETWORKS, QUANTUM_PORTS, VMS, VNICS
from fakes.records.engine import Host, LogicalNetwork, Vm, Vnic
from fakes.records.libvirt import Interface
from fakes.records.quantum import QuantumPort
from fakes.wiring import fabric_bridge
from sim.checks import Breach, Check, Expectation, Subject, View
from sim.store import Delta
from sim.tables import Key, Schema

R = TypeVar("R", bound=msgspec.Struct)


class RowCheck(Check):
    """A check of single rows.

    A subclass names the tables whose rows are judged (`judged`) and those that a verdict also depends on
    (`depends`): a change of one of these may concern any row.
    """

    judged: ClassVar[tuple[Schema[Any], ...]]
    depends: ClassVar[tuple[Schema[Any], ...]] = ()
    schemas: ClassVar[dict[str, Schema[Any]]] = {}
    judged_names: ClassVar[tuple[str, ...]] = ()
    depended_names: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls) -> None:
        if "judged" in cls.__dict__ or "depends" in cls.__dict__:
            cls.schemas = {schema.name: schema for schema in cls.judged}
            cls.judged_names = tuple(schema.name for schema in cls.judged)
            cls.depended_names = tuple(schema.name for schema in cls.depends)
            cls.watches = tuple(dict.fromkeys(schema.name for schema in (*cls.judged, *cls.depends)))

    def keys(self, delta: Delta, view: View) -> Iterable[Key]:
        schema = delta.schema
        own = [(schema, delta.node, delta.key)] if schema in self.judged_names else []
        return [*own, *self.every(view)] if schema in self.depended_names else own

    def every(self, view: View) -> Iterable[Key]:
        for schema in self.judged:
            for node, row in view.rows(schema):
                yield (schema.name, node, schema.key_of(row))

    def judge(self, view: View, key: Key) -> Breach | None:
        name, node, row_key = key
        row = view.get(self.schemas[name], node, row_key)
        wrong = self.wrong(view, node, row) if row is not None else ""
        return _breach(key, row, wrong) if wrong else None

    def sweep(self, view: View) -> Iterable[tuple[Key, Breach]]:
        for schema in self.judged:
            for table in view.tables(schema):
                node = table.node
                for row_key, row in table.rows.items():
                    wrong = self.wrong(view, node, row)
                    if wrong:
                        key = (schema.name, node, row_key)
                        yield key, _breach(key, row, wrong)

    def wrong(self, view: View, node: str, row: Any) -> str:
        """What is wrong with the row, in words; "" if nothing is."""
        raise NotImplementedError


def _breach(key: Key, row: Any, wrong: str) -> Breach:
    role = key[0].removesuffix("s").replace("_", "-")
    return Breach(Subject(*key), role, wrong, place=getattr(row, "host", ""))


class Settled(RowCheck):
    """Judged once the world is at rest."""

    expectation = Expectation.SETTLED


class Eventually(RowCheck):
    """True in the end, and from then on."""

    expectation = Expectation.EVENTUALLY


class Always(RowCheck):
    """Judged after every step that touches it."""

    expectation = Expectation.ALWAYS


def engines(view: View) -> list[str]:
    """The nodes of the engines, which are their tenants' names too (docs/facts/README.md, Ours)."""
    return [table.node for table in view.tables(DATA_CENTERS)]


def of_engine(view: View, engine: str, schema: Schema[R], column: str, name: str) -> list[R]:
    """The rows of that name in that column, of one engine: another may give the same names."""
    return [row for node, row in view.where(schema, column, name) if node == engine]


def switched_off(view: View, node: str) -> bool:
    """Whether the host is off, and the engine told to leave it alone: what its disk holds waits until it boots.

    Down is what a host is after it was stopped by hand; Maintenance, where it was off before, or a restart of it
    was not finished.  Nobody monitors or starts it in either (docs/facts/ovirt.md 1.2, 1.7).
    """
    host = view.anywhere(HOSTS, node)
    return host is not None and host.status in ("Down", "Maintenance") and not view.has_power(node)


def active(vm: Vm | None) -> bool:
    """Whether the engine holds that the VM runs or pauses somewhere."""
    return vm is not None and vm.status != "Down"


def of_open_vswitch(view: View, node: str, interface: Interface, vm_id: str) -> bool:
    """Whether the interface has a record in Open vSwitch; else it is in a Linux bridge, if it is wired at all."""
    if interface.type != "ethernet":
        return bool(interface.interfaceid)
    vnic = vnic_of_mac(view, interface.mac, vm_id)
    network = view.anywhere(NETWORKS, vnic.network) if vnic is not None else None
    return network is None or wired_by_open_vswitch(view, node, network)


def wired_by_open_vswitch(view: View, node: str, network: LogicalNetwork) -> bool:
    """Whether a vNIC of that network gets a port of Open vSwitch on that host."""
    bridge = fabric_bridge(view, network.server)
    return bool(bridge) and view.get(BRIDGES, node, bridge) is not None


def vnic_of_mac(view: View, mac: str, vm_id: str) -> Vnic | None:
    """The vNIC of that VM with that MAC: what an interface or a tap is of, whoever wired it."""
    return next((vnic for _, vnic in view.where(VNICS, "mac", mac) if vnic.vm == vm_id), None)


def vm_of(view: View, vm_id: str) -> Vm | None:
    """The engine's row of that VM."""
    return view.anywhere(VMS, vm_id)


def vnic_of(view: View, iface_id: str) -> Vnic | None:
    """The vNIC that is wired under that attachment id (its own id, or one the engine gave it)."""
    own = view.anywhere(VNICS, iface_id)
    if own is not None:
        return own
    found = view.where(VNICS, "attachment", iface_id) if iface_id else []
    return found[0][1] if found else None


def carries(host: Host, network: LogicalNetwork) -> bool:
    """Whether the host has reported the network, or a running agent of its server."""
    if not network.server:
        return network.name in host.networks
    return any(one.name == network.server and one.running for one in host.fabrics)


def port_of(view: View, server: str, vnic: Vnic) -> QuantumPort | None:
    """The Quantum port that the engine has on record for the vNIC."""
    return view.get(QUANTUM_PORTS, server, vnic.port) if vnic.port else None

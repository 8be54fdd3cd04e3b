"""One thing in one place, under faults too: attachments, MACs, iface-ids, running CPUs, ids."""

from __future__ import annotations

from collections.abc import Iterable
from operator import attrgetter

from fakes.records import COMMANDS, DOMAINS, NETWORKS, OVS_PORTS, QEMUS, QUANTUM_PORTS, TAPS, VMS, VNICS
from fakes.records.host import OvsPort
from fakes.records.libvirt import Domain
from fakes.wiring import segment
from scenarios.checks.base import of_engine, of_open_vswitch, vm_of
from sim.checks import Breach, Check, Expectation, Subject, View
from sim.clock import SECOND
from sim.messages import CUTS
from sim.nodes import PROGRAMS
from sim.store import Delta
from sim.tables import Key

TWO_HOSTS_AFTER_EXIT = 30 * SECOND
TWO_RUNNING_WITHOUT_LEASE = 120 * SECOND
RUNNING_WHILE_DOWN = 60 * SECOND


class OneIdentity(Check):
    """Keys: ("attachment" or "iface", id), ("mac", "wire" or "tap", address), ("networks" or "vms", name)."""

    id = "one-identity"
    expectation = Expectation.ALWAYS
    statement = (
        "an attachment names one port; a MAC is on one plugged vNIC per network, and on one running VM per segment; "
        "a logical network's or VM's name is its alone in its engine; an iface-id or tap is on two hosts only for the "
        "source and target of a migration"
    )
    watches = (
        "quantum_ports", "vnics", "networks", "vms", "ovs_ports", "taps", "qemus", "domains", "machines", "flows",
        "trunks", "switches", "vlan_devices", "bridged_nics",
    )  # fmt: skip
    asks = {
        "domains": lambda domain: _migrates(domain),
        "qemus": attrgetter("running"),
        "quantum_ports": attrgetter("attachment"),
        "vnics": attrgetter("mac", "network", "plugged"),
        "networks": attrgetter("name"),
        "vms": attrgetter("name"),
    }

    def keys(self, delta: Delta, view: View) -> Iterable[Key]:
        old, new = delta.old, delta.new
        if delta.schema == "domains":  # whether it migrates: then two hosts may have the same
            yield from _wiring(view, delta.node, delta.key)
        elif delta.schema == "qemus":  # whether it runs: its MAC counts; whether it is there: how long two hosts may
            yield from (("wire", tap.mac) for tap in view.of(TAPS, delta.node) if tap.vm == delta.key)
            if old is None or new is None:
                yield from _wiring(view, delta.node, delta.key)
        elif delta.schema == "taps":
            port = view.get(OVS_PORTS, delta.node, delta.key)
            if port is not None:
                yield ("iface", port.iface_id)
            yield from (("tap", tap.mac) for tap in (old, new) if tap is not None and tap.bridge)
            yield from (("wire", row.mac) for row in (old, new) if row is not None)
        elif delta.schema in ("flows", "trunks", "switches", "vlan_devices", "bridged_nics"):
            yield from (("wire", row.mac) for _, row in view.rows(TAPS))
        elif delta.schema == "machines":
            yield from (("iface", port.iface_id) for port in view.of(OVS_PORTS, delta.node))
            yield from (("tap", tap.mac) for tap in view.of(TAPS, delta.node) if tap.bridge)
        else:
            yield from self._named(delta)
            if delta.schema == "ovs_ports" and (tap := view.get(TAPS, delta.node, delta.key)) is not None:
                yield ("wire", tap.mac)

    columns = {
        "quantum_ports": ("attachment", attrgetter("attachment")),
        "vnics": ("mac", attrgetter("mac", "network", "plugged")),
        "ovs_ports": ("iface", attrgetter("iface_id", "device", "vm")),
        "networks": ("networks", attrgetter("name")),
        "vms": ("vms", attrgetter("name")),
    }
    """By table: the kind of key, and what of a row is asked for it, the name first."""

    def _named(self, delta: Delta) -> Iterable[Key]:
        kind, asked = self.columns[delta.schema]
        old = asked(delta.old) if delta.old is not None else None
        new = asked(delta.new) if delta.new is not None else None
        if old != new:
            for found in (old, new):
                if found and (name := found if isinstance(found, str) else found[0]):
                    yield (kind, name)

    def every(self, view: View) -> Iterable[Key]:
        yield from dict.fromkeys(
            ("attachment", row.attachment) for _, row in view.rows(QUANTUM_PORTS) if row.attachment
        )
        yield from dict.fromkeys(("mac", row.mac) for _, row in view.rows(VNICS))
        yield from dict.fromkeys(("networks", row.name) for _, row in view.rows(NETWORKS))
        yield from dict.fromkeys(("vms", row.name) for _, row in view.rows(VMS))
        yield from dict.fromkeys(("iface", row.iface_id) for _, row in view.rows(OVS_PORTS))
        yield from dict.fromkeys(("wire", row.mac) for _, row in view.rows(TAPS))
        yield from dict.fromkeys(("tap", row.mac) for _, row in view.rows(TAPS) if row.bridge)

    shared = {
        "attachment": (QUANTUM_PORTS, "attachment"),
        "mac": (VNICS, "mac"),
        "networks": (NETWORKS, "name"),
        "vms": (VMS, "name"),
        "iface": (OVS_PORTS, "iface_id"),
        "wire": (TAPS, "mac"),
        "tap": (TAPS, "mac"),
    }
    """By kind of key: the column of which two rows must have one value for anything to be wrong."""

    def sweep(self, view: View) -> Iterable[tuple[Key, Breach]]:
        for kind, (schema, column) in self.shared.items():
            for name in view.repeated(schema, column):
                breach = self.judge(view, (kind, name)) if name else None
                if breach is not None:
                    yield (kind, name), breach

    def judge(self, view: View, key: Key) -> Breach | None:
        kind, name = key
        if not view.several(*self.shared[kind], name):
            return None
        if kind == "attachment":
            return self._attachment(view, name)
        if kind in ("networks", "vms"):
            return self._name(view, kind, name)
        kinds = {"wire": self._wire, "mac": self._mac, "iface": self._iface, "tap": self._tap}
        return kinds[kind](view, name)

    def _wire(self, view: View, name: str) -> Breach | None:
        taps = view.where(TAPS, "mac", name)
        if all(tap.vm == taps[0][1].vm for _, tap in taps):
            return None
        seen: dict[str, str] = {}
        for node, tap in taps:
            qemu = view.get(QEMUS, node, tap.vm)
            found = segment(view, node, tap) if qemu is not None and qemu.running else ""
            if found and seen.setdefault(found, tap.vm) != tap.vm:
                words = f"MAC {name} is on two running VMs, on {found}"
                return Breach(Subject("taps", node, tap.name), "mac", words, RUNNING_WHILE_DOWN)
        return None

    def _attachment(self, view: View, name: str) -> Breach | None:
        by_server: dict[str, list[str]] = {}
        for node, port in view.where(QUANTUM_PORTS, "attachment", name):
            by_server.setdefault(node, []).append(port.id)
        for node, ports in by_server.items():
            if len(ports) > 1:
                words = f"attachment {name} names {len(ports)} ports of {node}"
                return Breach(Subject("quantum_ports", node, ports[-1]), "attachment", words)
        return None

    def _name(self, view: View, table: str, name: str) -> Breach | None:
        """An engine gives a name once."""
        of_one: dict[str, list[str]] = {}
        for engine, row in view.where(NETWORKS if table == "networks" else VMS, "name", name):
            of_one.setdefault(engine, []).append(row.id)
        for engine, ids in of_one.items():
            if len(ids) > 1:
                words = f"{len(ids)} {'logical networks' if table == 'networks' else 'VMs'} have the name {name}"
                return Breach(Subject(table, engine, ids[-1]), "name", words)
        return None

    def _mac(self, view: View, name: str) -> Breach | None:
        by_network: dict[str, list[tuple[str, str]]] = {}
        for engine, row in view.where(VNICS, "mac", name):
            if row.plugged:
                by_network.setdefault(row.network, []).append((engine, row.id))
        for vnics in by_network.values():
            if len(vnics) > 1:
                words = f"MAC {name} is on {len(vnics)} plugged vNICs of one network"
                return Breach(Subject("vnics", *vnics[-1]), "mac", words)
        return None

    def _iface(self, view: View, name: str) -> Breach | None:
        rows = view.where(OVS_PORTS, "iface_id", name)
        # A record whose device is gone wires nothing: it is `leftover-ovs` that judges it.
        found = [(node, row) for node, row in rows if view.has_power(node) and _has_device(view, node, row)]
        if len(found) < 2:
            return None
        return _on_two_hosts(view, "ovs_ports", f"iface-id {name}", [(node, row.name, row.vm) for node, row in found])

    def _tap(self, view: View, name: str) -> Breach | None:
        rows = [(node, row) for node, row in view.where(TAPS, "mac", name) if row.bridge and view.has_power(node)]
        vms = {row.vm for _, row in rows}
        if len(rows) < 2 or len(vms) > 1:
            return None  # two VMs with one MAC: that is judged of their vNICs
        return _on_two_hosts(view, "taps", f"a tap of {name}", [(node, row.name, row.vm) for node, row in rows])


def _wiring(view: View, node: str, vm: str) -> Iterable[Key]:
    """What of the VM's wiring on that host may be on another one too only for a while."""
    yield from (("iface", port.iface_id) for port in view.of(OVS_PORTS, node) if port.vm == vm)
    yield from (("tap", tap.mac) for tap in view.of(TAPS, node) if tap.vm == vm and tap.bridge)


def _on_two_hosts(view: View, table: str, what: str, found: list[tuple[str, str, str]]) -> Breach | None:
    """What is wired on several hosts (each with name and VM) may be so on the two ends of a migration."""
    hosts = [node for node, _, _ in found]
    node, name, vm = found[-1]
    domains = [view.get(DOMAINS, host, vm) for host in hosts]
    if len(found) == 2 and any(domain is not None and _migrates(domain) for domain in domains):
        return None
    words = f"{what} is on {' and '.join(hosts)}, and no migration is going on"
    both = all(view.get(QEMUS, host, vm) is not None for host in hosts)
    allowed = TWO_RUNNING_WITHOUT_LEASE if both else TWO_HOSTS_AFTER_EXIT
    return Breach(Subject(table, node, name), "iface-id" if table == "ovs_ports" else "tap", words, allowed)


def _migrates(domain: Domain) -> bool:
    """A migration's end, at work or waiting for word of the other one (its leftover is `leftover-domain`'s)."""
    return domain.job in ("in", "out") or (domain.state, domain.reason) == ("PAUSED", "MIGRATION")


def _has_device(view: View, node: str, port: OvsPort) -> bool:
    tap = view.get(TAPS, node, port.name)
    return tap is not None and tap.ifindex == port.device


class OnePlace(Check):
    """Keys: VM ids."""

    id = "one-place"
    expectation = Expectation.ALWAYS
    statement = "no two domains of one VM have running CPUs; without a lease a lost Finish may open this for 120 s"
    watches = ("qemus", "domains")
    asks = {"qemus": attrgetter("running"), "domains": attrgetter("definition.lease")}

    def keys(self, delta: Delta, view: View) -> Iterable[Key]:
        return (delta.key,)

    def every(self, view: View) -> Iterable[Key]:
        return dict.fromkeys(row.vm for _, row in view.rows(QEMUS))

    def judge(self, view: View, key: Key) -> Breach | None:
        running = [(node, row) for node, row in view.where(QEMUS, "vm", key) if row.running]
        if len(running) < 2:
            return None
        node, qemu = running[-1]
        leased = any(domain.definition.lease for _, domain in view.where(DOMAINS, "uuid", key))
        hosts = " and ".join(host for host, _ in running)
        words = f"{qemu.process.removeprefix('qemu-')} has running CPUs on {hosts}"
        return Breach(Subject("qemus", node, key), "running-twice", words, 0 if leased else TWO_RUNNING_WITHOUT_LEASE)


def _can_be_asked(view: View, host: str, vm_id: str) -> bool:
    """Whether the VM's engine and the host's VDSM are up, and no partition lies between them."""
    engine = next(table.node for table in view.tables(VMS) if vm_id in table.rows)
    cut = any({row.first, row.second} == {host, engine} for _, row in view.rows(CUTS))
    return _is_up(view, engine, "engine") and _is_up(view, host, "vdsm") and not cut


def _is_up(view: View, node: str, process: str) -> bool:
    program = view.get(PROGRAMS, node, process)
    return program is not None and program.up


class TrulyDown(Check):
    """Keys: VM ids.  The engine ends a late start through the host's VDSM, so the time counts from when it can."""

    id = "truly-down"
    expectation = Expectation.ALWAYS
    statement = (
        "a VM that the engine calls Down runs nowhere, but for 60 s in which a late start is ended, once the engine "
        "can ask its host"
    )
    watches = ("qemus", "vms", "programs", "cuts")
    asks = {"qemus": attrgetter("running"), "vms": attrgetter("status"), "programs": attrgetter("up")}

    def keys(self, delta: Delta, view: View) -> Iterable[Key]:
        row = delta.new if delta.new is not None else delta.old
        if delta.schema == "programs":
            return self._of_program(view, delta.node, delta.key)
        if delta.schema == "cuts":
            return [qemu.vm for node in (row.first, row.second) for qemu in view.of(QEMUS, node)]
        return (delta.key,)

    def _of_program(self, view: View, node: str, process: Key) -> Iterable[Key]:
        """The VMs that it matters for whether that process is up."""
        if process == "engine":
            return self.every(view)
        return [qemu.vm for qemu in view.of(QEMUS, node)] if process == "vdsm" else ()

    def every(self, view: View) -> Iterable[Key]:
        return dict.fromkeys(row.vm for _, row in view.rows(QEMUS))

    def judge(self, view: View, key: Key) -> Breach | None:
        vm = vm_of(view, key)
        if vm is None or vm.status != "Down":
            return None
        for node, qemu in view.where(QEMUS, "vm", key):
            late = qemu.since > vm.changed
            if qemu.running and not (late and not _can_be_asked(view, node, key)):
                words = f"the engine calls {vm.name} Down, and it has running CPUs on {node}"
                return Breach(Subject("qemus", node, key), "running-down", words, RUNNING_WHILE_DOWN)
        return None


class Undisturbed(Check):
    """Keys: (host, VM id)."""

    id = "undisturbed"
    expectation = Expectation.ALWAYS
    statement = (
        "losing the control plane never cuts a wired, running vNIC; a source is torn down only after its target runs"
    )
    watches = (
        "taps", "ovs_ports", "qemus", "domains", "vms", "vnics", "networks", "servers", "bridges",
    )  # fmt: skip
    asks = {
        "qemus": attrgetter("running"),
        "domains": attrgetter("state", "ending", "definition"),
        "vms": attrgetter("wanted"),
        "vnics": attrgetter("mac", "vm", "network", "plugged"),
        "networks": attrgetter("server"),
    }

    def keys(self, delta: Delta, view: View) -> Iterable[Key]:
        row = delta.old if delta.new is None else delta.new
        if delta.schema in ("vnics", "networks", "servers", "bridges"):
            yield from self.every(view)
            return
        if delta.schema == "vms":
            yield from ((node, delta.key) for node, _ in view.where(QEMUS, "vm", delta.key))
        else:
            yield (delta.node, row.uuid if isinstance(row, Domain) else row.vm)

    def every(self, view: View) -> Iterable[Key]:
        return [(node, row.vm) for node, row in view.rows(QEMUS)]

    def judge(self, view: View, key: Key) -> Breach | None:
        node, vm_id = key
        qemu = view.get(QEMUS, node, vm_id)
        if qemu is None or not qemu.running:
            return None
        domain, vm = view.get(DOMAINS, node, vm_id), vm_of(view, vm_id)
        if domain is None or domain.ending or domain.state != "RUNNING" or vm is None or vm.wanted == "down":
            return None
        plugged = {vnic.mac for _, vnic in view.where(VNICS, "vm", vm_id) if vnic.plugged}
        for interface in domain.definition.interfaces:
            if interface.mac not in plugged:
                continue  # nobody wants it any more: what is left of it is `leftover-interface`'s
            if view.get(TAPS, node, interface.target) is None:
                words = f"tap {interface.target} of {vm.name}, which runs on {node}, is gone"
                return Breach(Subject("domains", node, vm_id), "running-vnic", words)
            if of_open_vswitch(view, node, interface, vm_id) and view.get(OVS_PORTS, node, interface.target) is None:
                words = f"the port of {interface.target} of {vm.name}, which runs on {node}, is gone"
                return Breach(Subject("domains", node, vm_id), "running-vnic", words)
        return None


class Kept(Check):
    """Keys: (table, row, column, what it was): what must not change while the row lives."""

    id = "kept"
    expectation = Expectation.ALWAYS
    statement = "ids, and attributes that others set, survive while their owner lives"
    watches = ("vnics", "networks", "quantum_ports", "vms")
    columns = {"vnics": "mac", "networks": "vlan", "quantum_ports": "network", "vms": "memory"}
    asks = {table: attrgetter(column) for table, column in columns.items()}

    def keys(self, delta: Delta, view: View) -> Iterable[Key]:
        if delta.new is None and delta.schema == "quantum_ports":
            for engine, vnic in view.where(VNICS, "port", delta.key):
                yield ("vnics", engine, vnic.id, "port", delta.key)
        if delta.old is None or delta.new is None:
            return
        column = self.columns.get(delta.schema, "")
        if column and getattr(delta.old, column) != getattr(delta.new, column):
            yield (delta.schema, delta.node, delta.key, column, getattr(delta.old, column))

    def every(self, view: View) -> Iterable[Key]:
        return ()

    def judge(self, view: View, key: Key) -> Breach | None:
        table, node, row_key, column, before = key
        if column == "port":
            return self._port(view, node, row_key, before)
        schema = {"vnics": VNICS, "networks": NETWORKS, "quantum_ports": QUANTUM_PORTS, "vms": VMS}[table]
        row = view.get(schema, node, row_key)
        if row is None or getattr(row, column) == before:
            return None
        words = f"{column} of {row_key} was {before} and is {getattr(row, column)}"
        return Breach(Subject(table, node, row_key), "changed-id", words)

    def _port(self, view: View, engine: str, vnic_id: str, port: str) -> Breach | None:
        """A port goes with its vNIC, or by a command that removes or changes that; not while the vNIC goes on."""
        vnic = view.anywhere(VNICS, vnic_id)
        vm = view.anywhere(VMS, vnic.vm) if vnic is not None else None
        if vnic is None or vm is None or any(row.id == port for _, row in view.rows(QUANTUM_PORTS)):
            return None
        actions = [command.action for command in of_engine(view, engine, COMMANDS, "subject", vm.name)]
        if any(action.startswith("Remove") or "Interface" in action for action in actions):
            return None
        words = f"port {port} of {vnic.name} was deleted, and the vNIC goes on"
        return Breach(Subject("vnics", engine, vnic_id), "changed-id", words)


CHECKS = (OneIdentity(), OnePlace(), TrulyDown(), Undisturbed(), Kept())

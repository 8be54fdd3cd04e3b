"""Worlds of hand-made rows: consistent ones, on which no check fires, for tests to change."""

from __future__ import annotations

from typing import Any

import msgspec

from fakes.records import (
    AGENT_VIFS,
    ATTACHED,
    BRIDGED_NICS,
    BRIDGES,
    CLUSTERS,
    COMMANDS,
    DATA_CENTERS,
    DOMAINS,
    HOST_NETWORKS,
    HOSTS,
    IN_FLIGHT,
    JOBS,
    LINUX_BRIDGES,
    LOCAL_VLANS,
    LOCKS,
    MAC_POOL,
    NETWORKS,
    OPENED,
    OVS_PORTS,
    QEMUS,
    QUANTUM_NETWORKS,
    QUANTUM_PORTS,
    RECOVERY_FILES,
    SCHEMAS,
    SERVERS,
    SWITCHES,
    TAPS,
    TRUNKS,
    VDSM_VMS,
    VLAN_BINDINGS,
    VLAN_DEVICES,
    VLAN_IDS,
    VLAN_MAP,
    VMS,
    VNICS,
)
from fakes.records.agent import AgentVif
from fakes.records.engine import (
    Cluster,
    Command,
    DataCenter,
    Fabric,
    Host,
    Job,
    LogicalNetwork,
    MacPool,
    NetworkInCluster,
    Vm,
    Vnic,
)
from fakes.records.host import (
    BridgedNic,
    HostNetwork,
    LinuxBridge,
    OvsBridge,
    OvsPort,
    Qemu,
    Switch,
    Tap,
    Trunk,
    VlanDevice,
)
from fakes.records.libvirt import Definition, Domain, Interface
from fakes.records.quantum import QuantumNetwork, QuantumPort, Server, VlanBinding, VlanId
from fakes.records.vdsm import NicConf, Opened, RecoveryFile, VdsmVm, VmConf
from fakes.wiring import network_bridge, tap_name
from sim.checks import View
from sim.nodes import MACHINES, PROGRAMS, Machine, Program
from sim.store import Delta, Store
from sim.tables import Key, Schema, Table

PROCESSES = {
    **dict.fromkeys((COMMANDS.name, LOCKS.name, MAC_POOL.name, IN_FLIGHT.name), "engine"),
    **dict.fromkeys((OPENED.name, VDSM_VMS.name), "vdsm"),
    **dict.fromkeys((AGENT_VIFS.name, LOCAL_VLANS.name), "agent"),
    VLAN_MAP.name: "quantum",
}
"""In which process's memory the rows of a volatile table are."""


class World:
    """Rows, what checks see of them, and what has changed since `settle`."""

    def __init__(self) -> None:
        self.store = Store()
        self.store.declare(SCHEMAS.values())
        self.view = View(self.store)

    def table(self, node: str, schema: Schema[Any]) -> Table[Any]:
        """The table of that schema on that node."""
        return self.store.table(schema, node, PROCESSES.get(schema.name, ""))

    def put(self, node: str, schema: Schema[Any], *rows: Any) -> None:
        """Make or replace rows."""
        table = self.table(node, schema)
        self.store.apply([table.put(row) for row in rows])

    def drop(self, node: str, schema: Schema[Any], *keys: Key) -> None:
        """Remove rows that exist."""
        table = self.table(node, schema)
        assert all(key in table for key in keys), f"{schema.name}[{node}] lacks one of {keys}"
        self.store.apply([table.drop(key) for key in keys])

    def change(self, node: str, schema: Schema[Any], key: Key, **columns: Any) -> None:
        """Change columns of a row that exists."""
        self.put(node, schema, msgspec.structs.replace(self.table(node, schema)[key], **columns))

    @property
    def deltas(self) -> list[Delta]:
        """What has changed since `settle`."""
        return self.store.unjudged

    def settle(self) -> None:
        """What is here now is how it has always been."""
        self.store.unjudged = []

    # --- servers, hosts, networks ---------------------------------------------------------------

    def add_engine(self) -> None:
        """The engine, a data centre, the cluster blue, an empty MAC pool."""
        self.put("engine", MACHINES, Machine("engine", True))
        self.put("engine", PROGRAMS, Program("engine", True, 1))
        self.put("engine", DATA_CENTERS, DataCenter("dc"))
        self.put("engine", CLUSTERS, Cluster("blue", "dc"))
        self.put("engine", MAC_POOL, MacPool("pool", 150, 0, (), ()))

    def add_server(self, name: str) -> None:
        """A Quantum server."""
        self.put(name, MACHINES, Machine(name, True))
        self.put(name, PROGRAMS, Program("quantum", True, 1))
        self.put(name, SERVERS, Server(name, "openvswitch", "vlan", 1, 4094))

    def add_host(self, name: str, fabric: str = "q1", physical: str = "physnet1") -> None:
        """A host of the cluster blue that is up, with one agent and one trunk."""
        self.put("engine", HOSTS, Host(name, "blue", "Up", (Fabric(fabric, True, True, True, ("eth1",)),)))
        self.put(name, MACHINES, Machine(name, True))
        self.put(name, PROGRAMS, *[Program(one, True, 1) for one in ("vdsm", "libvirt", "ovs", "agent")])
        self.put(name, OPENED, Opened("vdsm"))
        self.put(name, BRIDGES, OvsBridge("br-int"))
        self.put(name, TRUNKS, Trunk("eth1", "br-int", physical))

    def add_network(self, name: str, vlan: int, server: str = "q1") -> None:
        """A logical network, attached to blue, with its network and VLAN on its server."""
        self.put("engine", NETWORKS, LogicalNetwork(f"net-{name}", name, "dc", server, f"q-{name}"))
        self.put("engine", ATTACHED, NetworkInCluster(f"net-{name}", "blue"))
        self.put(server, QUANTUM_NETWORKS, QuantumNetwork(f"q-{name}", "engine", name))
        self.put(server, VLAN_BINDINGS, VlanBinding(vlan, f"q-{name}"))
        if self.table(server, SERVERS)[server].plugin == "linuxbridge":
            self.put(server, VLAN_IDS, VlanId(vlan, f"q-{name}"))
        else:
            self.put(server, VLAN_MAP, VlanBinding(vlan, f"q-{name}"))

    def add_plain_network(self, name: str, vlan: int | None = 30) -> None:
        """A logical network without Quantum, attached to blue; every host of today carries it, through eth3."""
        self.put("engine", NETWORKS, LogicalNetwork(f"net-{name}", name, "dc", vlan=vlan))
        self.put("engine", ATTACHED, NetworkInCluster(f"net-{name}", "blue"))
        for host in list(self.table("engine", HOSTS).rows.values()):
            self.carry(name, host.id, vlan)

    def carry(self, name: str, host: str, vlan: int | None, nic: str = "eth3", physical: str = "physnet1") -> None:
        """A host carries a network of VDSM's own."""
        row = self.table("engine", HOSTS)[host]
        self.change("engine", HOSTS, host, networks=(*row.networks, name))
        self.put(host, TRUNKS, Trunk(nic, "", physical))
        self.put(host, HOST_NETWORKS, HostNetwork(name, nic, vlan))
        self.put(host, LINUX_BRIDGES, LinuxBridge(name, 20, "vdsm"))
        if vlan is None:
            self.put(host, BRIDGED_NICS, BridgedNic(nic, name))
        else:
            self.put(host, VLAN_DEVICES, VlanDevice(f"{nic}.{vlan}", 21, nic, vlan, "vdsm", name))

    def add_bridging(self, *hosts: str, server: str = "q3", physical: str = "physnet2") -> None:
        """A Quantum server with the linuxbridge plugin, and its agent on hosts, through eth2."""
        self.add_server(server)
        self.put(server, SERVERS, Server(server, "linuxbridge", "vlan", 1000, 1099))
        for host in hosts:
            row = self.table("engine", HOSTS)[host]
            fabric = Fabric(server, True, True, True, ("eth2",))
            self.change("engine", HOSTS, host, fabrics=(*row.fabrics, fabric))
            self.put(host, TRUNKS, Trunk("eth2", "", physical))

    def _bridge(self, name: str, host: str, network: LogicalNetwork) -> None:
        """The linuxbridge agent has handled the tap: bridge and VLAN device are there, and it is in them."""
        vlan = self.table(network.server, VLAN_BINDINGS).first("network", network.uuid)
        assert vlan is not None
        bridge = network_bridge(network.uuid)
        self.put(host, LINUX_BRIDGES, LinuxBridge(bridge, 30, "agent"))
        self.put(host, VLAN_DEVICES, VlanDevice(f"eth2.{vlan.vlan}", 31, "eth2", vlan.vlan, "agent", bridge))
        self.change(host, TAPS, name, bridge=bridge)

    def add_switch(self, *joins: str, vlans: str = "") -> None:
        """A physical switch between physical networks."""
        self.put("engine", SWITCHES, Switch("switch", joins, vlans))

    # --- VMs ------------------------------------------------------------------------------------

    def add_vm(self, name: str, network: str = "red") -> None:
        """A VM that is down, with one vNIC; its port, if the network has a server, is unplugged."""
        pool = self.table("engine", MAC_POOL)["pool"]
        mac = f"00:1a:4a:00:00:{pool.fresh:02x}"
        self.put("engine", MAC_POOL, MacPool("pool", 150, pool.fresh + 1, pool.returned, (*pool.used, mac)))
        logical = self.table("engine", NETWORKS)[f"net-{network}"]
        self.put("engine", VMS, Vm(f"vm-{name}", name, "blue"))
        port = f"port-{name}" if logical.server else ""
        self.put("engine", VNICS, Vnic(f"nic-{name}", f"vm-{name}", f"{name}.nic1", logical.id, mac, True, port))
        if logical.server:
            self.put(logical.server, QUANTUM_PORTS, QuantumPort(port, logical.uuid))

    def run_vm(self, name: str, host: str, lease: bool = False) -> None:
        """The VM runs on the host: wired there, its port plugged, reported."""
        vm, attachment = f"vm-{name}", f"att-{name}"
        self.change("engine", VMS, vm, status="Up", host=host, wanted="up")
        nic = self.table("engine", VNICS)[f"nic-{name}"]
        network = self.table("engine", NETWORKS)[nic.network]
        if network.server:
            self.change("engine", VNICS, nic.id, attachment=attachment)
            self.change(network.server, QUANTUM_PORTS, nic.port, attachment=attachment, state="ACTIVE", op_status="UP")
        self.put(host, PROGRAMS, Program(f"qemu-{name}", True, 1))
        self.put(host, QEMUS, Qemu(vm, f"qemu-{name}", True))
        conf = VmConf(vm, name, 512, (NicConf(nic.id, nic.mac, network.name, "ethernet"),), "engine")
        self.put(host, VDSM_VMS, VdsmVm(vm, conf, "Up", wired=True))
        self.put(host, RECOVERY_FILES, RecoveryFile(vm, conf, "Up", True))
        self.put(host, DOMAINS, self.domain(name, lease))
        self.wire(name, host)

    def domain(self, name: str, lease: bool = False, **columns: Any) -> Domain:
        """A running domain of the VM."""
        nic = self.table("engine", VNICS)[f"nic-{name}"]
        quantum = bool(self.table("engine", NETWORKS)[nic.network].server)
        interface = Interface(
            nic.mac,
            "pv",
            3,
            0,
            "ethernet" if quantum else "bridge",
            self.tap(name),
            "" if quantum else nic.network[4:],
        )
        definition = Definition(f"vm-{name}", name, 512, (interface,), lease)
        domain = Domain(f"vm-{name}", definition, "RUNNING", "BOOTED", monitor=f"connection-{name}")
        return msgspec.structs.replace(domain, **columns)

    def tap(self, name: str) -> str:
        """The name of the VM's tap: a linuxbridge agent looks for one that is made of the attachment."""
        nic = self.table("engine", VNICS)[f"nic-{name}"]
        server = self.table("engine", NETWORKS)[nic.network].server
        bridged = server and self.table(server, SERVERS)[server].plugin == "linuxbridge"
        return tap_name(nic.attachment) if bridged else f"tap-{name}"

    def wire(self, name: str, host: str) -> None:
        """The vNIC's tap on the host, and on a Quantum network its port of br-int, as an agent handles it."""
        nic = self.table("engine", VNICS)[f"nic-{name}"]
        network = self.table("engine", NETWORKS)[nic.network]
        tap = self.tap(name)
        self.put(host, TAPS, Tap(tap, 7, nic.mac, "", "ip", nic.vm, "" if network.server else network.name))
        if not network.server:
            return
        if self.table(network.server, SERVERS)[network.server].plugin == "linuxbridge":
            self._bridge(tap, host, network)
            return
        vlan = self.table(network.server, VLAN_BINDINGS).first("network", network.uuid)
        assert vlan is not None
        self.put(host, OVS_PORTS, OvsPort(tap, 1, "br-int", nic.attachment, nic.mac, nic.vm, 7, vlan.vlan))
        self.put(host, AGENT_VIFS, AgentVif(tap, 7, nic.attachment, network.uuid, vlan.vlan))

    def plug_by_libvirt(self, name: str, host: str) -> None:
        """libvirt plugs the VM's interface, under the id of its vNIC; VDSM makes nothing."""
        nic = f"nic-{name}"
        self.change("engine", VNICS, nic, attachment=nic)
        self.change("q1", QUANTUM_PORTS, f"port-{name}", attachment=nic)
        domain = self.table(host, DOMAINS)[f"vm-{name}"]
        interface = msgspec.structs.replace(
            domain.definition.interfaces[0], type="bridge", bridge="br-int", interfaceid=nic
        )
        definition = msgspec.structs.replace(domain.definition, interfaces=(interface,))
        self.change(host, DOMAINS, domain.uuid, definition=definition)
        self.change(host, OVS_PORTS, f"tap-{name}", iface_id=nic)
        self.change(host, AGENT_VIFS, f"tap-{name}", iface_id=nic)

    def unwire(self, name: str, host: str) -> None:
        """Undo `wire`."""
        for schema in (AGENT_VIFS, OVS_PORTS, TAPS):
            self.drop(host, schema, f"tap-{name}")

    def stop_vm(self, name: str) -> None:
        """The VM is down: nothing of it is on its host, its port is unplugged."""
        vm, host = f"vm-{name}", self.table("engine", VMS)[f"vm-{name}"].host
        for schema in (QEMUS, VDSM_VMS, RECOVERY_FILES, DOMAINS):
            self.drop(host, schema, vm)
        self.drop(host, PROGRAMS, f"qemu-{name}")
        self.unwire(name, host)
        self.change("engine", VMS, vm, status="Down", host="", wanted="down")
        self.change("engine", VNICS, f"nic-{name}", attachment="")
        self.change("q1", QUANTUM_PORTS, f"port-{name}", attachment="", op_status="DOWN")

    def prepare(self, name: str, target: str) -> None:
        """A migration of the VM is in its copying phase: both hosts have wiring, domain and qemu."""
        vm = self.table("engine", VMS)[f"vm-{name}"]
        self.begin("MigrateVm", name)
        self.change("engine", VMS, vm.id, status="MigratingFrom", migrating_to=target)
        self.change(vm.host, DOMAINS, vm.id, job="out", phase="PERFORM3")
        self.change(vm.host, QEMUS, vm.id, migration="active")
        self.put(target, QEMUS, Qemu(vm.id, f"qemu-{name}", False, "incoming"))
        self.put(target, DOMAINS, self.domain(name, state="PAUSED", reason="MIGRATION", job="in"))
        self.wire(name, target)

    def begin(self, action: str, subject: str) -> None:
        """A command runs."""
        job = f"job-{len(self.table('engine', JOBS).rows) + 1}"
        self.put("engine", JOBS, Job(job, action, subject))
        self.put("engine", COMMANDS, Command(job, action, subject))

    def ended(self, action: str, subject: str, status: str = "FINISHED") -> None:
        """A command has ended so."""
        job = f"job-{len(self.table('engine', JOBS).rows) + 1}"
        self.put("engine", JOBS, Job(job, action, subject, status))


def base() -> World:
    """One engine, one server, two hosts, the network red (VLAN 100), and web1, which runs on h1."""
    world = World()
    world.add_engine()
    world.add_server("q1")
    world.add_host("h1")
    world.add_host("h2")
    world.add_network("red", 100)
    world.add_vm("web1")
    world.run_vm("web1", "h1")
    world.settle()
    return world

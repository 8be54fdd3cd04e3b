"""A world from a topology and a design: nodes, processes, and the rows that are there before anything runs."""

from __future__ import annotations

from functools import partial

from fakes.engine.designs.base import Design
from fakes.engine.service import engine
from fakes.host.bridges import Network
from fakes.host.fence_device import NODE, PROCESS, FenceDevice
from fakes.host.kernel import Ip, reap
from fakes.host.openvswitch import OpenVSwitch
from fakes.host.sanlock import Leases, Sanlock
from fakes.libvirt.service import daemon as libvirtd
from fakes.plugins import PLUGINS
from fakes.quantum.agents import agent
from fakes.quantum.api import SERVER_OF
from fakes.quantum.database import Database
from fakes.records import BRIDGES, CLUSTERS, DATA_CENTERS, HOST_NETWORKS, HOSTS, SCHEMAS, SERVERS, SWITCHES, TRUNKS
from fakes.records.engine import Cluster, DataCenter, Host
from fakes.records.host import HostNetwork, OvsBridge, Switch, Trunk
from fakes.records.quantum import Server
from fakes.repairs import Repairs
from fakes.restarts import Restarts
from fakes.topology import HostModel, QuantumModel, Topology
from fakes.vdsm.service import daemon as vdsmd
from sim.clock import MS
from sim.nodes import Node, configured
from sim.tables import Change
from sim.world import World


def build(world: World, topology: Topology, design: Design, repairs: Repairs) -> None:
    """Make the world and start its daemons."""
    world.store.declare(SCHEMAS.values())
    engines = topology.engines()
    for number, name in enumerate(engines):
        _engine(world, name, number, topology, design)
    for name, model in topology.quantum.items():
        _server(world, name, model, repairs)
    leases = topology.leases or design.leases
    if leases:
        world.add_process(world.add_node("storage"), "leases", Leases)
    if any(host.power for cluster in topology.clusters.values() for host in cluster.hosts.values()):
        world.add_process(world.add_node(NODE), PROCESS, FenceDevice)
    number = 0
    for cluster in topology.clusters.values():
        for name, host in cluster.hosts.items():
            _host(world, name, host, number, topology, repairs, leases, design.restarts)
            number += 1
    world.genesis()
    for node in _in_order(world, len(engines)):
        for process in node.boots:
            world.start(node.name, process)


def _in_order(world: World, engines: int) -> list[Node]:
    """Storage and Quantum before hosts, the engines last: whoever asks finds its peer there."""
    nodes = list(world.nodes.values())
    return nodes[engines:] + nodes[:engines]


def _engine(world: World, node_name: str, number: int, topology: Topology, design: Design) -> None:
    node = world.add_node(node_name)
    table = world.store.table
    mine = [name for name, center in topology.centers().items() if center.engine == node_name]
    changes: list[Change] = [table(DATA_CENTERS, node_name).put(DataCenter(name)) for name in mine]
    for name, cluster in topology.clusters_of(node_name).items():
        changes.append(table(CLUSTERS, node_name).put(Cluster(name, topology.center_of(name))))
        changes += [
            table(HOSTS, node_name).put(Host(host, name, power=model.power)) for host, model in cluster.hosts.items()
        ]
    for name, switch in topology.switches.items() if number == 0 else ():  # of the wiring, in nobody's database
        changes.append(table(SWITCHES, node_name).put(Switch(name, tuple(switch.joins), switch.vlans)))
    world.store.apply(changes)
    program = engine(design, topology.quantum, topology.macs, first_mac=number * topology.macs)
    world.add_process(node, "engine", program)


def _server(world: World, name: str, model: QuantumModel, repairs: Repairs) -> None:
    node = world.add_node(name)
    row = Server(name, model.plugin, model.type, *model.ends())
    world.store.apply([world.store.table(SERVERS, name).put(row)])
    world.add_process(node, "db", configured(Database, repairs=repairs))
    world.add_process(node, "quantum", configured(SERVER_OF[model.plugin], repairs=repairs))


def _host(
    world: World,
    name: str,
    model: HostModel,
    number: int,
    topology: Topology,
    repairs: Repairs,
    leases: bool,
    restarts: Restarts,
) -> None:
    node = world.add_node(name, partial(reap, world.store, name))
    model = model.with_modes(topology.quantum)
    world.store.apply(_given(world, name, model, topology))
    world.add_process(node, "ip", Ip)
    world.add_process(node, "ovs", configured(OpenVSwitch, repairs=repairs))
    if leases:
        world.add_process(node, "sanlock", Sanlock)
    if model.networks:
        world.add_process(node, "network", Network)
    world.add_process(node, "libvirt", libvirtd(topology.libvirt, repairs))
    world.add_process(node, "vdsm", vdsmd(repairs, model, leases, restarts))
    fabrics = model.carried()
    for place, (server, process) in enumerate(model.agents().items()):
        phase = (number * 137 + place * 53 + 400) % 2_000 * MS
        program = agent(topology.quantum[server], server, fabrics[server], repairs, phase)
        world.add_process(node, process, program, boots=fabrics[server].running)


def _given(world: World, name: str, model: HostModel, topology: Topology) -> list[Change]:
    """What is on a host's disk: its interfaces, VDSM's own networks, the bridge of an Open vSwitch fabric."""
    table = world.store.table
    fabrics = {server: model.carried()[server] for server in model.agents()}
    bridges = {server: PLUGINS[topology.quantum[server].plugin].bridge for server in fabrics}
    changes = [table(BRIDGES, name).put(OvsBridge(bridge)) for bridge in dict.fromkeys(bridges.values()) if bridge]
    bridged = {one.nic: bridges[server] for server, one in fabrics.items() if one.mode == "vlan"}
    trunks = [Trunk(nic, bridged.get(nic, ""), physical) for nic, physical in model.nics().items()]
    changes += [table(TRUNKS, name).put(trunk) for trunk in trunks]
    networks = [HostNetwork(network, one.nic, one.vlan) for network, one in model.networks.items()]
    return changes + [table(HOST_NETWORKS, name).put(row) for row in networks]

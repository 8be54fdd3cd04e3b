"""Draws a world: Quantum servers of mixed plugins, data centres, engines, clusters, hosts, fabrics, networks.

What would contradict itself, or condemn every design, is not drawn: servers give out VLANs of their own, and two agents
of one plugin on one host do not exist (`scenarios.reading_hosts`).
"""

from __future__ import annotations

import msgspec

from fakes.topology import (
    ClusterModel,
    DataCenterModel,
    FabricModel,
    HostModel,
    HostNetworkModel,
    NetworkModel,
    QuantumModel,
    SwitchModel,
    Topology,
)
from scenarios.generators.draw import Draw

KINDS = (("openvswitch", "vlan"), ("openvswitch", "gre"), ("linuxbridge", "vlan"))
"""Plugins with the types that each can have."""

SIZES = ((2,), (3,), (2, 1), (2, 2), (1, 1), (3, 1))
"""Hosts of each cluster."""

CLUSTERS = ("blue", "green")
CENTERS, ENGINES = ("dc", "dc2"), ("engine", "engine2")
NETWORKS = ("red", "white", "black", "brown")
OWN, OWN_VLAN = "backup", 4000
"""A network of VDSM's own, and its VLAN."""


def topology(draw: Draw) -> Topology:
    """A world."""
    quantum = _servers(draw)
    own = draw.coin("networks of VDSM's own", 4)
    clusters = _clusters(draw, quantum, own)
    centers = _centers(draw) if len(clusters) > 1 and draw.coin("several data centres", 3) else {}
    if centers:
        clusters = {
            name: msgspec.structs.replace(model, data_center=center)
            for (name, model), center in zip(clusters.items(), centers, strict=True)
        }
    return Topology(
        quantum=quantum,
        data_centers=centers,
        clusters=clusters,
        networks=_networks(draw, quantum, clusters),
        switches=_switches(draw, clusters),
        libvirt=draw.choice("libvirt", ("2012-05", "9.0")),
        leases=draw.coin("leases", 3),
        macs=draw.choice("MACs", (150, 150, 150, 6)),
    )


def _servers(draw: Draw) -> dict[str, QuantumModel]:
    found: dict[str, QuantumModel] = {}
    for number in range(1, draw.choice("servers", (1, 1, 2, 3)) + 1):
        plugin, kind = draw.choice("plugin and type", KINDS)
        found[f"q{number}"] = QuantumModel(plugin, kind, f"{number}00-{number}99")
    return found


# --- hosts --------------------------------------------------------------------------------------


def _clusters(draw: Draw, quantum: dict[str, QuantumModel], own: bool) -> dict[str, ClusterModel]:
    found: dict[str, ClusterModel] = {}
    count = 0
    for cluster, size in zip(CLUSTERS, draw.choice("hosts of the clusters", SIZES), strict=False):
        usual = _fabrics(draw, quantum)
        names = [f"h{count + number}" for number in range(1, size + 1)]
        count += size
        found[cluster] = ClusterModel({name: _host(draw, quantum, usual, own) for name in names})
    return found


def _centers(draw: Draw) -> dict[str, DataCenterModel]:
    """A data centre for each cluster; of one engine, or each of its own."""
    engines = ENGINES if draw.coin("several engines") else ENGINES[:1] * 2
    return {name: DataCenterModel(engine) for name, engine in zip(CENTERS, engines, strict=True)}


def _fabrics(draw: Draw, quantum: dict[str, QuantumModel]) -> list[str]:
    """The servers whose agents a host has: of each plugin one at most."""
    by_plugin: dict[str, str] = {}
    for server in draw.some("fabrics", list(quantum), len(quantum)):
        by_plugin.setdefault(quantum[server].plugin, server)
    return list(by_plugin.values())


def _host(draw: Draw, quantum: dict[str, QuantumModel], usual: list[str], own: bool) -> HostModel:
    servers = _fabrics(draw, quantum) if draw.coin("a host unlike the others of its cluster", 5) else usual
    return HostModel(
        fabrics={server: _fabric(draw, server, quantum[server]) for server in servers},
        networks=_own_networks(draw) if own else {},
        max_outgoing_migrations=draw.choice("migrations at a time", (5, 5, 1)),
        power=draw.coin("power management", 3),
    )


def _fabric(draw: Draw, server: str, model: QuantumModel) -> FabricModel:
    number = int(server.removeprefix("q"))
    fabric = FabricModel(nic=f"eth{number}", physical=f"physnet{number}")
    match draw.choice("the agent", ("as it should be",) * 9 + ("not running", "not installed", "of the wrong mode")):
        case "not running":
            return FabricModel(fabric.nic, fabric.physical, running=False)
        case "not installed":
            return FabricModel(fabric.nic, fabric.physical, installed=False)
        case "of the wrong mode" if model.plugin == "openvswitch":
            return FabricModel(fabric.nic, fabric.physical, mode="gre" if model.type == "vlan" else "vlan")
    return fabric


def _own_networks(draw: Draw) -> dict[str, HostNetworkModel]:
    if draw.coin("a host without the network of VDSM's own", 4):
        return {}
    return {OWN: HostNetworkModel("eth9", "physnet9", OWN_VLAN)}


# --- networks -----------------------------------------------------------------------------------


def _networks(
    draw: Draw, quantum: dict[str, QuantumModel], clusters: dict[str, ClusterModel]
) -> dict[str, NetworkModel]:
    found: dict[str, NetworkModel] = {}
    for name in NETWORKS[: draw.number("networks", 1, 3)]:
        server = draw.choice("server of a network", list(quantum))
        able = _of_one_center(draw, {one: model for one, model in clusters.items() if _some_carry(model, server)})
        where = draw.some("clusters of a network", able, len(able)) if able else []
        found[name] = NetworkModel(server, clusters=where, required=_required(draw, clusters, where, server))
    owners = _of_one_center(draw, {one: model for one, model in clusters.items() if _have_own(model)})
    if owners:
        found[OWN] = NetworkModel(vlan=OWN_VLAN, clusters=owners, vm=not draw.coin("not for VMs", 3))
    return found


def _of_one_center(draw: Draw, clusters: dict[str, ClusterModel]) -> list[str]:
    """The clusters to which one network may come: those of one data centre."""
    centers = list(dict.fromkeys(model.data_center for model in clusters.values()))
    chosen = draw.choice("data centre of a network", centers) if len(centers) > 1 else None
    return [name for name, model in clusters.items() if chosen in (None, model.data_center)]


def _have_own(cluster: ClusterModel) -> bool:
    return any(host.networks for host in cluster.hosts.values())


def _some_carry(cluster: ClusterModel, server: str) -> bool:
    return any(server in host.carried() for host in cluster.hosts.values())


def _required(draw: Draw, clusters: dict[str, ClusterModel], where: list[str], server: str) -> list[str]:
    """The clusters in which the network is required: sometimes one all of whose hosts carry it."""
    able = [name for name in where if all(server in host.carried() for host in clusters[name].hosts.values())]
    return able[:1] if able and draw.coin("required", 6) else []


def _switches(draw: Draw, clusters: dict[str, ClusterModel]) -> dict[str, SwitchModel]:
    hosts = [host for model in clusters.values() for host in model.hosts.values()]
    physical = sorted({one for host in hosts for one in host.nics().values()})
    if len(physical) < 2 or not draw.coin("a switch between physical networks", 4):
        return {}
    return {"s1": SwitchModel(physical[:2])}

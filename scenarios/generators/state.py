"""What exists after some steps, as far as it can be told without playing them: a small model of the world.

It is for drawing steps that make sense, and judges nothing.  Where two steps run together it does not know how they
end; what it says of such a VM may be wrong, and the engine then refuses a command, as it must.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from fakes.topology import HostModel, Topology
from scenarios.model import StepModel

UP, MAINTENANCE, OFF = "up", "maintenance", "off"

ANYWHERE = "*"
"""The place of a VM that runs where the engine chose."""


class VmState(msgspec.Struct):
    """A VM: its cluster, its place ("" when it is down), its vNICs: network, and whether it is plugged."""

    cluster: str
    place: str = ""
    ha: bool = False
    nics: dict[str, tuple[str, bool]] = {}


class HostState(msgspec.Struct):
    """A host: its cluster, its status, and how the topology describes it."""

    model: HostModel
    cluster: str
    status: str = UP


class NetworkState(msgspec.Struct):
    """A logical network: its server, the clusters that it is attached to."""

    server: str
    clusters: list[str]
    vm: bool = True
    data_center: str = ""


class State:
    """The model; `take` brings it up to date with a step."""

    def __init__(self, topology: Topology, steps: Iterable[StepModel] = ()) -> None:
        self.topology = topology
        self.vms: dict[str, VmState] = {}
        self.hosts = {
            name: HostState(host, cluster)
            for cluster, model in topology.clusters.items()
            for name, host in model.hosts.items()
        }
        self.networks = {
            name: NetworkState(model.server, list(model.clusters), model.vm, topology.center_of_network(name))
            for name, model in topology.networks.items()
        }
        self.made = 0  # VMs that ever were
        for step in steps:
            self.take(step)

    def take(self, step: StepModel) -> None:
        """What the step makes of the world, if it ends well; what it names and is not there it leaves alone."""
        _TAKES[step.verb](self, step.args)

    # --- questions -----------------------------------------------------------------------------

    def running(self) -> list[str]:
        """The VMs that run."""
        return [name for name, vm in self.vms.items() if vm.place]

    def down(self) -> list[str]:
        """The VMs that do not."""
        return [name for name, vm in self.vms.items() if not vm.place]

    def on(self, host: str) -> list[str]:
        """The VMs that run on the host."""
        return [name for name, vm in self.vms.items() if vm.place == host]

    def up(self, cluster: str) -> list[str]:
        """The cluster's hosts that are up."""
        return [name for name, host in self.hosts.items() if host.cluster == cluster and host.status == UP]

    def carries(self, host: str, network: str) -> bool:
        """Whether VMs on the host can use the network."""
        model, known = self.hosts[host].model, self.networks.get(network)
        if known is None or not known.server:
            return known is not None and network in model.networks
        fabric = model.carried().get(known.server)
        if fabric is None or not (fabric.installed and fabric.running):
            return False
        return fabric.mode in ("", self.topology.quantum[known.server].type)

    def fits(self, host: str, networks: Iterable[str]) -> bool:
        """Whether the host is up and carries all of them."""
        return self.hosts[host].status == UP and all(self.carries(host, network) for network in networks)

    def places(self, vm: str) -> list[str]:
        """The hosts on which the VM can run."""
        wanted = [network for network, plugged in self.vms[vm].nics.values() if plugged]
        return [host for host in self.up(self.vms[vm].cluster) if self.fits(host, wanted)]

    def center(self, host: str) -> str:
        """The data centre in which the host is."""
        return self.topology.center_of(self.hosts[host].cluster)

    def proxies(self, host: str) -> list[str]:
        """The hosts that can ask its fence device for it: those of its data centre that are up (ovirt.md 1.7)."""
        return [
            name
            for name, one in self.hosts.items()
            if name != host and one.status == UP and self.center(name) == self.center(host)
        ]

    def usable(self, cluster: str) -> list[str]:
        """The networks for VMs that are attached to the cluster."""
        return [name for name, network in self.networks.items() if cluster in network.clusters and network.vm]

    def users(self, network: str, cluster: str = "") -> list[str]:
        """The VMs that have a vNIC on the network, in that cluster if one is named."""
        return [
            name
            for name, vm in self.vms.items()
            if cluster in ("", vm.cluster) and network in [used for used, _ in vm.nics.values()]
        ]


# --- what steps do ------------------------------------------------------------------------------


def _network_add(state: State, args: Any) -> None:
    center = args.data_center or next(iter(state.topology.centers()))
    state.networks.setdefault(args.network, NetworkState(args.server, [], args.vm, center))


def _network_attach(state: State, args: Any) -> None:
    network = state.networks.get(args.network)
    if network is not None and args.cluster not in network.clusters:
        network.clusters = [*network.clusters, args.cluster]


def _network_detach(state: State, args: Any) -> None:
    network = state.networks.get(args.network)
    if network is not None:
        network.clusters = [one for one in network.clusters if one != args.cluster]


def _network_remove(state: State, args: Any) -> None:
    state.networks.pop(args.network, None)


def _vm_add(state: State, args: Any) -> None:
    if args.vm not in state.vms:
        cluster = args.cluster or min(state.topology.clusters, default="")
        nics = {nic: (network, True) for nic, network in args.nics.items()}
        state.vms[args.vm] = VmState(cluster, "", args.ha, nics)
        state.made += 1


def _vm_start(state: State, args: Any) -> None:
    if args.vm not in state.vms:
        host = state.hosts.get(args.host)
        cluster = args.cluster or (host.cluster if host is not None else "")
        _vm_add(state, msgspec.structs.replace(args, cluster=cluster))
    vm = state.vms[args.vm]
    vm.place = vm.place or args.host or ANYWHERE


def _vm_stop(state: State, args: Any) -> None:
    if args.vm in state.vms:
        state.vms[args.vm].place = ""


def _vm_migrate(state: State, args: Any) -> None:
    vm = state.vms.get(args.vm)
    if vm is not None and vm.place:
        vm.place = args.to or ANYWHERE


def _vm_cancel(state: State, args: Any) -> None:
    vm = state.vms.get(args.vm)
    if vm is not None and vm.place:
        vm.place = ANYWHERE


def _vm_remove(state: State, args: Any) -> None:
    state.vms.pop(args.vm, None)


def _vnic_add(state: State, args: Any) -> None:
    if args.vm in state.vms:
        vm = state.vms[args.vm]
        vm.nics = {**vm.nics, args.nic: (args.network, args.plugged)}


def _plugged(state: State, args: Any, plugged: bool) -> None:
    vm = state.vms.get(args.vm)
    if vm is not None and args.nic in vm.nics:
        vm.nics = {**vm.nics, args.nic: (vm.nics[args.nic][0], plugged)}


def _vnic_remove(state: State, args: Any) -> None:
    vm = state.vms.get(args.vm)
    if vm is not None:
        vm.nics = {nic: one for nic, one in vm.nics.items() if nic != args.nic}


def _host_becomes(state: State, args: Any, status: str) -> None:
    state.hosts[args.host].status = status


def _host_maintenance(state: State, args: Any) -> None:
    for vm in state.on(args.host):
        state.vms[vm].place = ANYWHERE
    _host_becomes(state, args, MAINTENANCE)


def _host_move(state: State, args: Any) -> None:
    state.hosts[args.host].cluster = args.cluster


def _host_restart(state: State, args: Any) -> None:
    for vm in state.on(args.host):
        state.vms[vm].place = ANYWHERE if state.vms[vm].ha else ""
    _host_becomes(state, args, UP)


def _nothing(state: State, args: Any) -> None:
    pass


_TAKES = {
    "network.add": _network_add,
    "network.attach": _network_attach,
    "network.detach": _network_detach,
    "network.remove": _network_remove,
    "vm.add": _vm_add,
    "vm.start": _vm_start,
    "vm.stop": _vm_stop,
    "vm.migrate": _vm_migrate,
    "vm.cancel-migration": _vm_cancel,
    "vm.remove": _vm_remove,
    "vnic.add": _vnic_add,
    "vnic.plug": lambda state, args: _plugged(state, args, True),
    "vnic.unplug": lambda state, args: _plugged(state, args, False),
    "vnic.remove": _vnic_remove,
    "host.maintenance": _host_maintenance,
    "host.activate": lambda state, args: _host_becomes(state, args, UP),
    "host.move": _host_move,
    "host.restart": _host_restart,
    "host.power-off": lambda state, args: _host_becomes(state, args, OFF),
    "host.power-on": lambda state, args: _host_becomes(state, args, UP),
    "host.confirm-rebooted": _nothing,
}
"""By verb; a test holds that every verb is here."""

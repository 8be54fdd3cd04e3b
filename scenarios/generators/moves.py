"""The verbs that make sense in a state, each with all arguments that do."""

from __future__ import annotations

from collections.abc import Callable

from scenarios.generators.state import ANYWHERE, MAINTENANCE, OFF, UP, State
from scenarios.verbs import host, network, power, vm, vnic
from scenarios.verbs.base import Verb

MOST_VMS, MOST_NICS, MOST_NETWORKS = 4, 3, 5
NAMES = ("grey", "pink", "gold", "lime")
"""Networks that steps make."""


def sensible(state: State, word: str) -> list[Verb]:
    """What an administrator could ask for now with that verb."""
    return _OPTIONS[word](state)


# --- networks -----------------------------------------------------------------------------------


def _network_add(state: State) -> list[Verb]:
    name = next((name for name in NAMES if name not in state.networks), "")
    if not name or len(state.networks) >= MOST_NETWORKS:
        return []
    centers = list(state.topology.data_centers) or [""]
    return [
        network.NetworkAdd(name, server, data_center=center) for server in state.topology.quantum for center in centers
    ]


def _network_attach(state: State) -> list[Verb]:
    return [
        network.NetworkAttach(name, cluster)
        for name, one in state.networks.items()
        for cluster in state.topology.clusters
        if cluster not in one.clusters and state.topology.center_of(cluster) == one.data_center
        if any(state.carries(member, name) for member in state.up(cluster))
    ]


def _network_detach(state: State) -> list[Verb]:
    return [
        network.NetworkDetach(name, cluster)
        for name, one in state.networks.items()
        for cluster in one.clusters
        if not state.users(name, cluster)
    ]


def _network_remove(state: State) -> list[Verb]:
    return [network.NetworkRemove(name) for name in state.networks if not state.users(name)]


# --- VMs ----------------------------------------------------------------------------------------


def _nics(usable: list[str]) -> list[dict[str, str]]:
    """What vNICs a new VM may have: one on each network, one on the first two, two on one, none."""
    single = [{"nic1": one} for one in usable]
    double = [{"nic1": one, "nic2": usable[-1]} for one in usable[:2]]
    return [*single, *double, {}]


def _new(state: State) -> str:
    """The name of a VM that never was; "" if there are enough."""
    return f"vm{state.made + 1}" if len(state.vms) < MOST_VMS else ""


def _vm_add(state: State) -> list[Verb]:
    name = _new(state)
    if not name:
        return []
    return [
        vm.VmAdd(name, cluster, nics)
        for cluster in state.topology.clusters
        for nics in _nics(state.usable(cluster))
        if state.up(cluster)
    ]


def new_vms(state: State) -> list[Verb]:
    """Starts of a VM that is made for it, on a host that fits."""
    name = _new(state)
    return [
        vm.VmStart(name, member, nics=nics, ha=ha)
        for member, one in state.hosts.items()
        for nics in _nics(state.usable(one.cluster))
        for ha in (False, True)
        if name and state.fits(member, nics.values())
    ]


def _vm_start(state: State) -> list[Verb]:
    again = [vm.VmStart(name, place) for name in state.down() for place in ["", *state.places(name)]]
    return again + new_vms(state)


def _vm_stop(state: State) -> list[Verb]:
    return [vm.VmStop(name) for name in state.running()]


def _vm_migrate(state: State) -> list[Verb]:
    return [
        vm.VmMigrate(name, to)
        for name in state.running()
        for to in [*state.places(name), ""]
        if to != state.vms[name].place and len(state.places(name)) > 1
    ]


def _vm_remove(state: State) -> list[Verb]:
    return [vm.VmRemove(name) for name in state.down()]


# --- vNICs --------------------------------------------------------------------------------------


def _vnic_add(state: State) -> list[Verb]:
    return [
        vnic.VnicAdd(name, f"nic{len(one.nics) + 1}", used, plugged)
        for name, one in state.vms.items()
        for used in state.usable(one.cluster)
        for plugged in (True, False)
        if f"nic{len(one.nics) + 1}" not in one.nics and len(one.nics) < MOST_NICS and _reachable(state, name, used)
    ]


def _reachable(state: State, name: str, used: str) -> bool:
    """Whether the VM's host carries the network, or the VM may go where it is carried."""
    place = state.vms[name].place
    return place in ("", ANYWHERE) or state.carries(place, used)


def _vnics(state: State, plugged: bool) -> list[tuple[str, str]]:
    return [(name, nic) for name, one in state.vms.items() for nic, (_, is_) in one.nics.items() if is_ is plugged]


def _vnic_plug(state: State) -> list[Verb]:
    return [
        vnic.VnicPlug(name, nic)
        for name, nic in _vnics(state, False)
        if _reachable(state, name, state.vms[name].nics[nic][0])
    ]


def _vnic_unplug(state: State) -> list[Verb]:
    return [vnic.VnicUnplug(name, nic) for name, nic in _vnics(state, True)]


def _vnic_remove(state: State) -> list[Verb]:
    loose = _vnics(state, False) + [(name, nic) for name, nic in _vnics(state, True) if not state.vms[name].place]
    return [vnic.VnicRemove(name, nic) for name, nic in loose]


# --- hosts --------------------------------------------------------------------------------------


def _hosts(state: State, *statuses: str) -> list[str]:
    return [name for name, one in state.hosts.items() if one.status in statuses]


def _host_maintenance(state: State) -> list[Verb]:
    return [host.HostMaintenance(name) for name in _hosts(state, UP) if _can_leave(state, name)]


def _can_leave(state: State, name: str) -> bool:
    """Whether every VM of the host can go elsewhere, and every host that may be fenced still has a proxy then.

    Without one a host that was switched off stays so for ever (docs/facts/ovirt.md 1.7), by nobody's mistake.
    """
    fenced = [one for one, host in state.hosts.items() if host.model.power]
    has_proxies = all(any(other != name for other in state.proxies(one)) for one in fenced)
    return has_proxies and all(len(state.places(one)) > 1 for one in state.on(name))


def _host_activate(state: State) -> list[Verb]:
    return [host.HostActivate(name) for name in _hosts(state, MAINTENANCE)]


def _host_move(state: State) -> list[Verb]:
    return [
        host.HostMove(name, cluster)
        for name in _hosts(state, MAINTENANCE)
        for cluster in _of_its_engine(state, state.hosts[name].cluster)
        if cluster != state.hosts[name].cluster
    ]


def _of_its_engine(state: State, cluster: str) -> list[str]:
    """The clusters that the same engine has: a host cannot move to another engine."""
    topology = state.topology
    return list(topology.clusters_of(topology.centers()[topology.center_of(cluster)].engine))


def _fenced(state: State, name: str) -> bool:
    """Whether the host has power management, and another is up that can ask for it."""
    return state.hosts[name].model.power and bool(state.proxies(name))


def _host_restart(state: State) -> list[Verb]:
    return [power.HostRestart(name) for name in _hosts(state, UP) if _fenced(state, name)]


def _host_power_off(state: State) -> list[Verb]:
    return [power.HostPowerOff(name) for name in _hosts(state, MAINTENANCE) if _fenced(state, name)]


def _host_power_on(state: State) -> list[Verb]:
    return [power.HostPowerOn(name) for name in _hosts(state, OFF) if _fenced(state, name)]


_OPTIONS: dict[str, Callable[[State], list[Verb]]] = {
    "vm.start": _vm_start,
    "vm.stop": _vm_stop,
    "vm.migrate": _vm_migrate,
    "vm.add": _vm_add,
    "vm.remove": _vm_remove,
    "vnic.add": _vnic_add,
    "vnic.plug": _vnic_plug,
    "vnic.unplug": _vnic_unplug,
    "vnic.remove": _vnic_remove,
    "network.add": _network_add,
    "network.attach": _network_attach,
    "network.detach": _network_detach,
    "network.remove": _network_remove,
    "host.maintenance": _host_maintenance,
    "host.activate": _host_activate,
    "host.move": _host_move,
    "host.restart": _host_restart,
    "host.power-off": _host_power_off,
    "host.power-on": _host_power_on,
}
"""Two verbs are drawn elsewhere: the cancel of a migration together with one, the confirmed reboot with its outage."""

WORDS = tuple(_OPTIONS)
"""The verbs that are drawn here."""

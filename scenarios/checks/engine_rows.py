"""The engine's own rows: unfinished ones, locks, MACs, references, what a living owner wants."""

from __future__ import annotations

from typing import Any

from fakes.records import (
    ATTACHED,
    BRIDGES,
    CLUSTERS,
    COMMANDS,
    COMPENSATIONS,
    DOMAINS,
    HOSTS,
    IN_FLIGHT,
    JOBS,
    LOCKS,
    MAC_POOL,
    NETWORKS,
    OVS_PORTS,
    QUANTUM_NETWORKS,
    QUANTUM_PORTS,
    SERVERS,
    TAPS,
    VLAN_BINDINGS,
    VMS,
    VNICS,
)
from fakes.records.engine import Compensation, Host, Job, Lock, LogicalNetwork, MacPool, NetworkInCluster, Vm, Vnic
from fakes.records.libvirt import Domain
from fakes.records.quantum import QuantumNetwork
from scenarios.checks.base import Always, Settled, carries, of_engine, of_open_vswitch
from sim.checks import Breach, Check, Subject, View
from sim.tables import Key

TRANSIENT = ("WaitForLaunch", "MigratingFrom", "MigratingTo", "PoweringUp", "PoweringDown", "NotResponding")


class LeftoverRow(Settled):
    """Rows of commands and entities that are no more."""

    id = "leftover-row"
    statement = "no unfinished engine row (vNIC, job, compensation, removal) without its command or entity"
    judged = (JOBS, COMPENSATIONS, VNICS, NETWORKS)
    depends = (COMMANDS, VMS)

    def wrong(self, view: View, node: str, row: Any) -> str:
        if isinstance(row, Job):
            stale = row.status == "STARTED" and view.anywhere(COMMANDS, row.id) is None
            return f"{row.id} ({row.action} {row.subject}) is STARTED, and no command runs" if stale else ""
        if isinstance(row, Compensation):
            stale = view.anywhere(COMMANDS, row.job) is None
            return f"a compensation row of {row.job} for {row.table} {row.key} remains" if stale else ""
        if isinstance(row, Vnic):
            return self._vnic(view, node, row)
        stale = row.status == "Removing" and not of_engine(view, node, COMMANDS, "subject", row.name)
        return f"network {row.name} is being removed, and nobody removes it" if stale else ""

    @staticmethod
    def _vnic(view: View, engine: str, vnic: Vnic) -> str:
        vm = view.anywhere(VMS, vnic.vm)
        if vm is None:
            return f"vNIC {vnic.name} is of VM {vnic.vm}, which does not exist"
        if vnic.wanted in ("plug", "unplug") and not of_engine(view, engine, COMMANDS, "subject", vm.name):
            return f"vNIC {vnic.name} is to be {vnic.wanted}ged, and nobody does it"
        return ""


class LeftoverLock(Settled):
    """Locks and transient statuses."""

    id = "leftover-lock"
    statement = "no lock, transient status or pending resource without a running command"
    judged = (LOCKS, IN_FLIGHT, VMS, HOSTS)
    depends = (COMMANDS, VMS, HOSTS, VNICS, NETWORKS)

    def wrong(self, view: View, node: str, row: Any) -> str:
        if isinstance(row, Vm):
            working = of_engine(view, node, COMMANDS, "subject", row.name)
            stale = (row.status in TRANSIENT or row.migrating_to) and not working
            return f"VM {row.name} is {row.status}, and no command works on it" if stale else ""
        if isinstance(row, Host):
            return self._host(view, row)
        if view.anywhere(COMMANDS, row.job) is not None:
            return ""
        if isinstance(row, Lock):
            return f"the lock {row.group} of {row.id} is held by {row.job}, which does not run"
        return f"VM {row.vm} is followed by {row.job}, which does not run"

    def _host(self, view: View, host: Host) -> str:
        """A host on its way: to Up, off its power, or to maintenance unless a VM that no other host takes keeps it."""
        if host.status not in ("Unassigned", "PreparingForMaintenance", "Reboot") or view.where(
            COMMANDS, "subject", host.id
        ):
            return ""
        for _, vm in view.where(VMS, "host", host.id) if host.status == "PreparingForMaintenance" else ():
            if not _has_somewhere_to_go(view, vm, host):
                return ""
        return f"host {host.id} is {host.status}, and no command works on it"


def _has_somewhere_to_go(view: View, vm: Vm, host: Host) -> bool:
    networks = [view.anywhere(NETWORKS, vnic.network) for _, vnic in view.where(VNICS, "vm", vm.id)]
    return any(
        other.status == "Up" and all(network is None or _takes(view, other, network) for network in networks)
        for _, other in view.where(HOSTS, "cluster", host.cluster)
    )


def _takes(view: View, host: Host, network: LogicalNetwork) -> bool:
    """Whether a VM of that network finds it there: carried, and by an agent of its server's type."""
    server = view.get(SERVERS, network.server, network.server) if network.server else None
    of_its_type = server is None or (network.server, server.type) in {(one.name, one.type) for one in host.fabrics}
    return of_its_type and carries(host, network)


class LeftoverMac(Settled):
    """The MAC pool against the vNIC rows."""

    id = "leftover-mac"
    statement = "every MAC of a pool is free or on exactly one vNIC, in memory and in the database"
    judged = (MAC_POOL,)
    depends = (VNICS,)

    def wrong(self, view: View, node: str, row: MacPool) -> str:
        every = [vnic.mac for _, vnic in view.rows(VNICS)]
        doubled = sorted({mac for mac in every if every.count(mac) > 1})
        on_vnics = [vnic.mac for engine, vnic in view.rows(VNICS) if engine == node]
        lost = sorted(set(row.used) - set(on_vnics))
        stolen = sorted(set(on_vnics) - set(row.used))
        both = sorted(set(row.used) & set(row.returned))
        for macs, words in (
            (doubled, "is on two vNICs"),
            (lost, "is taken from the pool, and no vNIC has it"),
            (stolen, "is on a vNIC, and free in the pool"),
            (both, "is used and free at once"),
        ):
            if macs:
                return f"{macs[0]} {words}"
        return ""


class Dangling(Settled):
    """References between rows."""

    id = "dangling"
    statement = (
        "references resolve; no migration target outside a migration; no VM on a host of another cluster, and no "
        "network in a cluster of another data centre"
    )
    judged = (VNICS, VMS, ATTACHED, QUANTUM_PORTS, VLAN_BINDINGS)
    depends = (NETWORKS, CLUSTERS, HOSTS, QUANTUM_NETWORKS, VMS, ATTACHED)

    def wrong(self, view: View, node: str, row: Any) -> str:
        if isinstance(row, Vnic):
            return self._vnic(view, row)
        if isinstance(row, NetworkInCluster):
            return self._attached(view, row)
        if isinstance(row, Vm):
            return self._vm(view, row)
        known = view.get(QUANTUM_NETWORKS, node, row.network)
        return "" if known else f"a row of {node} is of network {row.network}, which does not exist"

    def _vnic(self, view: View, vnic: Vnic) -> str:
        network, vm = view.anywhere(NETWORKS, vnic.network), view.anywhere(VMS, vnic.vm)
        if network is None:
            return f"vNIC {vnic.name} is on network {vnic.network}, which does not exist"
        if vm is not None and view.anywhere(ATTACHED, (network.id, vm.cluster)) is None:
            return f"vNIC {vnic.name} is on {network.name}, which is not attached to {vm.cluster}"
        return ""

    def _attached(self, view: View, row: NetworkInCluster) -> str:
        network, cluster = view.anywhere(NETWORKS, row.network), view.anywhere(CLUSTERS, row.cluster)
        if network is None or cluster is None:
            return f"{row.network} is attached to {row.cluster}; one of them does not exist"
        if network.data_center != cluster.data_center:
            return f"{network.name} of {network.data_center} is attached to {cluster.id} of {cluster.data_center}"
        return ""

    def _vm(self, view: View, vm: Vm) -> str:
        if vm.migrating_to and vm.status != "MigratingFrom":
            return f"VM {vm.name} is {vm.status} and has the migration target {vm.migrating_to}"
        for place in (vm.host, vm.migrating_to):
            host = view.anywhere(HOSTS, place) if place else None
            if place and host is None:
                return f"VM {vm.name} is on {place}, which does not exist"
            if host is not None and host.cluster != vm.cluster:
                return f"VM {vm.name} of {vm.cluster} is on {place}, which is in {host.cluster}"
        return ""


class Lost(Settled):
    """What a living owner wants."""

    id = "lost"
    statement = "whatever a living owner still wants exists"
    judged = (NETWORKS, VNICS, DOMAINS, QUANTUM_NETWORKS)
    depends = (
        NETWORKS, QUANTUM_NETWORKS, ATTACHED, QUANTUM_PORTS, TAPS, OVS_PORTS, VLAN_BINDINGS, VMS, VNICS, BRIDGES,
        SERVERS,
    )  # fmt: skip

    def wrong(self, view: View, node: str, row: Any) -> str:
        if isinstance(row, LogicalNetwork):
            return self._network(view, row)
        if isinstance(row, Vnic):
            network = view.anywhere(NETWORKS, row.network)
            gone = network is not None and row.port and view.get(QUANTUM_PORTS, network.server, row.port) is None
            return f"{row.name} has port {row.port}, which Quantum does not have" if gone else ""
        if isinstance(row, QuantumNetwork):
            return "" if view.where(VLAN_BINDINGS, "network", row.id) else f"network {row.id} of {node} has no VLAN"
        return self._domain(view, node, row)

    def _network(self, view: View, network: LogicalNetwork) -> str:
        wanted = network.server and network.status == "Active" and view.where(ATTACHED, "network", network.id)
        if not wanted:
            return ""
        if not network.uuid:
            return f"network {network.name} is attached to a cluster, and was never made on {network.server}"
        gone = view.get(QUANTUM_NETWORKS, network.server, network.uuid) is None
        return f"network {network.name} is {network.uuid} on {network.server}, which does not have it" if gone else ""

    def _domain(self, view: View, node: str, domain: Domain) -> str:
        for interface in domain.definition.interfaces:
            tap = view.get(TAPS, node, interface.target)
            if tap is None:
                return f"domain {domain.definition.name} on {node} has no tap {interface.target}"
            by_ovs = of_open_vswitch(view, node, interface, domain.uuid)
            if not tap.bridge if not by_ovs else view.get(OVS_PORTS, node, interface.target) is None:
                return f"tap {interface.target} of {domain.definition.name} is in no bridge of {node}"
        return ""


class Held(Always):
    """Locks and their bounds."""

    id = "held"
    statement = "no lock outlives its stated bound, even under faults"
    judged = (LOCKS,)
    sweep = Check.sweep  # it is judged by its key

    def judge(self, view: View, key: Key) -> Breach | None:
        _, node, row_key = key
        lock = view.get(LOCKS, node, row_key)
        if lock is None:
            return None
        left = lock.since + lock.at_most - view.now
        words = (
            f"the lock {lock.group} of {lock.id} is held by {lock.job} for longer than {lock.at_most // 1_000_000} s"
        )
        return Breach(Subject("locks", node, row_key), "lock", words, max(left, 0))


CHECKS = (LeftoverRow(), LeftoverLock(), LeftoverMac(), Dangling(), Lost(), Held())

"""Checks made of a scenario's `then: eventually`: what this one history must come to."""

from __future__ import annotations

from collections.abc import Iterable

from fakes.records import ATTACHED, DOMAINS, HOSTS, NETWORKS, QEMUS, VMS, VNICS
from fakes.records.engine import Vm, Vnic
from scenarios import expectations
from scenarios.model import ExpectModel
from sim.checks import Breach, Check, Expectation, Subject, View
from sim.store import Delta
from sim.tables import Key


class Expected(Check):
    """One expectation as a check; its only key is the name that it is about."""

    expectation = Expectation.EVENTUALLY
    of_rows = False
    watches = ("vms", "networks", "attached", "qemus", "vnics", "domains", "hosts")

    def __init__(self, word: str, wanted: expectations.Expectation) -> None:
        self.id = f"then-{word}"  # type: ignore[misc]
        self.statement = f"the scenario expects {word}"  # type: ignore[misc]
        self.wanted = wanted

    def keys(self, delta: Delta, view: View) -> Iterable[Key]:
        return ("expected",)

    def every(self, view: View) -> Iterable[Key]:
        return ("expected",)

    def judge(self, view: View, key: Key) -> Breach | None:
        wrong = _wrong(view, self.wanted)
        return Breach(Subject("scenario", "", "then"), "expectation", wrong) if wrong else None


def expected(model: ExpectModel) -> Check:
    """The check of that expectation."""
    return Expected(model.word, model.args)


def _wrong(view: View, wanted: expectations.Expectation) -> str:
    match wanted:
        case expectations.VmRuns():
            return _runs(view, wanted)
        case expectations.VmDown():
            return _down(view, wanted.vm)
        case expectations.VmGone():
            return f"VM {wanted.vm} exists" if view.where(VMS, "name", wanted.vm) else ""
        case expectations.NetworkOperational():
            return _in_cluster(view, wanted.network, wanted.cluster, "Operational")
        case expectations.NetworkNonOperational():
            return _in_cluster(view, wanted.network, wanted.cluster, "NonOperational")
        case expectations.NetworkDetached():
            return _in_cluster(view, wanted.network, wanted.cluster, "not attached")
        case expectations.HostUp():
            return _host(view, wanted.host, wanted.cluster, "Up")
        case expectations.HostInMaintenance():
            return _host(view, wanted.host, wanted.cluster, "Maintenance")
        case expectations.HostNonOperational():
            return _host(view, wanted.host, wanted.cluster, "NonOperational")
        case expectations.HostIn():
            return _host(view, wanted.host, wanted.cluster, "")
        case expectations.NetworkGone():
            return f"network {wanted.network} exists" if view.where(NETWORKS, "name", wanted.network) else ""
        case expectations.VnicGone():
            return f"vNIC {wanted.nic} of {wanted.vm} exists" if _vnic(view, wanted.vm, wanted.nic)[1] else ""
        case expectations.VnicPlugged():
            return _plugged(view, wanted.vm, wanted.nic, True)
        case expectations.VnicUnplugged():
            return _plugged(view, wanted.vm, wanted.nic, False)
    raise NotImplementedError(type(wanted).__name__)


def _runs(view: View, wanted: expectations.VmRuns) -> str:
    for _, vm in view.where(VMS, "name", wanted.vm):
        places = [node for node, qemu in view.where(QEMUS, "vm", vm.id) if qemu.running]
        right = vm.status == "Up" and places == [vm.host] and wanted.host in ("", vm.host)
        where = f"{vm.status} on {vm.host or 'no host'}, running on {', '.join(places) or 'no host'}"
        return "" if right else f"{wanted.vm} should run{f' on {wanted.host}' if wanted.host else ''}; it is {where}"
    return f"VM {wanted.vm} does not exist"


def _down(view: View, name: str) -> str:
    for _, vm in view.where(VMS, "name", name):
        return "" if vm.status == "Down" else f"{name} should be down; it is {vm.status}"
    return f"VM {name} does not exist"


def _in_cluster(view: View, name: str, cluster: str, wanted: str) -> str:
    for node, network in view.where(NETWORKS, "name", name):
        row = view.get(ATTACHED, node, (network.id, cluster))
        status = row.status if row is not None else "not attached"
        return "" if status == wanted else f"{name} is {status} in {cluster}"
    return f"network {name} does not exist"


def _vnic(view: View, vm: str, nic: str) -> tuple[Vm | None, Vnic | None]:
    """The VM and the vNIC of these names."""
    for _, row in view.where(VMS, "name", vm):
        return row, next((one for _, one in view.where(VNICS, "vm", row.id) if one.name == f"{vm}.{nic}"), None)
    return None, None


def _plugged(view: View, name: str, nic: str, wanted: bool) -> str:
    vm, vnic = _vnic(view, name, nic)
    if vm is None or vnic is None:
        return f"{name} has no vNIC {nic}"
    domain = view.get(DOMAINS, vm.host, vm.id) if vm.host else None
    has = domain is not None and any(one.mac == vnic.mac for one in domain.definition.interfaces)
    if vnic.plugged == has == wanted:
        return ""
    words = {True: "plugged", False: "unplugged"}
    held = f"it is {words[vnic.plugged]}, and its VM {'has' if has else 'does not have'} it"
    return f"{vnic.name} should be {words[wanted]}; {held}"


def _host(view: View, name: str, cluster: str, status: str) -> str:
    for _, host in view.rows(HOSTS):
        if host.id == name:
            right = status in ("", host.status) and cluster in ("", host.cluster)
            wanted = " ".join(filter(None, (status, cluster and f"in {cluster}")))
            return "" if right else f"{name} should be {wanted}; it is {host.status} in {host.cluster}"
    return f"host {name} does not exist"

"""Checks made of a scenario's `then: eventually`: what this one history must come to."""

from __future__ import annotations

from collections.abc import Iterable

from fakes.records import ATTACHED, NETWORKS, QEMUS, VMS
from scenarios import expectations
from scenarios.model import ExpectModel
from sim.checks import Breach, Check, Expectation, Subject, View
from sim.store import Delta
from sim.tables import Key


class Expected(Check):
    """One expectation as a check; its only key is the name that it is about."""

    expectation = Expectation.EVENTUALLY
    of_rows = False
    watches = ("vms", "networks", "attached", "qemus")

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
            return _operational(view, wanted)
        case expectations.NetworkGone():
            return f"network {wanted.network} exists" if view.where(NETWORKS, "name", wanted.network) else ""
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


def _operational(view: View, wanted: expectations.NetworkOperational) -> str:
    for node, network in view.where(NETWORKS, "name", wanted.network):
        row = view.get(ATTACHED, node, (network.id, wanted.cluster))
        status = row.status if row is not None else "not attached"
        return "" if status == "Operational" else f"{wanted.network} is {status} in {wanted.cluster}"
    return f"network {wanted.network} does not exist"

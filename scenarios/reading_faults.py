"""Reads the faults of a scenario: where each strikes, its fate, and what goes with that fate."""

from __future__ import annotations

from fakes.links import COMMITS
from scenarios.model import FaultModel, StateModel
from scenarios.names import Names
from scenarios.nearest import nearest
from scenarios.programs import message_fates
from scenarios.reading import fields, items, mapping, one_of, read_struct
from scenarios.reading_triggers import read_request, read_state, read_trigger
from scenarios.tree import Node, shown
from sim.clock import duration
from sim.fates import ALL, COMMIT, MACHINE, MESSAGE
from sim.triggers import Trigger

AT_REPLY = ("reply-lost", "late")

NEEDS = {
    "crash": ("process", "node"),
    "power-loss": ("node",),
    "partition": ("between",),
    "held": ("until",),
}
"""The keys that a fate cannot do without."""

BELONGS = {
    "node": ("crash", "power-loss"),
    "process": ("crash",),
    "between": ("partition",),
    "how": ("lost", "reply-lost", "hung"),
    "code": ("error-before", "error-after"),
    "until": ("held",),
    "delay": (*MACHINE, "late"),
    "back-after": tuple(MACHINE),
    "moment": tuple(MACHINE),
    "standing": tuple(MACHINE),
}
"""The fates that a key has a meaning with; a key that is not here goes with any."""

DURATIONS = ("delay", "back-after", "for")


def read_faults(node: Node, names: Names) -> list[FaultModel]:
    """The faults, in order."""
    return [_read_fault(item, names) for item in items(node, "`faults`")]


def _read_fault(node: Node, names: Names) -> FaultModel:
    mapping(node, "a fault")
    if "fate" in node:
        one_of(node.at("fate"), ALL, "fate")
    fault = read_struct(node, FaultModel, "the fault")
    trigger = _read_at(fault, node, names)
    kind = trigger.kind if trigger is not None else "state"
    _check_fate(fault, kind, node)
    if trigger is not None and fault.fate in MESSAGE:
        _check_link(fault.fate, trigger.process, node)
    if trigger is not None and fault.fate in COMMIT:
        _check_write(fault.fate, trigger.process, node)
    _check_keys(fault, node)
    _check_values(fault, kind, node)
    _check_whom(fault, node, names)
    return fault


def _read_at(fault: FaultModel, node: Node, names: Names) -> Trigger | None:
    """The trigger at which it strikes; None when it strikes in a row's state."""
    if isinstance(fault.at, StateModel):
        read_state(node.at("at"), names)
        return None
    return read_trigger(node.at("at"), names)


def _check_link(fate: str, process: str, node: Node) -> None:
    """Refuse what no link to that process can meet."""
    possible = message_fates(process)
    if fate not in possible:
        remedy = (
            f"it can be: {', '.join(possible)}"
            if possible
            else f"only machine fates strike there: {', '.join(MACHINE)}"
        )
        node.at("fate").fail(f"no message to {process} can be {fate!r}", remedy)


def _check_write(fate: str, process: str, node: Node) -> None:
    """Refuse what cannot become of the writes of that process."""
    if fate not in COMMITS.get(process, ()):
        remedy = f"it can befall those of: {', '.join(COMMITS)}; here only machine fates strike: {', '.join(MACHINE)}"
        node.at("fate").fail(f"no durable write of {process} can be {fate!r}", remedy)


def _check_fate(fault: FaultModel, kind: str, node: Node) -> None:
    """Refuse a fate that cannot strike at such a point."""
    allowed = {
        "request": (*MESSAGE, *MACHINE),
        "reply": (*AT_REPLY, *MACHINE),
        "commit": (*COMMIT, *MACHINE),
        "state": tuple(MACHINE),
    }[kind]
    if fault.fate not in allowed:
        a_kind = {"state": "a row's state"}.get(kind, f"a {kind}")
        node.at("fate").fail(f"{fault.fate!r} cannot strike at {a_kind}", f"it can be: {', '.join(allowed)}")


def _check_keys(fault: FaultModel, node: Node) -> None:
    """Refuse a fate without what it needs, and what says nothing about the fate."""
    known = fields(FaultModel)
    for key in NEEDS.get(fault.fate, ()):
        if not getattr(fault, known[key].name):
            node.at("fate").fail(f"{fault.fate!r} has no {key!r}", f"add `{key}: ...`")
    for key, place in node.keys.items():
        if key in BELONGS and fault.fate not in BELONGS[key]:
            place.fail(f"{key!r} says nothing about {fault.fate!r}", f"it goes with: {', '.join(BELONGS[key])}")


def _check_values(fault: FaultModel, kind: str, node: Node) -> None:
    for key in DURATIONS:
        if key in node:
            _check_duration(node.at(key))
    if fault.standing and fault.back_after:
        node.keys["standing"].fail("a standing fault never heals, and this one has `back-after`", "keep one of them")
    if fault.back_after and duration(fault.back_after) == 0:
        node.at("back-after").fail("a fault that heals at once is none", "leave it out to let it heal at the calm")
    if fault.nth < 1:
        node.at("nth").fail(f"there is no point number {fault.nth}", "write 1 for the first")
    if "moment" in node and kind != "commit":
        node.keys["moment"].fail(f"`moment` says nothing at a {kind}", "it goes with `commits`")


def _check_duration(node: Node) -> None:
    try:
        duration(node.value)
    except ValueError as error:
        problem, _, remedy = str(error).partition("; ")
        node.fail(problem, remedy)


def _check_whom(fault: FaultModel, node: Node, names: Names) -> None:
    """Whom a machine fate strikes, and what a held message waits for, must exist."""
    if fault.fate == "crash":
        if fault.process not in names.processes():
            node.at("process").fail(
                f"there is no process {shown(fault.process)}", nearest(fault.process, names.processes())
            )
        names.check_node(fault.node, node.at("node"))
        names.check_process(fault.process, fault.node, node.at("node"))
    elif fault.fate == "power-loss":
        names.check_node(fault.node, node.at("node"))
    elif fault.between is not None:
        _check_between(fault.between, node.at("between"), names)
    elif fault.until:
        read_request(node.at("until"), names, "a held message goes on")


def _check_between(between: tuple[str, str], node: Node, names: Names) -> None:
    for name, place in zip(between, node.value, strict=True):
        names.check_node(name, place)
    if between[0] == between[1]:
        node.fail("a partition lies between two nodes, and these are one", "name another")

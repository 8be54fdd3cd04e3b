"""Takes away what refers to something that is gone: steps, vNICs, faults, expectations.

Whether something is gone is the loader's to say: what it refuses, goes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from scenarios.expectations import ALL as EXPECTATIONS
from scenarios.loader import from_data
from scenarios.model import ExpectModel, Scenario, StepModel
from scenarios.names import Names
from scenarios.reading_faults import read_faults
from scenarios.reading_steps import read_args, read_steps
from scenarios.shrinking.case import Case, Placed
from scenarios.tree import from_plain
from scenarios.writing import plain, step_data, to_data
from sim.decisions.anchored import Anchor
from sim.outcomes import InputError


def keeping(case: Case, kept: Sequence[bool]) -> Case:
    """The case with those of its steps alone, given ones first; a fault whose step goes stays with the one before."""
    border = len(case.scenario.given)
    when = kept[border:]
    numbers = [sum(when[:place]) for place in range(len(when) + 1)]  # of steps that are kept, up to each

    def moved(placed: Placed) -> Placed:
        if placed.anchor is None:
            return placed
        return placed._replace(anchor=Anchor(numbers[placed.anchor.step], placed.anchor.nth))

    scenario = msgspec.structs.replace(
        case.scenario,
        given=_these(case.scenario.given, kept[:border]),
        when=_these(case.scenario.when, when),
    )
    return Case(scenario, tuple(map(moved, case.faults)))


def _these(steps: Sequence[StepModel], kept: Sequence[bool]) -> list[StepModel]:
    """The steps that are kept; what ran together with one that goes begins on its own."""
    found: list[StepModel] = []
    alone = True
    for step, stays in zip(steps, kept, strict=True):
        alone = alone if step.together else True
        if stays:
            found.append(msgspec.structs.replace(step, together=step.together and not alone))
            alone = False
    return found


def tidied(case: Case) -> Case | None:
    """The case without what refers to nothing; None if the loader would refuse what remains."""
    names = Names(case.scenario.topology)
    case = _with_steps(case, lambda step: _without_networks(step, names))
    case = keeping(case, [_takes(lambda step=step: _read(step, names)) for step in case.steps()])  # type: ignore[misc]
    faults = tuple(one for one in case.faults if _takes(lambda one=one: _read_fault(one, names)))  # type: ignore[misc]
    eventually = [one for one in case.scenario.then.eventually if _takes(lambda one=one: _expect(one, names))]  # type: ignore[misc]
    then = msgspec.structs.replace(case.scenario.then, eventually=eventually)
    smaller = Case(msgspec.structs.replace(case.scenario, then=then), faults)
    return smaller if loads(smaller.whole()) else None


def loads(scenario: Scenario) -> bool:
    """Whether the loader takes it."""
    return _takes(lambda: from_data(to_data(scenario), ""))


def _takes(read: Callable[[], Any]) -> bool:
    try:
        read()
    except InputError:
        return False
    return True


def _read(step: StepModel, names: Names) -> None:
    read_steps(from_plain([step_data(step)], ""), names, "")


def _read_fault(placed: Placed, names: Names) -> None:
    read_faults(from_plain([plain(placed.fault)], ""), names)


def _expect(expectation: ExpectModel, names: Names) -> None:
    node = from_plain(plain(expectation.args), "")
    read_args(node, EXPECTATIONS[expectation.word], expectation.word, names)


def _with_steps(case: Case, change: Callable[[StepModel], StepModel]) -> Case:
    scenario = msgspec.structs.replace(
        case.scenario, given=list(map(change, case.scenario.given)), when=list(map(change, case.scenario.when))
    )
    return Case(scenario, case.faults)


def _without_networks(step: StepModel, names: Names) -> StepModel:
    """The step without vNICs on networks that no topology and no step before it makes."""
    known = names.known["network"]
    if step.verb == "network.add":
        known[step.args.network] = None
    nics = getattr(step.args, "nics", None)
    if not nics or all(network in known for network in nics.values()):
        return step
    left = {nic: network for nic, network in nics.items() if network in known}
    return msgspec.structs.replace(step, args=msgspec.structs.replace(step.args, nics=left))

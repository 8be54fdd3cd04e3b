"""Flows: what a search takes apart.  Any scenario without faults of its own is one; some have short names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from pathlib import Path

import msgspec

from scenarios.loader import load
from scenarios.model import Scenario, StepModel, ThenModel
from scenarios.nearest import nearest
from scenarios.selection import Chosen, select
from scenarios.tree import shown
from sim.outcomes import InputError

FLOWS = Path(__file__).parent / "flows"


def names() -> list[str]:
    """The short names."""
    return sorted(path.stem for path in FLOWS.glob("*.yaml"))


def flow(name: str) -> Scenario:
    """The flow of that name: see `named`."""
    return named(name).scenario


def named(name: str) -> Chosen:
    """The flow of a short name, of a file, or of the library by its id, without what it states to come of it.

    Raises:
        InputError: there is none, or it has faults of its own.
    """
    path = FLOWS / f"{name}.yaml"
    found = Chosen(path, load(path)) if name in names() else _other(name)
    if found.scenario.faults:
        remedy = "leave out its `faults`, or play it with `ovqsim run`"
        raise InputError(f"{name}: has faults of its own, and a search draws them; {remedy}")
    return found._replace(scenario=msgspec.structs.replace(found.scenario, then=ThenModel(), fails_under=[]))


def _other(name: str) -> Chosen:
    if Path(name).is_file():
        return Chosen(Path(name), load(Path(name)))
    if Path(name).suffix in (".yaml", ".yml"):
        raise InputError(f"there is no file {shown(name)}; name one that exists, or a flow: {', '.join(names())}")
    try:
        found = select([name])
    except InputError:
        raise InputError(f"there is no flow {shown(name)}; {nearest(name, names())}") from None
    if len(found) > 1:
        raise InputError(f"{shown(name)} means {len(found)} scenarios; name one, or a flow: {', '.join(names())}")
    return found[0]


def together(first: Scenario, second: Scenario) -> Scenario:
    """Both flows at once, after all that either is given: the first steps of both begin together, then the second ones.

    Raises:
        InputError: they are not of one world, or neither is given all that the other is.
    """
    if first.topology != second.topology:
        raise InputError(f"{first.scenario} and {second.scenario} have different topologies; choose two that share one")
    given = max(first.given, second.given, key=len)
    for one in (first, second):
        if given[: len(one.given)] != one.given:
            remedy = "let one's `given` begin with the other's"
            raise InputError(f"{first.scenario} and {second.scenario} are given different things; {remedy}")
    pairs = zip_longest(_groups(first.when), _groups(second.when), fillvalue=[])
    when = [step for one, other in pairs for step in _beside(one, other)]
    name = f"{first.scenario}-with-{second.scenario.rpartition('/')[2]}"
    about = f"{first.about} At the same time: {second.about}"
    no = list(dict.fromkeys([*first.not_applicable, *second.not_applicable]))
    return Scenario(name, about, first.topology, when, given, not_applicable=no)


def _groups(steps: Sequence[StepModel]) -> list[list[StepModel]]:
    """The steps, those that begin together in one."""
    groups: list[list[StepModel]] = []
    for step in steps:
        if step.together and groups:
            groups[-1].append(step)
        else:
            groups.append([step])
    return groups


def _beside(one: Sequence[StepModel], other: Sequence[StepModel]) -> Iterator[StepModel]:
    """The steps of both, together; if the first of either waits for rest, so do all."""
    waits = any(step.wait for step in (*one, *other))
    for number, step in enumerate((*one, *other)):
        yield msgspec.structs.replace(step, together=number > 0, wait=waits and number == 0)

"""From a scenario to a run: the steps, faults, checks and marks that `sim.run` needs."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from fakes.assembly import build
from fakes.engine.designs import DESIGNS
from fakes.engine.designs.base import Design
from fakes.records import SCHEMAS
from fakes.repairs import REPAIRED, UNREPAIRED, Repairs, turned_round
from scenarios import checks, defects, marks
from scenarios.expecting import expected
from scenarios.homes import homes_of
from scenarios.model import FaultModel, Scenario, StateModel, StepModel
from scenarios.verbs.base import FINISHED, Administrator, Verb, administrator
from scenarios.verbs.network import NetworkAdd, NetworkAttach
from sim.checks import View
from sim.clock import duration
from sim.decisions import Decisions
from sim.decisions.scripted import RowState, Scripted, ScriptedFault
from sim.fates import Fate
from sim.findings import Result
from sim.nodes import Process, configured
from sim.run import MOST_EVENTS, Play, Run, Step, run
from sim.trace import Trace
from sim.triggers import parse
from sim.world import World

NOT_APPLICABLE = "not-applicable"


def play(
    scenario: Scenario,
    design: str,
    decisions: Decisions | None = None,
    defect: str = "",
    repaired: bool = True,
    but: str = "",
    most_events: int = MOST_EVENTS,
) -> Run:
    """Play a scenario under a design (with a defect, if one is named).

    Args:
        decisions: None for the scenario's own faults.
        repaired: whether the factual defects below the engine are repaired.
        but: one repair for which that is turned round.
        most_events: after so many the run ends, unknown unless something was found.
    """
    reason = scenario.inapplicable(design)
    if reason:
        return Run(_not_applicable(scenario, design, reason), Trace(), [])
    made = make_play(scenario, design, defect, repaired, but)._replace(most_events=most_events)
    return run(made, decisions or decisions_of(scenario))


def make_play(scenario: Scenario, design: str, defect: str = "", repaired: bool = True, but: str = "") -> Play:
    """What `sim.run` plays."""
    chosen, repairs = DESIGNS[design], REPAIRED if repaired else UNREPAIRED
    if but:
        repairs = turned_round(repairs, but)
    if defect:
        chosen, repairs = defects.ALL[defect].apply(chosen, repairs)
    return Play(
        scenario=scenario.scenario,
        design=design + (f"+{defect}" if defect else ""),
        build=_builder(scenario, chosen, repairs),
        schemas=SCHEMAS,
        given=_networks(scenario) + [_step(step)._replace(must=FINISHED) for step in scenario.given],
        when=[_step(step) for step in scenario.when],
        checks=[*checks.ALL.values(), *map(expected, scenario.then.eventually)],
        marks=marks.MARKS,
        must_reach=list(scenario.then.reached),
    )


def _builder(scenario: Scenario, design: Design, repairs: Repairs) -> Callable[[World], Process]:
    def make(world: World) -> Process:
        build(world, scenario.topology, design, repairs)
        program = configured(Administrator, homes=homes_of(scenario))
        user = world.add_process(world.add_node("administrator"), "administrator", program)
        world.start("administrator", "administrator")
        return user

    return make


# --- steps --------------------------------------------------------------------------------------


def _networks(scenario: Scenario) -> list[Step]:
    """The networks of the topology are made by the engine's own flows, like any other."""
    verbs: list[Verb] = []
    topology = scenario.topology
    for name, network in topology.networks.items():
        center = topology.center_of_network(name) if topology.data_centers else ""
        verbs.append(NetworkAdd(name, network.server, network.vlan, network.vm, center))
        verbs += [NetworkAttach(name, cluster, cluster in network.required) for cluster in network.clusters]
    return [Step(f"{verb.word} {verb.subject}", _act(verb), must=FINISHED) for verb in verbs]


def _act(verb: Verb) -> Callable[[Process], Coroutine[Any, Any, str]]:
    return lambda process: verb.act(administrator(process))


def _step(model: StepModel) -> Step:
    verb: Verb = model.args
    return Step(
        name=f"{verb.word} {verb.subject}",
        act=_act(verb),
        together=model.together,
        wait=model.wait,
        after=parse(model.after) if model.after else None,
        until=_condition(model.until) if model.until is not None else None,
    )


def _condition(state: StateModel) -> Callable[[View], bool]:
    schema = SCHEMAS[state.table]

    def holds(view: View) -> bool:
        return any(
            state.node in ("*", node) and all(getattr(row, column) == value for column, value in state.where.items())
            for node, row in view.rows(schema)
        )

    return holds


# --- faults -------------------------------------------------------------------------------------


def decisions_of(scenario: Scenario) -> Scripted:
    """The scenario's own faults as a source of decisions."""
    return Scripted([scripted_fault(model) for model in scenario.faults])


def scripted_fault(model: FaultModel) -> ScriptedFault:
    """One fault of a scenario as `sim.decisions.scripted` takes it."""
    state = model.at if isinstance(model.at, StateModel) else None
    return ScriptedFault(
        text=f"{model.fate} at {_words(model.at)}",
        fate=_fate(model),
        trigger=parse(model.at) if isinstance(model.at, str) else None,
        state=RowState(state.table, state.node, state.where) if state is not None else None,
        nth=model.nth,
        lasts=duration(model.for_),
    )


def _words(at: str | StateModel) -> str:
    if isinstance(at, str):
        return at
    return f"{at.table}[{at.node}] {at.where}"


def _fate(model: FaultModel) -> Fate:
    back = -1 if model.standing else duration(model.back_after) if model.back_after else 0
    return Fate(
        name=model.fate,
        how=model.how,
        code=model.code,
        until=model.until,
        node=model.node,
        process=model.process,
        between=model.between or ("", ""),
        delay=duration(model.delay),
        back_after=back,
        moment=model.moment,
    )


def _not_applicable(scenario: Scenario, design: str, reason: str) -> Result:
    return Result(
        scenario=scenario.scenario, design=design, verdict=NOT_APPLICABLE, findings=[], excused=[], unknown="",
        reached=[], struck=[], missed=[], fingerprint="", events=0, messages=0, writes=0, ended_at=0, steps=[],
        not_applicable=reason,
    )  # fmt: skip

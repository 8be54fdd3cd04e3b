"""Flows: what a search takes apart, by short name, file or id; and two at once."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from scenarios.flow import FLOWS, flow, names, together
from scenarios.model import NotApplicable
from scenarios.playing import play
from scenarios.selection import folder as scenarios_below
from sim.findings import PASSED
from sim.outcomes import InputError


@pytest.mark.parametrize("name", names())
def test_each_named_flow_passes_without_a_fault(name: str) -> None:
    assert play(flow(name), "reference").result.verdict == PASSED


def test_the_flows_are_scenarios_of_their_names() -> None:
    assert {one.scenario.scenario for one in scenarios_below(FLOWS)} == {f"flow/{name}" for name in names()}


def test_a_flow_is_a_file_or_a_scenario_of_the_library_too(folder: Path) -> None:
    assert flow("migration/undisturbed").scenario == "migration/undisturbed"
    text = (FLOWS / "vm-stop.yaml").read_text()
    (folder / "mine.yaml").write_text(text.replace("flow/vm-stop", "mine/stop") + "then: {reached: [vm-stopped]}\n")
    mine = flow("mine.yaml")
    assert mine.scenario == "mine/stop"
    assert mine.then.reached == []


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("finds.yaml", "finds.yaml: has faults of its own, and a search draws them; leave out its `faults`"),
        ("vm-stp", "there is no flow 'vm-stp'; did you mean 'vm-stop'"),
        ("nobody.yaml", "there is no file 'nobody.yaml'; name one that exists, or a flow: host-move,"),
        ("migration/", r"'migration/' means \d+ scenarios; name one, or a flow: "),
    ],
)
def test_what_is_no_flow_is_refused(folder: Path, name: str, says: str) -> None:
    with pytest.raises(InputError, match=says):
        flow(name)


def test_two_flows_begin_together_after_all_that_either_is_given() -> None:
    both = together(flow("vm-stop"), flow("vm-remove"))
    assert both.scenario == "flow/vm-stop-with-vm-remove"
    assert both.given == flow("vm-remove").given
    assert [(step.verb, step.together) for step in both.when] == [("vm.stop", False), ("vm.remove", True)]


def test_flows_of_several_steps_go_side_by_side_whichever_is_named_first() -> None:
    for first, second in (("network-create", "vm-create"), ("vm-create", "network-create")):
        begun = [(step.verb, step.together) for step in together(flow(first), flow(second)).when]
        heads = [(flow(first).when[0].verb, False), (flow(second).when[0].verb, True)]
        assert begun == [*heads, ("network.attach", False)]


def test_two_flows_do_not_apply_where_either_does_not() -> None:
    second = msgspec.structs.replace(flow("vm-stop"), not_applicable=[NotApplicable("proposed", "no such call")])
    assert together(flow("vm-stop"), second).not_applicable == second.not_applicable


@pytest.mark.parametrize(
    ("first", "second", "says"),
    [
        ("vm-stop", "host-move", "have different topologies; choose two that share one"),
        ("vm-stop", "network-delete", "are given different things; let one's `given` begin with the other's"),
    ],
)
def test_flows_of_different_worlds_are_not_played_at_once(first: str, second: str, says: str) -> None:
    with pytest.raises(InputError, match=says):
        together(flow(first), flow(second))

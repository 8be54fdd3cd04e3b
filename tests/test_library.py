"""The library: each file passes under the reference design, and fails where it says that it fails, by its faults."""

from __future__ import annotations

import re
from functools import cache

import msgspec
import pytest

from scenarios import defects
from scenarios.loader import load
from scenarios.model import FailsUnder, Scenario
from scenarios.playing import decisions_of, make_play, play
from scenarios.selection import LIBRARY
from sim.findings import PASSED, Result
from sim.run import run

SCENARIOS: dict[str, Scenario] = {
    path.relative_to(LIBRARY).with_suffix("").as_posix(): load(path) for path in sorted(LIBRARY.rglob("*.yaml"))
}
"""By path: what the file's name says."""

FAILING = [
    pytest.param(path, failing, id=f"{path}-under-{failing.design or failing.defect}-{failing.finding}")
    for path, scenario in SCENARIOS.items()
    for failing in scenario.fails_under
]

TAGS = r"R-\d(\.\d+)*|phase-[123]|smoke|mixed-plugins|migration|host-move|outage|bugs|class-[abcd]|difficulty-[123]"

ENOUGH_EVENTS = 20_000
"""A design that never comes to rest has shown its findings by then."""

SHOWN = {
    "a port left plugged when Quantum is down at VM stop": ("vm-stop/quantum-down", "leftover-binding"),
    "a port that nobody knows after a lost reply": ("vm-create/port-of-a-lost-reply", "leftover-port"),
    "a tap on the target after a migration cut at Finish": ("migration/finish-request-cut", "leftover-tap"),
    "an iface-id on both hosts after a migration cut at Finish": ("migration/finish-request-cut", "one-identity"),
    "a domain on the target after Finish": ("migration/target-libvirtd-dies-after-finish", "leftover-domain"),
    "a VM running twice after Finish": ("migration/target-libvirtd-dies-after-finish", "one-place"),
    "a running VM cut off after Finish": ("migration/finish-reply-cut", "undisturbed"),
    "a Quantum network made twice": ("network/made-twice-after-a-lost-reply", "leftover-network"),
}
"""What the project's issue says that the library must bring out of the proposal."""


@cache
def reference(path: str) -> Result:
    """What the scenario comes to under the reference design."""
    return play(SCENARIOS[path], "reference").result


@cache
def under(path: str, design: str, defect: str, calm: bool = False) -> Result:
    """What it comes to under a design or a defect, with its faults or without."""
    scenario = SCENARIOS[path]
    if calm:
        scenario = msgspec.structs.replace(scenario, faults=[])
    made = make_play(scenario, design or "reference", defect)._replace(most_events=ENOUGH_EVENTS)
    return run(made, decisions_of(scenario)).result


def found(result: Result) -> set[str]:
    """The checks that it broke."""
    return {finding.check for finding in result.findings}


# --- each file -----------------------------------------------------------------------------------


@pytest.mark.parametrize("path", SCENARIOS)
def test_its_name_is_its_path_and_its_tags_can_be_counted(path: str) -> None:
    scenario = SCENARIOS[path]
    assert scenario.scenario == path
    assert any(re.fullmatch(r"phase-[123]", tag) for tag in scenario.tags)
    assert any(re.fullmatch(r"R-\d(\.\d+)*", tag) for tag in scenario.tags)
    for tag in scenario.tags:
        assert re.fullmatch(TAGS, tag), tag


@pytest.mark.parametrize("path", SCENARIOS)
def test_it_passes_under_the_reference_design_and_everything_it_states_has_happened(path: str) -> None:
    scenario, result = SCENARIOS[path], reference(path)
    assert result.verdict == PASSED, [f"{finding.id}: {finding.remains}" for finding in result.findings]
    assert result.missed == []
    assert len(result.struck) >= len(scenario.faults)
    assert set(scenario.then.reached) <= set(result.reached)


@pytest.mark.parametrize("path", SCENARIOS)
def test_it_states_its_end_and_where_it_fails(path: str) -> None:
    scenario = SCENARIOS[path]
    assert scenario.then.eventually
    assert scenario.fails_under
    assert not {one.design for one in scenario.not_applicable} & {one.design for one in scenario.fails_under}
    assert "reference" not in {one.design for one in scenario.not_applicable}


@pytest.mark.parametrize(("path", "failing"), FAILING)
def test_it_fails_under_the_design_or_defect_with_that_finding(path: str, failing: FailsUnder) -> None:
    result = under(path, failing.design, failing.defect)
    assert failing.finding in found(result)
    assert result.missed == []


@pytest.mark.parametrize(("path", "failing"), [one for one in FAILING if SCENARIOS[one.values[0]].faults])
def test_it_fails_by_its_faults_and_not_without_them(path: str, failing: FailsUnder) -> None:
    """Of states that never came this says nothing: many are the faults' own."""
    calm = found(under(path, failing.design, failing.defect, calm=True))
    assert failing.finding == "reached" or failing.finding not in calm


def test_a_bug_states_its_class_and_how_hard_it_is_to_find() -> None:
    """`bNNN-...`, one class and one difficulty each."""
    for path, scenario in SCENARIOS.items():
        kinds = [sorted(tag for tag in scenario.tags if tag.startswith(word)) for word in ("class-", "difficulty-")]
        if path.startswith("bugs/"):
            assert re.match(r"bugs/b\d{3}-", path), path
            assert scenario.bug is not None, f"{path}: add `bug: {{id: B..., reference: ...}}`"
            assert "bugs" in scenario.tags and [len(kind) for kind in kinds] == [1, 1], path
        else:
            assert "bugs" not in scenario.tags and kinds == [[], []], path


@pytest.mark.parametrize("path", [path for path, scenario in SCENARIOS.items() if scenario.bug is not None])
def test_a_bug_has_its_number_in_its_name(path: str) -> None:
    bug = SCENARIOS[path].bug
    assert bug is not None
    assert path.startswith(f"bugs/{bug.id.lower()}-")


# --- all of them ---------------------------------------------------------------------------------


def test_each_defect_is_caught_by_a_scenario_that_names_it() -> None:
    named = {failing.defect for scenario in SCENARIOS.values() for failing in scenario.fails_under}
    assert named - {""} == set(defects.ALL)


def test_no_two_scenarios_play_the_same_history() -> None:
    seen: dict[str, str] = {}
    for path in SCENARIOS:
        other = seen.setdefault(reference(path).fingerprint, path)
        assert other == path, f"{path} plays what {other} plays"


@pytest.mark.parametrize("shown", SHOWN)
def test_the_proposal_shows_what_the_issue_says(shown: str) -> None:
    path, finding = SHOWN[shown]
    assert finding in found(under(path, "proposed", ""))


def test_smoke_is_a_small_part_of_every_flow() -> None:
    smoke = [path for path, scenario in SCENARIOS.items() if "smoke" in scenario.tags]
    assert {path.partition("/")[0] for path in smoke} == {path.partition("/")[0] for path in SCENARIOS}
    assert len(smoke) < len(SCENARIOS) / 4

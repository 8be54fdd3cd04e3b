"""Properties of generated histories, by Hypothesis; a counterexample prints as a scenario file."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.stateful import run_state_machine_as_test

from scenarios.generators.machine import Verbs
from scenarios.generators.strategies import peaceful, scenarios, show
from scenarios.loader import from_data, load_text
from scenarios.model import Scenario
from scenarios.playing import play
from scenarios.searching.swept import found_in
from scenarios.shrinking.case import case_of, ids_of
from scenarios.shrinking.tidying import keeping, loads, tidied
from scenarios.writing import to_data
from scenarios.yaml_writing import text_of

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


def examples(share: int) -> settings:
    """One example of so many that the profile has."""
    return settings(max_examples=max(5, settings.default.max_examples // share), suppress_health_check=SLOW)


@examples(2)
@given(peaceful())
def test_a_history_writes_out_and_reads_back(scenario: Scenario) -> None:
    assert from_data(to_data(scenario), "generated") == scenario
    assert load_text(text_of(scenario), "generated.yaml") == scenario


@examples(4)
@given(scenarios())
def test_the_reference_design_comes_through_without_findings(scenario: Scenario) -> None:
    show(scenario)
    assert found_in(play(scenario, "reference").result) == {}


@examples(8)
@given(scenarios())
def test_a_history_is_played_the_same_twice(scenario: Scenario) -> None:
    assert play(scenario, "reference").result.fingerprint == play(scenario, "reference").result.fingerprint


@examples(4)
@given(peaceful())
def test_whatever_step_goes_what_remains_loads(scenario: Scenario) -> None:
    case = case_of(scenario)
    for gone in range(len(case.steps())):
        found = tidied(keeping(case, [place != gone for place in range(len(case.steps()))]))
        assert found is None or loads(found.whole())


def test_the_reference_design_comes_through_whatever_verbs_follow_one_another() -> None:
    run_state_machine_as_test(Verbs, settings=settings(examples(8), stateful_step_count=12))


def test_a_counterexample_prints_as_a_file_that_fails() -> None:
    @settings(max_examples=200, derandomize=True, database=None, suppress_health_check=SLOW, phases=[Phase.generate])
    @given(peaceful())
    def wrong(scenario: Scenario) -> None:
        show(scenario)
        assert found_in(play(scenario, "reference", defect="ports-end-at-stop").result) == {}

    with pytest.raises(AssertionError) as caught:
        wrong()
    text = "\n".join(caught.value.__notes__).partition("scenario: ")
    found = load_text(text[1] + text[2].partition("\n\n")[0] + "\n", "printed.yaml")
    assert ids_of(play(found, "reference", defect="ports-end-at-stop").result)

"""Runs of a sweep that come to no verdict: an id by their cause, made smaller and kept as findings are."""

from __future__ import annotations

import pytest

from scenarios.loader import load_text
from scenarios.playing import play
from scenarios.searching import swept
from scenarios.searching.swept import found_in
from scenarios.shrinking.case import Terms, ids_of
from scenarios.shrinking.minimum import NotInItsWords, minimum
from scenarios.unknowns import is_unknown, unknown_id
from sim.outcomes import InputError

FEW_EVENTS = 150

LONG = """
scenario: unknowns/too-much-happens
about: There are more events than the bound lets through, and a fault that never strikes.
topology: pair
when:
  - vm.start: {vm: web1, host: h1, nics: {nic1: red}}
  - vm.start: {vm: web2, host: h2, nics: {nic1: red}}
  - vm.stop: {vm: web1}
faults:
  - {at: "quantum[q1] delete-network *", fate: lost}
"""


@pytest.mark.parametrize(
    ("why", "name"),
    [
        ("more than 80000 events, or 20 times as many steps", "unknown/more-than-events"),
        (
            "more than 200000 events, or 20 times as many steps: still at work: "
            "when.3 vm.migrate vm1 > vdsm[h1] migrate vm1, engine[engine] poll",
            "unknown/more-than-events/vdsm-migrate",
        ),
        (
            "the world did not come to rest within 24 virtual hours: still at work: agent-q1[h2] round",
            "unknown/the-world-did-not-come-to-rest-within-virtual-hours/agent-round",
        ),
    ],
)
def test_an_unknown_is_named_by_its_cause_without_names_and_numbers(why: str, name: str) -> None:
    assert unknown_id(why) == name
    assert is_unknown(name) and not is_unknown("unknowns/x")


def test_a_fault_that_never_strikes_does_not_hide_that_a_run_came_to_no_verdict() -> None:
    scenario = load_text(LONG, "long.yaml")
    result = play(scenario, "reference", most_events=FEW_EVENTS).result
    (name,) = found_in(result)
    assert is_unknown(name) and name in ids_of(result)
    smallest = minimum(scenario, Terms(name, most_events=FEW_EVENTS))
    assert smallest.scenario.faults == [] and smallest.complete


@pytest.mark.parametrize("error", [InputError("it does not show it"), NotInItsWords("not by its own words")])
def test_what_cannot_be_made_smaller_stays_as_it_is(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(swept, "minimum", refuse)
    unit = swept.Swept(0, 44, swept.Terms(defect="ports-end-at-stop"))
    trial = next(one for one in swept.play_swept(unit) if one.found)
    finding, remains = next(iter(trial.found.items()))
    kept = swept.shrink_one(swept.Shrinking(unit, trial.seed, finding, remains, ends=1e18))
    assert (kept.scenario, kept.remains, kept.problem) == (trial.scenario, remains, str(error))
    assert not kept.complete and not kept.cut

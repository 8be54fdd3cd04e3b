"""The contract on the fakes alone, beside what the real parts were last seen to do: needs no root."""

from __future__ import annotations

import pytest

from contract import explored, fidelity, recorded
from contract.libvirt.calls import VERBS
from contract.parts import PARTS
from contract.playing import verdicts
from contract.verdicts import DIFFERENT, reviewed


@pytest.mark.parametrize("part", PARTS)
def test_the_fakes_do_what_the_real_parts_were_seen_to_do(part: str) -> None:
    found = verdicts(recorded.load(part), reviewed())
    assert {one.behaviour.name: one.why for one in found if one.kind == DIFFERENT} == {}


@pytest.mark.parametrize("part", PARTS)
def test_each_behaviour_has_been_played_on_the_real_part(part: str) -> None:
    names = [one.name for one in PARTS[part].behaviours]
    assert sorted(recorded.load(part).looks) == sorted(names)
    assert len(names) == len(set(names))


def test_each_exception_is_of_a_behaviour() -> None:
    assert set(reviewed().exceptions) <= {(name, one.name) for name, part in PARTS.items() for one in part.behaviours}


def test_each_alternative_is_a_whole_outcome_of_a_behaviour_and_another_one_with_its_reason() -> None:
    facts = {(name, one.name): one.says for name, part in PARTS.items() for one in part.behaviours}
    for key, also in reviewed().alternatives.items():
        outcomes = [facts[key], *(one.outcome for one in also)]
        assert all(one.keys() == facts[key].keys() for one in outcomes), key
        assert all(one not in outcomes[:n] for n, one in enumerate(outcomes)), key
        assert all(one.why for one in also), key


def test_the_page_says_what_is_recorded() -> None:
    records = {name: recorded.load(name) for name in PARTS}
    found = {name: verdicts(record, reviewed()) for name, record in records.items()}
    random = explored.load()
    assert fidelity.PAGE.read_text() == fidelity.page(found, records, fidelity.random_calls(random, []))


def test_random_calls_show_on_the_fake_what_they_showed_on_the_real_part() -> None:
    random = explored.load()
    assert len(random.runs) >= explored.RUNS
    assert set(random.calls) == set(VERBS), "each call was made at least once"
    assert explored.differences(random) == []

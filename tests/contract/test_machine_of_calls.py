"""Random calls find a fake that was changed, and tell it in the fewest calls.  Fake against changed fake: no root."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from contract.libvirt import FakePair
from contract.libvirt.machine import explore
from fakes.libvirt.profiles import PROFILES


def changed() -> FakePair:
    """A pair of the changed fake."""
    return FakePair("changed")


def test_two_pairs_of_the_same_fake_never_differ() -> None:
    runs = explore(FakePair, FakePair, runs=6, calls=8)
    assert [run.told() for run in runs if run.differs] == []


def test_the_same_budget_makes_the_same_calls() -> None:
    first, second = (explore(FakePair, FakePair, runs=3, calls=6) for _ in range(2))
    assert [run.calls for run in first] == [run.calls for run in second]
    assert [run.seen for run in first] == [run.seen for run in second]


@pytest.mark.parametrize(
    ("columns", "calls", "what"),
    [
        ({"started": PROFILES["9.0"].started[::-1]}, ["start on h1"], "h1.events"),
        ({"aborted": "9"}, ["start on h1", "migrate and abort on h1"], "errors"),
        ({"no_device": "9"}, ["start on h1", "unplug on h1"], "errors"),
        ({"saved": ()}, ["start on h1", "save on h1"], "h1.events"),
    ],
    ids=["order of events", "number of an abort", "number of an unplug", "events of a save"],
)
def test_a_change_is_found_and_told_in_the_fewest_calls(
    monkeypatch: pytest.MonkeyPatch, columns: dict[str, Any], calls: list[str], what: str
) -> None:
    monkeypatch.setitem(PROFILES, "changed", msgspec.structs.replace(PROFILES["9.0"], **columns))
    last = explore(FakePair, changed, runs=20, calls=10)[-1]
    assert [str(call) for call in last.calls] == calls
    assert [line.partition(":")[0] for line in last.differs] == [what]
    assert last.told().startswith(f"after {', '.join(calls)}: {what}: real ")

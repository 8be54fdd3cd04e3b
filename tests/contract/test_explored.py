"""Random calls that were recorded are kept whole, and replayed on the fake."""

from __future__ import annotations

from pathlib import Path

from contract import explored, fidelity
from contract.explored import Explored
from contract.libvirt import FakePair
from contract.libvirt.calls import Call, played
from contract.libvirt.machine import Run

CALLS = [Call("start", "h1"), Call("suspend", "h1"), Call("migrate", "h1")]


def recorded() -> Run:
    """A run as the fake itself shows it."""
    with FakePair() as pair:
        return Run(list(CALLS), played(pair, CALLS))


def test_a_record_is_read_as_it_was_written(tmp_path: Path) -> None:
    made = Explored("9.0", "2026-11-28", [recorded()])
    explored.save(made, tmp_path / "calls.json")
    read = explored.load(tmp_path / "calls.json")
    assert read == made
    assert read.calls == {"start": 1, "suspend": 1, "migrate": 1}


def test_without_a_record_there_are_no_runs(tmp_path: Path) -> None:
    assert explored.load(tmp_path / "none.json").runs == []


def test_what_the_fake_shows_otherwise_is_told_with_the_calls_up_to_there() -> None:
    run = recorded()
    assert explored.differences(Explored("", "", [run])) == []
    run.seen[1]["h1"]["state"] = "PAUSED/UNKNOWN"
    assert explored.differences(Explored("", "", [run, recorded()])) == [
        "after start on h1, suspend on h1: h1.state: real 'PAUSED/UNKNOWN', fake 'PAUSED/USER'"
    ]


def test_the_page_names_what_differs() -> None:
    made = Explored("9.0", "2026-11-28", [recorded()])
    assert "1 runs, 3 calls, none different." in fidelity.random_calls(made, [])
    page = fidelity.random_calls(made, ["after start on h1: errors: real [], fake ['1']"])
    assert "1 runs, 3 calls, 1 different." in page
    assert page.endswith("- after start on h1: errors: real [], fake ['1']\n")

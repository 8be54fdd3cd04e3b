"""Random calls as they were played on the real pair: kept, so that the fakes are compared with them without one."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from contract.lab import Lab
from contract.libvirt import FakePair, RealPair, machine
from contract.libvirt.calls import Call, played
from contract.libvirt.machine import Run, compared

PART = "libvirt"
PATH = Path(__file__).parent / "recorded" / "libvirt-calls.json"
RUNS, CALLS = 14, 12
"""The budget: it takes two minutes of `make contract`."""
PATIENCE = 8.0
"""Seconds in which the real pair comes to what the fake shows."""


@dataclass(frozen=True)
class Explored:
    """Runs on the real pair."""

    version: str
    date: str
    runs: list[Run]

    @property
    def calls(self) -> Counter[str]:
        """How often each call was made."""
        return Counter(call.verb for run in self.runs for call in run.calls)


def explore(lab: Lab) -> list[Run]:
    """Drive the real pair and the fake with the same random calls."""
    return machine.explore(lambda: RealPair(lab), FakePair, RUNS, CALLS, PATIENCE)


def differences(explored: Explored) -> list[str]:
    """The runs replayed on the fake: a line for each that differs, with the calls that led to it."""
    return [line for run in explored.runs if (line := _first(run))]


def _first(run: Run) -> str:
    with FakePair() as pair:
        shown = played(pair, run.calls)
    for number, (real, fake) in enumerate(zip(run.seen, shown, strict=True), 1):
        if wrong := compared(real, fake):
            return Run(run.calls[:number], differs=wrong).told()
    return ""


def load(path: Path = PATH) -> Explored:
    """What was recorded; nothing, if there is no record."""
    if not path.exists():
        return Explored("", "", [])
    kept = json.loads(path.read_text())
    runs = [Run([Call(*call) for call in run["calls"]], run["seen"]) for run in kept["runs"]]
    return Explored(kept["version"], kept["date"], runs)


def save(explored: Explored, path: Path = PATH) -> None:
    """Write the record, in the place of the last one."""
    runs: list[dict[str, Any]] = [{"calls": run.calls, "seen": run.seen} for run in explored.runs]
    kept = {"version": explored.version, "date": explored.date, "runs": runs}
    path.write_text(json.dumps(kept, indent=1) + "\n")

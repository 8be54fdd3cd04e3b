"""Worker processes: all work is done once, in any number of them, and they end with their parent."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from scenarios import lanes
from sim.outcomes import HarnessError
from tests.commands import ROOT


def double(number: int) -> tuple[int, int]:
    """Work of a worker: its process is told too."""
    return 2 * number, os.getpid()


def die(number: int) -> int:
    """A worker that ends as if killed."""
    os._exit(number)


def test_work_is_done_in_order_by_any_number_of_workers() -> None:
    for jobs in (1, 2, 3):
        found = list(lanes.in_order(double, ((number, 1) for number in range(9)), jobs))
        assert [value for value, _ in found] == [0, 2, 4, 6, 8, 10, 12, 14, 16]
        assert len({process for _, process in found}) <= jobs


def test_a_worker_is_replaced_after_so_many_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lanes, "RUNS_PER_WORKER", 2)
    found = list(lanes.in_order(double, ((number, 1) for number in range(6)), 2))
    assert [value for value, _ in found] == [0, 2, 4, 6, 8, 10]
    assert len({process for _, process in found}) > 2


def test_one_job_is_done_here_until_it_is_more_than_a_worker_plays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lanes, "RUNS_PER_WORKER", 2)
    found = [came for _, came in lanes.played(double, [(0, 1), None, *((number, 1) for number in range(1, 7))], 1)]
    assert [value for value, _ in found] == [0, 2, 4, 6, 8, 10, 12]
    processes = [process for _, process in found]
    assert processes[:2] == [os.getpid()] * 2 and os.getpid() not in processes[2:]
    assert len(set(processes[2:])) > 1, "and a worker is replaced"


@pytest.mark.parametrize("jobs", [1, 2])
def test_what_work_took_counts_and_not_what_it_was_thought_to_take(monkeypatch: pytest.MonkeyPatch, jobs: int) -> None:
    monkeypatch.setattr(lanes, "RUNS_PER_WORKER", 2)
    long = list(lanes.played(double, [(number, 0) for number in range(8)], jobs, took=lambda came: 2))
    short = list(lanes.played(double, [(number, 1) for number in range(8)], jobs, took=lambda came: 0))
    assert len({process for _, (_, process) in long}) > jobs
    assert len({process for _, (_, process) in short}) <= 2 * jobs


def in_circles(number: int) -> int:
    """Work that leaves cycles, which only a collection frees: how many objects there are before it."""
    before = len(gc.get_objects())
    for _ in range(number):
        circle: list[Any] = []
        circle.append(circle)
    return before


@pytest.mark.parametrize("jobs", [1, 2])
def test_who_was_left_with_many_cycles_frees_them(jobs: int) -> None:
    many = 2 * lanes.MANY_OBJECTS
    counts = list(lanes.in_order(in_circles, [(many, 1)] * 3, jobs))
    assert max(counts) < min(counts) + lanes.MANY_OBJECTS


def looked_for(number: int) -> bool:
    """Work that tells whether cycles are looked for meanwhile."""
    return gc.isenabled()


@pytest.mark.parametrize("jobs", [1, 2])
def test_cycles_are_looked_for_between_units_and_not_in_them(jobs: int) -> None:
    assert gc.isenabled()
    assert list(lanes.in_order(looked_for, [(0, 1), (1, 1)], jobs)) == [False, False]
    assert gc.isenabled(), "whoever asked for the work is left as before"


def test_a_worker_that_dies_is_the_harness_own_fault() -> None:
    with pytest.raises(HarnessError, match="a worker process died before its work was done"):
        list(lanes.played(die, [(3, 1), (4, 1)], 2))


PARENT = """
import sys, time
from scenarios.lanes import played
from tests.test_lanes import wait
if __name__ == "__main__":
    for _ in played(wait, [(number, 1) for number in range(4)], 2):
        pass
"""


def wait(number: int) -> int:
    """Work without end; it says that it has begun."""
    Path(f"worker-{number}").write_text(f"{os.getpid()}")
    time.sleep(600)
    return number


def test_workers_end_when_their_parent_is_killed(tmp_path: Path) -> None:
    (tmp_path / "parent.py").write_text(PARENT)
    parent = subprocess.Popen(
        [sys.executable, "parent.py"], cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(ROOT)}
    )  # fmt: skip
    try:
        begun = _until(lambda: _two(tmp_path))
        workers = [int(path.read_text()) for path in begun]
    finally:
        parent.send_signal(signal.SIGKILL)
        parent.wait()
    assert workers
    _until(lambda: not any(Path(f"/proc/{one}").exists() for one in workers))


def _two(folder: Path) -> list[Path]:
    """What two workers have written, once both have."""
    found = sorted(folder.glob("worker-*"))
    return found[:2] if len(found) > 1 and all(path.read_text() for path in found[:2]) else []


def _until(condition: object) -> list[Path]:
    """What the condition comes to, once it holds."""
    for _ in range(600):
        found = condition()  # type: ignore[operator]
        if found:
            return found  # type: ignore[no-any-return]
        time.sleep(0.1)
    raise AssertionError("it never held")

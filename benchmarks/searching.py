"""How many runs a second matrix and sweep play, on one core and on two, beside the yardstick.

A matrix run is a single fault in the flow `migrate`, a sweep run a generated history with its faults; trace and all
checks are on.  One core is timed in seconds of the processor, beside the yardstick (as `benchmarks.migration` has it:
a bare coroutine loop that passes as many messages); two workers in seconds of the clock, their start included, beside
one process by the clock.  Run it with `make bench`.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.migration import timed
from benchmarks.yardstick import pass_messages
from scenarios.flow import flow
from scenarios.lanes import played
from scenarios.many import Terms
from scenarios.results import Results
from scenarios.searching.jobs import play_job, playing, prepared
from scenarios.searching.matrix import SLICE, Plan, plan
from scenarios.searching.sweep import Sweep
from sim.exploring.matrix import Budget, try_all

MESSAGES = 125
"""What crosses in a faulted migration; the yardstick passes as many."""

UNITS = 12
HISTORIES = 64


def one_core(planned: Plan) -> None:
    """Single faults in one process, beside the yardstick."""
    further = planned.base.further()[:: max(1, len(planned.base.further()) // 120)]
    with playing(prepared(planned.scenario, planned.terms)) as once:
        seconds = timed(lambda: list(try_all(once, (), further)), 1) / len(further)
    yardstick = timed(lambda: pass_messages(MESSAGES), 400)
    print(
        f"matrix, one core: {1 / seconds:.0f} runs a second of the processor, "
        f"{yardstick / seconds:.4f} of the yardstick ({1 / yardstick:.0f})"
    )


def rate(work: Callable[[int], int], jobs: int) -> float:
    """Runs a second of the clock, with so many processes."""
    began = time.monotonic()
    runs = work(jobs)
    return runs / (time.monotonic() - began)


def matrix_units(planned: Plan) -> Callable[[int], int]:
    """Some units of the matrix."""
    units = [unit for unit, _ in zip(planned.jobs(), range(UNITS), strict=False)]

    def work(jobs: int) -> int:
        return sum(unit.summary.runs for _, unit in played(play_job, units, jobs))

    return work


def histories(jobs: int) -> int:
    """Some generated histories, kept as a sweep keeps them."""
    with TemporaryDirectory() as folder, Results(Path(folder) / "r.sqlite", "sweep", {}) as results:
        return sum(Sweep(results, Terms(), 0, lambda unit: unit < HISTORIES).play(jobs))


def main() -> int:
    """Measure all."""
    planned = plan(flow("migrate"), Terms(), Budget(1))
    one_core(planned)
    print(f"matrix units hold {SLICE} schedules; {UNITS} of them, and {HISTORIES} histories, by the clock:")
    for name, work in (("matrix", matrix_units(planned)), ("sweep", histories)):
        one, two = rate(work, 1), rate(work, 2)
        print(f"{name}: {one:.0f} runs a second in one process, {two:.0f} in two workers, their start included")
    return 0


if __name__ == "__main__":
    sys.exit(main())

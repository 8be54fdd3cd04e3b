"""How many faulted live migrations a second one core plays, beside the yardstick in the same run.

A run is whole: the world is built, a VM started and migrated, the migration fails at Finish, everything is
cleaned up and judged, with trace and all checks on.  The two are timed in turn, so that a ratio holds on a
noisy machine.  Run it with `make bench`.
"""

from __future__ import annotations

import sys
from statistics import median
from time import perf_counter

from benchmarks.yardstick import pass_messages
from scenarios.builder import scenario, vm
from scenarios.playing import play
from sim.run import Run

ROUNDS = 15
RUNS = 40
LEAST_MESSAGES = 40
LEAST_WRITES = 15

FAULTED = (
    scenario("benchmark/finish-lost", about="The request for Finish is lost; the VM goes on at the source.")
    .topology("pair")
    .given(vm.start(vm="web1", host="h1", nics={"nic1": "red"}))
    .when(vm.migrate(vm="web1", to="h2"))
    .fault(at="libvirt[h2] finish web1", fate="lost", how="cut")
    .reached("migration-rolled-back")
    .build()
)


def one() -> Run:
    """One faulted live migration."""
    return play(FAULTED, "reference")


def timed(act: object, times: int) -> float:
    """Seconds for one of so many."""
    begin = perf_counter()
    for _ in range(times):
        act()  # type: ignore[operator]
    return (perf_counter() - begin) / times


def main() -> int:
    """Measure and print; 1 if the run is not what it must be."""
    result = one().result
    ok = result.verdict == "passed" and result.messages >= LEAST_MESSAGES and result.writes >= LEAST_WRITES
    print(
        f"a run: {result.verdict}, {result.events} events, {result.messages} messages that no periodic task sent "
        f"(at least {LEAST_MESSAGES}), {result.writes} durable writes (at least {LEAST_WRITES}), "
        f"{len(result.struck)} fault struck"
    )
    ratios, ours, yardsticks = [], [], []
    for _ in range(ROUNDS):
        run = timed(one, RUNS)
        yardstick = timed(lambda: pass_messages(result.messages), RUNS * 10)
        ours.append(1 / run)
        yardsticks.append(1 / yardstick)
        ratios.append(yardstick / run)
    for name, values in (("migrations/s", ours), ("yardstick/s", yardsticks), ("ratio", ratios)):
        print(f"{name:>13}: median {median(values):.4g}, best {max(values):.4g}, worst {min(values):.4g}")
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())

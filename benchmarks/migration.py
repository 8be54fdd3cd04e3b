"""How many faulted live migrations a second one core plays, beside the yardstick in the same run.

A run is whole: the world is built, a VM started and migrated, the migration fails, everything is
cleaned up and judged, with trace and all checks on.  Only the scenario is made ready once, as a search does, which
plays one scenario many times.  The yardstick passes as many messages as cross in such a
run, those of periodic tasks included.  Both are timed in turn, in seconds of the processor, so that rate and
ratio hold on a noisy machine.  Run it with `make bench`.
"""

from __future__ import annotations

import sys
from statistics import median
from time import process_time

from benchmarks.yardstick import pass_messages
from scenarios.builder import scenario, vm
from scenarios.model import Scenario
from scenarios.playing import decisions_of, make_play
from sim.run import Run, run

ROUNDS = 15
RUNS = 40
LEAST_MESSAGES = 40
LEAST_WRITES = 15


def _faulted(phase: str) -> Scenario:
    """A live migration whose request for that phase is cut off, with its connection."""
    return (
        scenario(f"benchmark/{phase}-cut", about=f"The request for {phase} is cut off; the VM goes on at the source.")
        .topology("pair")
        .given(vm.start(vm="web1", host="h1", nics={"nic1": "red"}))
        .when(vm.migrate(vm="web1", to="h2"))
        .fault(at=f"libvirt[h2] {phase} web1", fate="lost", how="cut")
        .reached("migration-rolled-back")
        .build()
    )


FAULTED = {phase: _faulted(phase) for phase in ("prepare", "finish")}
"""The shortest and the longest way to fail: before the target has anything, and when it has everything."""


PLAYS = {phase: make_play(faulted, "reference") for phase, faulted in FAULTED.items()}


def one(phase: str = "finish") -> Run:
    """One faulted live migration."""
    return run(PLAYS[phase], decisions_of(FAULTED[phase]))


def timed(act: object, times: int) -> float:
    """Seconds of the processor for one of so many."""
    begin = process_time()
    for _ in range(times):
        act()  # type: ignore[operator]
    return (process_time() - begin) / times


def messages(played: Run) -> int:
    """Messages that crossed a link: requests, replies, and the answers of accepted connections (not traced)."""
    events = played.trace.events
    answered = {event.cause for event in events if event.kind == "reply"}
    connects = [number for number, event in enumerate(events) if event.kind == "call" and " connect" in event.what]
    return sum(event.kind in ("call", "reply") for event in events) + sum(one not in answered for one in connects)


def measure(phase: str) -> bool:
    """Measure one of them and print; whether the run is what it must be."""
    played = one(phase)
    result = played.result
    crossed = messages(played)
    print(
        f"cut off at {phase}: {result.verdict}, {result.events} events, {crossed} messages, {result.messages} of them "
        f"sent by no periodic task (at least {LEAST_MESSAGES}), {result.writes} durable writes (at least "
        f"{LEAST_WRITES}), {len(result.struck)} fault struck"
    )
    ratios, ours, yardsticks = [], [], []
    for _ in range(ROUNDS):
        migration = timed(lambda: one(phase), RUNS)
        yardstick = timed(lambda: pass_messages(crossed), RUNS * 10)
        ours.append(1 / migration)
        yardsticks.append(1 / yardstick)
        ratios.append(yardstick / migration)
    for name, values in (("migrations per second and core", ours), ("yardstick", yardsticks), ("ratio", ratios)):
        print(f"{name:>32}: median {median(values):.4g}, best {max(values):.4g}, worst {min(values):.4g}")
    return result.verdict == "passed" and result.messages >= LEAST_MESSAGES and result.writes >= LEAST_WRITES


def main() -> int:
    """Measure all; 1 if a run is not what it must be."""
    held = [measure(phase) for phase in FAULTED]
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())

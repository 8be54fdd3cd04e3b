"""How many faulted live migrations a second one core plays, beside the yardstick in the same run.

A run is whole: the world is built, a VM started and migrated, the migration fails, everything is
cleaned up and judged, with trace and all checks on.  Only the scenario is made ready once.  A search, which plays one
scenario many times, plays what is given once too: world and VM are the same each time, and each run goes on from there,
with the same trace, result and rows.  Both are measured.

The yardstick passes as many messages as cross in such a run, those of periodic tasks included; where what is given
is not played again, as many as cross after it.  All are timed in turn, in seconds of the processor, so that rate and
ratio hold on a noisy machine.  Run it with `make bench`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from statistics import median
from time import process_time
from typing import NamedTuple

from benchmarks.yardstick import pass_messages
from fakes.records import SCHEMAS
from scenarios.builder import scenario, vm
from scenarios.model import Scenario
from scenarios.playing import make_play, scripted_fault
from sim.decisions.scripted import Scripted
from sim.repeated import Repeated
from sim.run import Run, run, undisturbed
from sim.tally import Marks, tally
from sim.trace import Event

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
FAULTS = {phase: list(map(scripted_fault, faulted.faults)) for phase, faulted in FAULTED.items()}


def one(phase: str = "finish") -> Run:
    """One faulted live migration."""
    return run(PLAYS[phase], Scripted(FAULTS[phase]))


def timed(act: object, times: int) -> float:
    """Seconds of the processor for one of so many; as in a search, nobody looks for garbage in between."""
    with undisturbed():
        begin = process_time()
        for _ in range(times):
            act()  # type: ignore[operator]
        return (process_time() - begin) / times


class Passed(NamedTuple):
    """What a run passed: every message that crossed a link, those that no periodic task sent, and durable writes."""

    crossed: int
    messages: int
    writes: int

    def enough(self) -> bool:
        """Whether it is as much as a faulted migration must pass."""
        return self.messages >= LEAST_MESSAGES and self.writes >= LEAST_WRITES

    def __str__(self) -> str:
        return (
            f"{self.crossed} messages, {self.messages} of them sent by no periodic task, {self.writes} durable writes"
        )


def passed(events: list[Event], begin: int) -> Passed:
    """What these events passed from that one on."""
    before, whole = (tally(part, Marks(()), SCHEMAS) for part in (events[:begin], events))
    return Passed(crossed(events, begin), whole.messages - before.messages, whole.writes - before.writes)


def crossed(events: list[Event], begin: int) -> int:
    """Messages that crossed a link: requests, replies, and the answers of accepted connections (not traced)."""
    answered = {event.cause for event in events if event.kind == "reply"}
    numbered = list(enumerate(events))[begin:]
    connects = [number for number, event in numbered if event.kind == "call" and " connect" in event.what]
    return sum(event.kind in ("call", "reply") for _, event in numbered) + sum(one not in answered for one in connects)


def measure(phase: str) -> bool:
    """Measure one of them and print; whether the run is what it must be."""
    played = one(phase)
    events = played.trace.events
    begin = max(number for number, event in enumerate(events) if event.kind == "step")
    whole, after = passed(events, 0), passed(events, begin)
    print(f"cut off at {phase}: {played.result.verdict}, {len(played.result.struck)} fault struck")
    repeated = Repeated(PLAYS[phase])
    again = repeated.run(Scripted(FAULTS[phase]))
    compare("whole", lambda: one(phase), whole)
    compare("repeated", lambda: repeated.run(Scripted(FAULTS[phase])), after)
    repeated.close()
    same = again.result == played.result and again.trace.events == events
    return played.result.verdict == "passed" and same and whole.enough()


def compare(name: str, act: Callable[[], object], passes: Passed) -> None:
    """Time it in turn with the yardstick, and print the figures."""
    few = "" if passes.enough() else f" (fewer than {LEAST_MESSAGES} or {LEAST_WRITES}: not counted as a migration)"
    print(f"  {name}: {passes}{few}")
    ratios, ours, yardsticks = [], [], []
    for _ in range(ROUNDS):
        migration = timed(act, RUNS)
        yardstick = timed(lambda: pass_messages(passes.crossed), RUNS * 10)
        ours.append(1 / migration)
        yardsticks.append(1 / yardstick)
        ratios.append(yardstick / migration)
    for words, values in (("migrations per second and core", ours), ("yardstick", yardsticks), ("ratio", ratios)):
        print(f"{words:>36}: median {median(values):.4g}, best {max(values):.4g}, worst {min(values):.4g}")


def main() -> int:
    """Measure all; 1 if a run is not what it must be."""
    held = [measure(phase) for phase in FAULTED]
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())

"""What an event costs in a world of 10, 100 and 1 000 hosts.

In each world a live migration is cut off at Finish, beside VMs that run on some of the hosts.  Counted is what
follows the moment at which all that is given is at rest: the migration, its fault and the clean-up, with trace and
all checks on.  The questions at rest, which judge every row, are timed apart.  What is done once a run (the world
built, its VMs started, the trace hashed, the world emptied) is in the figure for the whole run.  Run it with
`make bench`.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence
from statistics import median
from time import process_time
from typing import NamedTuple

from scenarios.builder import scenario, vm
from scenarios.model import Scenario
from scenarios.playing import decisions_of, make_play
from sim.checks import Expectation
from sim.decisions.scripted import Scripted
from sim.run import Runner

SIZES = (10, 100, 1_000)
CLUSTER = 10
VM_ON_EVERY = 20
ROUNDS = 3


class Cost(NamedTuple):
    """What one run cost: microseconds of the processor an event since rest, their number, and seconds.

    `asked` are those for the questions at rest, each of which judges every row once; `run` are all.
    """

    event: float
    asked: float
    events: int
    run: float
    passed: bool


class Armed(Scripted):
    """A scenario's faults; `began` is when the history under test did."""

    began = 0.0

    def arm(self) -> None:
        """What is given is at rest."""
        super().arm()
        self.began = process_time()


class Watched(Runner):
    """A run; `ended` is when its last question had been asked, and `asked` the seconds that questions at rest took."""

    ended = 0.0
    asked = 0.0

    def play_through(self) -> None:
        """As any run, but watched."""
        ask = self.judge.judge_all

        def watched(expectation: Expectation) -> None:
            begin = process_time()
            ask(expectation)
            self.asked += process_time() - begin

        self.judge.judge_all = watched  # type: ignore[method-assign]
        super().play_through()
        self.ended = process_time()


def world(hosts: int) -> Scenario:
    """A faulted migration in the first of that many hosts' clusters, with VMs on some of the others."""
    clusters = {
        f"c{first // CLUSTER}": {"hosts": {f"h{first + number}": {"fabric": "q1"} for number in range(CLUSTER)}}
        for first in range(0, hosts, CLUSTER)
    }
    given = [
        vm.start(vm=f"vm{number}", host=f"h{number}", cluster=f"c{number // CLUSTER}", nics={"nic1": "red"})
        for number in range(2, hosts, VM_ON_EVERY)
    ]
    return (
        scenario(f"benchmark/hosts-{hosts}", about="A migration is cut off at Finish beside many idle hosts.")
        .topology(
            {
                "quantum": {"q1": {"plugin": "openvswitch", "type": "vlan"}},
                "clusters": clusters,
                "networks": {"red": {"server": "q1", "clusters": list(clusters)}},
            }
        )
        .given(vm.start(vm="web1", host="h0", nics={"nic1": "red"}), *given)
        .when(vm.migrate(vm="web1", to="h1"))
        .fault(at="libvirt[h1] finish web1", fate="lost", how="cut")
        .build()
    )


def measured(one: Scenario) -> Cost:
    """Play it once."""
    faults = Armed([armed.fault for armed in decisions_of(one).faults])
    gc.collect()
    gc.disable()
    begin = process_time()
    runner = Watched(make_play(one, "reference"), faults, skip_idle_rounds=True)
    result = runner.run().result
    run = process_time() - begin
    gc.enable()
    events = result.events - runner.begun
    event = (runner.ended - faults.began - runner.asked) / events * 1e6
    return Cost(event, runner.asked, events, run, result.verdict == "passed")


def main(sizes: Sequence[str]) -> int:
    """Measure all sizes and print; 1 if a run did not pass."""
    costs: dict[int, Cost] = {}
    for hosts in map(int, sizes or SIZES):
        every = [measured(world(hosts)) for _ in range(ROUNDS)]
        names = ("event", "asked", "run")
        cost = costs[hosts] = every[0]._replace(**{name: median(getattr(one, name) for one in every) for name in names})
        print(
            f"{hosts:>6} hosts: {'passed' if cost.passed else 'NOT PASSED'}, {cost.event:.0f} microseconds an event "
            f"since rest ({cost.events} events), {cost.asked * 1e3:.1f} ms for the questions at rest, "
            f"{cost.run:.2f} s for the whole run"
        )
    least, most = min(costs), max(costs)
    if least != most:
        print(f"an event among {most} hosts costs {costs[most].event / costs[least].event:.2f} times one among {least}")
    return 0 if all(cost.passed for cost in costs.values()) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

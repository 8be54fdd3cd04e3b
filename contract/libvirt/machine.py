"""A state machine of Hypothesis that drives two pairs with the same random calls, and compares them after each.

The first pair is the one that is right: the real one, when there is one.  The calls hang on nothing but the budget and
the version of Hypothesis, so a run can be repeated; what differs is told in the fewest calls that still show it.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from contract.behaviours import Seen
from contract.libvirt.calls import VERBS, Call, Side, until
from contract.libvirt.pair import HOSTS
from contract.verdicts import differences

OFTEN = ("plug", "unplug", "kill qemu", "suspend", "migrate", "destroy")
"""Drawn twice as often as the others: most of what they do hangs on what was done before."""
Make = Callable[[], AbstractContextManager[Any]]


@dataclass
class Run:
    """One sequence of calls on a fresh pair: what the first pair showed after each, and where the second differed."""

    calls: list[Call] = field(default_factory=list)
    seen: list[Seen] = field(default_factory=list)
    differs: list[str] = field(default_factory=list)

    def told(self) -> str:
        """The calls, and what differs after the last."""
        return f"after {', '.join(map(str, self.calls))}: {'; '.join(self.differs)}"


class Differs(AssertionError):
    """The two pairs show different things."""


class RandomCalls(RuleBasedStateMachine):
    """Both pairs, with web1 running on h1 at first."""

    def __init__(self, right: Make, other: Make, patience: float, runs: list[Run]) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.right, self.other = (Side(self.stack.enter_context(make())) for make in (right, other))
        self.patience = patience
        self.made = Run()
        runs.append(self.made)

    @initialize()
    def begin(self) -> None:
        """web1 runs."""
        self._do(Call("start", "h1"))

    @rule(verb=st.sampled_from((*VERBS, *OFTEN)), here=st.sampled_from((True, True, True, False)), anew=st.booleans())
    def call(self, verb: str, here: bool, anew: bool) -> None:
        """Any call; most of them where web1 is, since elsewhere, and once it has gone, each is merely refused."""
        there = [host for host in HOSTS if self.other.pair.state(host)]
        home = there[-1] if there else "h1"
        host = home if here else next(host for host in HOSTS if host != home)
        self._do(Call("start" if anew and not there else verb, host))

    def _do(self, call: Call) -> None:
        self.made.calls.append(call)
        for side in (self.right, self.other):
            side.looked()
        errors = [side.do(call) for side in (self.right, self.other)]
        self.other.pair.settle()
        expected = self.other.look()
        seen = {"errors": errors[0], **until(self.right, expected, self.patience)}
        self.made.seen.append(seen)
        self.made.differs = compared(seen, {"errors": errors[1], **expected})
        if self.made.differs:
            raise Differs(self.made.told())

    def teardown(self) -> None:
        """Both pairs are given back."""
        self.stack.close()


def compared(right: Seen, other: Seen) -> list[str]:
    """A line for each thing in which the looks differ."""
    return differences("real", flat(right), "fake", flat(other))


def flat(seen: Seen) -> Seen:
    """``h1.state`` and so on, beside ``errors``."""
    hosts = {f"{host}.{key}": value for host in HOSTS for key, value in seen[host].items()}
    return {"errors": seen["errors"], **hosts}


def explore(right: Make, other: Make, runs: int, calls: int, patience: float = 0) -> list[Run]:
    """So many runs of so many calls.  If something differs, the last one is the shortest run that shows it."""
    made: list[Run] = []
    budget = settings(
        max_examples=runs, stateful_step_count=calls, derandomize=True, database=None, deadline=None,
        report_multiple_bugs=False, suppress_health_check=list(HealthCheck), phases=(Phase.generate, Phase.shrink),
    )  # fmt: skip
    try:
        run_state_machine_as_test(lambda: RandomCalls(right, other, patience, made), settings=budget)
    except Exception:  # of Hypothesis too, when a difference comes and goes
        wrong = [one for one in made if one.differs]
        if not wrong:
            raise
        same = [one for one in made if not one.differs][:runs]
        return [*same, min(wrong, key=lambda one: len(one.calls))]
    return made

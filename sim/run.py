"""`run(play, decisions) -> Run`: the one way in which anything is played.

Storm, then calm: while faults rage only *always* is asked; then passing faults heal, the world comes to
rest, and the question of leftovers is asked.  It is a pure function: command line, pytest, replay and shrinking call
it with another source of decisions; so do searches, by `sim.repeated`, which gives the same.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Coroutine, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import msgspec

from sim.checks import Check, Expectation, Judge, View
from sim.clock import HOUR, SECOND
from sim.decisions import Decisions
from sim.explain import Explainer
from sim.fates import Fate
from sim.findings import FINDINGS, PASSED, UNKNOWN, Finding, Result
from sim.nodes import Process
from sim.outcomes import HarnessError, InputError
from sim.snapshot import Rows, as_json, rows
from sim.tables import Schema
from sim.tally import Counting, Marks, Tally
from sim.tasks import Task
from sim.trace import Trace
from sim.triggers import Trigger
from sim.world import World

SETTLED_WITHIN = 600 * SECOND
EVENTUALLY_WITHIN = 3_600 * SECOND
STORM_AT_MOST = 1_800 * SECOND
MOST_TIME = 24 * HOUR
MOST_EVENTS = 200_000


class Step(NamedTuple):
    """One thing that somebody does.

    Args:
        name: the verb and its words, such as ``vm.migrate web1``.
        act: makes the coroutine that does it, given the process that it runs in; its value is words.
        together: begin with the step before it.
        wait: begin only when the world is at rest.
        after: begin when such a request crosses.
        until: begin when this holds of the rows.
        must: the words that it must come to; "" for any.
    """

    name: str
    act: Callable[[Process], Coroutine[Any, Any, str]]
    together: bool = False
    wait: bool = False
    after: Trigger | None = None
    until: Callable[[View], bool] | None = None
    must: str = ""


class Play(NamedTuple):
    """What is played: everything that `run` needs to know of a scenario under a design."""

    scenario: str
    design: str
    build: Callable[[World], Process]
    """Makes the nodes and rows; returns the process in which the steps are taken."""
    schemas: dict[str, Schema[Any]]
    given: list[Step]
    when: list[Step]
    checks: list[Check]
    marks: Marks
    must_reach: list[str]
    most_events: int = MOST_EVENTS


class Run(NamedTuple):
    """A result with the trace and the last rows it came from."""

    result: Result
    trace: Trace
    rows: Rows

    @property
    def snapshot(self) -> dict[str, dict[str, list[Any]]]:
        """All rows as JSON, by schema and node."""
        return as_json(self.rows)


class _Bound(Exception):
    """A bound was passed: the verdict is unknown."""


class Runner:
    """One run in progress."""

    def __init__(self, play: Play, decisions: Decisions, skip_idle_rounds: bool) -> None:
        self.play = play
        self.decisions = decisions
        self.world = World(decisions, skip_idle_rounds)
        self.kernel = self.world.kernel
        self.view = View(self.world.store)
        self.judge = Judge(self.kernel, self.view, play.checks)
        self.kernel.after_step = self.judge.after_step
        self.counting = Counting(play.marks, play.schemas)
        self.tasks: list[tuple[Step, Task]] = []
        self.unknown = ""
        self.never: list[str] = []  # what steps waited for in vain
        self.begun = 0  # the event with which the history under test began

    # --- phases --------------------------------------------------------------------------------

    def play_through(self) -> None:
        """Given, when, storm, calm, and the questions."""
        self._bounded(self.play_given, self._play_when)

    def _bounded(self, *phases: Callable[[], object]) -> None:
        try:
            for phase in phases:
                phase()
        except _Bound as bound:
            self.unknown = str(bound)

    def play_given(self) -> bool:
        """Build the world and take the steps that are given; whether it came to rest after them."""
        self.user = self.play.build(self.world)
        self._rest(EVENTUALLY_WITHIN)
        self._take(self.play.given, "given")
        return self._rest(self.kernel.now + EVENTUALLY_WITHIN)

    def _play_when(self) -> None:
        """The history under test, the calm, and the questions."""
        self.decisions.arm()
        self.begun = len(self.world.trace.raw) - 1
        self._take(self.play.when, "when")
        self._rest(self.kernel.now + STORM_AT_MOST)
        self._calm()

    def _calm(self) -> None:
        gate, faults = self.world.gate, self.world.faults
        gate.open = False
        gate.release_all()
        gate.give_up_hung()
        faults.heal_all()
        healed = max(faults.last_heal, self.kernel.now)
        self._rest(healed + SETTLED_WITHIN)
        self.judge.judge_all(Expectation.SETTLED)
        self.judge.judge_all(Expectation.ALWAYS)
        self._rest(healed + EVENTUALLY_WITHIN)
        self.judge.judge_all(Expectation.EVENTUALLY)
        if not self._rest(MOST_TIME):
            raise _Bound(f"the world did not come to rest within {MOST_TIME // HOUR} virtual hours{self._restless()}")

    def _restless(self) -> str:
        awake = [
            f"{process.where} {periodic.name}"
            for node in self.world.nodes.values()
            for process in node.processes.values()
            for periodic in process.periodics
            if not periodic.asleep
        ]
        waiting = [task.path for node in self.world.nodes.values() for p in node.processes.values() for task in p.tasks]
        return f": still at work: {', '.join((awake + waiting)[:3])}" if awake or waiting else ""

    # --- going on ------------------------------------------------------------------------------

    def _advance(self, until: int, stop: Callable[[], bool] | None = None, task: Task | None = None) -> bool:
        """Go on until the condition holds or the task has ended, or until rest (True), or until that time (False)."""
        came_to = self.kernel.advance(until, self.play.most_events, stop, task)
        if came_to == "bound":
            raise _Bound(f"more than {self.play.most_events} events, or 20 times as many steps{self._restless()}")
        return came_to == "rest"

    def _rest(self, until: int) -> bool:
        while self._advance(until):
            if not self.world.gate.release_all():
                return True
        return False

    # --- steps ---------------------------------------------------------------------------------

    def _take(self, steps: list[Step], phase: str) -> None:
        before: list[Task] = []
        for number, step in enumerate(steps, 1):
            label = f"{phase}.{number} {step.name}"
            if step.after is not None:
                self.world.gate.listeners.append((step.after, self._later(step, label)))
                continue
            if not step.together:
                self._finish(before)
                before = []
            if step.wait:
                self._rest(self.kernel.now + STORM_AT_MOST)
            if step.until is not None:
                self._await(step.name, step.until)
            before.append(self._begin(step, label, -1))
        self._finish(before)

    def _later(self, step: Step, label: str) -> Callable[[int], None]:
        def begin(cause: int) -> None:
            self.kernel.at(self.kernel.now, self._begin, step, label, cause)

        return begin

    def _begin(self, step: Step, label: str, cause: int) -> Task:
        user = self.user
        event = self.world.trace.add(self.kernel.now, cause, "step", user.where, step.name)
        task = Task(step.act(user), user, None, label, event)
        self.tasks.append((step, task))
        self.kernel.start(task)
        return task

    def _finish(self, tasks: list[Task]) -> None:
        until = self.kernel.now + STORM_AT_MOST
        for task in tasks:
            self._advance(until, task=task)

    def _await(self, step: str, condition: Callable[[View], bool]) -> None:
        if not self._advance(self.kernel.now + STORM_AT_MOST, lambda: condition(self.view)):
            self.never.append(f"the state that {step} waits for")

    # --- the result ----------------------------------------------------------------------------

    def run(self) -> Run:
        """Play, judge, explain."""
        try:
            return self._judged(self.play_through)
        finally:
            self.world.close()

    def go_on(self, decisions: Decisions) -> Run:
        """Play from the rest after what is given, judge, explain."""
        self.decisions = decisions
        self.world.gate.decide_by(decisions)
        return self._judged(lambda: self._bounded(self._play_when))

    def _judged(self, history: Callable[[], None]) -> Run:
        try:
            return self._run(history)
        except (HarnessError, InputError):
            raise
        except Exception as error:
            raise self._at_fault(f"{type(error).__name__}: {error}") from error

    def _at_fault(self, words: str) -> HarnessError:
        return HarnessError(f"{words}; scenario {self.play.scenario}; schedule {self.world.gate.schedule}")

    def _run(self, history: Callable[[], None]) -> Run:
        try:
            history()
        except HarnessError as error:
            raise self._at_fault(str(error)) from error
        trace = self.world.trace
        fingerprint = trace.fingerprint()
        findings, excused = self._findings()
        counted = self.counting.go_on(trace.raw)
        findings += self._unreached(counted.reached)
        result = self._result(findings, excused, counted, fingerprint)
        return Run(result, trace, rows(self.world.store))

    def _result(self, findings: list[Finding], excused: list[Finding], counted: Tally, fingerprint: str) -> Result:
        verdict = FINDINGS if findings else UNKNOWN if self.unknown else PASSED
        return Result(
            scenario=self.play.scenario,
            design=self.play.design,
            verdict=verdict,
            findings=findings,
            excused=excused,
            unknown=self.unknown,
            reached=counted.reached,
            struck=list(self.world.gate.schedule),
            missed=self._missed(),
            fingerprint=fingerprint,
            events=len(self.world.trace.raw),
            messages=counted.messages,
            writes=counted.writes,
            ended_at=self.kernel.now,
            steps=[f"{step.name}: {_outcome(task)}" for step, task in self.tasks],
        )

    def _findings(self) -> tuple[list[Finding], list[Finding]]:
        if not self.judge.broken:
            return [], []
        explainer = Explainer(self.world.trace, self.play.schemas, self.world.faults.standing, self.begun)
        found: dict[tuple[str, bool], Finding] = {}  # an excused one hides none that is not
        for broken in self.judge.broken.values():
            finding = explainer.finding(broken)
            found.setdefault((finding.id, bool(finding.excused)), finding)
        every = sorted(found.values(), key=lambda finding: finding.id)
        return [one for one in every if not one.excused], [one for one in every if one.excused]

    def _missed(self) -> list[str]:
        """What was stated and never drawn, or drawn and never took effect; a recorded run has both on record."""
        return list(dict.fromkeys(self.decisions.missed() + self.world.faults.missed()))

    def _unreached(self, reached: list[str]) -> Iterable[Finding]:
        for name in self.play.must_reach:
            if name not in reached:
                yield _never(f"{name} was never reached", f"reached/{name}", self.kernel.now)
        for trigger, _ in self.world.gate.listeners:
            self.never.append(f"{trigger.text}, after which a step begins")
        for words in self.never:
            yield _never(f"{words} never came", "reached/step-never-begun", self.kernel.now)
        for step, task in self.tasks:
            if step.must not in ("", _outcome(task)):
                words = f"{step.name} is given and did not come to be: {_outcome(task)}"
                yield _never(words, "reached/given-step-failed", self.kernel.now)
        for words in self._missed():
            yield _never(f"the fault never struck: {words}", "reached/fault-never-struck", self.kernel.now)


def _never(remains: str, name: str, now: int) -> Finding:
    return Finding(
        id=name, check="reached", statement="what the scenario states must have happened",
        subject="scenario", remains=remains, made="", made_at=0, since="", since_at=0, fault="", found_at=now,
    )  # fmt: skip


def _outcome(task: Task) -> str:
    if not task.ended:
        return "still at work"
    return str(task.value) if task.error is None else f"{type(task.error).__name__.lower()} ({task.error})"


def run(play: Play, decisions: Decisions, skip_idle_rounds: bool = True) -> Run:
    """Play a scenario under a design with these decisions.

    The same three give the same trace, byte for byte, in any process on any machine.

    Raises:
        InputError: a stated fault cannot strike that link.
        HarnessError: a fake, a flow or the simulator is at fault.
    """
    with undisturbed():
        runner = Runner(play, decisions, skip_idle_rounds)
        try:
            return runner.run()
        finally:
            runner.__dict__.clear()


@contextmanager
def undisturbed() -> Iterator[None]:
    """No garbage is collected: a world is full of cycles that live until its end, and to look in between finds none."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def schedule_of(result: Result) -> list[tuple[str, Fate]]:
    """The schedule that replays the run."""
    return [(label, msgspec.structs.replace(fate)) for label, fate in result.struck]

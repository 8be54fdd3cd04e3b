"""The scenario as data: what a YAML file says and what the builder in Python makes.

Durations are written as ``60s`` or ``250ms``.  All keys are lower case with dashes in YAML, and
underscores here.  `scenarios.loader` reads it strictly; `scenarios.playing` plays it.
"""

from __future__ import annotations

from typing import Any, Literal

from fakes.topology import Strict, Topology

Period = Literal["2012-05"]


class StateModel(Strict, frozen=True):
    """A row's state as a trigger: the table, the node ("*" any), columns and their values."""

    table: str
    where: dict[str, Any]
    node: str = "*"


class FaultModel(Strict, frozen=True, rename={"for_": "for", "back_after": "back-after"}):
    """One fault.

    `at` is a trigger in words or a row's state; `fate` a word of `sim.fates.ALL`; `for_` lets it strike
    every further matching point for so long; `standing` faults never heal.
    """

    at: str | StateModel
    fate: str
    node: str = ""
    process: str = ""
    between: tuple[str, str] | None = None
    how: Literal["silence", "cut"] = "silence"
    code: str = ""
    until: str = ""
    delay: str = "0s"
    back_after: str = ""
    for_: str = "0s"
    nth: int = 1
    moment: Literal["before", "after"] = "before"
    standing: bool = False


class StepModel(Strict, frozen=True):
    """One step: a verb with its arguments (a struct of `scenarios.verbs`), and when it begins."""

    verb: str
    args: Any
    together: bool = False
    wait: bool = False
    after: str = ""
    until: StateModel | None = None


class ExpectModel(Strict, frozen=True):
    """One expectation of `then`: its word (of `scenarios.expectations`) and its arguments."""

    word: str
    args: Any


class ThenModel(Strict, frozen=True):
    """What this history must come to, beside all checks."""

    eventually: list[ExpectModel] = []
    reached: list[str] = []


class FailsUnder(Strict, frozen=True):
    """A design or a defect under which the scenario fails, and the check that says so."""

    finding: str
    design: str = ""
    defect: str = ""


class NotApplicable(Strict, frozen=True):
    """A design for which a trigger of this scenario cannot strike, and why."""

    design: str
    because: str


class BugModel(Strict, frozen=True):
    """The public bug that a scenario shows: its number in the project's list, and where it is reported."""

    id: str
    reference: str


class Scenario(Strict, frozen=True):
    """A scenario."""

    scenario: str
    about: str
    topology: Topology
    when: list[StepModel]
    given: list[StepModel] = []
    faults: list[FaultModel] = []
    then: ThenModel = ThenModel()
    tags: list[str] = []
    period: Period = "2012-05"
    fails_under: list[FailsUnder] = []
    not_applicable: list[NotApplicable] = []
    bug: BugModel | None = None

    def inapplicable(self, design: str) -> str:
        """Why it does not apply under that design; "" if it does."""
        return next((one.because for one in self.not_applicable if one.design == design), "")

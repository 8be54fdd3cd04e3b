"""pytest collects scenario files: each is a test, named as its scenario.

Files below `scenarios/library` are collected wherever pytest meets them; any other YAML file that begins with
`scenario:` when it is named on pytest's command line, or matches a pattern of the setting `ovqsim_scenarios`.

pytest loads it wherever ovqsim is installed, so what it needs to play is imported when it is needed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from scenarios.many import Came
    from scenarios.model import Scenario

LIBRARY = Path(__file__).parent / "library"

_FIRST_KEY = re.compile(r"(\s*(#[^\n]*)?\n|---[^\n]*\n)*scenario\s*:")
_ENOUGH = 4096


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of `ovqsim run` that make sense for tests."""
    group = parser.getgroup("ovqsim", "scenarios of ovqsim")
    group.addoption("--ovqsim-design", default="reference", metavar="NAME", help="play scenarios under this design")
    group.addoption("--ovqsim-defect", default="", metavar="NAME", help="play scenarios with this defect in place")
    patterns = "files that are scenarios, as patterns of paths below the root: scenarios/*.yaml ... (* crosses folders)"
    parser.addini("ovqsim_scenarios", patterns, type="args", default=[])


def pytest_configure(config: pytest.Config) -> None:
    """Refuse an unknown design or defect before anything is played."""
    design, defect = config.getoption("--ovqsim-design"), config.getoption("--ovqsim-defect")
    if (design, defect) == ("reference", ""):
        return
    from scenarios.commands.run import check_terms
    from sim.outcomes import InputError

    try:
        check_terms(design, defect)
    except InputError as error:
        raise pytest.UsageError(str(error)) from None


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """A file of the library, or a scenario that was named, on the command line or by the setting."""
    if file_path.suffix != ".yaml":
        return None
    named = parent.session.isinitpath(file_path) or _is_set(file_path, parent.config)
    if LIBRARY in file_path.parents or (named and _is_scenario(file_path)):
        collector: pytest.Collector = ScenarioFile.from_parent(parent, path=file_path)
        return collector
    return None


def _is_set(path: Path, config: pytest.Config) -> bool:
    """Whether a pattern of the setting is meant to have it."""
    patterns: list[str] = config.getini("ovqsim_scenarios")
    if not patterns or config.rootpath not in path.parents:
        return False
    below = path.relative_to(config.rootpath).as_posix()
    return any(fnmatch(below, pattern) for pattern in patterns)


def _is_scenario(path: Path) -> bool:
    with path.open("rb") as file:
        return _FIRST_KEY.match(file.read(_ENOUGH).decode(errors="replace")) is not None


class ScenarioFile(pytest.File):
    """A YAML file with one scenario."""

    def collect(self) -> Iterable[pytest.Item]:
        """The scenario as a test."""
        from scenarios.loader import load
        from sim.outcomes import InputError

        try:
            scenario = load(self.path)
        except InputError as error:
            raise self.CollectError(str(error)) from None
        yield ScenarioTest.from_parent(self, name=scenario.scenario, scenario=scenario)


class NotPassed(Exception):
    """The scenario ended in findings or unknown; the text says all there is to say."""


class ScenarioTest(pytest.Item):
    """Plays a scenario under the chosen design."""

    def __init__(self, *, scenario: Scenario, **rest: Any) -> None:
        super().__init__(**rest)
        self.scenario = scenario

    def runtest(self) -> None:
        """Play it; findings and unknowns fail, a design that does not apply skips."""
        from scenarios.many import Terms, play_one

        design, defect = self.config.getoption("--ovqsim-design"), self.config.getoption("--ovqsim-defect")
        came = play_one(self.scenario, Terms(design, defect))
        if came.failure is not None:
            raise NotPassed(f"{'harness error' if came.failure.harness else 'wrong input'}: {came.failure.text}")
        assert came.result is not None
        if came.result.not_applicable:
            pytest.skip(f"not applicable under {design}: {came.result.not_applicable}")
        if came.reproducer is not None:
            raise NotPassed(self._told(came))

    def _told(self, came: Came) -> str:
        """The verdict and the findings, with the reproducer's path."""
        from reports.played import Played
        from reports.terminal import findings_lines, verdict_lines
        from scenarios.commands.run import REPRODUCERS
        from scenarios.commands.session import name_of
        from sim.reproducer import write

        assert came.result is not None
        assert came.reproducer is not None
        path = write(self.config.rootpath / REPRODUCERS / name_of(came.reproducer), came.reproducer)
        played = Played(came.result, str(path.relative_to(self.config.rootpath)), list(self.scenario.then.reached))
        lines = verdict_lines(played, len(came.result.scenario)) + findings_lines([played])
        return "\n".join([*lines, "", f"reproducer: {played.reproducer}"])

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """What failed in the scenario's terms; a traceback only for an error of the harness."""
        if isinstance(excinfo.value, NotPassed):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where pytest says that the test is."""
        return self.path, 0, self.name

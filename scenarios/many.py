"""Plays many scenarios, in this process or in several, and yields what each came to, in order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from scenarios.deciding import Both
from scenarios.model import Scenario
from scenarios.writing import to_data
from sim.decisions import Decisions
from sim.findings import Result
from sim.outcomes import HarnessError, InputError
from sim.reproducer import FORMAT, Decision, Reproducer, digests
from sim.run import MOST_EVENTS, Run

PER_PROCESS = 64
"""Scenarios that justify another process: starting one costs as much as playing these."""

CHUNK = 16

ENOUGH_EVENTS = 20_000
"""A design or defect that never comes to rest has shown its findings by then."""


class Terms(NamedTuple):
    """Under what a scenario is played.

    Args:
        but: the one repair that is turned round: left out if all are made, put back if none is.
        recorded: whether a reproducer is wanted.
        most_events: after so many it ends.
    """

    design: str = "reference"
    defect: str = ""
    repaired: bool = True
    seed: int | None = None
    but: str = ""
    recorded: bool = True
    most_events: int = MOST_EVENTS

    def words(self) -> list[str]:
        """Design, defect, and whether the repairs are left out, as the names of files have them."""
        return [part for part in (self.design, self.defect, "" if self.repaired else "unrepaired") if part]

    def options(self) -> list[str]:
        """The options of a command line that plays under the same."""
        design = ["--design", self.design] if self.design != "reference" else []
        defect = ["--defect", self.defect] if self.defect else []
        return [*design, *defect, *([] if self.repaired else ["--unrepaired"])]

    def searched(self) -> Terms:
        """As a search plays them: a design or defect that never comes to rest is ended early."""
        return self if (self.design, self.defect) == ("reference", "") else self._replace(most_events=ENOUGH_EVENTS)

    def failing(self, design: str, defect: str) -> Terms:
        """Under a design or defect that must break a check."""
        return self._replace(design=design or self.design, defect=defect, recorded=False, most_events=ENOUGH_EVENTS)


class Task(NamedTuple):
    """One scenario, and under what it is played."""

    scenario: Scenario
    terms: Terms


class Failure(NamedTuple):
    """Why a scenario could not be played: the error's text, where it arose, and whose fault it is."""

    text: str
    where: str
    harness: bool


class Came(NamedTuple):
    """What one scenario came to: a result and, unless it passed, its reproducer; or a failure."""

    result: Result | None
    reproducer: Reproducer | None
    failure: Failure | None


def play_one(scenario: Scenario, terms: Terms) -> Came:
    """Play one scenario; no exception but Ctrl-C leaves."""
    from scenarios.playing import play

    try:
        decisions = _decisions(scenario, terms.seed)
        run = play(scenario, terms.design, decisions, terms.defect, terms.repaired, terms.but, terms.most_events)
    except InputError as error:
        return Came(None, None, Failure(str(error), "", False))
    except Exception as error:
        text = str(error) if isinstance(error, HarnessError) else f"{type(error).__name__}: {error}"
        return Came(None, None, Failure(text, origin(error), True))
    result = run.result
    wanted = terms.recorded and (result.findings or result.unknown)
    return Came(result, reproducer_of(scenario, terms, run) if wanted else None, None)


def _decisions(scenario: Scenario, seed: int | None) -> Decisions | None:
    if seed is None:
        return None
    from scenarios.playing import decisions_of
    from sim.decisions.seeded import Seeded

    return Both(decisions_of(scenario), Seeded(seed))


def reproducer_of(scenario: Scenario, terms: Terms, run: Run) -> Reproducer:
    """What replays that run of the scenario."""
    from scenarios.version import code_version

    result = run.result
    return Reproducer(
        format=FORMAT,
        code=code_version(),
        scenario=to_data(scenario),
        design=terms.design,
        defect=terms.defect,
        repaired=terms.repaired,
        most_events=terms.most_events,
        schedule=[Decision(label, fate) for label, fate in result.struck],
        missed=result.missed,
        fingerprint=result.fingerprint,
        findings=[finding.id for finding in result.findings],
        digests=digests(run.trace.events),
    )


def origin(error: BaseException) -> str:
    """Where the first cause of an error arose: file, line, function."""
    while error.__cause__ is not None:
        error = error.__cause__
    trace = error.__traceback__
    if trace is None:
        return ""
    while trace.tb_next is not None:
        trace = trace.tb_next
    code = trace.tb_frame.f_code
    return f"{code.co_filename}:{trace.tb_lineno} in {code.co_qualname}"


def play_many(every: Sequence[Task], jobs: int | None) -> Iterator[Came]:
    """What each came to, in the order given; `jobs` None: as many processes as are worth their start."""
    count = processes(len(every), jobs)
    if count <= 1:
        for one in every:
            yield play_one(*one)
    else:
        yield from _in_pool(every, count)


def processes(scenarios: int, jobs: int | None) -> int:
    """How many processes play that many scenarios."""
    if jobs is not None:
        return min(jobs, scenarios)
    worth = scenarios // PER_PROCESS
    if worth <= 1:
        return worth
    from scenarios.lanes import cores

    return min(cores(), worth)


def _in_pool(every: Sequence[Task], count: int) -> Iterator[Came]:
    """Play them in chunks."""
    from scenarios.lanes import in_order

    size = max(1, min(CHUNK, len(every) // (2 * count)))
    chunks = [list(every[start : start + size]) for start in range(0, len(every), size)]
    for came in in_order(_play_chunk, ((chunk, len(chunk)) for chunk in chunks), count):
        yield from came


def _play_chunk(every: list[Task]) -> list[Came]:
    return [play_one(*one) for one in every]

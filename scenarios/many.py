"""Plays many scenarios, in this process or in several, and yields what each came to, in order."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
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

RECYCLED_AFTER = 20
"""Chunks a worker after which all are replaced: what killed tasks held is never freed (see `sim.kill`).

The pool's own `max_tasks_per_child` can wait for ever once its first workers have ended (python/cpython#115634).
"""

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
    return Came(result, _reproducer(scenario, terms, run) if wanted else None, None)


def _decisions(scenario: Scenario, seed: int | None) -> Decisions | None:
    if seed is None:
        return None
    from scenarios.playing import decisions_of
    from sim.decisions.seeded import Seeded

    return Both(decisions_of(scenario), Seeded(seed))


def _reproducer(scenario: Scenario, terms: Terms, run: Run) -> Reproducer:
    from scenarios.version import code_version

    result = run.result
    return Reproducer(
        format=FORMAT,
        code=code_version(),
        scenario=to_data(scenario),
        design=terms.design,
        defect=terms.defect,
        repaired=terms.repaired,
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
    import os

    return min(os.cpu_count() or 1, scenarios // PER_PROCESS)


def _in_pool(every: Sequence[Task], count: int) -> Iterator[Came]:
    """Play them in chunks; a pool plays so many of these, then a fresh one the next."""
    size = max(1, min(CHUNK, len(every) // (2 * count)))
    chunks = [list(every[start : start + size]) for start in range(0, len(every), size)]
    for start in range(0, len(chunks), count * RECYCLED_AFTER):
        yield from _play_chunks(chunks[start : start + count * RECYCLED_AFTER], count)


def _play_chunks(chunks: list[list[Task]], count: int) -> Iterator[Came]:
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool
    from multiprocessing import get_context

    pool = ProcessPoolExecutor(count, get_context("spawn"))
    try:
        with _deaf_to_interrupts():
            futures = [pool.submit(_play_chunk, chunk) for chunk in chunks]
        for future in futures:
            yield from future.result()
    except BrokenProcessPool:
        raise HarnessError("a worker process died before its scenarios were played") from None
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _play_chunk(every: list[Task]) -> list[Came]:
    return [play_one(*one) for one in every]


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Block Ctrl-C: processes and threads started here inherit it, so only the parent answers it."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)

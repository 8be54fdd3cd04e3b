"""What `replay` and `explain` share: playing a reproducer again and comparing."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from reports.rows import event_line
from scenarios.deciding import Recorded
from scenarios.loader import from_data
from scenarios.version import code_version
from sim.outcomes import InputError
from sim.reproducer import DIGEST, Reproducer, first_difference, read
from sim.run import Run


class Replayed(NamedTuple):
    """A recording and its replay; `differs` has a line for each difference."""

    recorded: Reproducer
    run: Run
    differs: list[str]


def replay(path: Path) -> Replayed:
    """Play the reproducer of a file again.

    Raises:
        InputError: the file is not, or no longer, a reproducer that this code can play.
    """
    from scenarios.playing import play

    recorded = read(path)
    decisions = Recorded(recorded.decisions(), recorded.missed)
    try:
        scenario = from_data(recorded.scenario, str(path))
        run = play(
            scenario, recorded.design, decisions, recorded.defect, recorded.repaired, most_events=recorded.most_events
        )
    except InputError as error:
        raise InputError(f"{error}{_other_code(recorded)}") from None
    return Replayed(recorded, run, _differences(recorded, run, decisions.undrawn()))


def _other_code(recorded: Reproducer) -> str:
    if recorded.code == code_version():
        return ""
    return f" (recorded by the code {recorded.code}, and this is {code_version()})"


def _differences(recorded: Reproducer, run: Run, undrawn: list[str]) -> list[str]:
    lines = [f"stated and never drawn: {words}" for words in undrawn]
    first = first_difference(recorded.digests, run.trace)
    if first is not None:
        lines.insert(0, _first(first, run, recorded))
    elif run.result.fingerprint != recorded.fingerprint:
        lines.append(f"the fingerprint is {run.result.fingerprint}, and was {recorded.fingerprint}")
    lines += _findings(recorded.findings, [finding.id for finding in run.result.findings])
    if lines and _other_code(recorded):
        lines.append(_other_code(recorded).strip(" ()"))
    return lines


def _first(number: int, run: Run, recorded: Reproducer) -> str:
    events = run.trace.events
    if number >= len(events):
        return f"the replay ends after {number} events; the recording goes on"
    line = event_line(number, events[number])
    if DIGEST * number >= len(recorded.digests):
        return f"the recording ends after {number} events; the replay goes on with {line}"
    return f"the first event that differs is now {line}"


def _findings(before: list[str], now: list[str]) -> list[str]:
    gone = [f"found then, and not now: {one}" for one in before if one not in now]
    return gone + [f"found now, and not then: {one}" for one in now if one not in before]

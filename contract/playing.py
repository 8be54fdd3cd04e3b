"""The contract played: every behaviour of a part on a fresh host each."""

from __future__ import annotations

from collections.abc import Callable

from contract.lab import Lab
from contract.parts import PARTS, Host, Part
from contract.recorded import Record
from contract.verdicts import Look, Reviewed, Verdict, judge, look


def on_fakes(part: Part) -> dict[str, Look]:
    """What the fakes show, by the name of the behaviour."""
    return _played(part, part.fake)


def on_real(part: Part, lab: Lab) -> dict[str, Look]:
    """What the real part shows."""
    return _played(part, lambda: part.real(lab))


def _played(part: Part, make: Callable[[], Host]) -> dict[str, Look]:
    looks: dict[str, Look] = {}
    for one in part.behaviours:
        with make() as host:
            looks[one.name] = look(one, host)
    return looks


def verdicts(record: Record, lists: Reviewed) -> list[Verdict]:
    """The fakes beside what the real part was seen to do."""
    part = PARTS[record.part]
    fakes = on_fakes(part)
    unseen = "not played on the real part yet"
    return [judge(one, fakes[one.name], record.looks.get(one.name, unseen), lists) for one in part.behaviours]

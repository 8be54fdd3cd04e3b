"""`python -m contract [PART...]`: plays the contract on the real parts and on the fakes, and compares.

Ends in 0 if all is equal or a reviewed exception, 1 if something differs, 2 if it could not be played.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Sequence
from datetime import UTC, datetime

from contract import explored, fidelity, machine, recorded
from contract.explored import Explored
from contract.lab import Lab, Unfit
from contract.parts import PARTS
from contract.playing import on_real, verdicts
from contract.recorded import Record
from contract.verdicts import DIFFERENT, KINDS, NOT_HERE, Verdict, reviewed


def main(names: Sequence[str]) -> int:
    """Play those parts, all if none is named; the exit code."""
    try:
        for name in names:
            if name not in PARTS:
                raise Unfit(f"no part {name!r}: there is {', '.join(PARTS)}")
        _record(names or list(PARTS))
    except Unfit as why:
        print(f"contract: {why}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("contract: interrupted; nothing of it is left", file=sys.stderr)
        return 2
    return _tell()


def _record(names: Sequence[str]) -> None:
    """Play those parts, and keep what was seen once all of it has been."""
    machine.fit()
    machine.sweep()
    machine.install(dict.fromkeys(package for name in names for package in PARTS[name].packages))
    with Lab() as lab:
        today = datetime.now(UTC).date().isoformat()
        records = [Record(name, PARTS[name].version(), today, on_real(PARTS[name], lab)) for name in names]
        runs = explored.explore(lab) if explored.PART in names else None
    for record in records:
        recorded.save(record)
    if runs is not None:
        explored.save(Explored(PARTS[explored.PART].version(), today, runs))


def _tell() -> int:
    """Print the table and what differs, write the page; the exit code."""
    records = {name: recorded.load(name) for name in PARTS}
    lists = reviewed()
    found = {name: verdicts(record, lists) for name, record in records.items()}
    random = explored.load()
    wrong = explored.differences(random)
    fidelity.PAGE.write_text(fidelity.page(found, records, fidelity.random_calls(random, wrong)))
    print(f"{'real part':42}{'compared':>10}" + "".join(f"{kind:>16}" for kind in KINDS))
    for name, ones in found.items():
        print(_row(f"{PARTS[name].title} {records[name].version}", ones))
    for one in (one for ones in found.values() for one in ones if one.why):
        print(f"{one.kind}: {PARTS[one.behaviour.part].title}: {one.behaviour.name}: {one.why}")
    print(f"random calls: {len(random.runs)} runs, {random.calls.total()} calls, {len(wrong)} different")
    for line in wrong:
        print(f"different: random calls {line}")
    return 1 if wrong or any(one.kind == DIFFERENT for ones in found.values() for one in ones) else 0


def _row(title: str, ones: list[Verdict]) -> str:
    numbers = [sum(one.kind == kind for one in ones) for kind in KINDS]
    return f"{title:42}{sum(numbers) - numbers[KINDS.index(NOT_HERE)]:>10}" + "".join(
        f"{number:>16}" for number in numbers
    )


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _interrupt)
    sys.exit(main(sys.argv[1:]))

"""Reproducers: a file that is complete in itself and replays one run, event by event.

It is JSON: scenario, design, schedule, the fingerprint of the trace and a short digest of each event,
and at its end a checksum over every byte before it.  A reproducer of another *format* is refused; one
of another *code version* is replayed, and the digests tell where it first differs.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from hashlib import blake2b
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, NoReturn

import msgspec

from sim.fates import Fate
from sim.outcomes import InputError
from sim.trace import ENCODER, Event, Trace

FORMAT = 2
MOST_BYTES = 16 << 20
DIGEST = 4
"""Hexadecimal digits of an event's digest."""

_TAIL = re.compile(rb',\n  "checksum": "([0-9a-f]{32})"\n\}\n\Z')
_AGAIN = "take a fresh copy, or make it again with `ovqsim run`"


class Decision(msgspec.Struct, frozen=True):
    """One entry of a schedule: at this label, this fate."""

    label: str
    fate: Fate


class Reproducer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """One run, complete in itself.

    Args:
        format: of this file.
        code: the version of the code that made it.
        scenario: the scenario as plain data.
        design, defect, repaired: what was played.
        most_events: after so many it was ended.
        schedule: every decision that differed from the default, in order.
        missed: the stated faults that never struck, in words.
        fingerprint: of the whole trace.
        findings: their ids.
        digests: `DIGEST` hexadecimal digits an event, each over that event and all before it.
    """

    format: int
    code: str
    scenario: dict[str, Any]
    design: str
    defect: str
    repaired: bool
    most_events: int
    schedule: list[Decision]
    missed: list[str]
    fingerprint: str
    findings: list[str]
    digests: str

    def same_history(self, other: Reproducer) -> bool:
        """Whether both are of the same findings in the same history, whatever code made them."""
        return self._history() == other._history()

    def _history(self) -> Reproducer:
        return msgspec.structs.replace(self, code="", fingerprint="", digests="")

    def same_place(self, other: Reproducer) -> bool:
        """Whether both are of a scenario of that name under the same terms."""
        return self._terms() == other._terms()

    def _terms(self) -> tuple[Any, ...]:
        return self.scenario.get("scenario"), self.design, self.defect, self.repaired

    def decisions(self) -> list[tuple[str, Fate]]:
        """The schedule as `sim.decisions.replay` takes it."""
        return [(one.label, one.fate) for one in self.schedule]


def digests(events: Iterable[Event]) -> str:
    """A short digest of each event, over it and all before it."""
    running = blake2b(digest_size=8)
    found: list[str] = []
    for event in events:
        running.update(ENCODER.encode(event))
        found.append(running.hexdigest()[:DIGEST])
    return "".join(found)


def first_difference(recorded: str, trace: Trace) -> int | None:
    """The number of the first event that differs from the recording; None when none does.

    It is the length of the shorter when one is a beginning of the other.
    """
    now = digests(trace.events)
    if now == recorded:
        return None
    for start in range(0, min(len(now), len(recorded)), DIGEST):
        if now[start : start + DIGEST] != recorded[start : start + DIGEST]:
            return start // DIGEST
    return min(len(now), len(recorded)) // DIGEST


# --- the file ------------------------------------------------------------------------------------


def encode(reproducer: Reproducer) -> bytes:
    """The bytes of its file."""
    plain = msgspec.to_builtins(reproducer)
    plain["schedule"] = [{"label": one.label, "fate": fate_data(one.fate)} for one in reproducer.schedule]
    text = msgspec.json.format(msgspec.json.encode(plain), indent=2)
    body = text.removesuffix(b"\n}")
    return body + b',\n  "checksum": "' + _checksum(body) + b'"\n}\n'


def fate_data(fate: Fate) -> dict[str, Any]:
    """A fate as plain data: its name, and what differs from the default."""
    return {
        field.encode_name: getattr(fate, field.name)
        for field in msgspec.structs.fields(fate)
        if field.required or getattr(fate, field.name) != field.default
    }


def _checksum(body: bytes) -> bytes:
    return blake2b(body, digest_size=16).hexdigest().encode()


def write(path: Path, reproducer: Reproducer) -> Path:
    """Write it whole or not at all; returns where it is.

    It takes the place of the last one of its scenario under the same terms.  If that one was of another
    history (the scenario or what was found has changed), it is kept once beside it, as ``NAME.before.json``.
    Any other file is never touched: this one then gets a number in its name.

    Raises:
        InputError: the place cannot be written.
    """
    data = encode(reproducer)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path = _free(path, reproducer)
        _keep_former(path, reproducer)
        replace(path, data)
    except OSError as error:
        raise InputError(f"{path}: cannot be written ({error.strerror}); name another folder") from None
    return path


def replace(path: Path, data: bytes) -> None:
    """Put a file in its place, whole or not at all.

    Raises:
        OSError: it cannot be written; what was there before still is.
    """
    file = NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False)  # noqa: SIM115 (it is closed before it is put in place)
    try:
        with file:
            file.write(data)
        os.chmod(file.name, 0o644)
        os.replace(file.name, path)
    except OSError:
        os.unlink(file.name)
        raise


def _free(path: Path, reproducer: Reproducer) -> Path:
    """The path, or the first one with a number that holds nothing or one of the same place."""
    candidate, number = path, 1
    while candidate.exists() and not _takes_place_of(candidate, reproducer):
        number += 1
        candidate = path.with_name(f"{path.stem}.{number}{path.suffix}")
    return candidate


def _takes_place_of(path: Path, reproducer: Reproducer) -> bool:
    try:
        return read(path).same_place(reproducer)
    except InputError:
        return False


def _keep_former(path: Path, reproducer: Reproducer) -> None:
    """One generation of what the path holds is kept, if it is of another history."""
    if path.exists() and not read(path).same_history(reproducer):
        former = path.with_name(f"{path.stem}.before{path.suffix}")
        if not former.exists() or _takes_place_of(former, reproducer):
            replace(former, path.read_bytes())


def read(path: Path) -> Reproducer:
    """The reproducer of a file.

    Raises:
        InputError: it cannot be read, or is not, or no longer, a reproducer of this format.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); name a reproducer") from None
    return decode(data, str(path))


def decode(data: bytes, name: str) -> Reproducer:
    """The reproducer of those bytes; `name` is how errors call them.

    Raises:
        InputError: as `read`.
    """
    if len(data) > MOST_BYTES:
        raise InputError(f"{name}:1:1: larger than {MOST_BYTES >> 20} MiB; this is no reproducer")
    plain = _json(data, name)
    if not isinstance(plain, dict) or "format" not in plain:
        raise InputError(f'{name}:1:1: not a reproducer (it has no "format"); name a file that `ovqsim run` wrote')
    if plain["format"] != FORMAT:
        raise InputError(f"{name}:2:3: its format is {_short(plain['format'])}, and only {FORMAT} is known; {_AGAIN}")
    _verify(data, name)
    try:
        return msgspec.convert({key: value for key, value in plain.items() if key != "checksum"}, Reproducer)
    except msgspec.ValidationError as error:
        raise InputError(f"{name}:1:1: {error}; {_AGAIN}") from None


def _short(value: Any) -> str:
    return repr(value)[:40]


def _json(data: bytes, name: str) -> Any:
    try:
        data.decode()
        return msgspec.json.decode(data)
    except UnicodeDecodeError as error:
        _fail(data, error.start, name, "binary or not UTF-8")
    except RecursionError:
        _fail(data, 0, name, "nested too deep")
    except msgspec.DecodeError as error:
        match = re.search(r"byte (\d+)", str(error))
        cut = "truncated" in str(error)
        problem = "cut off here" if cut else "not JSON"
        _fail(data, int(match[1]) if match and not cut else len(data), name, problem)


def _verify(data: bytes, name: str) -> None:
    tail = _TAIL.search(data)
    if tail is None:
        _fail(data, len(data), name, "no checksum at the end")
    if _checksum(data[: tail.start()]) != tail[1]:
        _fail(data, tail.start(1), name, "changed since it was written: the checksum is of other content")


def _fail(data: bytes, offset: int, name: str, problem: str) -> NoReturn:
    before = data[:offset]
    line, column = before.count(b"\n") + 1, offset - before.rfind(b"\n")
    raise InputError(f"{name}:{line}:{column}: {problem}; {_AGAIN}")

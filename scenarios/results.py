"""Results of a search, in one SQLite file, as they come: a unit of work is there whole, or not at all.

A file belongs to one search: its kind, its arguments and the code that plays it.  While a search runs it holds the
file; when it is ended, by Ctrl-C or `kill -9`, the same command goes on with the units that are missing.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, TypeVar

import msgspec

from scenarios.version import code_version
from sim.exploring.matrix import Trial
from sim.outcomes import InputError

FORMAT = "1"
_ELSE = "name another file with --results"
_AGAIN = "remove this one to begin anew"

T = TypeVar("T")
_TRIAL = msgspec.json.Decoder(Trial)
_TABLES = """
create table if not exists about (name text primary key, value text not null) strict;
create table if not exists units (unit text primary key, summary blob not null) strict;
create table if not exists trials (
    unit text not null, number integer not null, verdict text not null, trial blob not null,
    primary key (unit, number)
) strict;
"""


class _OtherSearch(InputError):
    """The file is a results file, and of another search."""


class Unit(NamedTuple):
    """A unit of work that is done.

    Args:
        name: unique in its search.
        summary: what it came to in numbers; whatever can be encoded.
        trials: the schedules that are kept, in order.
    """

    name: str
    summary: Any
    trials: list[Trial]


class Results:
    """One results file, held until it is closed.

    Args:
        kind: the search, such as ``matrix``.
        arguments: of that search; a file that was begun with others is refused.
        anew: a file of another search, or of other code, is not refused but begun anew: its name is not the user's.

    Raises:
        InputError: it cannot be read or written, is no results file, another run holds it, or it is of another search.
    """

    def __init__(self, path: Path, kind: str, arguments: dict[str, Any], anew: bool = False) -> None:
        self.path, self.named = path, not anew
        self.about = {"format": FORMAT, "kind": kind, "code": code_version(), "arguments": _text(arguments)}
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._connect(anew)
        except OSError as error:
            raise InputError(f"{path}: cannot be written ({error.strerror}); name another file") from None
        except sqlite3.Error as error:
            raise self._wrong(error) from None
        except BaseException:
            self.database.close()
            raise

    def _connect(self, anew: bool) -> None:
        self.database = _connected(self.path)
        try:
            self._open()
        except _OtherSearch:
            if not anew:
                raise
            self.database.close()
            for end in ("", "-wal", "-shm"):
                self.path.with_name(self.path.name + end).unlink(missing_ok=True)
            self._connect(False)

    def _open(self) -> None:
        run = self.database.execute
        run("pragma locking_mode = exclusive")
        run("pragma journal_mode = wal")
        run("pragma synchronous = normal")
        run("begin immediate")  # it is ours from now on
        _check_kind(self.path, self.database)
        for statement in filter(str.strip, _TABLES.split(";")):
            run(statement)
        found = dict(run("select name, value from about").fetchall())
        self._check(found)
        self.database.executemany("insert or ignore into about values (?, ?)", list(self.about.items()))
        run("commit")
        if run("pragma quick_check").fetchone()[0] != "ok":
            raise sqlite3.DatabaseError("it is damaged")

    def _check(self, found: dict[str, str]) -> None:
        for name, words in _DIFFERENT.items():
            if name in found and found[name] != self.about[name]:
                problem = words.format(there=_short(found[name]), here=_short(self.about[name]))
                raise _OtherSearch(f"{self.path}: {problem}; {_again(self.named)}")

    def _wrong(self, error: sqlite3.Error) -> InputError:
        return _wrong(self.path, error, self.named)

    def of_another_shape(self, error: msgspec.DecodeError) -> InputError:
        """What is said of a file in which something lies that this search never writes."""
        return InputError(f"{self.path}: holds what no such search wrote ({error}); {_again(self.named)}")

    # --- what is there -------------------------------------------------------------------------

    def __enter__(self) -> Results:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.database.close()

    def _ask(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        try:
            return self.database.execute(statement, values).fetchall()
        except sqlite3.Error as error:
            raise self._wrong(error) from None

    def done(self) -> dict[str, dict[str, Any]]:
        """The summary of each unit that is done, by its name, as plain data."""
        return self.done_as(dict[str, Any])

    def done_as(self, shape: type[T]) -> dict[str, T]:
        """The same, each of that shape.

        Raises:
            InputError: one is not.
        """
        decoder = msgspec.json.Decoder(shape)
        try:
            return {name: decoder.decode(summary) for name, summary in self._ask("select unit, summary from units")}
        except msgspec.DecodeError as error:
            raise self.of_another_shape(error) from None

    def trials(self) -> Iterator[Trial]:
        """Every schedule that was kept, in the order of units' names, then of their own."""
        for (data,) in self._ask("select trial from trials order by unit, number"):
            try:
                yield _TRIAL.decode(data)
            except msgspec.DecodeError as error:
                raise self.of_another_shape(error) from None

    def add(self, unit: Unit) -> None:
        """Keep a unit, whole or not at all; one that is there already stays as it is."""
        rows = [(unit.name, number, one.verdict, msgspec.json.encode(one)) for number, one in enumerate(unit.trials)]
        try:
            with self.database:
                self.database.execute("begin")
                fresh = self.database.execute(
                    "insert or ignore into units values (?, ?)", (unit.name, msgspec.json.encode(unit.summary))
                )
                if fresh.rowcount:
                    self.database.executemany("insert into trials values (?, ?, ?, ?)", rows)
        except sqlite3.Error as error:
            raise self._wrong(error) from None


_DIFFERENT = {
    "format": "its format is {there}, and only {here} is known",
    "kind": "it holds the results of `ovqsim {there}`, not of `ovqsim {here}`",
    "arguments": "it was begun with other arguments ({there})",
    "code": "it was begun by other code ({there}; this is {here}), and results of both cannot be mixed",
}


def check_usable(path: Path) -> None:
    """Refuse a file with which a search that names its files itself could neither go on nor begin anew.

    Raises:
        InputError: another run holds it, or it is no results file.
    """
    if not path.exists():
        return
    try:
        with closing(_connected(path)) as database:
            database.execute("pragma locking_mode = exclusive")
            database.execute("begin immediate")
            _check_kind(path, database)
            if database.execute("pragma quick_check").fetchone()[0] != "ok":
                raise sqlite3.DatabaseError("it is damaged")
    except sqlite3.Error as error:
        raise _wrong(path, error, named=False) from None


def _connected(path: Path) -> sqlite3.Connection:
    """SQLite takes a file of a single byte for a new one, and would write over it."""
    if path.exists() and path.stat().st_size == 1:
        raise sqlite3.DatabaseError("file is not a database")
    return sqlite3.connect(path, timeout=0.2, isolation_level=None)


def _check_kind(path: Path, database: sqlite3.Connection) -> None:
    """Refuse a database of somebody else's, before anything is made in it."""
    tables = {name for (name,) in database.execute("select name from sqlite_master where type = 'table'")}
    if tables and "about" not in tables:
        raise InputError(f"{path}: is a database, and no results of a search; name another file")


def _wrong(path: Path, error: sqlite3.Error, named: bool) -> InputError:
    text = str(error)
    if "locked" in text or "busy" in text:
        other = ", or name another file" if named else ""
        return InputError(f"{path}: another run holds it; wait until that has ended{other}")
    if "unable to open" in text:
        return InputError(f"{path}: cannot be opened; {'name another file' if named else 'let it be readable'}")
    if "full" in text or "disk I/O" in text:
        kept = "what came before is kept, and the same command goes on once there is room"
        return InputError(f"{path}: cannot be written ({text}); {kept}")
    return InputError(f"{path}: is no results file, or no longer ({text}); {_again(named)}")


def _again(named: bool) -> str:
    return f"{_ELSE}, or {_AGAIN}" if named else _AGAIN


def _short(text: str) -> str:
    return text if len(text) <= 120 else text[:117] + "..."


def _text(arguments: dict[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in arguments.items())

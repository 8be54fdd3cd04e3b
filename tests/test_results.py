"""Results of a search are kept as they come; a file that is not theirs is refused in one line, and nothing is lost."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import msgspec
import pytest

from scenarios.__main__ import call
from scenarios.flow import flow
from scenarios.many import Terms
from scenarios.results import Results, Unit, check_usable
from scenarios.searching.jobs import Summary
from scenarios.searching.matrix import opened as opened_for
from scenarios.searching.matrix import plan
from sim.exploring.matrix import Budget, Trial
from sim.fates import Fate
from sim.findings import Finding
from sim.outcomes import InputError

FINDING = Finding(
    id="leftover-port/port/quantum-create-port/vm.start", check="leftover-port", statement="no port without an owner",
    subject="quantum_ports[q1] p", remains="port p is left", made="m", made_at=1, since="s", since_at=2, fault="f",
    found_at=3,
)  # fmt: skip
SCHEDULE = (
    ("when.1 vm.stop web1 > vdsm[h1] destroy web1", Fate("lost", how="cut")),
    ("x : y", Fate("crash", moment="after")),
)
TRIAL = Trial(SCHEDULE, "findings", "0123456789abcdef", [FINDING], "", 12, 34)
ARGUMENTS: dict[str, Any] = {"flow": "flow/vm-stop", "faults": 1}


def opened(path: Path, **other: Any) -> Results:
    """The file, as the search of these arguments opens it."""
    return Results(path, other.pop("kind", "matrix"), ARGUMENTS | other)


def test_a_unit_comes_back_as_it_was_kept(tmp_path: Path) -> None:
    with opened(tmp_path / "r.sqlite") as results:
        results.add(Unit("2", {"runs": 3}, [TRIAL, TRIAL._replace(verdict="unknown", findings=[], unknown="no rest")]))
        results.add(Unit("1", {"runs": 1}, [TRIAL]))
    with opened(tmp_path / "r.sqlite") as results:
        assert results.done() == {"1": {"runs": 1}, "2": {"runs": 3}}
        assert [one.verdict for one in results.trials()] == ["findings", "findings", "unknown"]
        assert next(results.trials()) == TRIAL


def test_a_unit_is_kept_once(tmp_path: Path) -> None:
    with opened(tmp_path / "r.sqlite") as results:
        results.add(Unit("1", {"runs": 1}, [TRIAL]))
        results.add(Unit("1", {"runs": 2}, [TRIAL, TRIAL]))
        assert results.done() == {"1": {"runs": 1}}
        assert len(list(results.trials())) == 1


def test_what_another_run_holds_is_refused(tmp_path: Path) -> None:
    with opened(tmp_path / "r.sqlite"), pytest.raises(InputError, match=r"r\.sqlite: another run holds it; wait"):
        opened(tmp_path / "r.sqlite")
    with opened(tmp_path / "r.sqlite") as results:
        assert results.done() == {}


@pytest.mark.parametrize(
    ("other", "says"),
    [
        ({"kind": "sweep"}, "it holds the results of `ovqsim matrix`, not of `ovqsim sweep`; name another file"),
        ({"faults": 2}, r"it was begun with other arguments \(flow flow/vm-stop, faults 1\); name another file"),
    ],
)
def test_another_search_is_refused_and_its_results_stay(tmp_path: Path, other: dict[str, Any], says: str) -> None:
    with opened(tmp_path / "r.sqlite") as results:
        results.add(Unit("1", {"runs": 1}, [TRIAL]))
    with pytest.raises(InputError, match=says):
        opened(tmp_path / "r.sqlite", **other)
    with opened(tmp_path / "r.sqlite") as results:
        assert list(results.done()) == ["1"]


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("format", "99", "its format is 99, and only 1 is known; name another file with --results, or remove this one"),
        ("code", "0.0.1+abc", r"it was begun by other code \(0\.0\.1\+abc; this is "),
    ],
)
def test_a_file_of_another_version_is_refused(tmp_path: Path, name: str, value: str, says: str) -> None:
    with opened(tmp_path / "r.sqlite"):
        pass
    with sqlite3.connect(tmp_path / "r.sqlite") as database:
        database.execute("update about set value = ? where name = ?", (value, name))
    database.close()
    with pytest.raises(InputError, match=says):
        opened(tmp_path / "r.sqlite")
    with Results(tmp_path / "r.sqlite", "matrix", ARGUMENTS, anew=True) as results:
        assert results.done() == {}


def test_a_truncated_file_is_refused(tmp_path: Path) -> None:
    with opened(tmp_path / "r.sqlite") as results:
        for number in range(200):
            results.add(Unit(f"{number}", {"runs": 1}, [TRIAL]))
    whole = (tmp_path / "r.sqlite").read_bytes()
    (tmp_path / "r.sqlite").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError, match=r"r\.sqlite: is no results file, or no longer \(.*\); name another file"):
        opened(tmp_path / "r.sqlite")


@pytest.mark.parametrize("content", [b"x", b"scenario: migration/x\n" * 40, b"\0" * 5000])
def test_what_is_no_database_is_refused_and_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "r.sqlite").write_bytes(content)
    with pytest.raises(InputError, match=r"r\.sqlite: is no results file"):
        opened(tmp_path / "r.sqlite")
    assert (tmp_path / "r.sqlite").read_bytes() == content


def test_somebody_elses_database_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "r.sqlite") as database:
        database.execute("create table mine (x)")
    database.close()
    with pytest.raises(InputError, match="is a database, and no results of a search; name another file"):
        opened(tmp_path / "r.sqlite")


def test_a_place_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written"):
        opened(tmp_path / "file" / "r.sqlite")
    with pytest.raises(InputError, match="cannot be opened; name another file"):
        opened(tmp_path)


def test_a_full_disk_is_one_line_and_what_came_before_is_kept(tmp_path: Path) -> None:
    with opened(tmp_path / "r.sqlite") as results:
        results.add(Unit("1", {"runs": 1}, [TRIAL]))
        pages = results.database.execute("pragma page_count").fetchone()[0]
        results.database.execute(f"pragma max_page_count = {pages}")
        with pytest.raises(
            InputError, match=r"cannot be written \(database or disk is full\); what came before is kept"
        ):
            for number in range(2, 500):
                results.add(Unit(f"{number}", {"runs": 1}, [TRIAL]))
    with opened(tmp_path / "r.sqlite") as results:
        assert "1" in results.done()


@pytest.mark.parametrize("broken", ["trials", "units"])
def test_what_has_another_shape_than_such_a_search_writes_is_refused(tmp_path: Path, broken: str) -> None:
    with opened(tmp_path / "r.sqlite") as results:
        results.add(Unit("1", Summary(1, 1, {"passed": 1}, {}, "00"), [TRIAL]))
        assert results.done_as(Summary)["1"].runs == 1
        column = {"trials": "trial", "units": "summary"}[broken]
        results.database.execute(f"update {broken} set {column} = ?", (b'{"runs": "many"}',))
        says = r"r\.sqlite: holds what no such search wrote \(.*\); name another file with --results, or"
        with pytest.raises(InputError, match=says):
            results.done_as(Summary)
            list(results.trials())


def test_results_of_a_flow_that_has_been_changed_since_do_not_count(tmp_path: Path) -> None:
    before = flow("vm-stop")
    larger = msgspec.structs.replace(before, topology=msgspec.structs.replace(before.topology, leases=True))
    kept = []
    for one in (before, before, larger, msgspec.structs.replace(larger, given=flow("vm-remove").given), before):
        with opened_for(plan(one, Terms(), Budget(1)), tmp_path / "r.sqlite", "gate", anew=True) as results:
            kept.append(len(results.done()))
            results.add(Unit("1", Summary(1, 1, {}, {}, "00"), []))
    assert kept == [0, 1, 0, 0, 0]


def test_a_gate_refuses_a_file_of_its_own_that_it_cannot_use_before_it_plays(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = folder / ".ovqsim" / "gate" / "flow--vm-stop.reference.sqlite"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"notes of mine" * 99)
    assert call(["gate", "--budget", "1h"]) == 2
    out, error = capsys.readouterr()
    assert out == ""
    assert error.endswith("flow--vm-stop.reference.sqlite: is no results file, or no longer (file is not a database); "
                          "remove this one to begin anew\n")  # fmt: skip


def test_a_file_that_another_gate_holds_is_not_usable(tmp_path: Path) -> None:
    path = tmp_path / "r.sqlite"
    check_usable(path)
    assert not path.exists()
    with opened(path), pytest.raises(InputError, match=r"r\.sqlite: another run holds it; wait until that has ended$"):
        check_usable(path)
    check_usable(path)

"""`ovqsim sweep`: the same whoever plays it, nothing lost or doubled, each finding once and small."""

from __future__ import annotations

import math
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import msgspec
import pytest

from scenarios.__main__ import call
from scenarios.generators.histories import Recording
from scenarios.generators.seeded import Seeded
from scenarios.generators.topologies import topology
from scenarios.lanes import played
from scenarios.loader import from_data, load
from scenarios.many import Terms
from scenarios.model import FaultModel, Scenario
from scenarios.playing import play
from scenarios.results import Results, Unit
from scenarios.searching import swept as swept_module
from scenarios.searching.corpus import BEHIND, GENERATION, Corpus
from scenarios.searching.features import features
from scenarios.searching.sweep import SHRUNK, Sweep
from scenarios.searching.swept import (
    RUNS,
    Shrinking,
    Swept,
    Trial,
    found_in,
    play_swept,
    recorded,
    scenario_of,
    shrink_one,
)
from scenarios.shrinking.case import ids_of, sizes
from sim.outcomes import InputError
from tests.commands import ROOT
from tests.generated.planted import FINDING, NAME, STEPS, planted

USUAL = Terms()

FEW = 5
"""Units of a sweep in a test."""

DEFECT = "ports-end-at-stop"


def swept(path: Path, units: int, jobs: int = 1, seed: int = 0, terms: Terms = USUAL, shrinks: bool = False) -> Sweep:
    """A sweep of so many units, kept in that file."""
    with Results(path, "sweep", {"seed": seed, "design": terms.design, "defect": terms.defect or "none"}) as results:
        sweep = Sweep(results, terms, seed, lambda unit: unit < units, math.inf if shrinks else 0.0)
        for _ in sweep.play(jobs):
            pass
        return sweep


def kept(path: Path) -> dict[str, Any]:
    """What a results file holds."""
    database = sqlite3.connect(path)
    rows = dict(database.execute("select unit, summary from units"))
    database.close()
    return {unit: msgspec.json.decode(summary) for unit, summary in rows.items()}


# --- whoever plays it ----------------------------------------------------------------------------


def test_two_workers_find_what_one_finds(tmp_path: Path) -> None:
    terms = Terms(defect=DEFECT)
    swept(tmp_path / "one", FEW, 1, 40, terms)
    swept(tmp_path / "two", FEW, 2, 40, terms)
    assert kept(tmp_path / "one") == kept(tmp_path / "two")
    assert any(summary["found"] for summary in kept(tmp_path / "one").values())


def test_a_unit_is_a_history_without_faults_and_three_with(tmp_path: Path) -> None:
    trials = play_swept(Swept(3, 12, Terms()))
    assert [trial.seed for trial in trials] == [12, 13, 14, 15]
    assert [bool(trial.scenario.faults) for trial in trials] == [False, True, True, True]
    assert len({repr(trial.scenario.topology) for trial in trials}) == 1


def test_a_unit_may_go_on_from_a_known_history_with_its_faults() -> None:
    known = play_swept(Swept(0, 0, Terms()))[1].scenario
    units = [recorded(Swept(90, first, Terms(), known)).scenario for first in range(360, 400, 4)]
    assert all(one.topology.clusters == known.topology.clusters for one in units)
    assert all(one.when[0].args == known.when[0].args for one in units)
    assert {bool(one.faults) for one in units} == {True, False}


# --- what others go on from ----------------------------------------------------------------------


def trial(seed: int, *came_to: str) -> Trial:
    scenario = Scenario(f"swept/seed-{seed}", "x", topology(Seeded(0, "x")), [])
    return Trial(seed, scenario, "passed", {}, list(came_to))


def ended(corpus: Corpus, generation: int, order: int = 1) -> None:
    """A generation ends, its units coming in that order; unit n came to "fn", some to what others came to, too."""
    for number in range(GENERATION)[::order]:
        unit = generation * GENERATION + number
        corpus.add(unit, corpus.fresh([trial(unit, f"f{generation}.{number // 2}")]))


def test_the_corpus_is_the_same_in_whatever_order_units_come() -> None:
    forth, back = Corpus(), Corpus()
    ended(forth, 0)
    ended(back, 0, -1)
    assert forth.histories == back.histories and forth.features == back.features
    assert len(forth.histories) == GENERATION // 2, "the first of those that came to the same"


def test_a_generation_goes_on_from_what_was_known_two_before() -> None:
    corpus = Corpus()
    first = BEHIND * GENERATION
    assert corpus.ready(first - 1) and not corpus.ready(first)
    assert corpus.known_for(first - 1, 0) is None
    ended(corpus, 0)
    assert corpus.ready(first) and not corpus.ready(first + GENERATION)


def test_some_units_go_on_and_most_do_not(tmp_path: Path) -> None:
    corpus = Corpus()
    for unit in range(GENERATION):
        corpus.add(unit, corpus.fresh(play_swept(Swept(0, 0, Terms()))[:1]) if unit == 0 else [])
    first = BEHIND * GENERATION
    going_on = [corpus.known_for(first + unit, 4 * unit) is not None for unit in range(GENERATION)]
    assert 2 <= sum(going_on) <= GENERATION // 2


def test_features_tell_kinds_and_no_names() -> None:
    run = play(play_swept(Swept(0, 0, Terms()))[1].scenario, "reference")
    found = features(run)
    assert "vdsm create" in found and "vms status WaitForLaunch to Up" in found
    assert any(" at " in one for one in found), "what struck"
    assert not any("[h1]" in one or "vm1" in one for one in found)


def test_who_plays_may_be_told_to_wait() -> None:
    came: list[int] = []

    def work() -> Any:
        yield 1, 1
        while not came:
            yield None
        yield 2, 1

    for item, _ in played(abs, work(), 2):
        came.append(item)
    assert came == [1, 2]


# --- nothing lost, nothing doubled ---------------------------------------------------------------


def command(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [sys.executable, "-m", "scenarios", "sweep", *arguments],
        cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=_answering,
    )  # fmt: skip


def _answering() -> None:
    """Tests that run in the background ignore Ctrl-C, and so would what they start."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def until_some_are_kept(path: Path, process: subprocess.Popen[str]) -> None:
    """Wait until results come; those who write them hold the file, so only its size tells."""
    while process.poll() is None:
        log = path.with_name(path.name + "-wal")
        if log.exists() and log.stat().st_size > 60_000:
            return
        time.sleep(0.01)


@pytest.mark.parametrize(("how", "code"), [(signal.SIGKILL, -9), (signal.SIGINT, 130)])
def test_one_that_was_ended_goes_on(tmp_path: Path, how: signal.Signals, code: int) -> None:
    arguments = ("--seed", "40", "--defect", DEFECT, "--jobs", "1", "--results", "r.sqlite")
    process = command(tmp_path, *arguments, "--runs", "400")
    until_some_are_kept(tmp_path / "r.sqlite", process)
    process.send_signal(how)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == code
    assert code != 130 or errors.splitlines()[-1:] == ["ovqsim: interrupted"]
    before = kept(tmp_path / "r.sqlite")
    assert 0 < len(before) < 100
    again = swept(tmp_path / "r.sqlite", FEW, 1, 40, Terms(defect=DEFECT))
    swept(tmp_path / "whole", FEW, 1, 40, Terms(defect=DEFECT))
    after, whole = kept(tmp_path / "r.sqlite"), kept(tmp_path / "whole")
    assert after.items() >= before.items(), "nothing is lost or played again"
    assert after.items() >= whole.items() and len(again.units) >= FEW


def test_more_runs_go_on_with_those_that_are_kept(tmp_path: Path) -> None:
    swept(tmp_path / "r", 1)
    first = kept(tmp_path / "r")
    sweep = swept(tmp_path / "r", 2)
    assert kept(tmp_path / "r").items() > first.items()
    assert sorted(sweep.units) == [0, 1]


def test_fewer_runs_than_are_kept_make_smaller_what_all_of_them_found(tmp_path: Path) -> None:
    terms = Terms(defect=DEFECT)
    found = swept(tmp_path / "r", 1, 1, 44, terms).seen()
    again = swept(tmp_path / "r", 0, 1, 44, terms, shrinks=True)
    assert found and set(again.shrunk) == set(found)


@pytest.mark.parametrize("order", [1, -1])
def test_a_finding_is_of_the_first_run_that_shows_it_in_whatever_order_units_come(tmp_path: Path, order: int) -> None:
    found: list[Any] = [[[2, {"b": "b2"}]], [[5, {"a": "a5", "b": "b5"}]], [[8, {"c": "c8"}]]]
    with Results(tmp_path / "r", "sweep", {}) as results:
        sweep = Sweep(results, Terms(), 0, lambda unit: False)
        for unit in range(3)[::order]:
            sweep._know(unit, {"runs": 4, "found": found[unit], "kept": []})
    assert [(name, seen.seed, seen.remains) for name, seen in sweep.seen().items()] == [
        ("b", 2, "b2"), ("a", 5, "a5"), ("c", 8, "c8"),
    ]  # fmt: skip
    assert sweep.shown_by == {"a": 1, "b": 2, "c": 1}


def test_what_is_done_is_looked_through_once_a_generation(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    looked: list[float] = []

    def look(sweep: Sweep, before: float = math.inf) -> list[Any]:
        looked.append(before)
        return []

    monkeypatch.setattr(Sweep, "_shrinkings", look)
    monkeypatch.setattr("scenarios.searching.sweep.play_job", lambda job: [trial(job.first)])
    swept(tmp_path / "r", 3 * GENERATION)
    assert looked == [GENERATION, 2 * GENERATION, math.inf]


# --- what is given is played once ------------------------------------------------------------------


@pytest.mark.parametrize("terms", [Terms(), Terms("proposed"), Terms(defect=DEFECT), Terms(repaired=False)])
def test_runs_of_one_history_come_to_what_each_comes_to_alone(terms: Terms) -> None:
    for first in (8, 360):
        unit = Swept(first // RUNS, first, terms)
        recording = recorded(unit)
        alone = [recording.run] + [
            play(scenario_of(unit, seed), terms.design, None, terms.defect, terms.repaired)
            for seed in range(first + 1, first + RUNS)
        ]
        for trial, run in zip(play_swept(unit), alone, strict=True):
            assert (trial.found, trial.features) == (found_in(run.result), features(run))


def test_a_fault_whose_words_mean_what_it_cannot_befall_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first that connects to a qemu is sanlock, and nothing on that link can be held."""
    unit = Swept(12, 48, USUAL)  # it starts vm1
    held = FaultModel(at="qemu-vm1[*] connect", fate="held", until="vdsm[*] list")

    def with_held(recording: Recording, seed: int) -> Scenario:
        return msgspec.structs.replace(recording.scenario, faults=[held])

    with pytest.raises(InputError, match="cannot meet 'held'"):
        play(with_held(recorded(unit), 49), "reference")
    monkeypatch.setattr(swept_module, "_with_faults", with_held)
    trials = play_swept(unit)
    assert len(trials) == 4 and all(trial.verdict == "passed" for trial in trials)
    assert all(trial.scenario.faults == [] for trial in trials[1:])


# --- a bug twelve steps deep ---------------------------------------------------------------------


def test_a_bug_twelve_steps_deep_is_found_and_becomes_its_known_minimum_twice(tmp_path: Path) -> None:
    """From seed 5116 in the first four runs; docs/searching.md says how many it takes from others."""
    with planted():
        every = [swept(tmp_path / name, 1, 1, 5116, Terms(defect=NAME), shrinks=True) for name in ("first", "again")]
        found = [next(finding for finding in sweep.seen() if finding.startswith(FINDING)) for sweep in every]
        first, again = (sweep.shrunk[finding] for sweep, finding in zip(every, found, strict=True))
        assert first == again and first["complete"]
        assert first["before"]["step"] > STEPS
        smallest = sizes(from_data(first["scenario"], "smallest"))
    assert (smallest["fault"], smallest["step"], smallest["server"], smallest["network"]) == (0, STEPS, 1, 1)


def test_what_there_was_no_time_to_make_smaller_is_not_kept_and_done_the_next_time(tmp_path: Path) -> None:
    terms = Terms(defect=DEFECT)
    swept(tmp_path / "r", 1, 1, 44, terms)
    with Results(tmp_path / "r", "sweep", {"seed": 44, "design": terms.design, "defect": DEFECT}) as results:
        sweep = Sweep(results, terms, 44, lambda unit: unit < 1)
        finding, seen = next(iter(sweep.seen().items()))
        late = Shrinking(Swept(0, 44, terms), seen.seed, finding, seen.remains, ends=0.0)
        cut = shrink_one(late)
        assert (cut.runs, cut.complete, cut.cut) == (0, False, True)
        sweep._take_shrunk(late, cut)
        assert sweep.shrunk[finding]["scenario"], "it is shown as it is"
    assert not any(name.startswith(SHRUNK) for name in kept(tmp_path / "r"))
    assert swept(tmp_path / "r", 1, 1, 44, terms, shrinks=True).shrunk[finding]["complete"]


# --- the command ---------------------------------------------------------------------------------


def test_a_clean_sweep_ends_in_0(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(["sweep", "--runs", "7", "--jobs", "1"]) == 0
    printed = capsys.readouterr()
    assert printed.err == "", "nobody watches"
    assert printed.out.startswith("8 runs under reference, from seed 0\n") and "8 passed" in printed.out
    assert (folder / ".ovqsim/sweep/reference.seed0.sqlite").exists()


def test_findings_are_kept_as_files_that_fail(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(["sweep", "--runs", "4", "--seed", "44", "--defect", DEFECT, "--jobs", "1", "--findings", "f"]) == 1
    printed = " ".join(capsys.readouterr().out.split())
    files = sorted((folder / "f").glob("*.yaml"))
    assert files
    for path in files:
        assert f"scenario f/{path.name}" in printed
        scenario = load(path)
        result = play(scenario, "reference", defect=DEFECT).result
        assert path.stem.replace("--", "/") in ids_of(result)
        assert call(["replay", str(path.with_suffix(".json"))]) == 1


def test_a_time_that_is_over_ends_it(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(["sweep", "--time", "1ms", "--jobs", "1"]) == 0
    assert "runs under reference, from seed 0" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ([], "neither --runs nor --time is given; give one: --runs 1000, or --time 60s"),
        (["--runs", "8", "--time", "5s"], "--runs and --time are both given; give one: --runs 1000, or --time 60s"),
        (["--runs", "0"], "--runs 0 plays nothing; give 1 or more"),
        (["--runs", "-4"], "--runs -4 plays nothing; give 1 or more"),
        (["--time", "0s"], "--time 0s plays nothing; give a second or more"),
        (["--time", "soon"], "--time: 'soon' is no duration; write a number with a unit, such as 60s or 250ms"),
        (["--runs", "8", "--design", "referense"], "unknown design 'referense'; did you mean 'reference'?"),
        (["--runs", "8", "--defect", "no-leese"], "unknown defect 'no-leese'; did you mean 'no-lease'?"),
        (["--runs", "8", "--findings", "passes.yaml"], "passes.yaml: cannot be written "),
        (["--runs", "8", "--results", "passes.yaml"], "passes.yaml: is no results file, or no longer "),
        (["--runs", "8", "--results", "begun.sqlite"], "begun.sqlite: it was begun with other arguments "),
        (["--runs", "8", "--results", "cut.sqlite"], "cut.sqlite: is no results file, or no longer "),
    ],
)
def test_bad_input_is_one_line(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], error: str
) -> None:
    swept(folder / "begun.sqlite", 0, seed=99)
    (folder / "cut.sqlite").write_bytes((folder / "begun.sqlite").read_bytes()[:3000])
    assert call(["sweep", *arguments]) == 2
    printed = capsys.readouterr()
    assert printed.out == "" and len(printed.err.splitlines()) == 1
    assert printed.err.startswith(f"ovqsim: {error}")


def test_what_no_sweep_wrote_is_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Results(folder / "r.sqlite", "sweep", {"seed": 0, "design": "reference", "defect": "none"}) as results:
        results.add(Unit("000000000", {"runs": "many"}, []))
    assert call(["sweep", "--runs", "4", "--results", "r.sqlite"]) == 2
    error = capsys.readouterr().err
    assert "r.sqlite: holds what no such search wrote" in error and "$.runs" in error


def test_a_file_that_another_run_holds_is_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Results(folder / "r.sqlite", "sweep", {"seed": 0, "design": "reference", "defect": "none"}):
        assert call(["sweep", "--runs", "4", "--results", "r.sqlite"]) == 2
    assert "another run holds it" in capsys.readouterr().err

"""The command line: what it plays, prints and writes, and its exit codes."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest

from scenarios.__main__ import call
from scenarios.loader import load_text
from scenarios.many import Terms, play_one
from scenarios.playing import play
from sim.reproducer import write
from tests.commands import files, ovqsim, reproducer
from tests.samples import BUG, NOWHERE, PASSES, UNREPAIRED

# --- running -------------------------------------------------------------------------------------


def test_a_scenario_that_passes_ends_in_0_and_writes_nothing(folder: Path) -> None:
    before = files(folder)
    came = ovqsim(folder, "run", "passes.yaml")
    assert (came.returncode, came.stderr) == (0, "")
    assert came.stdout.startswith("passed          start/plain  no fault; reached vm-started\n")
    assert "1 scenario under reference" in came.stdout
    assert files(folder) == before


def test_a_finding_ends_in_1_and_leaves_a_reproducer_that_replays(folder: Path) -> None:
    came = ovqsim(folder, "run", ".")
    assert came.returncode == 1
    assert "vm-removed was never reached" in came.stdout
    command = "ovqsim replay .ovqsim/reproducers/start--never-removed.reference.json"
    assert command in came.stdout
    assert "\033" not in came.stdout
    again = ovqsim(folder, *command.split()[1:])
    assert again.returncode == 1
    assert ", same fingerprint (" in again.stdout
    assert "reached/vm-removed" in again.stdout


def test_several_processes_come_to_the_same_as_one(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    seen = []
    for jobs in ("1", "3"):
        assert call(["run", "finds.yaml", "passes.yaml", "--jobs", jobs, "--json", f"{jobs}.json"]) == 1
        seen.append(capsys.readouterr().out.rpartition(", in ")[0])
    assert seen[0] == seen[1]
    assert (folder / "1.json").read_bytes() == (folder / "3.json").read_bytes()


def test_the_same_seed_comes_to_the_same(folder: Path) -> None:
    for name in ("a.json", "b.json"):
        call(["run", "passes.yaml", "--seed", "7", "--json", name])
    assert (folder / "a.json").read_bytes() == (folder / "b.json").read_bytes()
    assert json.loads((folder / "a.json").read_text())["seed"] == 7


def test_the_json_report_says_what_was_found(folder: Path) -> None:
    assert call(["run", "finds.yaml", "passes.yaml", "--json", "out.json"]) == 1
    report = json.loads((folder / "out.json").read_text())
    assert report["design"] == "reference"
    finds, passes = report["scenarios"]
    assert [finds["id"], finds["verdict"]] == ["start/never-removed", "findings"]
    assert "reached/vm-removed" in [one["id"] for one in finds["findings"]]
    assert finds["struck"][0]["fate"] == {"name": "error-before"}
    assert Path(finds["findings"][0]["reproducer"]).exists()
    assert [passes["id"], passes["verdict"], passes["findings"]] == ["start/plain", "passed", []]
    assert report["summary"]["scenarios"] == 2


def test_a_design_that_does_not_apply_is_printed_and_is_no_pass(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "nowhere.yaml").write_text(NOWHERE)
    assert call(["run", "nowhere.yaml", "--design", "proposed", "--json", "out.json"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("not applicable  start/elsewhere  no such call\n")
    summary = json.loads((folder / "out.json").read_text())["summary"]
    assert (summary["passed"], summary["not-applicable"]) == (0, 1)


def test_a_tag_narrows_what_is_chosen(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(["run", ".", "--tag", "plain"]) == 0
    assert "start/never-removed" not in capsys.readouterr().out


def test_an_error_of_the_harness_ends_in_3_with_one_block(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from scenarios import playing
    from sim.outcomes import HarnessError

    def fails(*_: object) -> None:
        raise HarnessError("KeyError: 'x' in when.1; scenario start/plain; schedule []")

    monkeypatch.setattr(playing, "play", fails)
    assert call(["run", "passes.yaml"]) == 3
    lines = capsys.readouterr().err.splitlines()
    assert lines[:4] == [
        "ovqsim: harness error",
        "  KeyError: 'x' in when.1",
        "  scenario start/plain",
        "  schedule []",
    ]
    assert lines[4].startswith("  raised at ")
    assert len(lines) == 5


def test_ctrl_c_ends_in_130(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    from scenarios import playing

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(playing, "play", interrupted)
    assert call(["run", "passes.yaml"]) == 130
    assert capsys.readouterr().err.strip() == "ovqsim: interrupted"


# --- bugs, and facts below the engine ------------------------------------------------------------

FOUND = (
    "B999 rhbz#1  found: leftover-port under proposed, leftover-port under the defect makes-port-again; absent under"
)


def test_a_bug_is_played_where_it_must_be_found_too(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "bug.yaml").write_text(BUG)
    assert call(["run", ".", "--tag", "bugs", "--json", "out.json"]) == 0
    out = capsys.readouterr().out
    assert out.startswith(f"passed          bugs/reply-lost  {FOUND} reference\n")
    assert "1 bug: 1 found and absent where they must be; class a: 1; difficulty 2: 1\n" in out
    report = json.loads((folder / "out.json").read_text())
    bug = report["scenarios"][0]["bug"]
    assert {key: bug[key] for key in ("id", "reference", "class", "difficulty", "absent-here", "as-it-must-be")} == {
        "id": "B999", "reference": "rhbz#1", "class": "a", "difficulty": "2",
        "absent-here": True, "as-it-must-be": True,
    }  # fmt: skip
    assert [(one["design"], one["defect"], one["found"]) for one in bug["under"]] == [
        ("proposed", "", True),
        ("reference", "makes-port-again", True),
    ]
    assert [one["result"]["verdict"] for one in bug["under"]] == ["findings", "findings"]
    assert report["summary"]["by-class"] == {"a": 1}


def test_a_bug_that_is_not_found_where_it_must_be_ends_in_1(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "bug.yaml").write_text(BUG.replace("proposed, finding: leftover-port", "proposed, finding: leftover-tap"))
    assert call(["run", "bug.yaml"]) == 1
    out = capsys.readouterr().out
    assert out.startswith("BUG NOT FOUND   bugs/reply-lost  B999 rhbz#1  found: leftover-port under the defect")
    assert "; NOT FOUND: leftover-tap under proposed; absent under reference\n" in out
    assert "1 bug: 0 found and absent where they must be, 1 NOT; " in out


def test_a_bug_is_looked_for_only_beside_the_reference_design(folder: Path) -> None:
    (folder / "bug.yaml").write_text(BUG)
    for terms in (["--design", "proposed"], ["--seed", "1"], ["--unrepaired"], ["--defect", "unplug-once"]):
        call(["run", "bug.yaml", "--json", "out.json", *terms])
        (played,) = json.loads((folder / "out.json").read_text())["scenarios"]
        assert "bug" not in played


def test_an_unrepaired_finding_cites_the_fact_below_the_engine(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "power.yaml").write_text(UNREPAIRED)
    assert call(["run", "power.yaml", "passes.yaml", "--unrepaired", "--json", "out.json"]) == 1
    out = capsys.readouterr().out
    assert re.search(r"^  cites +libvirt.md 8; quantum.md 5.1 \(L7, L8\): Open vSwitch rows outlive", out, re.MULTILINE)
    assert re.search(r"^finding +scenario +repair +fact$", out, re.MULTILINE)
    assert re.search(r"start/power-lost +stale_ports_swept +libvirt.md 8;", out)
    assert re.fullmatch(r"all \d+ findings? cites? a fact below the engine", out.splitlines()[-1])
    report = json.loads((folder / "out.json").read_text())
    played, passed = report["scenarios"]
    assert list(played["cites"]) == [finding["id"] for finding in played["findings"]]
    assert {cite["repair"] for cites in played["cites"].values() for cite in cites} == {"stale_ports_swept"}
    assert "cites" not in passed
    assert report["summary"]["different-findings-without-a-fact"] == 0
    assert call(["run", "power.yaml", "passes.yaml", "--unrepaired", "--allow-cited"]) == 0


def test_an_unrepaired_finding_that_no_repair_explains_is_named_as_such(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "power.yaml").write_text(UNREPAIRED + "then: {eventually: [{vm-gone: {vm: web1}}]}\n")
    assert call(["run", "power.yaml", "--unrepaired", "--allow-cited"]) == 1
    out = capsys.readouterr().out
    assert "no repair explains it" in out
    assert re.fullmatch(r"1 of \d findings cite no fact below the engine", out.splitlines()[-1])


def test_a_defect_is_killed_by_the_scenarios_that_name_it(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(["defects", "no-lease", "half-made-network", "--markdown", "page.md"]) == 0
    out = capsys.readouterr().out
    assert re.search(r"^defect +mechanism +killed by +check +runs$", out, re.MULTILINE)
    assert re.search(r"^no-lease +check-then-act +migration/\S+ .* \d+ of \d+$", out, re.MULTILINE)
    assert re.search(r"^2 of 2 defects killed, in \d+ runs$", out, re.MULTILINE)
    assert call(["defects", "no-lease", "half-made-network", "--markdown", "-"]) == 0
    assert capsys.readouterr().out == (folder / "page.md").read_text()


def test_a_defect_that_survives_ends_in_1(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from scenarios import defects

    harmless = defects.ALL["no-lease"]._replace(name="harmless", change=lambda design, repairs: (design, repairs))
    monkeypatch.setitem(defects.ALL, "harmless", harmless)
    monkeypatch.setattr("scenarios.commands.defects.LIBRARY", folder)
    (folder / "finds.yaml").unlink()
    assert call(["defects", "harmless", "--all"]) == 1
    out = capsys.readouterr().out
    assert re.search(r"^harmless +SURVIVES +- +0 of 1$", out, re.MULTILINE)
    assert out.endswith("0 of 1 defect killed, in 1 run; harmless survives\n")


def test_more_scenarios_than_one_worker_plays_are_played(monkeypatch: pytest.MonkeyPatch) -> None:
    from scenarios import lanes, many

    monkeypatch.setattr(lanes, "RUNS_PER_WORKER", 1)
    monkeypatch.setattr(many, "CHUNK", 1)
    tasks = [many.Task(load_text(PASSES, "one.yaml"), many.Terms())] * 5
    assert [came.result.verdict for came in many.play_many(tasks, 2) if came.result] == ["passed"] * 5


# --- writing a scenario --------------------------------------------------------------------------


def test_a_new_scenario_passes_at_once_and_fails_where_it_says(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(["new", "migration/my-case", "--dir", "of mine"]) == 0
    out = capsys.readouterr().out
    wrote, following = out.splitlines()
    assert wrote == "wrote of mine/migration/my-case.yaml"
    command = shlex.split(following.removeprefix("next: ovqsim "))
    assert call(command) == 0
    assert "passed          migration/my-case  lost at" in capsys.readouterr().out
    assert call([*command, "--design", "proposed", "--json", "out.json"]) == 1
    (played,) = json.loads((folder / "out.json").read_text())["scenarios"]
    assert "leftover-tap" in [finding["check"] for finding in played["findings"]]


def test_the_parts_of_a_new_scenario_are_all_there_and_what_its_comments_say_is_so(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call(["new", "my-case"])
    text = (folder / "my-case.yaml").read_text()
    for part in ("topology", "given", "when", "faults", "then", "fails-under", "tags"):
        assert f"\n{part}:" in text
    capsys.readouterr()
    for line in re.findall(r"`ovqsim ([^`]*)`", text):
        assert call(shlex.split(line)) in (0, 1), line


# --- looking into a run --------------------------------------------------------------------------


def test_a_run_that_was_ended_early_is_ended_there_again(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    scenario = load_text(PASSES.partition("then:")[0], "early.yaml")
    recorded = play_one(scenario, Terms(most_events=60)).reproducer
    assert recorded is not None and recorded.findings == []
    write(folder / "early.json", recorded)
    assert call(["replay", "early.json"]) == 1
    assert "unknown: more than 60 events" in (out := capsys.readouterr().out)
    assert "same verdict, same fingerprint" in out
    assert call(["shrink", "early.json", "--most", "1"]) == 0
    assert "unknown" in capsys.readouterr().out


def test_replay_travels_to_a_time_and_to_an_event(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = reproducer(folder)
    capsys.readouterr()
    assert call(["replay", str(path), "--until", "0s", "--show", "networks"]) == 1
    assert "networks: 0 rows" in capsys.readouterr().out
    assert call(["replay", str(path), "--show", "networks"]) == 1
    out = capsys.readouterr().out
    assert "networks: 1 row\n" in out
    assert "name=red" in out
    assert call(["replay", str(path), "--until", "3"]) == 1
    assert capsys.readouterr().out.startswith("after #3 ")
    assert call(["replay", str(path), "--until", "9999999"]) == 2


def test_a_decision_that_is_never_drawn_is_a_divergence_and_is_named(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import msgspec

    from sim.fates import Fate
    from sim.reproducer import Decision, read, write

    recorded = read(reproducer(folder))
    schedule = [*recorded.schedule, Decision("when.9 vm.stop web7", Fate("lost"))]
    path = write(folder / "other.json", msgspec.structs.replace(recorded, schedule=schedule))
    capsys.readouterr()
    assert call(["replay", str(path)]) == 1
    out = capsys.readouterr().out
    assert "stated and never drawn: lost at when.9 vm.stop web7" in out
    assert "the first event that differs" not in out


def test_a_divergence_names_the_first_event_that_differs(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import msgspec

    from sim.reproducer import read, write

    recorded = read(reproducer(folder))
    digests = recorded.digests[:40] + "zzzz" + recorded.digests[44:]
    path = write(folder / "other.json", msgspec.structs.replace(recorded, digests=digests, code="0.0+old"))
    capsys.readouterr()
    assert call(["replay", str(path)]) == 1
    out = capsys.readouterr().out
    assert "the first event that differs is now #10 " in out
    assert "recorded by the code 0.0+old, and this is " in out


def test_each_point_that_is_listed_can_be_a_trigger(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Written into the scenario as it is listed, a fault there strikes at that time."""
    assert call(["points", "passes.yaml"]) == 0
    head, *lines = capsys.readouterr().out.splitlines()
    assert head == f"start/plain under reference: {len(lines)} points at which a fault can strike"
    assert {"reply", "commits"} < {word for line in lines for word in line.split()}
    for line in lines:
        point = re.fullmatch(r" *[\d.]+s  (\S.*?)(?:    nth: (\d+))?", line)
        assert point is not None, line
        fault = f'{{at: "{point[1]}", nth: {point[2] or 1}, fate: partition, between: [h2, q1], back-after: 1s}}'
        result = play(load_text(f"{PASSES}faults:\n  - {fault}\n", "one.yaml"), "reference").result
        assert (result.missed, len(result.struck)) == ([], 1), line


def test_points_tell_where_the_scenarios_own_faults_strike(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(["points", "finds.yaml", "--design", "proposed"]) == 0
    (line,) = [line for line in capsys.readouterr().out.splitlines() if "<-" in line]
    assert line.endswith("quantum[q1] create-port web1    <- error-before")


def test_explain_tells_what_struck(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = reproducer(folder)
    capsys.readouterr()
    assert call(["explain", str(path)]) == 1
    out = capsys.readouterr().out
    assert "vm-removed was never reached" in out
    assert "error-before at " in out


def test_schema_prints_json_and_writes_it(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(["schema"]) == 0
    printed = capsys.readouterr().out
    assert json.loads(printed)["title"] == "ovqsim scenario"
    assert call(["schema", "--out", "schema.json"]) == 0
    assert (folder / "schema.json").read_text() == printed


def test_version_and_help_need_no_simulator(capsys: pytest.CaptureFixture[str]) -> None:
    assert call(["--version"]) == 0
    assert capsys.readouterr().out.startswith("ovqsim ")
    assert call(["--help"]) == 0
    assert "explain" in capsys.readouterr().out
    assert call([]) == 2


def test_ctrl_c_while_the_command_line_is_being_read_is_one_line(folder: Path) -> None:
    (folder / "click.py").write_text("raise KeyboardInterrupt\n")
    came = ovqsim(folder, "--version")
    assert (came.returncode, came.stdout, came.stderr) == (130, "", "\novqsim: interrupted\n")

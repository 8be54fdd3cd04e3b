"""Reports: they fit their width without breaking words, and say each thing once."""

from __future__ import annotations

import sys

import msgspec
import pytest

from reports.json_report import Head, encode
from reports.played import Played, counts, exit_code, grouped, shorter
from reports.story import fates_lines, story_lines
from reports.terminal import finding_lines, findings_lines, summary_lines, verdict_lines
from reports.text import plural
from sim.fates import Fate
from sim.findings import Finding, Result
from sim.store import Delta
from sim.trace import Trace

PATH = "when.1 vm.migrate web1 > engine[engine] MigrateVm web1 > MigrateVm web1 > libvirt[h1] perform web1"

FINDING = Finding(
    id="leftover-ovs/ovs-port/ovs-add-port/vm.migrate",
    check="leftover-ovs",
    statement="no Open vSwitch record of a VIF without its device",
    subject="ovs_ports[h2] tapd4f8c123-at",
    remains="the port tapd4f8c123-at on h2 was made for the device 7, which is gone, and nobody removes it",
    made="ovs[h2] port tapd4f8c123-at added, within administrator[administrator] vm.migrate web1",
    made_at=14_452_000,
    since="world loses power, within administrator[administrator] vm.migrate web1",
    since_at=14_469_000,
    fault=f"power-loss h2 at {PATH}",
    found_at=4_214_434_000,
)


def result(name: str, **changes: object) -> Result:
    """A result that ended in the finding."""
    made = Result(
        scenario=name, design="proposed", verdict="findings", findings=[FINDING], excused=[], unknown="",
        reached=["vm-started", "job-failed"], struck=[(PATH, Fate("power-loss", node="h2"))], missed=[],
        fingerprint="00ff", events=300, messages=60, writes=70, ended_at=3_600_000_000, steps=[],
    )  # fmt: skip
    return msgspec.structs.replace(made, **changes)


def passed(name: str) -> Played:
    """One that passed."""
    return Played(result(name, verdict="passed", findings=[]))


EVERY = [
    Played(result("migration/target-dies-in-perform"), ".ovqsim/reproducers/migration--target-dies.proposed.json"),
    Played(result("migration/target-dies-in-prepare"), "other.json"),
    passed("start/plain"),
    Played(result("start/endless", verdict="unknown", findings=[], unknown=f"still at work: {PATH}, {PATH}")),
    Played(result("start/elsewhere", verdict="not-applicable", findings=[], not_applicable="no such call")),
]


@pytest.mark.parametrize("columns", [80, 100, 120])
def test_a_finding_is_a_dozen_lines_that_break_no_word(columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    lines = findings_lines(EVERY)
    assert max(map(len, lines)) <= columns
    words = {word for line in lines for word in line.split()}
    for text in (FINDING.remains, FINDING.statement, FINDING.id):
        assert set(text.split()) <= words
    assert len(finding_lines(grouped(EVERY)[0])) <= 15


def test_a_finding_that_many_scenarios_show_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    text = "\n".join(findings_lines(EVERY))
    assert text.count("remains") == 1
    assert "2 scenarios: migration/target-dies-in-perform, migration/target-dies-in-prepare" in text
    assert "ovqsim replay .ovqsim/reproducers/migration--target-dies.proposed.json" in text
    assert "other.json" not in text


def test_a_command_is_never_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    path = "/a/rather/long/place/for/reproducers/migration--target-dies-in-perform.proposed.json"
    assert f"    ovqsim replay {path}" in findings_lines([Played(result("a/b"), path)])


def test_what_each_scenario_states_itself_is_told_for_each() -> None:
    never = msgspec.structs.replace(FINDING, id="reached/fault-never-struck", check="reached", subject="scenario")
    played = [Played(result(name, findings=[never])) for name in ("a/b", "a/c")]
    assert len(grouped(played)) == 2


def test_paths_are_cut_to_their_last_part() -> None:
    assert shorter(FINDING.fault) == "power-loss h2 at libvirt[h1] perform web1"
    assert shorter(FINDING.made) == "ovs[h2] port tapd4f8c123-at added, within vm.migrate web1"
    assert shorter(f"at work: {PATH}, {PATH}") == "at work: libvirt[h1] perform web1, libvirt[h1] perform web1"
    assert shorter("") == ""


def test_a_piped_verdict_is_one_line_without_colour() -> None:
    for played in EVERY:
        (line,) = verdict_lines(played, 40)
        assert "\033" not in line
        assert played.result.scenario in line


def test_a_terminal_gets_colour_unless_it_is_unwelcome(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\033[" in verdict_lines(EVERY[0], 40, 80)[0]
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\033[" not in verdict_lines(EVERY[0], 40, 80)[0]


def test_the_summary_counts_each_verdict() -> None:
    assert counts(EVERY) == {"passed": 1, "findings": 2, "unknown": 1, "not-applicable": 1}
    text = "\n".join(summary_lines(EVERY, "proposed", 1.25))
    assert "findings        2  1 different finding" in text
    assert "5 scenarios under proposed: 1 500 events, 300 virtual minutes, in 1.25 s" in text
    assert plural(1, "event") == "1 event"


def test_only_findings_and_unknowns_fail() -> None:
    assert exit_code(EVERY) == 1
    assert exit_code(EVERY[3:]) == 1
    assert exit_code([EVERY[2], EVERY[4]]) == 0


def test_the_json_report_holds_no_clock_and_repeats_byte_for_byte() -> None:
    head = Head("0.1.0", "proposed")
    assert encode(head, EVERY) == encode(head, EVERY)
    report = msgspec.json.decode(encode(head, EVERY))
    assert report["scenarios"][0]["findings"][0]["made"] == {"event": FINDING.made, "at": FINDING.made_at}
    assert report["summary"]["different-findings"] == 1


class Row(msgspec.Struct, frozen=True):
    """A row of the story."""

    name: str
    up: bool


def story_trace() -> Trace:
    """A step makes two rows at one moment; later one of them changes."""
    trace = Trace()
    step = trace.add(0, -1, "step", "user[a]", "begin")
    for key in ("one", "two"):
        trace.add(5, step, "commit", "maker[b]", "made", None, [Delta("rows", "b", key, None, Row(key, True))])
    changed = Delta("rows", "b", "two", Row("two", True), Row("two", False))
    trace.add(9, 2, "commit", "maker[b]", "dropped", None, [changed])
    return trace


def test_the_story_finds_the_events_by_what_they_did() -> None:
    trace = story_trace()
    finding = msgspec.structs.replace(
        FINDING, subject="rows[b] two", made="maker[b] made, within user[a] begin", made_at=5,
        since="maker[b] dropped, within user[a] begin", since_at=9, made_event=2, since_event=3,
    )  # fmt: skip
    text = "\n".join(story_lines(trace, finding, 100))
    assert "made rows[b] two" in text
    assert "changed rows[b] two: up true -> false" in text
    assert "rows[b] one" not in text
    given = msgspec.structs.replace(finding, made="the world as it was given", made_at=0, made_event=-1)
    assert "it was given" in "\n".join(story_lines(trace, given, 100))
    assert fates_lines(trace, 100) == ["what struck:", "    nothing"]

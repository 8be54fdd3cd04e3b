"""What a gate says: new findings, unknowns, known findings until their day; as text, JUnit and annotations."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from xml.etree import ElementTree

import pytest

from reports.annotations import annotation_lines
from reports.gate import Case, Excepted, Gate, Shown, Stage, gate_lines
from reports.junit import junit
from scenarios.__main__ import call
from scenarios.commands.gating.deadline import Deadline
from scenarios.commands.gating.library import library
from scenarios.flow import names
from scenarios.known import load_known
from scenarios.loader import load
from scenarios.many import Terms
from scenarios.selection import Chosen
from sim.outcomes import InputError
from tests.samples import NOWHERE

LEFT = Shown(
    "leftover-port/port/quantum-create-port/vm.start", "leftover-port", "port p is left", "lost at x", "r.json"
)
KNOWN = Excepted(LEFT.id, "networking", "waits, 100% sure", "2027-01-31", "known.yaml:3:3", expired=False)
SHOWN = Case("vm-start/lost", "scenarios/library/vm-start/lost.yaml", 1, [LEFT])
CLEAN = Case("vm-stop/undisturbed", "scenarios/library/vm-stop/undisturbed.yaml", 1)
UNKNOWN = Case("flow/migrate", "scenarios/flows/migrate.yaml", 30, [], "the world did not come to rest")


def gate(*cases: Case, known: list[Excepted] | None = None) -> Gate:
    """A gate of one stage with these cases."""
    stage = Stage("library", list(cases), f"{len(cases)} of 9 scenarios", "8 scenarios", 1.5)
    return Gate("reference", [stage], known or [], 2.0, 300)


def text(one: Gate) -> str:
    """What is printed of it."""
    return "\n".join(gate_lines(one, 100))


def test_a_gate_without_findings_is_open() -> None:
    assert gate(CLEAN).opens
    assert "the gate is open: 1 run under reference in 2.0 s of 300 s" in text(gate(CLEAN))


def test_a_new_finding_shuts_the_gate_and_is_named_with_its_reproducer() -> None:
    one = gate(CLEAN, SHOWN, SHOWN)
    assert not one.opens
    told = text(one)
    assert "new finding: leftover-port: port p is left" in told
    assert f"id             {LEFT.id}" in told
    assert "ovqsim replay r.json" in told
    assert "the gate is shut by 1 new finding:" in told
    assert told.count("new finding: leftover-port") == 1


def test_a_run_without_a_verdict_shuts_the_gate() -> None:
    assert not gate(UNKNOWN).opens
    assert "unknown: flow/migrate: the world did not come to rest" in text(gate(UNKNOWN))


def test_a_known_finding_lets_through_until_its_day_is_past() -> None:
    assert gate(SHOWN, known=[KNOWN]).opens
    assert "known until 2027-01-31" in text(gate(SHOWN, known=[KNOWN]))
    past = Excepted(KNOWN.id, KNOWN.owner, KNOWN.reason, KNOWN.expires, KNOWN.place, expired=True)
    assert not gate(CLEAN, known=[past]).opens
    told = text(gate(CLEAN, known=[past]))
    assert "expired until 2027-01-31" in told
    assert "not found any more" in told
    assert "the gate is shut by 1 known finding whose day is past" in told


def test_what_the_budget_left_out_is_told() -> None:
    assert "8 scenarios" in text(gate(CLEAN))


def test_a_gate_that_lacks_what_it_must_have_played_is_shut() -> None:
    one = gate(CLEAN)
    one.stages[0].lacks = "8 of 9 scenarios were not played"
    assert not one.opens
    told = text(one)
    assert "\nthe budget was too small: 8 of 9 scenarios were not played; give at least 5m\n" in told
    assert "the gate is shut by a budget that was too small: 1 run under reference" in told
    assert annotation_lines(one) == [f"::error title=budget::{one.lacking()}"]
    suites = ElementTree.fromstring(junit(one))
    assert [(suite.get("name"), suite.get("failures")) for suite in suites] == [("library", "0"), ("budget", "1")]


def test_what_was_left_out_and_what_does_not_apply_is_told_and_skipped() -> None:
    left = Case("vm-start/late", "late.yaml", 0, left_out="left out by the budget")
    elsewhere = Case("vm-start/call", "call.yaml", 0, inapplicable="no such call")
    one = gate(CLEAN, left, elsewhere)
    assert "not applicable under reference: vm-start/call: no such call" in text(one)
    (suite,) = ElementTree.fromstring(junit(one))
    assert (suite.get("tests"), suite.get("skipped")) == ("3", "2")
    assert [[(node.tag, node.get("message")) for node in case] for case in suite] == [
        [],
        [("skipped", "left out by the budget")],
        [("skipped", "not applicable: no such call")],
    ]


def test_a_gate_without_time_is_shut_and_skips_what_it_did_not_play(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(["gate", "--budget", "10ms", "--jobs", "1", "--junit", "out.xml"]) == 1
    out = " ".join(capsys.readouterr().out.split())
    says = r"too small: (\d+) of (\d+) scenarios were not played, no single fault was played, no generated history was"
    left, every = map(int, re.search(says, out).groups())  # type: ignore[union-attr]
    library, matrix, sweep, budget = ElementTree.parse(folder / "out.xml").getroot()
    assert (library.get("tests"), library.get("skipped")) == (f"{every}", f"{left}")
    assert (matrix.get("tests"), matrix.get("skipped")) == (f"{len(names())}", f"{len(names())}")
    assert (sweep.get("tests"), sweep.get("skipped"), budget.get("failures")) == ("1", "1", "1")


def test_a_gate_tells_what_does_not_apply_and_counts_it_as_no_pass(folder: Path) -> None:
    (folder / "nowhere.yaml").write_text(NOWHERE)
    stage = library(
        [Chosen(folder / "nowhere.yaml", load(folder / "nowhere.yaml"))], Terms("proposed"), Deadline(60), 1, folder
    )
    assert (stage.covered, stage.runs) == ("1 of 1 scenarios, 1 of them not applicable", 0)
    assert [case.skipped for case in stage.cases] == ["not applicable: no such call"]


def test_junit_counts_findings_as_failures_and_unknowns_as_errors() -> None:
    other = Shown("other/id", "leftover-tap", "tap \x07t is left", "", "")
    root = ElementTree.fromstring(junit(gate(CLEAN, SHOWN, UNKNOWN, Case("x", "x.yaml", 1, [other]), known=[KNOWN])))
    (suite,) = root
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("4", "1", "1")
    clean, known, unknown, new = suite
    assert len(clean) == 0
    assert [node.tag for node in known] == ["system-out"]
    assert [node.tag for node in unknown] == ["error"]
    assert [(node.tag, node.get("type"), node.get("message")) for node in new] == [
        ("failure", "leftover-tap", "tap t is left")
    ]


def test_nobody_is_told_to_replay_what_could_not_be_kept() -> None:
    lost = Shown("other/id", "leftover-tap", "a tap is left", "lost at h1", "")
    kept = Shown("other/id", "leftover-tap", "a tap is left", "lost at h1", "x.json")
    for one, told in ((lost, False), (kept, True)):
        came = gate(Case("x", "x.yaml", 1, [one]))
        for text in (junit(came).decode(), "\n".join(annotation_lines(came)), "\n".join(gate_lines(came, 100))):
            assert ("ovqsim replay" in text) is told


def test_junit_has_a_failure_for_a_known_finding_whose_day_is_past() -> None:
    past = Excepted(KNOWN.id, KNOWN.owner, KNOWN.reason, KNOWN.expires, KNOWN.place, expired=True)
    root = ElementTree.fromstring(junit(gate(CLEAN, known=[past])))
    assert [suite.get("name") for suite in root] == ["library", "known findings"]


def test_annotations_point_at_the_file_and_are_one_line_each() -> None:
    past = Excepted("other/id", KNOWN.owner, KNOWN.reason, KNOWN.expires, KNOWN.place, expired=True)
    new, unknown, expired = annotation_lines(gate(SHOWN, UNKNOWN, known=[past]))
    assert new.startswith(
        "::error file=scenarios/library/vm-start/lost.yaml,line=1,title=leftover-port::port p is left"
    )
    assert unknown.startswith("::error file=scenarios/flows/migrate.yaml,line=1,title=unknown::flow/migrate: ")
    assert expired.startswith("::error file=known.yaml,line=3,title=known finding expired::")
    assert "waits, 100%25 sure" in expired


def test_known_findings_are_read_with_their_days(tmp_path: Path) -> None:
    (tmp_path / "known.yaml").write_text(
        f"# reviewed\n- {{finding: {LEFT.id}, owner: networking, reason: waits, expires: 2027-01-31}}\n"
    )
    known = load_known(tmp_path / "known.yaml")[LEFT.id]
    assert known.place.endswith("known.yaml:2:3")
    assert not known.expired(date(2027, 1, 31))
    assert known.expired(date(2027, 2, 1))


@pytest.mark.parametrize("content", ["", "# nothing is known\n", "[]\n"])
def test_a_file_of_known_findings_may_be_empty(tmp_path: Path, content: str) -> None:
    (tmp_path / "known.yaml").write_text(content)
    assert load_known(tmp_path / "known.yaml") == {}


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("- {finding: a, owner: b}", "1:3: a known finding has no 'reason'; write `- {finding: ID, owner: WHO"),
        ("- {finding: a, owner: b, reason: c, expires: soon}", "1:46: 'soon' is no day; write it as year-month-day"),
        ("- {finding: a, owner: '', reason: c, expires: 2027-01-31}", "1:23: 'owner' is empty"),
        ("- {finding: a, owner: b, reason: c, expires: 2027-01-31, why: d}", "has no key 'why'; it can be: finding"),
        ("finding: a", "the file of known findings must be a list, not a mapping"),
        ("- 5", "1:3: a known finding must be a mapping"),
    ],
)
def test_a_wrong_file_of_known_findings_is_refused(tmp_path: Path, content: str, says: str) -> None:
    (tmp_path / "known.yaml").write_text(content)
    with pytest.raises(InputError) as refused:
        load_known(tmp_path / "known.yaml")
    assert says in str(refused.value)


def test_a_finding_is_known_once(tmp_path: Path) -> None:
    one = "- {finding: a, owner: b, reason: c, expires: 2027-01-31}\n"
    (tmp_path / "known.yaml").write_text(one * 2)
    with pytest.raises(InputError, match=r"2:\d+: a is here twice; keep one; the first is at .*known.yaml:1:3"):
        load_known(tmp_path / "known.yaml")

"""Steps: what is given must come to be, and what a step came to is told where it matters."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from reports.played import struck, unfinished
from scenarios.__main__ import call
from scenarios.loader import load_text
from scenarios.playing import play
from sim.fates import Fate

CLUSTERS = """\
scenario: start/in-the-second-cluster
about: A VM is started on a host of the second cluster.
topology:
  quantum: {q1: {vlans: 100-199}, q2: {plugin: linuxbridge, vlans: 200-299}}
  clusters: {blue: {hosts: {h1: {fabric: q1}}}, green: {hosts: {h2: {fabric: q2}}}}
  networks: {red: {server: q1, clusters: [blue]}, white: {server: q2, clusters: [green]}}
given:
  - vm.start: {vm: web1, host: h2, nics: {nic1: white}}
when:
  - vm.stop: {vm: web1}
"""


def test_a_vm_is_made_in_the_cluster_of_the_host_that_it_starts_on() -> None:
    came = play(load_text(CLUSTERS, "f.yaml"), "reference").result
    assert (came.verdict, unfinished(came)) == ("passed", [])


def test_a_given_step_that_is_refused_is_a_finding() -> None:
    text = CLUSTERS.replace("nic1: white", "nic1: red")
    came = play(load_text(text, "f.yaml"), "reference").result
    assert [finding.id for finding in came.findings] == ["reached/given-step-failed"]
    assert came.findings[0].remains.startswith("vm.start web1 is given and did not come to be: refused (NETWORK_NOT")


def test_a_step_of_the_history_may_be_refused() -> None:
    text = CLUSTERS.replace("when:\n", "when:\n  - vm.migrate: {vm: web1, to: h1}\n")
    came = play(load_text(text, "f.yaml"), "reference").result
    assert came.verdict == "passed"
    assert [re.sub(r" \(.*", "", step) for step in unfinished(came)] == ["vm.migrate web1: refused"]


def test_an_expectation_that_never_held_is_wrong_since_the_world_was_given_and_tells_the_steps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    text = CLUSTERS.replace("vm.stop: {vm: web1}", "vm.migrate: {vm: web1, to: h1}")
    Path("f.yaml").write_text(text + "then: {eventually: [{vm-runs: {vm: web1, host: h1}}]}\n")
    assert call(["run", "f.yaml"]) == 1
    out = capsys.readouterr().out
    assert re.search(r"^  wrong since +the world as it was given$", out, re.MULTILINE)
    assert re.search(r"^  steps +vm\.migrate web1: refused \(ACTION_TYPE_FAILED", out, re.MULTILINE)


def test_explain_tells_what_was_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("f.yaml").write_text(CLUSTERS + "then: {reached: [vm-removed]}\n")
    assert call(["run", "f.yaml"]) == 1
    (path,) = Path(".ovqsim/reproducers").iterdir()
    capsys.readouterr()
    assert call(["explain", str(path)]) == 1
    assert "what was done:\n" in (out := capsys.readouterr().out)
    assert "\n    vm.stop web1: finished\n" in out


def test_what_struck_one_place_again_and_again_is_told_once() -> None:
    at = "when.1 vm.stop web1 > engine[engine] StopVm web1 > vdsm[h1] destroy web1"
    refused = Fate("refused")
    schedule = [(at, refused), (f"{at} #2", refused), (f"{at} #3", refused), (f"{at} #4", Fate("hung"))]
    assert struck(schedule) == ["refused at vdsm[h1] destroy web1 (3 times)", "hung at vdsm[h1] destroy web1"]

"""`ovqsim shrink`: a scenario that fails becomes as small as it can be, and is fit to be kept."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from scenarios.__main__ import call
from scenarios.loader import load, load_text
from scenarios.model import FaultModel, StateModel
from scenarios.playing import decisions_of, play
from scenarios.shrinking.case import Case, Terms, case_of, ids_of, played, shown, sizes
from scenarios.shrinking.minimum import Minimum, minimum
from scenarios.shrinking.tidying import keeping, tidied
from scenarios.yaml_writing import text_of
from sim.decisions.anchored import Anchor
from sim.outcomes import InputError
from tests.commands import reproducer

NOISY = """\
scenario: noisy/port-reply-lost
about: Much happens; what matters is that the second reply to create port is lost.
topology:
  quantum: {q1: {plugin: openvswitch, vlans: 100-199}, q2: {plugin: linuxbridge, vlans: 200-299}}
  clusters:
    blue: {hosts: {h1: {fabrics: {q1: {nic: eth1}, q2: {nic: eth2, physical: physnet2}}}, h2: {fabric: q1}}}
    green: {hosts: {h3: {fabric: q1}}}
  networks: {red: {server: q1, clusters: [blue, green]}, white: {server: q2, clusters: [blue]}}
given:
  - vm.start: {vm: web1, host: h2, nics: {nic1: red}}
when:
  - vm.add: {vm: old1, cluster: blue, nics: {nic1: red, nic2: white}}
  - vm.start: {vm: old1, host: h1}
  - vm.migrate: {vm: web1}
  - {vm.stop: {vm: web1}, wait: rest}
  - together:
      - vm.start: {vm: db1, host: h1, nics: {nic1: red}, memory: 1024}
      - vm.stop: {vm: old1}
  - vm.remove: {vm: old1}
faults:
  - {at: "vdsm[h1] create old1", fate: late, delay: 20s}
  - {at: "quantum[q1] create-port *", fate: reply-lost, nth: 2, how: cut}
  - {at: "quantum[q1] create-port db1", fate: duplicated}
then:
  eventually: [{vm-runs: {vm: db1}}]
  reached: [vm-started]
tags: [R-3.1, bugs, smoke]
"""
FINDING = "leftover-port/quantum-port/quantum-create-port/vm.start"
PROPOSED = Terms(FINDING, design="proposed")


def shrunk() -> Minimum:
    return minimum(load_text(NOISY, "noisy.yaml"), PROPOSED)


def test_what_remains_is_one_fault_one_step_one_host_twice_the_same() -> None:
    first = shrunk()
    assert text_of(first.scenario) == text_of(shrunk().scenario)
    assert first.complete and first.runs > 20
    assert (
        text_of(first.scenario)
        == """\
scenario: noisy/port-reply-lost-leftover-port
about: Port 8366f47c-q1-port-1 of network 643d9253-q1-network-1 is unplugged, and no vNIC has it.
tags: [R-3.1]
topology:
  quantum: {q1: {}}
  clusters: {blue: {hosts: {h1: {fabric: q1}}}}
  networks: {red: {server: q1, clusters: [blue]}}
when:
  - vm.start: {vm: db1, host: h1, nics: {nic1: red}}
faults:
  - {at: "quantum[q1] create-port *", fate: reply-lost}
then:
  eventually:
    - {vm-runs: {vm: db1}}
fails-under:
  - {finding: leftover-port, design: proposed}
"""
    )


def test_what_remains_passes_where_it_must_and_fails_where_it_says() -> None:
    found = shrunk().scenario
    assert play(found, "reference").result.verdict == "passed"
    assert FINDING in ids_of(play(found, "proposed").result)


DIVIDED = """\
scenario: divided/port-reply-lost
about: The second engine's request for a port is answered in vain.
topology:
  quantum: {q1: {}}
  data-centers: {dc: {}, dc2: {engine: engine2}}
  clusters: {blue: {hosts: {h1: {fabric: q1}}}, green: {data-center: dc2, hosts: {h2: {fabric: q1}}}}
  networks: {red: {server: q1, clusters: [blue]}}
when:
  - network.add: {network: white, server: q1, data-center: dc2}
  - network.attach: {network: white, cluster: green}
  - vm.start: {vm: web1, host: h2, nics: {nic1: white}}
faults:
  - {at: "quantum[q1] create-port web1", fate: reply-lost}
"""


def test_what_remains_of_two_engines_is_one_data_centre_of_one() -> None:
    whole = load_text(DIVIDED, "divided.yaml")
    (port,) = [one for one in ids_of(play(whole, "proposed").result) if one.startswith("leftover-port/")]
    found = minimum(whole, PROPOSED._replace(finding=port)).scenario
    assert found.topology.data_centers == {}
    assert [len(model.hosts) for model in found.topology.clusters.values()] == [1]
    assert all(not getattr(step.args, "data_center", "") for step in found.when)


def test_another_finding_is_no_reason_to_keep_a_candidate() -> None:
    scenario = load_text(NOISY, "noisy.yaml")
    others = [one for one in ids_of(play(scenario, "proposed").result) if one != FINDING]
    assert others
    for other in others[:2]:
        found = minimum(scenario, PROPOSED._replace(finding=other)).scenario
        assert other in ids_of(play(found, "proposed").result)


def test_a_finding_that_is_not_there_is_refused() -> None:
    with pytest.raises(InputError, match="does not show leftover-tap under reference"):
        minimum(load_text(NOISY, "noisy.yaml"), Terms("leftover-tap"))


# --- faults outlive the steps before them --------------------------------------------------------

TWICE = """\
scenario: twice/second-plug
about: The port of the second VM is not plugged.
topology: pair
when:
  - vm.start: {vm: web1, host: h1, nics: {nic1: red}}
  - vm.start: {vm: web2, host: h1, nics: {nic1: red}}
  - vm.stop: {vm: web2}
faults:
  - {at: "quantum[q1] plug *", fate: reply-lost, nth: 2}
"""


def test_a_fault_counts_from_the_step_in_which_it_struck() -> None:
    case = case_of(load_text(TWICE, "twice.yaml"))
    came = played(case, Terms("", design="proposed"))
    assert came is not None
    (placed,) = came.case.faults
    assert (placed.fault.nth, placed.anchor) == (2, Anchor(2, 1))


def test_its_number_is_counted_anew_when_an_earlier_step_goes() -> None:
    came = played(case_of(load_text(TWICE, "twice.yaml")), Terms("", design="proposed"))
    assert came is not None
    fewer = keeping(came.case, [False, True, True])
    again = played(fewer, Terms("", design="proposed"))
    assert again is not None
    (placed,) = again.case.faults
    assert (placed.fault.nth, placed.anchor) == (1, Anchor(1, 1))
    assert [fate.name for _, fate in again.result.struck] == ["reply-lost"]


def test_what_is_played_by_anchors_is_what_is_played_by_numbers() -> None:
    scenario = load_text(TWICE, "twice.yaml")
    came = played(case_of(scenario), Terms("", design="proposed"))
    assert came is not None
    again = played(came.case, Terms("", design="proposed"))
    assert again is not None
    plain = play(scenario, "proposed", decisions_of(scenario)).result
    assert plain.fingerprint == came.result.fingerprint == again.result.fingerprint


# --- nothing is left that refers to what is gone -------------------------------------------------


def test_with_a_vm_go_its_steps_its_faults_and_its_expectations() -> None:
    case = case_of(load_text(NOISY, "noisy.yaml"))
    kept = [getattr(step.args, "vm", "") != "db1" for step in case.steps()]
    found = tidied(keeping(case, kept))
    assert found is not None
    whole = found.whole()
    assert "db1" not in text_of(whole).replace("create-port db1", "")
    assert whole.then.eventually == []
    assert not any(step.together for step in whole.when)


def test_without_any_step_there_is_no_candidate() -> None:
    case = case_of(load_text(TWICE, "twice.yaml"))
    assert tidied(keeping(case, [False, False, False])) is None


# --- the command ---------------------------------------------------------------------------------


def test_a_file_becomes_a_file(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "noisy.yaml").write_text(NOISY)
    arguments = ["shrink", "noisy.yaml", "--design", "proposed", "--finding", FINDING]
    assert call([*arguments, "--out", "small.yaml"]) == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert "3 faults to 1, 8 steps to 1, 2 clusters to 1, 3 hosts to 1, 2 servers to 1, 2 networks to 1" in printed
    assert "nothing smaller shows it" in printed and "wrote small.yaml" in printed
    assert load(folder / "small.yaml") == shrunk().scenario
    assert call(arguments) == 0
    assert capsys.readouterr().out.endswith((folder / "small.yaml").read_text())


def test_so_does_a_reproducer(folder: Path) -> None:
    (folder / "noisy.yaml").write_text(NOISY)
    assert call(["run", "noisy.yaml", "--design", "proposed"]) == 1
    (path,) = (folder / ".ovqsim" / "reproducers").iterdir()
    assert call(["shrink", str(path), "--finding", FINDING, "--out", "small.yaml"]) == 0
    assert load(folder / "small.yaml") == shrunk().scenario


def test_random_faults_of_a_recorded_run_are_put_into_words(folder: Path) -> None:
    assert call(["run", "passes.yaml", "--design", "proposed", "--seed", "8"]) == 1
    (path,) = (folder / ".ovqsim" / "reproducers").iterdir()
    assert call(["shrink", str(path), "--out", "small.yaml"]) == 0
    (fault,) = load(folder / "small.yaml").faults
    assert (fault.at, fault.fate) == ("ip[h1] tuntap-add *", "hung") or fault.fate == "hung"


@pytest.fixture
def interrupted(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Ctrl-C comes in the fourth run."""
    runs: list[Case] = []

    def shown_then(case: Case, terms: Terms) -> Case | None:
        runs.append(case)
        if len(runs) == 4:
            os.kill(os.getpid(), signal.SIGINT)
        return shown(case, terms)

    monkeypatch.setattr("scenarios.shrinking.minimum.shown", shown_then)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interrupted")
def test_one_that_is_interrupted_keeps_the_smallest_so_far(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "noisy.yaml").write_text(NOISY)
    arguments = ["shrink", "noisy.yaml", "--design", "proposed", "--finding", FINDING, "--out", "small.yaml"]
    assert call(arguments) == 130
    printed = capsys.readouterr()
    assert "4 runs; cut short: this is the smallest so far" in printed.out and "wrote small.yaml" in printed.out
    assert printed.err.split("\n")[-2:] == ["ovqsim: interrupted", ""]
    small = load(folder / "small.yaml")
    every = [shrunk().scenario, small, load(folder / "noisy.yaml")]
    least, between, most = [sum(sizes(one).values()) for one in every]
    assert least < between < most
    assert FINDING in ids_of(play(small, "proposed").result)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["passes.yaml"], "passes.yaml: shows nothing under reference; "),
        (["nothing.yaml"], "nothing.yaml: cannot be read (No such file or directory); name a YAML file"),
        (["finds.yaml", "--design", "propsed"], "unknown design 'propsed'; did you mean 'proposed'?"),
        (["finds.yaml", "--defect", "no-leaf"], "unknown defect 'no-leaf'; did you mean 'no-lease'?"),
        (["finds.yaml", "--out", "."], ".: is a folder; name a file"),
    ],
)
def test_bad_input_is_one_line(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], error: str
) -> None:
    assert call(["shrink", *arguments]) == 2
    printed = capsys.readouterr()
    assert printed.out == "" and len(printed.err.splitlines()) == 1
    assert printed.err.startswith(f"ovqsim: {error}")


def test_a_finding_that_is_misspelt_is_told_the_nearest(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "noisy.yaml").write_text(NOISY)
    assert call(["shrink", "noisy.yaml", "--design", "proposed", "--finding", FINDING[:-1]]) == 2
    assert f"did you mean '{FINDING}'?" in capsys.readouterr().err


def test_a_reproducer_is_shrunk_as_it_was_recorded(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = reproducer(folder)
    assert call(["shrink", str(path), "--design", "proposed"]) == 2
    assert "was recorded under reference; leave out --design" in capsys.readouterr().err


def test_a_fault_of_a_rows_state_stays_one(folder: Path) -> None:
    state = StateModel("vms", {"status": "MigratingFrom"}, "engine")
    text = TWICE.replace("vm.stop: {vm: web2}", "vm.migrate: {vm: web1, to: h2}").replace(
        '{at: "quantum[q1] plug *", fate: reply-lost, nth: 2}',
        "{at: {table: vms, node: engine, where: {status: MigratingFrom}}, fate: crash, process: libvirt, node: h2}",
    )
    scenario = load_text(text, "state.yaml")
    (finding, *_) = ids_of(play(scenario, "proposed").result)
    found = minimum(scenario, Terms(finding, design="proposed")).scenario
    assert [fault.at for fault in found.faults if isinstance(fault, FaultModel)] in ([state], [])

"""The loader: good scenarios are read, and bad input is refused in one line with place and remedy."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from scenarios import builder
from scenarios.builder import expect, scenario, state, step, together
from scenarios.loader import from_data, load, load_text
from scenarios.model import Scenario
from scenarios.reading_topology import stock, stock_names
from scenarios.verbs import ALL as VERBS
from scenarios.verbs.vm import VmMigrate, VmStart
from scenarios.writing import to_data
from sim.outcomes import InputError
from tests.refusals import FAULT, GOOD, STATE, changed, fault

# --- good input ----------------------------------------------------------------------------------


def test_the_example_of_the_design_is_read() -> None:
    one = load_text(GOOD, "f.yaml")
    assert one.scenario == "migration/target-dies"
    assert one.topology.networks["red"].vlan == 100
    assert one.given[0].args == VmStart("web1", "h1", nics={"nic1": "red"})
    assert one.when[0].args == VmMigrate("web1", "h2")
    assert one.faults[0].back_after == "60s"
    assert one.then.eventually[0].word == "vm-runs"
    assert one.tags == ["R-3.11", "2012"]


def test_a_scenario_goes_to_plain_data_and_back() -> None:
    one = load_text(GOOD, "f.yaml")
    assert from_data(to_data(one), "data") == one


def test_a_file_with_a_byte_order_mark_and_other_line_ends_is_read(tmp_path: Path) -> None:
    path = tmp_path / "f.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())
    assert load(path) == load_text(GOOD, "f.yaml")


@pytest.mark.parametrize("name", stock_names())
def test_each_stock_topology_can_be_named(name: str) -> None:
    text = re.sub(r"topology:\n(  .*\n)+", f"topology: {name}\n", GOOD)
    assert load_text(text, "f.yaml").topology == stock(name)


@pytest.mark.parametrize("word", VERBS)
def test_each_verb_is_read_from_its_example(word: str) -> None:
    text = changed("  - vm.migrate: {vm: web1, to: h2}", f"  - {VERBS[word].example}")
    text = text.replace("nics: {nic1: red}", "nics: {nic1: red, nic2: red}", 1)
    assert load_text(text, "f.yaml").when[0].verb == word


def test_steps_say_when_they_begin() -> None:
    steps = f"""\
  - together:
      - vm.migrate: {{vm: web1, to: h2}}
      - {{vm.stop: {{vm: web1}}, until: {STATE}}}
  - {{vm.start: {{vm: web1}}, wait: rest}}
  - {{vm.stop: {{vm: web1}}, after: "vdsm[h1] create web1"}}
"""
    when = load_text(changed("  - vm.migrate: {vm: web1, to: h2}\n", steps), "f.yaml").when
    assert [one.together for one in when] == [False, True, False, False]
    assert when[1].until is not None
    assert when[1].until.where == {"phase": "PREPARE"}
    assert when[2].wait
    assert when[3].after == "vdsm[h1] create web1"


def test_a_vm_made_by_a_step_can_be_named_from_then_on() -> None:
    text = changed("when:\n", "when:\n  - vm.add: {vm: web2}\n  - vm.start: {vm: web2}\n")
    assert [one.verb for one in load_text(text, "f.yaml").when] == ["vm.add", "vm.start", "vm.migrate"]


@pytest.mark.parametrize(
    "words",
    [
        '{at: "quantum[q1] create-port", fate: lost, how: cut, nth: 2, for: 10s}',
        '{at: "quantum[*] * reply", fate: reply-lost}',
        '{at: "vdsm create web1 reply", fate: late, delay: 200s}',
        '{at: "engine[engine] commits VM web1 Up", fate: commit-unknown}',
        '{at: "engine[engine] commits *", fate: crash, process: engine, node: engine, moment: after}',
        f"{{at: {STATE}, fate: partition, between: [engine, h1], standing: true}}",
        '{at: "qemu-web1[h2] complete", fate: hung}',
        '{at: "vdsm[h1] create web1", fate: held, until: "libvirt[h1] create web1"}',
    ],
)
def test_faults_of_all_kinds_are_read(words: str) -> None:
    one = load_text(fault(words), "f.yaml")
    assert from_data(to_data(one), "data") == one


def test_the_builder_makes_what_the_yaml_says() -> None:
    vm = builder.vm
    built = (
        scenario("a/b", about="Something.")
        .topology("pair")
        .given(vm.start(vm="web1", host="h1", nics={"nic1": "red"}))
        .when(
            together(vm.migrate(vm="web1", to="h2"), step(vm.stop(vm="web1"), until=state("domains", phase="PREPARE")))
        )
        .fault(at="libvirt[h1] perform web1", fate="power-loss", node="h2", back_after="60s")
        .eventually(expect.vm_down(vm="web1"))
        .reached("vm-stopped")
        .tags("R-3.11")
        .tags("bugs")
        .not_applicable("proposed", "it never does that")
        .fails_under("then-vm-down", defect="unplug-once")
        .bug("B033", "rhbz#987814")
        .build()
    )
    written = f"""\
scenario: a/b
about: Something.
topology: pair
given: [{{vm.start: {{vm: web1, host: h1, nics: {{nic1: red}}}}}}]
when:
  - together: [{{vm.migrate: {{vm: web1, to: h2}}}}, {{vm.stop: {{vm: web1}}, until: {STATE}}}]
faults: [{FAULT}]
then: {{eventually: [{{vm-down: {{vm: web1}}}}], reached: [vm-stopped]}}
tags: [R-3.11, bugs]
not-applicable: [{{design: proposed, because: it never does that}}]
fails-under: [{{defect: unplug-once, finding: then-vm-down}}]
bug: {{id: B033, reference: "rhbz#987814"}}
"""
    assert built == load_text(written, "f.yaml")
    assert from_data(to_data(built), "data") == built


def test_the_builder_refuses_what_the_loader_refuses() -> None:
    base = scenario("a/b", about="Something.").topology("pair")
    with pytest.raises(InputError, match=r"scenario a/b: at when\[0\]\.vm\.stop\.vm: there is no VM 'web1' here; "):
        base.when(builder.vm.stop(vm="web1")).build()
    with pytest.raises(AttributeError, match="did you mean 'start'"):
        builder.vm.strat(vm="web1")
    with pytest.raises(AttributeError):
        builder.wm  # noqa: B018


@pytest.mark.parametrize("data", [None, 3, [], {"scenario": object()}, {1: 2}, {"scenario": {"a": [b"x"]}}])
def test_data_that_is_no_scenario_is_refused(data: Any) -> None:
    with pytest.raises(InputError, match=r"file\.json"):
        from_data(data, "file.json")


# --- files --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"scenario: \x00", ":1:11: the file is binary (a zero byte); give"),
        (b"scenario: a/b\nabout: \xff\xfe", ":2:8: the file is not UTF-8; save it as UTF-8"),
        (b"#" * (1 << 20) + b"\n", ":1:1: the file is larger than 1 MiB; a scenario is a page"),
    ],
)
def test_files_that_are_no_text_are_refused(tmp_path: Path, data: bytes, says: str) -> None:
    path = tmp_path / "f.yaml"
    path.write_bytes(data)
    with pytest.raises(InputError) as error:
        load(path)
    assert str(error.value).startswith(f"{path}{says}")


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "none.yaml", tmp_path):
        with pytest.raises(InputError, match=r"cannot be read .*; name a YAML file"):
            load(path)


def test_whatever_is_cut_off_is_read_or_refused_but_never_fails_otherwise() -> None:
    for length in range(0, len(GOOD), 3):
        try:
            assert isinstance(load_text(GOOD[:length], "f.yaml"), Scenario)
        except InputError as error:
            assert "\n" not in str(error)

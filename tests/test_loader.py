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

GOOD = """\
scenario: migration/target-dies
about: The target host loses power while memory is being copied.
tags: [R-3.11, "2012"]
topology:
  quantum: {q1: {plugin: openvswitch, type: vlan}}
  clusters: {blue: {hosts: {h1: {fabric: q1}, h2: {fabric: q1}, bare: {}}}}
  networks: {red: {server: q1, vlan: 100, clusters: [blue]}}
given:
  - vm.start: {vm: web1, host: h1, nics: {nic1: red}}
when:
  - vm.migrate: {vm: web1, to: h2}
faults:
  - {at: "libvirt[h1] perform web1", fate: power-loss, node: h2, back-after: 60s}
then:
  eventually: [{vm-runs: {vm: web1, host: h1}}]
  reached: [migration-rolled-back]
"""

FAULT = '{at: "libvirt[h1] perform web1", fate: power-loss, node: h2, back-after: 60s}'
STATE = "{table: domains, where: {phase: PREPARE}}"


def refusal(text: str) -> str:
    """What the loader says of that text."""
    with pytest.raises(InputError) as error:
        load_text(text, "f.yaml")
    return str(error.value)


def changed(old: str, new: str) -> str:
    """The good scenario with one change."""
    assert old in GOOD
    return GOOD.replace(old, new, 1)


def fault(new: str) -> str:
    """The good scenario with another fault."""
    return changed(FAULT, new)


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


# --- bad input -----------------------------------------------------------------------------------

WORDS = [
    # A word that is in no vocabulary: the nearest one is named.
    (changed("vm.migrate:", "vm.migrat:"), "11:5: unknown verb 'vm.migrat'; did you mean 'vm.migrate'?"),
    (changed("to: h2", "to: h3"), "11:32: there is no host 'h3' here; did you mean 'h2'?"),
    (changed("nic1: red", "nic1: rde"), "9:49: there is no network 'rde' here; did you mean 'red'?"),
    (changed("clusters: [blue]", "clusters: [bleu]"), "7:54: there is no cluster 'bleu' here; did you mean 'blue'?"),
    (changed("fabric: q1", "fabric: q2"), "6:42: there is no Quantum server 'q2' here; did you mean 'q1'?"),
    (changed("server: q1", "server: p1"), "7:28: there is no Quantum server 'p1' here; did you mean 'q1'?"),
    (changed("{vm: web1, to", "{vm: web, to"), "11:22: there is no VM 'web' here; did you mean 'web1'?"),
    (changed("power-loss", "power-los"), "13:44: unknown fate 'power-los'; did you mean 'power-loss'?"),
    (changed("vm-runs", "vm-run"), "15:17: unknown expectation 'vm-run'; did you mean 'vm-runs'?"),
    (changed("migration-rolled-back", "rolled-back"), "16:13: unknown state to reach 'rolled-back'; did you mean"),
    (re.sub(r"topology:\n(  .*\n)+", "topology: par\n", GOOD), "4:11: unknown topology 'par'; did you mean 'pair'?"),
    (changed("about:", "abuot:"), "2:1: a scenario has no key 'abuot'; did you mean 'about'?"),
    (changed("{vm: web1, to:", "{vm: web1, too:"), "11:28: vm.migrate has no key 'too'; did you mean 'to'?"),
    (changed("node: h2", "nod: h2"), "13:56: the fault has no key 'nod'; did you mean 'node'?"),
    (changed("plugin: openvswitch", "plugin: openvswich"), "5:26: unknown 'plugin' 'openvswich'; did you mean"),
    (changed("libvirt[h1]", "libvrt[h1]"), "13:10: there is no process 'libvrt'; did you mean 'libvirt'?"),
    (changed("libvirt[h1]", "libvirt[h9]"), "13:10: there is no node 'h9'; did you mean 'h2'?"),
    (changed("libvirt[h1]", "libvirt[q1]"), "13:10: no libvirt runs on 'q1'; it runs on: h1, h2, bare"),
    (changed("libvirt[h1]", "agent[bare]"), "13:10: no agent runs on 'bare'; it runs on: h1, h2"),
    (changed("perform web1", "preform web1"), "13:10: libvirt has no verb 'preform'; did you mean 'perform'?"),
    (changed("node: h2", "node: h3"), "13:62: there is no node 'h3'; did you mean 'h2'?"),
    (
        changed("{vm: web1, host: h1}}]", "{vm: web1, host: h4}}]"),
        "15:43: there is no host 'h4' here; did you mean 'h2'?",
    ),
    (
        changed("vm-runs: {vm: web1, host: h1}", "vm-gone: {vm: web2}"),
        "15:31: there is no VM 'web2' here; did you mean",
    ),
    (
        GOOD + "fails-under: [{design: refrence, finding: reached}]\n",
        "17:24: unknown design 'refrence'; did you mean 'reference'?",
    ),
    (
        GOOD + "fails-under: [{design: proposed, finding: reachd}]\n",
        "17:43: unknown check 'reachd'; did you mean 'reached'?",
    ),
    (GOOD + "not-applicable: [{design: p, because: x}]\n", "17:27: unknown design 'p'; it can be: "),
    (
        fault("{at: {table: domain, where: {phase: x}}, fate: power-loss, node: h2}"),
        "13:18: unknown table 'domain'; did you mean",
    ),
    (
        fault("{at: {table: domains, where: {fase: x}}, fate: power-loss, node: h2}"),
        "13:35: the table domains has no column 'fase'; did",
    ),
]

YAML = [
    ("", "1:1: the file is empty; begin with `scenario: flow/name`"),
    ("# nothing\n", "1:1: the file is empty; begin with"),
    ("- a\n- b\n", "1:1: a scenario must be a mapping, not a list; write `key: value`"),
    ("word\n", "1:1: a scenario must be a mapping, not 'word'; write"),
    (GOOD + "---\nscenario: b/c\n", "17:1: a second document begins here; keep one scenario a file"),
    (GOOD + "scenario: b/c\n", "17:1: the key 'scenario' is given twice (first at f.yaml:1:1); keep one of them"),
    (changed("vm: web1, to", "vm: web1, vm: web1, to"), "11:28: the key 'vm' is given twice"),
    (
        changed("  - vm.migrate", "\t- vm.migrate"),
        "11:1: found character '\\t' that cannot start any token; indent with spaces",
    ),
    (changed("about: The", "about: The: "), "2:11: mapping values are not allowed here; quote text that holds `: `"),
    (changed("[R-3.11, ", "[R-3.11 "), "3:"),
    ("a: 'b\n", "2:1: found unexpected end of stream; close what was opened"),
    ("%YAML 1.1\n---\na: b\n", "2:1: a YAML directive has no place here; remove the line that begins with %"),
    (changed("about: The", "about: !!str The"), "2:8: the tag 'tag:yaml.org,2002:str' has no place here; remove it"),
    (changed("about: The", "about: !!python/object/apply:os.system The"), "2:8: the tag 'tag:yaml.org,2002:python"),
    (changed("about: The", "about: &a The"), "2:8: an anchor (&name) has no place here; remove it"),
    (changed("about: The", "about: *a\nx: The"), "2:8: an alias (*name) has no place here; write the value out"),
    (GOOD + "<<: {tags: []}\n", "17:1: a merge key (<<) has no place here; write the values out"),
    (GOOD + "? [a]\n: b\n", "17:3: a key must be a word; write `key: value`"),
    (GOOD.replace("about", "ab\x07out"), "2:3: the character '\\x07' is not allowed in YAML; remove it"),
    ("a: " + "[" * 100 + "]" * 100, "1:44: nested more than 40 deep; write it flatter"),
    ("[" * 100_000, "1:42: nested more than 40 deep; write it flatter"),
]

TRAPS = [
    (GOOD + "on: x\n", "17:1: the key 'on' is read as true or false; quote it"),
    (changed("nic1: red", "no: red"), "9:43: the key 'no' is read as true or false; quote it"),
    (
        changed("nic1: red", "nic1: off"),
        "9:49: 'nic1' of 'nics' 'off' is read by some as true or false; quote it: \"off\"",
    ),
    (changed("nic1: red", "1: red"), "9:43: the key '1' is read as a number; quote it"),
    (changed("vm: web1, host", "vm: 1, host"), "9:20: 'vm' must be text, and 1 is read as a number; quote it: \"1\""),
    (
        changed("vm: web1, host", "vm: true, host"),
        "9:20: 'vm' must be text, and true is read as true or false; quote it",
    ),
    (
        changed("vm: web1, host", "vm: 00:1a:4a:16:01:51, host"),
        "9:20: 'vm' '00:1a:4a:16:01:51' is read by some as a MAC",
    ),
    (
        changed("vm: web1, host", "vm: 52:54:00:12:34:56, host"),
        "9:20: 'vm' '52:54:00:12:34:56' is read by some as a number in base 60",
    ),
    (changed("vm: web1, host", "vm: 2012-05-18, host"), "9:20: 'vm' '2012-05-18' is read by some as a date; quote it"),
    (
        changed("vm: web1, host", "vm: 0123, host"),
        "9:20: 'vm' '0123' is read by some as a number in another base; quote it",
    ),
    (changed("vm: web1, host", "vm: , host"), "9:19: 'vm' must be text, not nothing; write a word"),
    (changed("vlan: 100", "vlan: yes"), "7:38: 'vlan' must be a whole number, not 'yes'; write digits, such as 100"),
    (changed("vlan: 100", 'vlan: "100"'), "7:38: 'vlan' must be a whole number, not '100'; remove the quotes"),
    (changed("vlan: 100", "vlan: 0144"), "7:38: 'vlan' must be a whole number"),
    (changed("vlan: 100", "vlan: " + "9" * 5000), "7:38: 'vlan' must be a whole number"),
    (
        changed("networks:", "libvirt: 9.0\n  networks:"),
        "7:12: the 'libvirt' must be text, and 9.0 is read as a number; quote it",
    ),
    (
        changed("networks:", "leases: yes\n  networks:"),
        "7:11: 'leases' must be true or false, not 'yes'; write true or false",
    ),
    (changed('"2012"', "2012"), '3:16: a tag must be text, and 2012 is read as a number; quote it: "2'),
]

TOPOLOGIES = [
    (changed("vlan: 100", "vlan: 4095"), "7:38: 4095 is no VLAN id; write one of 1 to 4094"),
    (changed("type: vlan", 'type: vlan, vlans: "200-100"'), "5:58: '200-100' ends before it begins; write 100-200"),
    (
        changed("type: vlan", 'type: vlan, vlans: "0-4095"'),
        "5:58: '0-4095' goes beyond the VLAN ids; stay within 1 to 4094",
    ),
    (changed("type: vlan", "type: vlan, vlans: all"), "5:58: 'all' is no range of VLAN ids; write it as 1-4094"),
    (
        changed("}, bare: {}}}}", "}}}, green: {hosts: {h1: {}}}}"),
        "6:83: the host 'h1' is in two clusters, blue and green; keep it",
    ),
    (changed("bare: {}", "engine: {}"), "6:65: the host 'engine' has the name of another node; rename it"),
    (changed("bare: {}", "q1: {}"), "6:65: the host 'q1' has the name of another node; rename it"),
    (changed("bare: {}", "a b: {}"), "6:65: 'a b' is no name for a host; use letters, digits"),
    (
        changed("{blue: {", "{red: {}, blue: {").replace("[blue]", "[red]"),
        "7:54: the network 'red' is attached to 'red', which has no host",
    ),
    (changed("[blue]", "[blue, blue]"), "7:60: the cluster 'blue' is given twice; keep one"),
    (
        changed("{red: {", "{green: {server: q1, vlan: 100}, red: {"),
        "7:70: the networks 'green' and 'red' both have VLAN 100 on q1",
    ),
    (
        changed("networks:", "switches: {s1: {joins: [physnet2]}}\n  networks:"),
        "7:27: no host has the physical network 'physnet2'",
    ),
    (changed("networks:", "macs: 0\n  networks:"), "7:9: a pool of 0 MACs is none; write 1 or more"),
    (GOOD.replace("topology:\n", "topology: 3\nx:\n", 1), "5:1: a scenario has no key 'x'"),
]

FAULTS = [
    (fault('{at: "libvirt[h1] perform web1", fate: power-loss}'), "13:44: 'power-loss' has no 'node'; add `node: ...`"),
    (
        fault('{at: "libvirt[h1] perform web1", fate: crash, node: h2}'),
        "13:44: 'crash' has no 'process'; add `process: ...`",
    ),
    (fault('{at: "libvirt[h1] perform web1", fate: partition}'), "13:44: 'partition' has no 'between'; add"),
    (fault('{at: "libvirt[h1] perform web1", fate: held}'), "13:44: 'held' has no 'until'; add `until: ...`"),
    (
        fault('{at: "vdsm create reply", fate: lost}'),
        "13:37: 'lost' cannot strike at a reply; it can be: reply-lost, late",
    ),
    (
        fault('{at: "vdsm create", fate: commit-refused}'),
        "13:31: 'commit-refused' cannot strike at a request; it can be",
    ),
    (
        fault('{at: "engine commits VM", fate: lost}'),
        "13:37: 'lost' cannot strike at a commit; it can be: commit-refused",
    ),
    (fault(f"{{at: {STATE}, fate: lost}}"), "13:59: 'lost' cannot strike at a row's state; it can be: crash"),
    (
        fault('{at: "libvirt[h1] perform", fate: late}'),
        "13:39: no message to libvirt can be 'late'; it can be: refused",
    ),
    (
        fault('{at: "engine AddVm", fate: lost}'),
        "13:32: no message to engine can be 'lost'; only machine fates strike there",
    ),
    (fault('{at: "vdsm", fate: lost}'), "13:10: 'vdsm' is no trigger; write `process[node] verb subject`"),
    (fault('{at: "engine commits", fate: commit-refused}'), "13:10: 'engine commits' does not say what is committed"),
    (fault('{at: "vdsm reply", fate: late}'), "13:10: 'vdsm reply' does not say to what it replies"),
    (fault('{at: "vdsm create", fate: late, delay: soon}'), "13:44: 'soon' is no duration; write a number with a unit"),
    (fault('{at: "vdsm create", fate: late, delay: 10}'), "13:44: 'delay' must be text, and 10 is read as a number"),
    (
        fault('{at: "vdsm create", fate: lost, node: h1}'),
        "13:37: 'node' says nothing about 'lost'; it goes with: crash, power-loss",
    ),
    (fault('{at: "vdsm create", fate: lost, nth: 0}'), "13:42: there is no point number 0; write 1 for the first"),
    (
        fault('{at: "vdsm create", fate: power-loss, node: h1, moment: after}'),
        "13:53: `moment` says nothing at a request",
    ),
    (
        fault('{at: "vdsm create", fate: power-loss, node: h1, back-after: 0s}'),
        "13:65: a fault that heals at once is none",
    ),
    (
        fault('{at: "vdsm create", fate: power-loss, node: h1, back-after: 1s, standing: true}'),
        "13:69: a standing fault never",
    ),
    (fault('{at: "vdsm create", fate: partition, between: [h1, h1]}'), "13:51: a partition lies between two nodes"),
    (fault('{at: "vdsm create", fate: partition, between: [h1]}'), "13:51: 'between' must have 2 items, not 1"),
    (
        fault('{at: "vdsm create", fate: crash, process: quantum, node: h1}'),
        "13:62: no quantum runs on 'h1'; it runs on: q1",
    ),
    (
        fault('{at: "vdsm create", fate: crash, process: qemu-web9, node: h1}'),
        "13:47: there is no process 'qemu-web9'; did you",
    ),
    (
        fault('{at: "vdsm create", fate: held, until: "vdsm create reply"}'),
        "13:44: a held message goes on at a request, and",
    ),
    (
        fault('{at: {table: programs, where: {up: "true"}}, fate: power-loss, node: h1}'),
        "13:40: the column 'up' is never 'true'",
    ),
    (fault('{at: "vdsm create wbe1", fate: lost}'), "13:10: nothing here is called 'wbe1'; did you mean 'web1'?"),
    (fault('{at: "engine RunVm wbe1", fate: power-loss, node: h1}'), "13:10: nothing here is called 'wbe1'; did"),
    (
        fault("{at: {table: vms, where: {name: wbe1}}, fate: power-loss, node: h1}"),
        "13:37: the column 'name' of vms is never 'wbe1'; did you mean 'web1'?",
    ),
    (
        fault("{at: {table: vms, where: {status: Migrating}}, fate: power-loss, node: h1}"),
        "13:39: the column 'status' of vms is never 'Migrating'; did you mean 'MigratingTo'?",
    ),
    (
        fault("{at: {table: programs, where: {}}, fate: power-loss, node: h1}"),
        "13:35: the state names no column; write",
    ),
    (
        fault("{at: {table: programs, where: {up: on}}, fate: power-loss, node: h1}"),
        "13:40: 'up' of 'where' 'on' is read by some",
    ),
]

STEPS = [
    (
        changed("when:\n", "when: []\nx:\n").replace("x:\n  - vm.migrate: {vm: web1, to: h2}\n", ""),
        "10:7: the scenario has no step; add one",
    ),
    (changed("  - vm.migrate: {vm: web1, to: h2}", "  - {}"), "11:5: the step has no verb; write one"),
    (
        changed("- vm.migrate: {vm", "- vm.stop: {vm: web1}\n    vm.migrate: {vm"),
        "12:5: the step has two verbs, vm.stop and vm.migrate",
    ),
    (
        changed("- vm.migrate:", "- wait: start\n    vm.migrate:"),
        "11:11: a step cannot wait for 'start'; write `wait: rest`",
    ),
    (changed("- vm.migrate:", "- after: vdsm create reply\n    vm.migrate:"), "11:12: a step begins at a request, and"),
    (
        changed("- vm.migrate:", "- after: vdsm create\n    wait: rest\n    vm.migrate:"),
        "11:5: `after` stands beside `wait` or `until`",
    ),
    (
        changed("  - vm.migrate: {vm: web1, to: h2}", "  - together: [{vm.stop: {vm: web1}}]"),
        "11:15: fewer than two steps run together",
    ),
    (changed("{vm: web1, to: h2}", "web1"), "11:17: vm.migrate must be a mapping, not 'web1'; write `key: value`"),
    (changed("{vm: web1, to: h2}", "{to: h2}"), "11:17: vm.migrate has no 'vm'; add `vm: ...`"),
    (changed("vm: web1, host", "vm: web 1, host"), "9:20: 'web 1' is no name for a VM; use letters"),
    (changed("given:\n  -", "given:\n "), "9:3: `given` must be a list, not a mapping; write `[one, another]`"),
    (
        changed("scenario: migration/target-dies", "scenario: Migration"),
        "1:11: 'Migration' is no name for a scenario; write it as",
    ),
    (
        changed("about: The target host loses power while memory is being copied.", "about: ''"),
        "2:8: `about` is empty; say",
    ),
    (changed("R-3.11,", '"a b",'), "3:8: 'a b' is no tag; write one word"),
    (GOOD.replace("about:", "# about:", 1), "1:1: the scenario has no 'about'; add `about: ...`"),
    (GOOD + "bug: B033\n", "17:6: `bug` must be a mapping, not 'B033'"),
    (GOOD + "bug: {id: B033}\n", "17:6: `bug` has no 'reference'; add `reference: ...`"),
    (GOOD + "bug: {id: B33, reference: x}\n", "17:11: 'B33' is no number of a bug; write B and three digits"),
    (GOOD + 'bug: {id: B033, reference: ""}\n', "17:28: `reference` is empty; "),
    (GOOD + "bug: {id: B033, reference: x}\n", "17:6: a bug must be found somewhere; add `fails-under` with"),
    (
        GOOD + "bug: {id: B033, reference: x}\nfails-under: [{design: proposed, finding: reached}]\n",
        "17:6: the scenario of a bug is chosen by its tag; add 'bugs' to `tags`",
    ),
    (GOOD + "fails-under: [{finding: reached}]\n", "17:15: it fails under one design or one defect; give"),
    (GOOD + "period: 2013-11\n", "17:9: unknown period '2013-11'; did you mean '2012-05'?"),
]


@pytest.mark.parametrize(("text", "says"), WORDS + YAML + TRAPS + TOPOLOGIES + FAULTS + STEPS)
def test_bad_input_is_refused_in_one_line_with_its_place_and_remedy(text: str, says: str) -> None:
    line = refusal(text)
    assert line.startswith(f"f.yaml:{says}"), line
    assert "\n" not in line
    assert re.match(r"f\.yaml:\d+:\d+: [^;]+.*; .+", line), line


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

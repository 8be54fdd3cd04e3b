"""The loader refuses words that nobody knows, YAML that misleads, and steps that are none."""

from __future__ import annotations

import re

import pytest

from tests.refusals import GOOD, changed, check_refused, fault

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


@pytest.mark.parametrize(("text", "says"), WORDS + YAML + TRAPS + STEPS)
def test_wrong_text_is_refused_in_one_line_with_its_place_and_remedy(text: str, says: str) -> None:
    check_refused(text, says)

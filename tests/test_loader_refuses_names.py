"""The loader refuses verbs and expectations that name what is not there, or hold what they cannot."""

from __future__ import annotations

import pytest

from tests.refusals import changed, check_refused

STEP = "vm.migrate: {vm: web1, to: h2}"
HOLDS = "vm-runs: {vm: web1, host: h1}"

HOST_STEPS = [
    ("host.poweroff: {host: h1}", "unknown verb 'host.poweroff'; did you mean 'host.power-off'?"),
    ("host.restart: {host: h9}", "there is no host 'h9' here; did you mean 'h2'?"),
    ("host.restart: {}", "host.restart has no 'host'; add `host: ...`"),
    ("host.restart: h1", "host.restart must be a mapping, not 'h1'; write `key: value`"),
    ("host.power-off: {host: [h1]}", "'host' must be text, not a list; write a word"),
    ("host.power-on: {host: h1, power: true}", "host.power-on has no key 'power'; it can be: host"),
    ("host.confirm-rebooted: {host: blue}", "there is no host 'blue' here; did you mean 'bare'?"),
    ("host.maintenance: {host: q1}", "there is no host 'q1' here; did you mean 'h1'?"),
    ("host.activate: {hosts: h1}", "host.activate has no key 'hosts'; did you mean 'host'?"),
    ("host.move: {host: h1}", "host.move has no 'cluster'; add `cluster: ...`"),
    ("host.move: {host: h1, cluster: bleu}", "there is no cluster 'bleu' here; did you mean 'blue'?"),
]

VNIC_STEPS = [
    ("vnic.add: {vm: web9, nic: nic2, network: red}", "there is no VM 'web9' here; did you mean 'web1'?"),
    ("vnic.add: {vm: web1, nic: nic2, network: rde}", "there is no network 'rde' here; did you mean 'red'?"),
    ("vnic.add: {vm: web1, nic: nic2}", "vnic.add has no 'network'; add `network: ...`"),
    ("vnic.add: {vm: web1, nic: 2, network: red}", "'nic' must be text, and 2 is read as a number; quote it: \"2\""),
    ("vnic.add: {vm: web1, nic: a b, network: red}", "'a b' is no name for a vNIC; use letters, digits"),
    ("vnic.add: {vm: web1, nic: '', network: red}", "'' is no name for a vNIC; use letters, digits"),
    ("vnic.add: {vm: web1, nic: nic2, network: red, plugged: 1}", "'plugged' must be true or false, not '1'; write"),
    ("vnic.plug: {vm: web1, nic: nic9}", "there is no vNIC 'nic9' of web1; did you mean 'nic1'?"),
    ("vnic.unplug: {vm: web1, nic: eth0}", "there is no vNIC 'eth0' of web1; it can be: nic1"),
    ("vnic.remove: {vm: web1}", "vnic.remove has no 'nic'; add `nic: ...`"),
    ("vnic.remove: {nic: nic1}", "vnic.remove has no 'vm'; add `vm: ...`"),
]

OTHER_STEPS = [
    ("vm.cancel-migration: {vm: web9}", "there is no VM 'web9' here; did you mean 'web1'?"),
    ("vm.cancel-migration: {}", "vm.cancel-migration has no 'vm'; add `vm: ...`"),
    ("vm.cancel-migration: web1", "vm.cancel-migration must be a mapping, not 'web1'; write `key: value`"),
    ("vm.cancel-migration: {vm: true}", "'vm' must be text, and true is read as true or false; quote it: \"true\""),
    ("vm.add: {vm: web2, nics: {a b: red}}", "'a b' is no name for a vNIC; use letters, digits"),
    ("vm.add: {vm: web2, nics: [red]}", "'nics' must be a mapping, not a list; write `key: value`"),
    ("vm.add: {vm: web2, memory: 0}", "'memory' cannot be 0; write a number from 1 to 1048575"),
    ("vm.start: {vm: web2, ha: 1}", "'ha' must be true or false, not '1'; write true or false"),
    ("network.add: {network: g, vlan: 0}", "'vlan' cannot be 0; write a number from 1 to 4094"),
    ("network.add: {network: g, vlan: 4095}", "'vlan' cannot be 4095; write a number from 1 to 4094"),
    ("network.add: {network: g, vm: 1}", "'vm' must be true or false, not '1'; write true or false"),
    ("network.attach: {network: red, cluster: blue, required: x}", "'required' must be true or false, not 'x'; write"),
    ("network.detach: {network: red}", "network.detach has no 'cluster'; add `cluster: ...`"),
    ("network.detach: {network: rde, cluster: blue}", "there is no network 'rde' here; did you mean 'red'?"),
]

EXPECTATIONS = [
    ("host-down: {host: h1}", "unknown expectation 'host-down'; did you mean 'host-in'?"),
    ("host-up: {host: h9}", "there is no host 'h9' here; did you mean 'h2'?"),
    ("host-up: {host: h1, cluster: bleu}", "there is no cluster 'bleu' here; did you mean 'blue'?"),
    ("host-up: h1", "host-up must be a mapping, not 'h1'; write `key: value`"),
    ("host-in: {host: h1}", "host-in has no 'cluster'; add `cluster: ...`"),
    ("host-non-operational: {}", "host-non-operational has no 'host'; add `host: ...`"),
    ("host-in-maintenance: {host: 1}", "'host' must be text, and 1 is read as a number; quote it: \"1\""),
    ("network-detached: {network: red}", "network-detached has no 'cluster'; add `cluster: ...`"),
    ("network-gone: {network: rde}", "there is no network 'rde' here; did you mean 'red'?"),
    ("network-non-operational: {network: red, cluster: bleu}", "there is no cluster 'bleu' here; did you mean 'blue'?"),
    ("vnic-plugged: {vm: web1, nic: nic9}", "there is no vNIC 'nic9' of web1; did you mean 'nic1'?"),
    ("vnic-unplugged: {vm: web9, nic: nic1}", "there is no VM 'web9' here; did you mean 'web1'?"),
    ("vnic-gone: {vm: web1}", "vnic-gone has no 'nic'; add `nic: ...`"),
]


@pytest.mark.parametrize(("step", "says"), HOST_STEPS + VNIC_STEPS + OTHER_STEPS)
def test_a_step_that_names_what_is_not_there_is_refused(step: str, says: str) -> None:
    check_refused(changed(STEP, step), says, line=11)


@pytest.mark.parametrize(("word", "says"), EXPECTATIONS)
def test_an_expectation_that_names_what_is_not_there_is_refused(word: str, says: str) -> None:
    check_refused(changed(HOLDS, word), says, line=15)

"""A good scenario, what a change of it is refused with, and the shape that every refusal has."""

from __future__ import annotations

import re

import pytest

from scenarios.loader import load_text
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


def check_refused(text: str, says: str, line: int = 0) -> None:
    """It is refused in one line, with its place and its remedy; `says` begins with the place, or `line` is given."""
    said = refusal(text)
    begins = rf"f\.yaml:{line}:\d+: " if line else r"f\.yaml:"
    assert re.match(begins + re.escape(says), said), said
    assert "\n" not in said
    assert re.match(r"f\.yaml:\d+:\d+: [^;]+.*; .+", said), said

"""Scenarios that tests write to files: one passes, one ends in a finding, one does not apply everywhere."""

from __future__ import annotations

PASSES = """\
scenario: start/plain
about: A VM starts and runs.
tags: [plain]
topology: pair
when:
  - vm.start: {vm: web1, host: h1, nics: {nic1: red}}
then:
  eventually: [{vm-runs: {vm: web1, host: h1}}]
  reached: [vm-started]
"""

FINDS = """\
scenario: start/never-removed
about: It states an end that never comes, so it always ends in a finding.
topology: pair
when:
  - vm.start: {vm: web1, host: h1, nics: {nic1: red}}
faults:
  - {at: "quantum[q1] create-port", fate: error-before}
then:
  reached: [vm-removed]
"""

BUG = """\
scenario: bugs/reply-lost
about: The reply to create port is lost, and the port stays.
tags: [bugs, class-a, difficulty-2]
bug: {id: B999, reference: "rhbz#1"}
topology: pair
when:
  - vm.start: {vm: web1, host: h1, nics: {nic1: red}}
faults:
  - {at: "quantum[q1] create-port web1", fate: reply-lost}
then:
  eventually: [{vm-runs: {vm: web1, host: h1}}]
fails-under:
  - {design: proposed, finding: leftover-port}
  - {defect: makes-port-again, finding: leftover-port}
"""

UNREPAIRED = """\
scenario: start/power-lost
about: A host loses power with a running VM, and the records of its Open vSwitch outlive that.
topology: pair
given:
  - vm.start: {vm: web1, host: h1, nics: {nic1: red}}
when:
  - vm.stop: {vm: web1}
faults:
  - {at: "vdsm[h1] destroy web1", fate: power-loss, node: h1, back-after: 30s}
"""

NOWHERE = FINDS.replace("never-removed", "elsewhere") + "not-applicable: [{design: proposed, because: no such call}]\n"

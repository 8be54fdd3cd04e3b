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

NOWHERE = FINDS.replace("never-removed", "elsewhere") + "not-applicable: [{design: proposed, because: no such call}]\n"

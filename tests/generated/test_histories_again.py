"""A history that goes on from another names only what its own steps make."""

from __future__ import annotations

import pytest

from scenarios.generators.histories import grown
from scenarios.generators.seeded import Seeded
from scenarios.loader import from_data, load_text
from scenarios.writing import to_data

KNOWN = """
scenario: known
about: The third VM is there only if all steps are kept.
topology: pair
when:
  - vm.start: {vm: vm1, host: h1, nics: {nic1: red}}
  - vm.stop: {vm: vm1}
  - vm.start: {vm: vm3, host: h1, nics: {nic1: red}}
faults:
  - {at: "vdsm[h1] create vm3", fate: lost}
  - {at: "vdsm[h1] list", fate: crash, process: qemu-vm3, node: h1, back-after: 5s}
"""


@pytest.mark.parametrize("seed", range(40))
def test_a_fault_that_names_what_was_left_out_is_left_out_too(seed: int) -> None:
    one = grown(Seeded(seed, "history"), load_text(KNOWN, "known.yaml"))
    assert from_data(to_data(one), "grown") == one

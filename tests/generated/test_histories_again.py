"""A history that goes on from another names only what its own steps make, and confirms no reboot that never was."""

from __future__ import annotations

import pytest

from scenarios.generators.histories import faulted, grown, history, record
from scenarios.generators.seeded import Seeded
from scenarios.loader import from_data, load_text
from scenarios.model import Scenario
from scenarios.playing import play
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


def test_a_fault_that_waits_for_a_rows_state_goes_on_too() -> None:
    state = "{at: {table: vms, where: {status: Up}, node: engine}, fate: crash, process: engine, node: engine}"
    known = load_text(f"{KNOWN}  - {state}\n", "known.yaml")
    kept = [grown(Seeded(seed, "history"), known).faults for seed in range(40)]
    assert {known.faults[-1] in faults for faults in kept if faults} == {True}
    gone = load_text(f"{KNOWN}  - {state.replace('status: Up', 'name: vm3')}\n", "known.yaml")
    every = [grown(Seeded(seed, "history"), gone) for seed in range(40)]
    assert any(gone.faults[-1] in one.faults for one in every)
    assert all(from_data(to_data(one), "grown") == one for one in every)


# --- a reboot that is confirmed ------------------------------------------------------------------

CONFIRMED = """
scenario: known
about: The first host loses its power, and an administrator says so.
topology: pair
when:
  - vm.start: {vm: vm1, host: h1, nics: {nic1: red}}
  - vm.start: {vm: vm2, host: h2, nics: {nic1: red}}
  - {host.confirm-rebooted: {host: h1}, until: {table: hosts, where: {id: h1, status: NonResponsive}}}
  - vm.stop: {vm: vm2}
faults:
  - {at: "vdsm[h2] create vm2", fate: power-loss, node: h1}
"""
BEFORE = 2
"""Steps of it before the reboot is confirmed."""


def confirmed(scenario: Scenario) -> list[str]:
    return [step.args.host for step in scenario.when if step.verb == "host.confirm-rebooted"]


def is_true(scenario: Scenario) -> bool:
    """Whether all that is wrong is that the host whose reboot is confirmed has lost its power for good."""
    lost = [(one.fate, one.node, one.back_after, one.standing) for one in scenario.faults]
    return all(lost == [("power-loss", host, "", False)] for host in confirmed(scenario))


def test_a_confirmed_reboot_goes_with_its_fault_and_what_follows_it_too() -> None:
    known = load_text(CONFIRMED, "known.yaml")
    every = [grown(Seeded(seed, "history"), known) for seed in range(200)]
    assert all(map(is_true, every))
    assert {bool(confirmed(one)) for one in every if one.faults} == {True, False}
    left = [one for one in every if not one.faults and one.when[:BEFORE] == known.when[:BEFORE]]
    assert left and not any(confirmed(one) for one in left)


def test_nothing_more_goes_wrong_in_a_history_that_confirms_a_reboot() -> None:
    known = load_text(CONFIRMED, "known.yaml")
    more = [faulted(Seeded(seed, "faults"), record(known, "reference")) for seed in range(20)]
    assert all(one.faults == known.faults and one.when == known.when for one in more)


def test_one_that_has_a_fault_already_confirms_none() -> None:
    """That fault may strike no more, where steps of its history were left out."""
    known = load_text(CONFIRMED.replace("  - {host.confirm", "# "), "known.yaml")
    recording = record(known, "reference")
    assert not any(confirmed(faulted(Seeded(seed, "faults"), recording)) for seed in range(200))


@pytest.mark.parametrize("seed", range(3))
def test_whoever_is_said_to_have_rebooted_has_lost_its_power_before(seed: int) -> None:
    recording = record(history(Seeded(seed, "history")), "reference")
    every = [faulted(Seeded(number, "faults"), recording) for number in range(600)]
    told = [one for one in every if confirmed(one)]
    going_on = [grown(Seeded(again, "history"), one) for one in told for again in range(60)]
    both = [one for one in going_on if confirmed(one)]
    assert told and both and all(map(is_true, [*every, *going_on]))
    for one in [*told, *both[:20]]:
        went_dark_before(one)


def went_dark_before(scenario: Scenario) -> None:
    (host,) = confirmed(scenario)
    events = [(event.kind, event.where, event.what) for event in play(scenario, "reference").trace.events]
    told = next(place for place, (kind, _, what) in enumerate(events) if kind == "step" and "confirm-rebooted" in what)
    assert ("kill", host, "loses power") in events[:told]

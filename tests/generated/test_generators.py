"""Generated histories: the same for the same seed, sensible, and files like any other."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from functools import cache
from hashlib import blake2b

import pytest

from scenarios.builder import network, scenario, vm
from scenarios.generators import histories
from scenarios.generators.draw import Draw
from scenarios.generators.moves import WORDS, sensible
from scenarios.generators.seeded import Seeded
from scenarios.generators.state import State
from scenarios.loader import from_data, load_text
from scenarios.model import Scenario, StateModel, StepModel
from scenarios.playing import play
from scenarios.searching.swept import found_in
from scenarios.verbs import ALL as VERBS
from scenarios.writing import to_data
from scenarios.yaml_writing import text_of
from sim.fates import COMMIT, MACHINE, MESSAGE
from tests.commands import ROOT

SEEDS = range(200)
PLAYED = range(6)


@cache
def history(seed: int) -> Scenario:
    return histories.history(Seeded(seed, "history"))


@cache
def recording(seed: int) -> histories.Recording:
    return histories.record(history(seed), "reference")


@cache
def faulted(seed: int, number: int) -> Scenario:
    return histories.faulted(Seeded(100 * seed + number, "faults"), recording(seed))


# --- the same for the same seed ------------------------------------------------------------------


def test_a_seed_draws_the_same_in_each_process_under_any_hash_seed() -> None:
    code = "from tests.generated.test_generators import digest; print(digest())"
    prints = {
        subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, env={"PYTHONHASHSEED": seed, "PATH": ""},
            capture_output=True, text=True, check=True,
        ).stdout.strip()
        for seed in ("0", "1")
    }  # fmt: skip
    assert prints == {digest()}


def digest() -> str:
    """Of some histories and their faults."""
    texts = [text_of(faulted(seed, number)) for seed in range(3) for number in range(3)]
    return blake2b("".join(texts).encode(), digest_size=8).hexdigest()


def test_seeds_differ() -> None:
    assert len({repr(history(seed)) for seed in SEEDS}) > 195


def test_a_label_that_is_drawn_more_moves_no_other() -> None:
    one, other = Seeded(7, "x"), Seeded(7, "x")
    other.number("more", 0, 9)
    assert [one.number("a", 0, 999) for _ in range(9)] == [other.number("a", 0, 999) for _ in range(9)]


@pytest.mark.parametrize(("low", "high"), [(0, 0), (3, 3), (0, 1), (-5, 5), (0, 1 << 40)])
def test_a_number_is_within_its_bounds(low: int, high: int) -> None:
    draw = Seeded(1, "x")
    numbers = [draw.number("a", low, high) for _ in range(200)]
    assert low <= min(numbers) and max(numbers) <= high
    assert high - low > 20 or set(numbers) == set(range(low, high + 1))


class Least(Draw):
    """Draws the plainest of everything."""

    def number(self, label: str, low: int, high: int) -> int:
        return low


def test_the_plainest_history_is_two_hosts_and_a_vm() -> None:
    found = histories.history(Least())
    assert [len(cluster.hosts) for cluster in found.topology.clusters.values()] == [2]
    assert [step.verb for step in found.when] == ["vm.start"]
    assert found.faults == []


# --- files like any other ------------------------------------------------------------------------


@pytest.mark.parametrize("start", range(0, 200, 50))
def test_a_history_writes_out_as_a_file_that_the_loader_reads_as_the_same(start: int) -> None:
    for seed in SEEDS[start : start + 50]:
        assert from_data(to_data(history(seed)), "generated") == history(seed)
    for seed in SEEDS[start : start + 50 : 10]:
        assert load_text(text_of(history(seed)), "generated.yaml") == history(seed)


def test_a_history_that_goes_on_from_another_does_so_too() -> None:
    for seed in range(40):
        found = histories.grown(Seeded(seed, "grown"), history(seed))
        assert from_data(to_data(found), "generated") == found
        kept = [step for step, known in zip(found.when, history(seed).when, strict=False) if step == known]
        assert kept[:1] == history(seed).when[:1]
        assert found.topology == history(seed).topology


def test_what_is_held_until_a_step_that_was_left_out_is_left_out_too() -> None:
    add, attach = network.add(network="grey", server="q1"), network.attach(network="grey", cluster="blue")
    held = {
        "at": "quantum[q1] create-network *",
        "fate": "held",
        "until": "engine[engine] AttachNetworkToVdsGroup grey",
    }
    known = (
        scenario("known/held", about="Held.")
        .topology("pair")
        .when(vm.add(vm="web1"), add, attach)
        .fault(**held)
        .build()
    )
    grown = [histories.grown(Seeded(seed, "grown"), known) for seed in range(60)]
    kept = [one for one in grown if one.faults]
    assert kept and all(from_data(to_data(one), "generated") == one for one in grown)
    assert any(len(one.when) > 1 and add not in [step.args for step in one.when] for one in grown)


@pytest.mark.parametrize("seed", PLAYED)
def test_so_do_faults_over_its_points(seed: int) -> None:
    for number in range(8):
        found = faulted(seed, number)
        assert found.faults
        assert from_data(to_data(found), "generated") == found


# --- sensible, and of every kind -----------------------------------------------------------------


def test_every_verb_is_drawn() -> None:
    drawn = Counter(step.verb for seed in range(600) for step in [*history(seed).given, *history(seed).when])
    assert set(drawn) == set(VERBS) - {"host.confirm-rebooted"}
    assert set(WORDS) == set(drawn) - {"vm.cancel-migration"}


def test_some_worlds_have_several_data_centres_of_one_engine_or_of_two() -> None:
    topologies = [history(seed).topology for seed in SEEDS]
    kinds = Counter((len(one.centers()), len(one.engines())) for one in topologies)
    assert set(kinds) == {(1, 1), (2, 1), (2, 2)}
    assert min(kinds.values()) > 5
    assert any(step.args.data_center == "dc2" for seed in SEEDS for step in history(seed).when if _adds(step))


def _adds(step: StepModel) -> bool:
    return step.verb == "network.add"


def test_a_reboot_is_confirmed_only_of_a_host_that_lost_power_for_good() -> None:
    found = [one for seed in PLAYED for number in range(300) if confirms(one := faulted(seed, number))]
    assert found
    for one in found:
        (fault,) = one.faults
        assert (fault.fate, fault.back_after, fault.node) == ("power-loss", "", one.when[-1].args.host)


def confirms(scenario: Scenario) -> bool:
    return any(step.verb == "host.confirm-rebooted" for step in scenario.when)


def test_worlds_are_of_every_kind() -> None:
    worlds = [history(seed).topology for seed in SEEDS]
    hosts = [host for world in worlds for cluster in world.clusters.values() for host in cluster.hosts.values()]
    fabrics = [one for host in hosts for one in host.carried().values()]
    assert {(one.plugin, one.type) for world in worlds for one in world.quantum.values()} == {
        ("openvswitch", "vlan"), ("openvswitch", "gre"), ("linuxbridge", "vlan"),
    }  # fmt: skip
    assert {len(world.quantum) for world in worlds} == {1, 2, 3}
    assert {len(world.clusters) for world in worlds} == {1, 2}
    assert {len(host.carried()) for host in hosts} >= {1, 2}
    assert any(len({one.plugin for one in world.quantum.values()}) == 2 for world in worlds)
    assert {True, False} == {host.power for host in hosts} == {bool(host.networks) for host in hosts}
    assert {True, False} == {one.installed for one in fabrics} == {one.running for one in fabrics}
    assert {"vlan", "gre", ""} == {one.mode for one in fabrics}
    assert {True, False} == {bool(world.switches) for world in worlds} == {world.leases for world in worlds}
    assert any(network.required for world in worlds for network in world.networks.values())
    assert {True, False} == {network.vm for world in worlds for network in world.networks.values()}


def test_faults_are_of_every_kind() -> None:
    drawn = {fault.fate for seed in PLAYED for number in range(300) for fault in faulted(seed, number).faults}
    assert drawn == set(MESSAGE) | set(COMMIT) | set(MACHINE)


def test_what_is_held_waits_for_a_request_that_its_run_came_to() -> None:
    held = [
        (seed, fault)
        for seed in PLAYED
        for number in range(60)
        for fault in faulted(seed, number).faults
        if fault.fate == "held"
    ]
    assert held
    for seed, fault in held:
        kinds = recording(seed).chances.kinds
        requests = [said.trigger for kind in kinds if kind.startswith("request ") for _, said in kinds[kind]]
        assert fault.until in requests and fault.until != fault.at


def waiting_for_a_state() -> list[Scenario]:
    """Histories with one fault, which waits for a row's state."""
    every = [faulted(seed, number) for seed in PLAYED for number in range(60)]
    return [one for one in every if [type(fault.at) for fault in one.faults] == [StateModel]]


def test_a_fault_that_waits_for_a_rows_state_strikes_where_the_run_came_to_it() -> None:
    drawn = waiting_for_a_state()
    assert {fault.fate for one in drawn for fault in one.faults} == {"crash", "power-loss", "partition"}
    assert len({(fault.at.table, *fault.at.where) for one in drawn for fault in one.faults}) > 5
    for one in drawn:
        result = play(one, "reference").result
        (fault,) = one.faults
        assert [fate.name for _, fate in result.struck] == [fault.fate] or "down already" in result.missed[0]


def test_a_rows_state_is_counted_anew_by_node_and_once_a_change() -> None:
    recorded = [stated for seed in PLAYED for one in recording(seed).chances.states.kinds.values() for stated in one]
    assert recorded
    for kinds in (recording(seed).chances.states.kinds for seed in PLAYED):
        for stated in kinds.values():
            by_state: dict[str, list[int]] = {}
            for state, nth in stated:
                by_state.setdefault(repr(state), []).append(nth)
            assert all(numbers == list(range(1, len(numbers) + 1)) for numbers in by_state.values())


def test_a_state_whose_words_name_a_thing_is_not_drawn() -> None:
    kinds = {kind for seed in SEEDS[:40] for kind in recording(seed).chances.states.kinds}
    assert "vms status Up" in kinds and "domains phase PREPARE" in kinds
    assert not [kind for kind in kinds if any(letter.isdigit() for letter in kind.split(" ", 2)[2])]


def test_steps_run_together_and_wait_for_rest() -> None:
    steps = [step for seed in SEEDS for step in history(seed).when]
    assert {True, False} == {step.together for step in steps} == {step.wait for step in steps}


@pytest.mark.parametrize("seed", PLAYED)
def test_most_steps_end_well_where_nothing_goes_wrong(seed: int) -> None:
    """What runs together may stand in each other's way; then what comes after may be refused too."""
    if not any(step.together for step in history(seed).when):
        ended = recording(seed).run.result.steps
        refused = [step for step in ended if "refused" in step]
        assert len(refused) <= len(ended) // 4, refused


@pytest.mark.parametrize("seed", PLAYED)
def test_without_faults_nothing_is_found(seed: int) -> None:
    assert found_in(recording(seed).run.result) == {}


def test_nothing_makes_sense_with_what_is_gone() -> None:
    state = State(history(0).topology)
    state.networks.clear()
    assert sensible(state, "network.attach") == []
    assert sensible(state, "vnic.plug") == []

"""The same scenario, design and decisions give the same trace, byte for byte; whatever breaks that is named."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from flows import DESIGNS, FAULTS, flow

from fakes.records import SCHEMAS
from scenarios.playing import make_play, play
from sim.decisions.replay import Replay
from sim.divergence import ENDED, Divergence, divergence, label, parting, words
from sim.fates import Fate
from sim.messages import Call
from sim.run import Run, run
from sim.store import Delta
from sim.tasks import Task
from sim.trace import Trace
from sim.travel import Traveller
from sim.world import World

HERE = Path(__file__).parent
FLOWS = [(name, design) for name in FAULTS for design in DESIGNS]


def alone(hash_seed: str, *arguments: str) -> Any:
    """What `playing_alone.py` prints, played in a process of its own."""
    env = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": os.pathsep.join([str(HERE.parent), str(HERE)])}
    command = [sys.executable, str(HERE / "playing_alone.py"), *arguments]
    return json.loads(subprocess.run(command, env=env, capture_output=True, text=True, timeout=120, check=True).stdout)


@pytest.fixture(scope="module")
def played() -> dict[str, Run]:
    """Every flow, played once in this process."""
    return {f"{name} {design}": play(flow(name), design) for name, design in FLOWS}


# --- the same ------------------------------------------------------------------------------------


def test_the_same_flow_gives_the_same_trace_twice_in_one_process(played: dict[str, Run]) -> None:
    for name, design in FLOWS:
        again = play(flow(name), design)
        assert divergence(played[f"{name} {design}"].trace, again.trace) is None
        assert again.result == played[f"{name} {design}"].result


@pytest.mark.parametrize("hash_seed", ["1", "2"])
def test_the_same_flow_gives_the_same_trace_in_another_process(played: dict[str, Run], hash_seed: str) -> None:
    here = {name: run.result.fingerprint for name, run in played.items()}
    assert alone(hash_seed) == here
    assert len(set(here.values())) == len(here)


def test_every_fault_of_the_flows_strikes(played: dict[str, Run]) -> None:
    assert all(run.result.missed == [] for run in played.values())
    assert {len(run.result.struck) for name, run in played.items() if not name.startswith("plain")} == {1}


@pytest.mark.parametrize(("name", "design"), FLOWS)
def test_what_struck_replays_the_same_trace(played: dict[str, Run], name: str, design: str) -> None:
    recorded = played[f"{name} {design}"]
    decisions = Replay(recorded.result.struck)
    again = play(flow(name), design, decisions)
    assert divergence(recorded.trace, again.trace) is None and decisions.missed() == []


def test_no_row_holds_anything_without_an_order_of_its_own() -> None:
    """A set among a row's columns would be written in the order of its hashes."""
    for schema in SCHEMAS.values():
        for field in msgspec.structs.fields(schema.record):
            assert "set" not in str(field.type).replace("offset", "").lower(), (schema.name, field.name)


class Labels(Replay):
    """Replays a schedule, and notes the label of every point that is drawn."""

    commits = True

    def __init__(self, schedule: list[tuple[str, Fate]]) -> None:
        super().__init__(schedule)
        self.commits = True
        self.labels: list[str] = []

    def _take(self, label: str, moment: str | None = None) -> Fate | None:
        if moment != "after":
            self.labels.append(label)
        return super()._take(label, moment)

    def request(self, call: Call) -> Fate | None:
        return self._take(call.path)

    def reply(self, call: Call) -> Fate | None:
        return self._take(call.reply_path)

    def commit(self, label: str, task: Task, why: str, moment: str) -> Fate | None:
        return self._take(label, "before")


@pytest.mark.parametrize(("name", "design"), FLOWS)
def test_no_two_points_of_a_flow_have_the_same_label(played: dict[str, Run], name: str, design: str) -> None:
    recorded = played[f"{name} {design}"].result
    decisions = Labels(recorded.struck)
    again = play(flow(name), design, decisions)
    assert len(decisions.labels) > 100 and again.result.fingerprint == recorded.fingerprint
    assert sorted(set(decisions.labels)) == sorted(decisions.labels)


# --- rounds skipped and played -------------------------------------------------------------------


def quiet(came: Run) -> dict[str, Any]:
    """The last rows without noise columns."""
    return {
        schema: {
            node: [
                {column: value for column, value in row.items() if column not in SCHEMAS[schema].noise} for row in rows
            ]
            for node, rows in by_node.items()
        }
        for schema, by_node in came.snapshot.items()
        if schema in SCHEMAS
    }


@pytest.mark.parametrize(("name", "design"), FLOWS)
def test_skipped_and_played_rounds_end_in_the_same_rows(played: dict[str, Run], name: str, design: str) -> None:
    skipped = played[f"{name} {design}"]
    decisions = Replay(skipped.result.struck)
    rounds = run(make_play(flow(name), design), decisions, skip_idle_rounds=False)
    assert decisions.missed() == [] and rounds.result.events > skipped.result.events
    assert quiet(rounds) == quiet(skipped)
    assert [finding.id for finding in rounds.result.findings] == [finding.id for finding in skipped.result.findings]


# --- time travel ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "design"), FLOWS)
def test_the_trace_of_a_flow_rebuilds_its_last_rows(played: dict[str, Run], name: str, design: str) -> None:
    came = played[f"{name} {design}"]
    view = Traveller(SCHEMAS | _kernels()).play_all(came.trace.events)
    rebuilt = {
        (schema.name, node, str(schema.key_of(row)), str(_still(row, schema.noise)))
        for schema in SCHEMAS.values()
        for node, row in view.rows(schema)
    }
    live = {
        (schema, node, str(SCHEMAS[schema].key_of(row)), str(_still(row, SCHEMAS[schema].noise)))
        for schema, node, rows in came.rows
        if schema in SCHEMAS
        for row in rows
    }
    assert rebuilt == live


def _kernels() -> dict[str, Any]:
    from sim.messages import CUTS
    from sim.nodes import MACHINES, PROGRAMS

    return {schema.name: schema for schema in (CUTS, MACHINES, PROGRAMS)}


def _still(row: Any, noise: tuple[str, ...]) -> dict[str, Any]:
    return {column: value for column, value in msgspec.structs.asdict(row).items() if column not in noise}


# --- one change ----------------------------------------------------------------------------------


def test_one_changed_delta_changes_the_fingerprint_and_is_found(played: dict[str, Run]) -> None:
    trace = played["plain reference"].trace
    places = [(number, at) for number, event in enumerate(trace.events) for at in range(len(event.deltas))]
    for number, at in places[::7]:
        changed = Trace()
        for place, event in enumerate(trace.events):
            changed.add(*(event._replace(deltas=_other(event.deltas, at)) if place == number else event))
        found = divergence(trace, changed)
        assert changed.fingerprint() != trace.fingerprint()
        assert found is not None and (found.number, found.columns) == (number, ("deltas",))


def _other(deltas: list[Delta], at: int) -> list[Delta]:
    """The same with one column of one row changed."""
    changed = list(deltas)
    row = deltas[at].new if deltas[at].new is not None else deltas[at].old
    field = row.__struct_fields__[-1]
    other = msgspec.structs.replace(row, **{field: "another value"})
    changed[at] = msgspec.structs.replace(deltas[at], **{"new" if deltas[at].new is not None else "old": other})
    return changed


def test_an_event_more_or_less_is_found(played: dict[str, Run]) -> None:
    trace = played["plain reference"].trace
    shorter = Trace()
    for event in trace.events[:-1]:
        shorter.add(*event)
    found = divergence(trace, shorter)
    assert found is not None and found.number == len(shorter.events) and found.second == ENDED
    assert str(found).startswith(f"event {found.number} differs: ")


def test_a_label_of_an_event_is_the_path_of_what_was_being_done(played: dict[str, Run]) -> None:
    events = played["plain reference"].trace.events
    number = next(
        at for at, event in enumerate(events) if event.kind == "call" and event.what == "libvirt[h2] prepare web1"
    )
    assert label(played["plain reference"].trace, number) == (
        "administrator[administrator] vm.migrate web1 > engine[engine] MigrateVm web1 > MigrateVm web1"
        " > vdsm[h1] migrate web1 > migrate web1 > libvirt[h1] perform web1 > libvirt[h2] prepare web1"
    )


# --- planted faults: each is caught, and the first event that differs is named --------------------


def plant_address(monkeypatch: pytest.MonkeyPatch) -> str:
    """An address in a name."""
    kept: list[Any] = []
    new_id = World.new_id

    def wrong(world: World, kind: str) -> str:
        kept.append(world)  # or the next world could stand at the same address
        return f"{new_id(world, kind)}-{id(world):x}"

    monkeypatch.setattr(World, "new_id", wrong)
    return "network.add red"


def plant_counter(monkeypatch: pytest.MonkeyPatch) -> str:
    """A counter that outlives the run."""
    from fakes.engine.designs.reference import REFERENCE

    ports: Any = type(REFERENCE.ports)
    plug, calls = ports.plug, [0]

    async def wrong(self: Any, engine: Any, vm: Any) -> None:
        calls[0] += 1
        await engine.save_vm(vm.id, f"is plugged for the {calls[0]}. time", memory=vm.memory + calls[0])
        await plug(self, engine, vm)

    monkeypatch.setattr(ports, "plug", wrong)
    return "engine[engine] web1 is plugged for the 1. time (administrator[administrator] vm.start web1"


@pytest.mark.parametrize("plant", [plant_address, plant_counter])
def test_a_planted_nondeterminism_is_caught_and_named(
    plant: Callable[[pytest.MonkeyPatch], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    named = plant(monkeypatch)
    first, second = (play(flow("plain"), "reference") for _ in range(2))
    found = divergence(first.trace, second.trace)
    assert first.result.fingerprint != second.result.fingerprint
    assert isinstance(found, Divergence) and named in found.first and found.first != ENDED


def test_a_planted_iteration_over_a_set_is_caught_in_another_process_and_named() -> None:
    first, second, third = (alone(seed, "set-order") for seed in ("1", "2", "1"))
    assert first["fingerprint"] == third["fingerprint"] != second["fingerprint"]
    number = parting(first["digests"], second["digests"])
    assert number is not None and parting(first["digests"], third["digests"]) is None
    for one in (first, second):
        assert "quantum[q1] list-ports nic" in one["words"][number] and "vm.start web1" in one["words"][number]
    assert first["words"][number] != second["words"][number]


def test_words_of_what_is_beyond_the_end_say_so(played: dict[str, Run]) -> None:
    trace = played["plain reference"].trace
    assert words(trace, len(trace.events)) == ENDED

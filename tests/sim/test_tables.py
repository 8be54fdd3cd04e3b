"""Tables: lifetimes, indexes, noise, deltas, time travel, snapshots."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from toy_world import FILES, ITEMS, NOTES, SCHEMAS, Client, Item, Toy, ask, play_of, put

from sim.checks import View
from sim.clock import MINUTE, SECOND
from sim.decisions.seeded import Seeded
from sim.outcomes import HarnessError
from sim.run import run
from sim.snapshot import snapshot
from sim.store import Store
from sim.tables import Lifetime, Schema
from sim.trace import Trace
from sim.travel import Traveller
from sim.watch import Watch


class Thing(msgspec.Struct, frozen=True):
    """A row with two keys, two indexed columns and noise."""

    node: str
    id: str
    colour: str = ""
    size: int | None = None
    seen: int = 0


THINGS = Schema("things", Thing, ("node", "id"), Lifetime.DURABLE, ("colour", "size"), noise=("seen",))
PLACES = [("n1", ""), ("n2", ""), ("n2", "p")]

changes = st.lists(
    st.tuples(
        st.sampled_from(PLACES),
        st.sampled_from("abcd"),
        st.none() | st.tuples(st.sampled_from(["red", "blue", ""]), st.sampled_from([None, 1, 2]), st.integers(0, 2)),
    ),
    max_size=40,
)
Changes = list[tuple[tuple[str, str], str, tuple[str, int | None, int] | None]]


def apply_all(store: Store, things: Changes, schema: Schema[Thing] = THINGS) -> Trace:
    """Carry them out, an event each."""
    trace = Trace()
    for number, ((node, process), id, columns) in enumerate(things):
        table = store.table(schema, node, process)
        change = table.drop((node, id)) if columns is None else table.put(Thing(node, id, *columns))
        deltas = store.apply([change])
        trace.add(number, number - 1, "note", node, id, None, deltas)
    return trace


# --- rows ----------------------------------------------------------------------------------------


def test_a_row_is_put_replaced_found_and_dropped() -> None:
    store = Store()
    table = store.table(ITEMS, "n")
    store.apply([table.put(Item("a", "1")), table.put(Item("b", "1")), table.put(Item("a", "2"))])
    assert table["a"] == Item("a", "2") and table.get("c") is None and "b" in table and "c" not in table
    assert [row.id for row in table] == ["a", "b"] == [row.id for row in table.all()]
    assert table.first("value", "2") == Item("a", "2") and table.first("value", "3") is None
    store.apply([table.drop("a"), table.drop("c")])
    assert [row.id for row in table] == ["b"]
    with pytest.raises(KeyError, match=r"items\[n\] has no row 'a'"):
        table["a"]


def test_a_row_cannot_be_changed_in_place() -> None:
    with pytest.raises(AttributeError):
        Item("a").value = "2"  # type: ignore[misc]


def test_tables_are_a_nodes_own_and_volatile_ones_a_processs_own() -> None:
    store = Store()
    for schema in (ITEMS, FILES):
        assert store.table(schema, "n", "p") is store.table(schema, "n", "q")
        assert store.table(schema, "n", "p") is not store.table(schema, "m", "p")
    assert store.table(NOTES, "n", "p") is not store.table(NOTES, "n", "q")
    assert store.table(NOTES, "n", "p") is store.table(NOTES, "n", "p")


def test_a_commit_is_all_or_none_and_one_event() -> None:
    toy = Toy()

    async def work(client: Client) -> None:
        await client.commit("both", put(client, ITEMS, "x"), put(client, FILES, "y"))

    toy.do("w", work)
    (event,) = toy.trace_of("client[a]", "commit")
    assert [(delta.schema, delta.key) for delta in event.deltas] == [("items", "x"), ("files", "y")]


def test_a_process_cannot_set_anothers_memory() -> None:
    toy = Toy()

    async def meddle(client: Client) -> None:
        client.set("meddle", toy.world.store.table(NOTES, "b", "server").put(Item("x")))

    with pytest.raises(HarnessError, match="cannot set notes"):
        toy.do("m", meddle)


# --- lifetimes -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "survive"),
    [("crash", {"items", "files"}), ("crash of another", {"items", "files", "notes"}), ("power", {"items"})],
)
def test_each_lifetime_survives_exactly_what_it_states(fault: str, survive: set[str]) -> None:
    toy = Toy()
    toy.do("r", ask("x", "remember"))
    toy.play()
    if fault == "power":
        toy.world.power_off("b")
        toy.world.power_on("b")
    else:
        toy.world.crash("b", "disk" if "another" in fault else "server")
    toy.play()
    assert {schema.name for schema in (ITEMS, FILES, NOTES) if toy.rows(schema)} == survive


def test_what_is_lost_is_in_the_trace() -> None:
    toy = Toy()
    toy.do("r", ask("x", "remember"))
    toy.play()
    toy.world.power_off("b")
    lost = [
        (delta.schema, delta.key) for event in toy.trace_of("", "kill") for delta in event.deltas if delta.new is None
    ]
    assert lost == [("notes", "x"), ("files", "x")]


def test_a_node_closes_what_a_dead_process_held() -> None:
    toy = Toy()
    files = toy.world.store.table(FILES, "b")
    toy.world.nodes["b"].reap = lambda process: [files.drop(row.id) for row in files.where("value", process)]
    toy.world.store.apply([files.put(Item("held", "server")), files.put(Item("other", "disk"))])
    toy.world.crash("b", "server")
    assert toy.rows(FILES) == {"other": "disk"}


# --- indexes -------------------------------------------------------------------------------------


@given(changes)
def test_an_index_answers_as_a_scan_does(things: Changes) -> None:
    store = Store()
    apply_all(store, things)
    view = View(store)
    for node, process in PLACES:
        table = store.table(THINGS, node, process)
        for column, values in (("colour", ["red", "blue", "", "none"]), ("size", [None, 1, 2, 3])):
            for value in values:
                scan = [row for row in table.rows.values() if getattr(row, column) == value]
                assert sorted(table.where(column, value), key=str) == sorted(scan, key=str)
                everywhere = [(at, row) for at, row in view.rows(THINGS) if getattr(row, column) == value]
                assert sorted(view.where(THINGS, column, value), key=str) == sorted(everywhere, key=str)


def test_only_an_indexed_column_can_be_asked_for() -> None:
    with pytest.raises(KeyError):
        Store().table(ITEMS, "n").where("id", "x")


@given(changes)
def test_a_view_finds_rows_by_node_and_key(things: Changes) -> None:
    store = Store()
    apply_all(store, things)
    view = View(store)
    for node in ("n1", "n2", "n3"):
        rows = [row for at, row in view.rows(THINGS) if at == node]
        assert view.of(THINGS, node) == rows
        assert all(view.get(THINGS, node, (node, id)) in (None, *rows) for id in "abcd")


# --- deltas and noise ----------------------------------------------------------------------------


def test_what_changes_nothing_is_no_delta() -> None:
    store = Store()
    table = store.table(ITEMS, "n")
    assert len(store.apply([table.put(Item("a"))])) == 1
    assert store.apply([table.put(Item("a")), table.drop("b")]) == []


def test_noise_alone_is_kept_and_is_no_change() -> None:
    store = Store()
    table = store.table(ITEMS, "n")
    store.apply([table.put(Item("a"))])
    woken: list[str] = []
    watch = Watch(lambda: woken.append("woken"))
    watch.note(table.key_listeners, "a")
    watch.armed = True
    assert store.apply([table.put(Item("a", seen=3))]) == [] and table["a"].seen == 3 and woken == []
    (delta,) = store.apply([table.put(Item("a", "new", seen=4))])
    assert (delta.old.seen, delta.new.seen, woken) == (3, 4, ["woken"])


Read = tuple[str, Any]
reads: list[Read] = [("", ("n1", "a")), ("", ("n1", "b")), ("*", None)] + [
    (column, value) for column, values in (("colour", ("red", "")), ("size", (None, 1))) for value in values
]


@given(changes, st.sampled_from(reads))
@settings(max_examples=200)
def test_a_watch_is_struck_exactly_when_what_it_read_would_be_read_otherwise(things: Changes, read: Read) -> None:
    store = Store()
    table = store.table(THINGS, "n1")

    def now() -> list[Thing]:
        """What the read would give, without noise."""
        column, value = read
        if column == "":
            found = [table.rows.get(value)]
        else:
            found = [row for row in table.rows.values() if column == "*" or getattr(row, column) == value]
        return sorted((msgspec.structs.replace(row, seen=0) for row in found if row is not None), key=str)

    for one in things:
        struck: list[str] = []
        watch = Watch(lambda struck=struck: struck.append("x"))
        if read[0]:
            watch.note(table.listeners, read)
        else:
            watch.note(table.key_listeners, read[1])
        watch.armed = True
        before = now()
        apply_all(store, [one])
        assert bool(struck) is (now() != before)
        watch.forget()
    assert table.listeners == table.key_listeners == {}


def test_every_delta_is_remembered_until_it_is_judged() -> None:
    store = Store()
    table = store.table(ITEMS, "n")
    deltas = store.apply([table.put(Item("a")), table.drop("a")])
    assert store.unjudged == deltas and [delta.new for delta in deltas] == [Item("a"), None]


# --- time travel ---------------------------------------------------------------------------------


def quiet(taken: dict[str, dict[str, list[Any]]], schemas: dict[str, Schema[Any]]) -> dict[str, Any]:
    """A snapshot without noise, without order between processes, without what is empty."""
    return {
        name: {
            node: sorted(
                str({key: value for key, value in row.items() if key not in schemas[name].noise}) for row in rows
            )
            for node, rows in by_node.items()
            if rows
        }
        for name, by_node in taken.items()
        if any(by_node.values())
    }


@given(changes)
def test_the_deltas_rebuild_the_rows_after_every_event(things: Changes) -> None:
    """The processes of a node share one table when travelling: so let their keys differ."""
    things = [(place, id + place[1], columns) for place, id, columns in things]
    store, schemas = Store(), {"things": THINGS}
    traveller = Traveller(schemas)
    for number, one in enumerate(things):
        (event,) = apply_all(store, [one]).events
        traveller.play(event)
        assert quiet(snapshot(traveller.store), schemas) == quiet(snapshot(store), schemas), number


@pytest.mark.parametrize("seed", range(6))
def test_a_run_can_be_travelled_through(seed: int) -> None:
    """Live rows at each event, as a step sees them, are those that the trace rebuilds."""
    toy = Toy(Seeded(seed, one_in=2))
    toy.world.gate.decisions.arm()
    for number in range(6):
        verb = ("make", "remember", "forward")[number % 3]
        toy.do(f"s{number}", ask(f"x{number}", verb), at=number * SECOND)
    toy.at(3 * SECOND, toy.world.power_off, "b")
    toy.at(4 * SECOND, toy.world.power_on, "b")
    taken: list[tuple[int, dict[str, Any]]] = []
    for time in range(0, 100, 2):
        toy.play(time * SECOND)
        taken.append((len(toy.world.trace.events), quiet(snapshot(toy.world.store), SCHEMAS)))
    traveller, played = Traveller(SCHEMAS), 0
    for events, rows in taken:
        view = traveller.play_all(toy.world.trace.events[played:events])
        played = events
        assert quiet(snapshot(view.store), SCHEMAS) == rows
        assert view.now == toy.world.trace.events[events - 1].time
    assert len({str(rows) for _, rows in taken}) > 3


# --- snapshots -----------------------------------------------------------------------------------


def test_a_snapshot_is_json_and_holds_every_row() -> None:
    came = run(play_of(("make", ask("x")), ("remember", ask("y", "remember"))), Seeded(1, most=0))
    again = json.loads(json.dumps(came.snapshot))
    assert again == came.snapshot
    assert [row["id"] for row in again["items"]["b"]] == ["x", "y"] and again["notes"]["b"] == [
        {"id": "y", "value": "", "seen": 0}
    ]


def test_a_snapshot_does_not_change_with_its_world() -> None:
    toy = Toy()
    before = snapshot(toy.world.store)
    text = json.dumps(before)
    toy.do("s", ask("x"))
    toy.play(MINUTE)
    assert json.dumps(before) == text != json.dumps(snapshot(toy.world.store))


# --- the trace -----------------------------------------------------------------------------------


@pytest.mark.parametrize("column", ["time", "cause", "kind", "where", "what", "data", "deltas"])
def test_every_byte_of_an_event_is_in_the_fingerprint(column: str) -> None:
    toy = Toy()
    toy.do("s", ask("x"))
    toy.play()
    trace = toy.world.trace
    for number, event in enumerate(trace.events):
        other = {"time": event.time + 1, "cause": event.cause - 1, "data": "other", "deltas": []}.get(column, "other")
        if getattr(event, column) == other:
            continue
        changed = Trace()
        for at, one in enumerate(trace.events):
            changed.add(*(one._replace(**{column: other}) if at == number else one))
        assert changed.fingerprint() != trace.fingerprint()


def test_a_trace_refuses_what_has_no_bytes_of_its_own() -> None:
    trace = Trace()
    trace.add(0, -1, "note", "world", "odd", object())
    with pytest.raises(TypeError, match="a trace cannot hold object"):
        trace.fingerprint()

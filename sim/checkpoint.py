"""A world at rest, as it was: what a run has changed of it is put back, and the next run goes on from there.

At rest there is no task, no message on its way and no timer that counts, so nothing is in the middle of anything: what
there is are rows, who listens to them, processes with their connections and periodic tasks, and some numbers.  All of
that is named here, and what is not named is not put back.  A test walks over all that hangs on a world and finds what
was forgotten (tests/test_repeated.py).

This is no snapshot: nothing is written or read, and the same objects go on.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import TYPE_CHECKING, Any

from sim.connections import Connection
from sim.nodes import Node, Process
from sim.periodic import Periodic
from sim.tables import Index, Table

if TYPE_CHECKING:
    from sim.store import Store
    from sim.world import World

Attributes = Iterable[tuple[Any, tuple[str, ...]]]
"""Objects, each with the names of those of its attributes that are given another value in a run."""


class Checkpoint:
    """What changes in a run, and what it was.

    Args:
        world: at rest.
        others: what else a run changes outside of the world: objects with the names of their attributes.
        holding: dictionaries, lists, sets and queues outside of the world, of which it changes what is in them.
    """

    def __init__(self, world: World, others: Attributes = (), holding: Iterable[Any] = ()) -> None:
        attributes = chain(_single(world), others)
        self.attributes = [(one, name, getattr(one, name)) for one, names in attributes for name in names]
        self.parts = _Parts(world)
        self.empty: list[Any] = []  # most containers are
        self.dicts: list[tuple[dict[Any, Any], dict[Any, Any]]] = []
        self.lists: list[tuple[list[Any], list[Any]]] = []
        self.others: list[tuple[Any, tuple[Any, ...]]] = []  # sets, and queues with two ends
        for one in chain(_containers(world), holding):
            self._keep(one)
        self.rows = _Rows(world.store)
        self.world = world
        self.begin = world.trace.so_far()

    def _keep(self, one: Any) -> None:
        if not one:
            self.empty.append(one)
        elif isinstance(one, dict):
            self.dicts.append((one, dict(one)))
        elif isinstance(one, list):
            self.lists.append((one, list(one)))
        else:
            self.others.append((one, tuple(one)))

    def put_back(self) -> None:
        """Make everything as it was; the trace goes on in another object, for the last one was given away."""
        for owner, name, value in self.attributes:
            setattr(owner, name, value)
        self.parts.put_back()
        for one in self.empty:
            if one:
                one.clear()
        for mapping, entries in self.dicts:
            mapping.clear()
            mapping.update(entries)
        for items, kept in self.lists:
            items[:] = kept
        for other, members in self.others:
            other.clear()
            (other.extend if isinstance(other, deque) else other.update)(members)
        self.rows.put_back()
        self.world.begin_trace(self.begin)


class _Rows:
    """The tables that there are, their rows and indexes.  Most rows stay: only tables that changed are put back."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.tables, self.schemas = len(store.by_id), len(store.by_schema)
        self.of_table = {table: dict(table.rows) for table in store.by_id}
        self.of_schema = {schema: list(map(_indexed, found.values())) for schema, found in store.indexes.items()}
        store.changed.clear()

    def put_back(self) -> None:
        """Make the store as it was."""
        changed = self.store.changed
        for table in changed:
            kept = self.of_table.get(table)  # None: it was made since
            if kept is not None:
                table.rows.clear()
                table.rows.update(kept)
        for schema in {table.schema.name: None for table in changed}:
            for index, indexed in self.of_schema.get(schema, ()):
                index.clear()
                for value, found in indexed:
                    index[value] = dict(found)
        changed.clear()
        self.store.forget_since(self.tables, self.schemas)


def _indexed(index: Index) -> tuple[Index, list[tuple[Any, dict[Any, Any]]]]:
    return index, [(value, dict(found)) for value, found in index.items()]


# --- what changes --------------------------------------------------------------------------------


def _single(world: World) -> Attributes:
    """What there is one of."""
    yield world.kernel, ("now", "sequence", "live", "tasks", "running")
    yield world.store, ("reading", "unjudged")
    yield world.network, ("waiting",)
    yield world.gate, ("open", "label")
    yield world.faults, ("last_heal",)


class _Parts:
    """What there are many of, each with those of its attributes that change: written out, which is far quicker."""

    def __init__(self, world: World) -> None:
        nodes, processes, periodics = world.nodes.values(), list(_processes(world)), list(_periodics(world))
        self.nodes = [(one, one.up, one.supplied, one.booting) for one in nodes]
        self.processes = [(one, one.backlog, one.factory, one.service, one.starts, one.up) for one in processes]
        self.periodics = [(one, one.entry, one.quiet, one.task) for one in periodics]
        watches = [one.watch for one in periodics]
        self.watches = [(one, one.armed, one.changed, one.deadline, one.disturbed) for one in watches]
        self.connections = [(one, one.deaf, one.open, one.timer) for one in _connections(world)]

    def put_back(self) -> None:
        """Give each its values again."""
        for node, up, supplied, booting in self.nodes:
            node.up, node.supplied, node.booting = up, supplied, booting
        for process, backlog, factory, service, starts, up in self.processes:
            process.backlog, process.factory, process.service = backlog, factory, service
            process.starts, process.up = starts, up
        for periodic, entry, quiet, task in self.periodics:
            periodic.entry, periodic.quiet, periodic.task = entry, quiet, task
        for watch, armed, changed, deadline, disturbed in self.watches:
            watch.armed, watch.changed, watch.deadline, watch.disturbed = armed, changed, deadline, disturbed
        for connection, deaf, is_open, timer in self.connections:
            connection.deaf, connection.open, connection.timer = deaf, is_open, timer


def _containers(world: World) -> Iterator[Any]:
    """Every dictionary, list, set and queue; one that is in another comes too, where there is one at rest."""
    kernel, gate, faults = world.kernel, world.gate, world.faults
    yield from (world.numbers, world.nodes, kernel.queue)
    yield from kernel.queue  # an entry is a list
    yield from (gate.schedule, gate.held, gate.hung, gate.named, gate.listeners, gate.order.queues)
    yield from (faults.unhealed, faults.standing, faults.took, faults.void)
    yield from (world.network.waiting, world.network.timeouts.waiting)
    yield from world.network.timeouts.waiting.values()
    yield world.store.unjudged
    for table in world.store.by_id:
        yield from _of_table(table)
    for node in world.nodes.values():
        yield from _of_node(node)
    for periodic in _periodics(world):
        yield periodic.watch.reads
    yield from (connection.calls for connection in _connections(world))


def _of_table(table: Table[Any]) -> Iterator[Any]:
    """Who listens to it; its rows are kept apart."""
    for listeners in (table.key_listeners, table.listeners):
        yield listeners
        yield from (listening for listening in listeners.values() if isinstance(listening, dict))


def _of_node(node: Node) -> Iterator[Any]:
    yield from (node.boots, node.booting, node.processes)
    for process in node.processes.values():
        yield from (process.tasks, process.connections, process.periodics)
        if process.service is not None:
            yield process.service.tables


def _processes(world: World) -> Iterator[Process]:
    return (process for node in world.nodes.values() for process in node.processes.values())


def _periodics(world: World) -> Iterator[Periodic]:
    return (periodic for process in _processes(world) for periodic in process.periodics)


def _connections(world: World) -> Iterator[Connection]:
    """Each once, though both its ends have it."""
    every = (connection for process in _processes(world) for connection in process.connections)
    yield from dict.fromkeys(every)

"""A world: nodes with processes, their store, links, faults and trace, in one virtual time."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from sim.clock import SECOND
from sim.faults import BOOT, Faults
from sim.gate import Gate
from sim.kernel import Kernel
from sim.messages import CUTS, Network
from sim.nodes import MACHINES, PROGRAMS, Machine, Node, Process, Program, Service
from sim.outcomes import HarnessError, Unknown
from sim.periodic import Periodic
from sim.store import Delta, Store
from sim.tables import Change, Lifetime
from sim.tasks import PENDING, Task
from sim.trace import Beginning, Trace

if TYPE_CHECKING:
    from sim.decisions import Decisions


class World:
    """Everything that exists in one run."""

    def __init__(self, decisions: Decisions, skip_idle_rounds: bool = True) -> None:
        self.store = Store()
        self.store.declare((MACHINES, PROGRAMS, CUTS))
        self.trace = Trace()
        self.kernel = Kernel(self.store, self.trace)
        self.nodes: dict[str, Node] = {}
        self.skip_idle_rounds = skip_idle_rounds
        self.network = Network(self)
        self.gate = Gate(self, decisions)
        self.faults = Faults(self)
        self.numbers: dict[str, int] = {}

    def kernel_task(self) -> Task:
        """The task whose step is being run.

        Raises:
            HarnessError: none is.
        """
        if self.kernel.running is None:
            raise HarnessError("no task is running")
        return self.kernel.running

    # --- building ------------------------------------------------------------------------------

    def add_node(self, name: str, reap: Callable[[str], list[Change]] | None = None) -> Node:
        """A machine, with power."""
        node = self.nodes[name] = Node(self, name, reap)
        made = node.machine.put(Machine(name, True))
        if self.trace.raw:  # the world was given already
            self.change("is added", -1, made, where=name)
        else:
            self.store.apply([made])
        return node

    def add_process(self, node: Node, name: str, factory: Callable[[Process], Service], boots: bool = True) -> Process:
        """A process that does not run yet; `boots`: it starts with its node."""
        process = node.processes[name] = Process(node, name, factory)
        if boots:
            node.boots.append(name)
        return process

    def genesis(self) -> None:
        """What has been built so far is the world as it was given: the first event."""
        tables = self.store.by_id
        deltas = [Delta(one.schema.name, one.node, key, None, row) for one in tables for key, row in one.rows.items()]
        self.store.unjudged = []
        self.trace.add(0, -1, "world", "world", "given", None, deltas)

    def number(self, kind: str) -> int:
        """The next whole number of that kind, from 1; never given twice."""
        number = self.numbers[kind] = self.numbers.get(kind, 0) + 1
        return number

    def new_id(self, kind: str) -> str:
        """A fresh name: eight hexadecimal digits, then kind and number; never given twice.

        It stands in for a random UUID: its first characters differ from id to id, as those of a
        UUID do, and the same history gives the same ids.
        """
        name = f"{kind}-{self.number(kind)}"
        return f"{blake2b(name.encode(), digest_size=4).hexdigest()}-{name}"

    def begin_trace(self, begin: Beginning) -> None:
        """What happens from now on is traced anew, after this."""
        self.trace = self.kernel.trace = Trace(begin)

    # --- state ---------------------------------------------------------------------------------

    def is_up(self, node: str, process: str) -> bool:
        """Whether that process runs on a node with power."""
        found = self.nodes[node].processes.get(process)
        return found is not None and found.up and self.nodes[node].up

    def change(self, why: str, cause: int, *changes: Change, where: str = "world", kind: str = "note") -> int:
        """Change rows in an event of the world's own; returns its number."""
        deltas = self.store.apply(changes)
        event = self.trace.add(self.kernel.now, cause, kind, where, why, None, deltas)
        if self.gate.asks_changes:
            self.gate.changed(f"{where} = {why}", deltas, event)
        return event

    def set_memory(self, process: Process, why: str, changes: Sequence[Change]) -> None:
        """Carry out `Service.set`."""
        for table, _, _ in changes:
            if table.process != process.name:  # only a volatile table has one
                raise HarnessError(f"{process.where} cannot set {table.schema.name} without committing it")
        deltas = self.store.apply(changes)
        if deltas:
            task = self.kernel.running or self.kernel_task()
            if task.watch is not None:
                task.watch.changed = True
            task.event = self.trace.add(self.kernel.now, task.event, "commit", process.where, why, None, deltas)
            if self.gate.asks_changes:
                self.gate.changed(f"{task.path} = {why}", deltas, task.event)

    def periodic(
        self, process: Process, name: str, period: int, round_: Callable[[], Coroutine[Any, Any, None]], phase: int
    ) -> None:
        """Carry out `Service.every`."""
        process.periodics.append(Periodic(process, name, period, round_, phase))

    # --- life and death ------------------------------------------------------------------------

    def start(self, node: str, name: str, cause: int = -1) -> None:
        """Start a process; nothing happens if it runs already or its node has no power."""
        machine = self.nodes[node]
        process = machine.processes[name]
        if process.up or not machine.up:
            return
        process.up = True
        process.starts += 1
        process.service = process.factory(process)
        deltas = self.store.apply([machine.programs.put(Program(name, True, process.starts))])
        event = self.trace.add(self.kernel.now, cause, "start", process.where, "start", process.starts, deltas)
        if self.gate.asks_changes:
            self.gate.changed(f"{process.where} = start", deltas, event)
        if type(process.service).started is Service.started:
            return  # nothing to do at its start
        number = f" #{process.starts}" if process.starts > 1 else ""
        task = Task(process.service.started(), process, None, f"{process.where} start{number}", event)
        if not process.service.serves_while_starting:
            process.backlog = []
            task.joined = lambda: self._open(process)
        self.kernel.start(task)

    def _open(self, process: Process) -> None:
        """The start has ended: what waited in the backlog is served; a process that died serves nobody."""
        if not process.up:
            return
        waiting, process.backlog = process.backlog or [], None
        for call in waiting:
            self.kernel.at(self.kernel.now, self.network.deliver, call)

    def crash(self, node: str, name: str, cause: int = -1) -> None:
        """Kill a process: its tasks stop where they stand, its memory is gone, its peers see it close."""
        process = self.nodes[node].processes.get(name)
        if process is not None and process.up:
            self._die(process, cause, silent=False)

    def _die(self, process: Process, cause: int, silent: bool) -> None:
        process.up = False
        for periodic in process.periodics:
            periodic.stop()
        process.periodics.clear()
        served = [task.call for task in process.tasks if task.call is not None] + (process.backlog or [])
        for task in list(process.tasks):
            self.kernel.kill(task)
        node = process.node
        changes = [node.programs.put(Program(process.name, False, process.starts))]
        changes += self._memory_of(process)
        if node.reap is not None:
            changes += node.reap(process.name)
        event = self.change("dies", cause, *changes, where=process.where, kind="kill")
        process.service = None
        process.backlog = None
        self._peers_notice(process, served, event, silent)

    def _memory_of(self, process: Process) -> list[Change]:
        return [
            table.drop(key)
            for table in self.store.by_id
            if table.node == process.node.name and table.process == process.name
            for key in table.rows
        ]

    def _peers_notice(self, process: Process, served: list[Any], event: int, silent: bool) -> None:
        network = self.network
        for connection in list(process.connections):
            first, second = (end.node for end in connection.ends())
            if first is not second and (silent or network.apart(first.name, second.name)):
                network.deafen(connection)
            else:
                network.close(connection, event)
        if self.gate.hung and not silent:
            self.gate.end_hung(process)
        for call in served:
            if call.expects_reply and not silent and call.connection is None:
                call.event = event
                network.conclude_later(call, None, Unknown("cut"))

    def power_off(self, node: str, cause: int = -1) -> None:
        """A node loses power: host and volatile rows are gone, durable ones stay, peers meet silence."""
        machine = self.nodes[node]
        if not machine.up:
            return
        machine.up = False
        for entry in machine.booting:
            self.kernel.cancel(entry)
        for process in list(machine.processes.values()):
            if process.up:
                self._die(process, cause, silent=True)
        changes = [machine.machine.put(Machine(node, False))]
        for table in self.store.by_id:
            if table.node == node and table.schema.lifetime is Lifetime.HOST:
                changes += [table.drop(key) for key in table.rows]
        self.change("loses power", cause, *changes, where=node, kind="kill")

    def power_on(self, node: str) -> None:
        """The node boots, and its daemons start in order; not if it is up, or there is no power to be had."""
        machine = self.nodes[node]
        if machine.up or not machine.supplied:
            return
        machine.up = True
        self.change("boots", -1, machine.machine.put(Machine(node, True)))
        machine.booting = [
            self.kernel.at(self.kernel.now + BOOT + number * SECOND, self.start, node, name)
            for number, name in enumerate(machine.boots)
        ]

    def op_run_program(
        self,
        task: Task,
        program: tuple[Node, str, Callable[[Process], Service], tuple[Change, ...]],
    ) -> Any:
        """Carry out `Service.run_program`."""
        node, name, factory, changes = program
        task.event = self.change(f"{name} forked", task.event, *changes, where=task.process.where, kind="commit")
        process = node.processes.get(name) or self.add_process(node, name, factory, boots=False)
        process.factory = factory
        self.start(node.name, name, task.event)
        return process

    def op_end_program(self, task: Task, program: tuple[Node, str]) -> Any:
        """Carry out `Service.end_program`."""
        node, name = program
        self.crash(node.name, name, task.event)
        return PENDING if task.ended else None

    def op_respawn(self, task: Task, delay: int) -> Any:
        """Carry out `Service.respawn`."""
        process = task.process
        self.kernel.at(self.kernel.now + delay, self.start, process.node.name, process.name, task.event)
        self.crash(process.node.name, process.name, task.event)
        return PENDING

    # --- the end -------------------------------------------------------------------------------

    def stop(self) -> None:
        """Whatever is at work is ended without its clean-up, and its process is down; then the world is put back."""
        for node in self.nodes.values():
            for process in node.processes.values():
                if process.tasks:
                    self._end_tasks(process)

    def _end_tasks(self, process: Process) -> None:
        process.up = False
        for task in list(process.tasks):
            self.kernel.kill(task)

    def close(self) -> None:
        """The run is over: end every task without its clean-up, and empty the world.

        Frames of killed tasks are never collected (see `sim.kill`), so they must hold little; and what
        has no cycles any more is freed at once.
        """
        for node in self.nodes.values():
            for process in node.processes.values():
                self._empty(process)
            node.processes.clear()
        for table in self.store.by_id:
            table.rows = {}
        for part in (self.store, self.kernel, self.network, self.gate, self.faults, self):
            part.__dict__.clear()
        self.trace = Trace()

    def _empty(self, process: Process) -> None:
        self._end_tasks(process)
        for periodic in process.periodics:
            periodic.forget()
        process.connections.clear()
        process.periodics.clear()
        if process.service is not None:
            process.service.__dict__.clear()
        process.service = None

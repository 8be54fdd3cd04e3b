"""A small world of two libvirt hosts, a client, and a VDSM that only records what it is told.

Each host has ``ip``, ``ovs``, ``libvirt`` and ``vdsm``; with leases also ``sanlock``, and a node ``storage``.
Facts: docs/facts/libvirt.md 2 (events go to one client of the host), 3 (what a client takes a broken
connection for), 5 (the five calls of a client-managed migration), 6 (keepalive 2 s x 3).
"""

from __future__ import annotations

from collections.abc import Coroutine, Iterable, Iterator
from contextlib import suppress
from functools import partial
from typing import Any

import msgspec

from fakes.host.kernel import Ip, reap
from fakes.host.openvswitch import OpenVSwitch
from fakes.host.sanlock import Leases, Sanlock
from fakes.libvirt.service import daemon
from fakes.links import LOCAL_COMMAND, VDSM_LIBVIRT
from fakes.records import BRIDGES, DOMAINS, LEASES, OVS_PORTS, QEMUS, SCHEMAS, TAPS
from fakes.records.host import OvsBridge, OvsPort, Tap
from fakes.records.libvirt import Definition, Domain, Interface
from sim.clock import MS, SECOND
from sim.connections import Connection
from sim.decisions.scripted import Scripted, ScriptedFault
from sim.fates import Fate
from sim.links import LinkKind
from sim.nodes import Process, Service
from sim.outcomes import Failed, Outcome, Refused, Unknown
from sim.store import Delta
from sim.tasks import Task
from sim.triggers import parse
from sim.world import World

replace = msgspec.structs.replace

HOSTS = ("h1", "h2", "h3")
UUID = "uuid-web1"
_FATES = dict.fromkeys(("lost", "reply-lost"), "a TCP connection")
REMOTE = LinkKind("client to libvirtd", _FATES, latency=MS, keepalive=8 * SECOND, error="38 system error")
"""The connection of a client-managed migration; the same keepalive as between the daemons."""
FOR_EVER = 3_600 * SECOND
NIC = Interface("00:1a:4a:00:00:01", "pv", 3, 0, "bridge", bridge="br-int", interfaceid="port-1")
WEB1 = Definition(UUID, "web1", 512, (NIC,))


def fault(at: str, name: str, nth: int = 1, lasts: int = 0, **rest: Any) -> ScriptedFault:
    """A fate that strikes where the trigger says."""
    return ScriptedFault(f"{name} at {at}", Fate(name, **rest), parse(at), nth=nth, lasts=lasts)


class Told(msgspec.Struct, frozen=True):
    """A life-cycle event as the host's client heard it."""

    time: int
    name: str
    uuid: str


class Recorder(Service):
    """The host's client: it hears events and does nothing."""

    told: list[Told]

    async def on_lifecycle(self, uuid: str, event: str, detail: str) -> None:
        """One event."""
        self.told.append(Told(self.now, f"{event}/{detail}", uuid))

    async def on_deviceRemoved(self, uuid: str, mac: str) -> None:
        """DEVICE_REMOVED, of today's libvirt."""
        self.told.append(Told(self.now, f"REMOVED/{mac}", uuid))


class Client(Service):
    """Calls libvirt by itself: its calls are coroutines of the tests."""

    async def ask(self, host: str, verb: str, subject: str, /, **args: Any) -> Any:
        """One call to a host's libvirt."""
        return await self.call(VDSM_LIBVIRT, host, "libvirt", verb, subject, args)


class Answer:
    """What becomes of a call: still open, a value, or an error."""

    def __init__(self, world: World, task: Task) -> None:
        self.task = task
        self.world = world
        self.time: int | None = None
        task.joined = self._ended

    def _ended(self) -> None:
        self.time = self.world.kernel.now

    @property
    def open(self) -> bool:
        """Whether the caller still waits."""
        return not self.task.ended

    @property
    def error(self) -> str:
        """libvirt's number of the error, "" for none; a broken connection is 38 (libvirt.md 3)."""
        assert self.task.ended, f"{self.task.path} is still at work"
        return error_number(self.task.error)

    @property
    def value(self) -> Any:
        """What was returned."""
        assert self.error == "", f"{self.task.path}: {self.task.error}"
        return self.task.value


def error_number(error: Exception | None) -> str:
    """The number as a client of libvirt sees it; ``killed`` when the client itself has died."""
    if error is None:
        return ""
    if isinstance(error, Unknown):
        return "killed" if error.reason == "killed" else "38"
    if isinstance(error, Refused):
        return "38"
    assert isinstance(error, Failed), error
    return error.code.split()[0]


class Hosts:
    """The world, and what a test asks of it.

    Args:
        profile: of every libvirtd.
        faults: strike from `arm` on.
        leases: whether there is a lock manager, and VMs have a lease.
    """

    def __init__(self, profile: str = "9.0", faults: Iterable[ScriptedFault] = (), leases: bool = False) -> None:
        self.decisions = Scripted(faults)
        self.world = World(self.decisions)
        self.kernel = self.world.kernel
        self.kernel.after_step = self.world.store.unjudged.clear
        self.world.store.declare(SCHEMAS.values())
        self.told: dict[str, list[Told]] = {host: [] for host in HOSTS}
        self.vm = replace(WEB1, lease=leases)
        if leases:
            self._start("storage", leases=Leases)
        for host in HOSTS:
            self._host(host, profile, leases)
        self._start("client", client=Client)
        self.run(1)
        MADE.append(self)

    def _start(self, node: str, **programs: Any) -> None:
        made = self.world.nodes.get(node) or self.world.add_node(node)
        for name, factory in programs.items():
            self.world.add_process(made, name, factory)
            self.world.start(node, name)

    def _host(self, host: str, profile: str, leases: bool) -> None:
        self.world.add_node(host, partial(reap, self.world.store, host))
        self.apply(self.table(BRIDGES, host).put(OvsBridge("br-int")))
        if leases:
            self._start(host, sanlock=Sanlock)
        recorder = type("Recorder", (Recorder,), {"told": self.told[host]})
        self._start(host, ip=Ip, ovs=OpenVSwitch, libvirt=daemon(profile), vdsm=recorder)

    # --- acting --------------------------------------------------------------------------------

    def apply(self, *changes: Any) -> None:
        """Change rows behind everybody's back."""
        self.world.store.apply(changes)

    def arm(self) -> None:
        """Faults strike from now on; what was told before is forgotten."""
        self.decisions.arm()
        for told in self.told.values():
            told.clear()

    def run(self, seconds: float) -> None:
        """Let so much time pass."""
        self.kernel.advance(self.kernel.now + round(seconds * SECOND), 1_000_000, lambda: False)

    def run_until(self, condition: Any, at_most: float = 600) -> None:
        """Let time pass until that holds."""
        ended = self.kernel.advance(self.kernel.now + round(at_most * SECOND), 1_000_000, condition)
        assert ended == "rest", f"it did not come within {at_most} s"

    @property
    def client(self) -> Client:
        """The client's program."""
        service = self.world.nodes["client"].processes["client"].service
        assert isinstance(service, Client)
        return service

    def begin(self, act: Coroutine[Any, Any, Any], name: str = "act") -> Answer:
        """Something that the client does from now on."""
        return Answer(self.world, self.kernel.spawn(self.client.process, act, name, None))

    def call(self, host: str, verb: str, /, **args: Any) -> Answer:
        """A call about web1 that goes on while the test looks around."""
        if verb not in ("create", "prepare", "list", "restore"):
            args.setdefault("uuid", UUID)
        return self.begin(self.client.ask(host, verb, "web1", **args), f"{verb} {host}")

    def ask(self, host: str, verb: str, /, **args: Any) -> Answer:
        """A call about web1, to its end."""
        answer = self.call(host, verb, **args)
        self.run_until(lambda: not answer.open)
        self.run(0.001)  # its events, which left before the reply
        return answer

    def create(self, host: str = "h1", definition: Definition | None = None) -> None:
        """web1 runs there."""
        answer = self.ask(host, "create", definition=definition or self.vm)
        assert answer.error == "", answer.task.error

    def migrate(self, source: str = "h1", target: str = "h2", **args: Any) -> Answer:
        """A peer-to-peer migration."""
        return self.call(source, "perform", host=target, **args)

    def client_managed(self, source: str = "h1", target: str = "h2") -> Answer:
        """A client-managed migration, as the client's library drives it."""
        return self.begin(_client_managed(self.client, source, target), "migrate web1")

    def connect(self, host: str) -> Connection:
        """A connection of the client's."""
        answer = self.begin(_connect(self.client, host), "connect")
        self.run_until(lambda: not answer.open)
        connection = answer.value
        assert isinstance(connection, Connection)
        return connection

    def on(self, connection: Connection, verb: str, **args: Any) -> Answer:
        """A call on a connection of the client's, to its end."""
        answer = self.begin(_on(self.client, connection, verb, **args), verb)
        self.run_until(lambda: not answer.open)
        self.run(0.002)
        return answer

    def make_tap(self, host: str, name: str, mac: str = NIC.mac) -> None:
        """A persistent tap, as the proposal's VDSM makes it."""
        self._ip(host, "tuntap-add", name=name, mac=mac, vm=UUID)

    def delete_tap(self, host: str, name: str) -> None:
        """Remove a device."""
        self._ip(host, "link-delete", name=name)

    def _ip(self, host: str, verb: str, **args: Any) -> None:
        answer = self.begin(_ip(self.client, host, verb, args), f"{verb} {host}")
        self.run(0.1)
        assert answer.error == ""

    def strike(self, name: str, **rest: Any) -> None:
        """A machine fate, now."""
        self.world.faults.strike(Fate(name, **rest), -1)

    def kill(self, host: str, process: str, back_after: float = -1) -> None:
        """SIGKILL; a daemon may be started again after so many seconds."""
        back = round(back_after * SECOND) if back_after > 0 else -1
        self.strike("crash", node=host, process=process, back_after=back)

    def cut_after_delivery(self, at: str) -> None:
        """The connection of that request breaks right after the request has arrived."""

        def soon(_: int) -> None:
            # the request leaves now and takes the link's latency; the reply cannot be on its way yet
            self.kernel.at(self.kernel.now + 2 * MS + 1, self._cut_peers)

        self.world.gate.listeners.append((parse(at), soon))

    def _cut_peers(self) -> None:
        for process in self.world.nodes["h1"].processes.values():
            for connection in list(process.connections):
                if process.name == connection.server.name == "libvirt":
                    self.world.network.close(connection)

    def close(self) -> None:
        """End the world: it holds on to all that ever happened in it."""
        MADE.remove(self)
        self.world.close()

    # --- looking -------------------------------------------------------------------------------

    def table(self, schema: Any, node: str) -> Any:
        """A node's table."""
        return self.world.store.table(schema, node)

    def domain(self, host: str) -> Domain | None:
        """web1 as the host's libvirt knows it."""
        row = self.table(DOMAINS, host).rows.get(UUID)
        assert row is None or isinstance(row, Domain)
        return row

    def state(self, host: str) -> str:
        """``RUNNING/BOOTED``, or "" when there is no domain."""
        row = self.domain(host)
        return f"{row.state}/{row.reason}" if row is not None else ""

    def events(self, host: str) -> list[str]:
        """What the host's client has heard, in order."""
        return [told.name for told in self.told[host]]

    def taps(self, host: str) -> list[Tap]:
        """The host's taps."""
        return list(self.table(TAPS, host).rows.values())

    def ovs(self, host: str) -> list[OvsPort]:
        """The host's Open vSwitch records."""
        return list(self.table(OVS_PORTS, host).rows.values())

    def qemu_runs(self, host: str) -> bool:
        """Whether a qemu of web1 is there with running CPUs."""
        row = self.table(QEMUS, host).rows.get(UUID)
        return row is not None and row.running

    def runs_on(self) -> list[str]:
        """The hosts on which web1's CPUs run."""
        return [host for host in HOSTS if self.qemu_runs(host)]

    def lease_of(self) -> str:
        """The host that holds web1's lease, "" for none."""
        row = self.table(LEASES, "storage").rows.get(UUID)
        return row.host if row is not None else ""

    def deltas(self, schema: str, node: str) -> Iterator[tuple[int, Delta]]:
        """The changes of a node's table, with their times."""
        for event in self.world.trace.events:
            for delta in event.deltas:
                if (delta.schema, delta.node) == (schema, node):
                    yield event.time, delta

    def removed_at(self, schema: str, node: str) -> int | None:
        """When the last row of that table went, None if one is there or never was."""
        if self.world.store.table(SCHEMAS[schema], node).rows:
            return None
        return max((time for time, delta in self.deltas(schema, node) if delta.new is None), default=None)


MADE: list[Hosts] = []
"""The worlds of the test that runs."""


async def _ip(client: Client, host: str, verb: str, args: dict[str, Any]) -> None:
    await client.call(LOCAL_COMMAND, host, "ip", verb, "", args)


async def _connect(client: Client, host: str) -> Connection:
    return await client.connect(REMOTE, host, "libvirt")


async def _on(client: Client, connection: Connection, verb: str, /, **args: Any) -> Any:
    if verb != "prepare":
        args.setdefault("uuid", UUID)
    host = connection.server.node.name
    return await client.call(REMOTE, host, "libvirt", verb, "web1", args, connection=connection)


async def _client_managed(client: Client, source: str, target: str) -> None:
    """`virDomainMigrate3`: what the library does with each answer, errors of Confirm included."""
    there, here = await _connect(client, target), await _connect(client, source)
    xml = await _on(client, here, "begin")
    error: Outcome | None = None
    arrived = False
    try:
        await _on(client, there, "prepare", definition=xml)
        try:
            await _on(client, here, "perform", host=target, peer2peer=False)
        except Outcome as failed:
            error = failed
        arrived = await _on(client, there, "finish", cancelled=error is not None)
    except Outcome as failed:
        error = error or failed
    with suppress(Outcome):
        await _on(client, here, "confirm", cancelled=not arrived)
    for connection in (here, there):
        client.world.network.close(connection)
    if error is not None or not arrived:
        raise error or Failed("9 operation failed")


def running(profile: str = "9.0", *faults: ScriptedFault, leases: bool = False) -> Hosts:
    """The world with web1 running on h1, at rest, its faults armed."""
    hosts = Hosts(profile, faults, leases)
    hosts.create()
    hosts.run(1)
    hosts.arm()
    return hosts


def process_of(hosts: Hosts, node: str, name: str) -> Process:
    """A process of a node."""
    return hosts.world.nodes[node].processes[name]

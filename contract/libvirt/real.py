"""The real pair: two libvirtd with QEMU and Open vSwitch, in namespaces of this machine, a proxy before each.

Its shape is that of [obs] in docs/facts/README.md.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Sequence
from typing import Any

from contract.behaviours import Seen
from contract.lab import Lab, Unfit, first_line, run
from contract.libvirt import client, xml
from contract.libvirt.host import Host
from contract.libvirt.matrix import Row
from contract.libvirt.pair import HOSTS, TRIED, At
from contract.libvirt.proxy import Proxy
from contract.libvirt.restarts import Restart
from contract.libvirt.world import UUID, WEB1
from fakes.records.libvirt import Definition

ADDRESS = {"h1": "192.0.2.1", "h2": "192.0.2.2"}
TRIES, EVENT_WAIT = 4, 5
"""How often a call is tried whose events and reply come in either order; seconds in which an event comes if at all."""
GONE_WAIT = 5
"""Seconds in which libvirt takes note that a qemu has died."""
QUIET, QUIET_AFTER_A_BLOW, QUIET_WHILE_IT_ENDS = 1.5, 2.5, 4.0
"""Seconds without a change after which the pair has settled: by itself; once something was killed, cut or lost, so that
events may be missing; while a qemu that was told to end has not ended."""
PATIENCE, LOOK_AGAIN = 90, 0.4
"""Seconds for which that is waited; between two looks."""


class RealPair:
    """As `contract.libvirt.pair.Pair` says; the daemons are started once for a lab, and cleaned between behaviours."""

    def __new__(cls, lab: Lab) -> RealPair:
        """The pair of that lab."""
        made = _PAIRS.get(lab)
        if made is None:
            made = _PAIRS[lab] = super().__new__(cls)
            made._begin(lab)
        return made

    def _begin(self, lab: Lab) -> None:
        client.library()
        folder = lab.folder / "libvirt"
        folder.mkdir()
        self.connections: dict[str, Any] = {}
        self.handles: dict[str, Any] = {}
        self.told: dict[str, list[str]] = {host: [] for host in HOSTS}
        self.proxies: dict[str, Proxy] = {}
        spaces = {host: lab.namespace(f"libvirt-{host}") for host in HOSTS}
        run("ip", "link", "add", "wire", "netns", spaces["h1"], "type", "veth", "peer", "name", "wire",
            "netns", spaces["h2"])  # fmt: skip
        self.hosts = {host: Host(folder / host, spaces[host], host) for host in HOSTS}
        for name, host in self.hosts.items():
            run("ip", "-n", host.netns, "addr", "add", f"{ADDRESS[name]}/24", "dev", "wire")
            host.start_openvswitch()
            _storage(host)
            host.start_libvirtd()
            for use in ("peer", "client"):
                self.proxies[f"{use}-{name}"] = Proxy(folder / f"{use}-{name}", host.socket)

    def __enter__(self) -> Any:
        self.blow = False  # whether anything was killed, cut or lost
        for host in self.hosts.values():
            run("ip", "-n", host.netns, "link", "set", "wire", "up")
            self._restore(host)
        self.forget()
        return self

    def __exit__(self, *_: object) -> None:
        for proxy in self.proxies.values():
            proxy.arm(None)
            proxy.watchers.clear()
            proxy.cut()
        self.handles.clear()

    def _restore(self, host: Host) -> None:
        """A host as it was at first: its daemons up, no domain, no tap, no record."""
        host.restart_dead()
        if not self._connected(host.name):
            self._connect(host.name)
        self.handles.pop(host.name, None)
        self._end_domains(host)
        for tap in host.taps():
            run("ip", "-n", host.netns, "link", "delete", tap["ifname"])
        for record in host.records():
            host.vsctl("--if-exists", "del-port", record["name"])
        _storage(host)
        for image in (host.folder / "var/lib").glob("*.img"):
            image.unlink()
        host.vsctl("--may-exist", "add-br", "br-int", "--", "set", "bridge", "br-int", "datapath_type=netdev")

    def _end_domains(self, host: Host) -> None:
        """By the death of their qemu, which is over sooner than a destroy."""
        connection, end = self.connections[host.name], time.monotonic() + GONE_WAIT
        for domain in connection.listAllDomains():
            host.kill_qemu(domain.name())
        while (left := connection.listAllDomains()) and time.monotonic() < end:
            time.sleep(0.05)
        for domain in left:
            client.number(domain.destroy)

    # --- connections ---------------------------------------------------------------------------

    def _connected(self, host: str) -> bool:
        found = self.connections.get(host)
        return found is not None and bool(found.isAlive()) and not client.number(found.getHostname)

    def _connect(self, host: str) -> None:
        """A connection that hears the host's events; the daemon may be at work on its start."""
        library = client.library()
        try:
            connection = library.open(f"qemu+unix:///system?socket={self.hosts[host].socket}")
        except library.libvirtError as error:
            raise Unfit(f"libvirtd does not answer on {host}: {first_line(str(error))}") from None
        told = self.told[host]

        def lifecycle(_: Any, domain: Any, event: int, detail: int, __: Any) -> None:
            told.append(client.told(event, detail))

        def removed(_: Any, domain: Any, alias: str, __: Any) -> None:
            told.append(f"REMOVED/{alias}")

        connection.domainEventRegisterAny(None, library.VIR_DOMAIN_EVENT_ID_LIFECYCLE, lifecycle, None)
        connection.domainEventRegisterAny(None, library.VIR_DOMAIN_EVENT_ID_DEVICE_REMOVED, removed, None)
        self.connections[host] = connection
        self.handles.pop(host, None)  # of a connection that is no more

    def _domain(self, host: str) -> Any:
        """The domain as it is there, or the handle of one that has vanished."""
        try:
            self.handles[host] = self.connections[host].lookupByUUIDString(xml.uuid_of(UUID))
        except client.library().libvirtError:
            if host not in self.handles:
                raise
        return self.handles[host]

    # --- acting --------------------------------------------------------------------------------

    def create(self, host: str, definition: Definition) -> str:
        """createXML"""
        return client.number(lambda: self.connections[host].createXML(xml.domain(definition)))

    def ask(self, host: str, verb: str, /, **args: Any) -> str:
        """A call about web1."""
        acts: dict[str, Callable[[], Any]] = {
            "lookup": lambda: self.connections[host].lookupByUUIDString(xml.uuid_of(UUID)),
            "suspend": lambda: self._domain(host).suspend(),
            "resume": lambda: self._domain(host).resume(),
            "destroy": lambda: self._domain(host).destroy(),
            "abort": lambda: self._domain(host).abortJob(),
            "attachDevice": lambda: self._domain(host).attachDeviceFlags(xml.interface(args["interface"]), 1),
            "save": lambda: self._domain(host).save(_file(args["path"])),
            "restore": lambda: self.connections[host].restore(_file(args["path"])),
            "detachDevice": lambda: self._domain(host).detachDeviceFlags(_nic(args["mac"]), 1),
        }
        found = client.number(acts[verb])
        time.sleep(0.1)  # its events travel apart
        return found

    def tries(self, verb: str) -> list[list[str]]:
        """On the connection that hears the events, as a client of one connection does it."""
        last, undo = TRIED[verb]
        if verb != "create":
            self.create("h1", WEB1)
        if verb == "resume":
            self.ask("h1", "suspend")
        return [self._tried(verb, last, undo) for _ in range(TRIES)]

    def _tried(self, verb: str, last: str, undo: str) -> list[str]:
        told, end = self.told["h1"], time.monotonic() + EVENT_WAIT
        self.forget()
        self._call(verb)
        told.append("reply")
        while last not in told and time.monotonic() < end:
            time.sleep(0.05)
        seen = [one for one in told if one in (last, "reply")]
        self._call(undo)
        return seen

    def _call(self, verb: str) -> None:
        if verb == "create":
            self.connections["h1"].createXML(xml.domain(WEB1))
        else:
            getattr(self._domain("h1"), verb)()

    def migrate(self, source: str, target: str, dxml: Definition | None = None, during: Sequence[At] = ()) -> list[str]:
        """Peer to peer."""
        from contract.libvirt.migrating import Migrating

        return Migrating(self, source, target, dxml=dxml).with_calls(during)

    def play(self, row: Row) -> Seen:
        """A row of the failure matrix."""
        from contract.libvirt.migrating import play

        return play(self, row)

    def restart(self, row: Restart) -> Seen:
        """A row of the restarts."""
        from contract.libvirt.restarting import play

        return play(self, row)

    def at_steps(self, look: Callable[[], Any]) -> dict[str, Any]:
        """A migration, and a look after each step, while the proxy holds the next message."""
        looks: dict[str, Any] = {}
        steps = {("prepare", True): "prepare", ("finish", False): "perform", ("finish", True): "finish"}

        def seen(call: str, reply: bool) -> None:
            if (call, reply) in steps:
                looks[steps[call, reply]] = look()

        self.proxies["peer-h2"].watchers.append(seen)
        self.migrate("h1", "h2")
        self.settle()
        return {**looks, "confirm": look()}

    def kill(self, host: str, process: str) -> None:
        """SIGKILL."""
        self.blow = True
        match process:
            case "qemu":
                self.hosts[host].kill_qemu("web1")
            case "ovs":
                self.hosts[host].kill("ovs-vswitchd")
                self.hosts[host].kill("ovsdb-server")
            case _:
                self.hosts[host].kill("libvirtd")
        time.sleep(0.3)

    def terminate(self, host: str) -> None:
        """SIGTERM for web1's qemu."""
        self.hosts[host].kill_qemu("web1", signal.SIGTERM)

    def start(self, host: str, process: str) -> None:
        """Start it again."""
        self.hosts[host].restart_dead()
        if process == "libvirt":
            self._connect(host)

    def delete_bridge(self, host: str, name: str) -> None:
        """A bridge of Linux goes."""
        run("ip", "-n", self.hosts[host].netns, "link", "delete", name)

    def make_tap(self, host: str, name: str) -> None:
        """A persistent tap of somebody else."""
        run("ip", "-n", self.hosts[host].netns, "tuntap", "add", "dev", name, "mode", "tap")

    # --- looking -------------------------------------------------------------------------------

    def settle(self) -> None:
        """Wait until nothing changes any more."""
        end, since, last = time.monotonic() + PATIENCE, time.monotonic(), self._all()
        while time.monotonic() - since < self._quiet() and time.monotonic() < end:
            time.sleep(LOOK_AGAIN)
            if (now := self._all()) != last or self._moves():
                since, last = time.monotonic(), now

    def _quiet(self) -> float:
        if any(told and told[-1].startswith("SHUTDOWN") for told in self.told.values()):
            return QUIET_WHILE_IT_ENDS
        return QUIET_AFTER_A_BLOW if self.blow else QUIET

    def _moves(self) -> bool:
        """Whether a migration is at work."""
        for connection in self.connections.values():
            try:
                if connection.lookupByUUIDString(xml.uuid_of(UUID)).jobInfo()[0]:
                    return True
            except client.library().libvirtError:
                continue
        return False

    def _all(self) -> list[Any]:
        seen: list[Any] = [(self.state(host), *self.told[host]) for host in HOSTS]
        return [*seen, *((self.taps(host), self.records(host)) for host in HOSTS)] if self.blow else seen

    def forget(self) -> None:
        """What was told before counts no more."""
        time.sleep(0.3)
        for told in self.told.values():
            told.clear()

    def state(self, host: str) -> str:
        """Of web1; of a daemon that is down, nothing."""
        try:
            found = self.connections[host].lookupByUUIDString(xml.uuid_of(UUID))
            return client.state(*found.state())
        except client.library().libvirtError:
            return ""

    def events(self, host: str) -> list[str]:
        """In order."""
        return list(self.told[host])

    def taps(self, host: str) -> list[str]:
        """Names."""
        return sorted(one["ifname"] for one in self.hosts[host].taps())

    def masters(self, host: str) -> list[str]:
        """Bridges of Linux."""
        return sorted(one.get("master", "") for one in self.hosts[host].taps())

    def records(self, host: str) -> list[str]:
        """iface-ids."""
        return sorted(xml.name_of(row["iface-id"]) for row in self.hosts[host].records())

    def macs(self, host: str) -> list[str]:
        """Of web1's live XML."""
        return xml.macs(self._domain(host).XMLDesc())


_PAIRS: dict[Lab, RealPair] = {}
"""One for each lab."""


def _storage(host: Host) -> None:
    """The bridge of Linux, if it is not there."""
    run("ip", "-n", host.netns, "link", "add", "storage", "type", "bridge")
    run("ip", "-n", host.netns, "link", "set", "storage", "up")


def _file(path: str) -> str:
    return path if path.startswith("/") else f"/var/lib/{path}"


def _nic(mac: str) -> str:
    return f"<interface type='bridge'><mac address='{mac}'/><source bridge='br-int'/></interface>"


def version() -> str:
    """Of libvirtd and QEMU."""
    return f"{_said_version('libvirtd', -1)}, QEMU {_said_version('qemu-system-x86_64', 3)}"


def _said_version(program: str, word: int) -> str:
    done = run(program, "--version")
    if done.status:
        raise Unfit(f"{program} does not start: {first_line(done.err)}")
    return first_line(done.out).split()[word]

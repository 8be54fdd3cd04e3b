"""The fake pair: profile 9.0 of `fakes.libvirt`, in the world of its tests."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from contract.behaviours import NotHere, Seen
from contract.libvirt import restarts
from contract.libvirt.matrix import PERFORM, Row, blow, play
from contract.libvirt.pair import ARGS, HOSTS, TRIED, UNWRITABLE, At
from contract.libvirt.restarts import Restart
from contract.libvirt.world import FOR_EVER, WEB1, Answer, Hosts, fault
from fakes.records import LINUX_BRIDGES
from fakes.records.host import LinuxBridge
from fakes.records.libvirt import Definition
from sim.clock import SECOND
from sim.triggers import parse

HOLDS_ON = fault("qemu-web1[*] eject *", "lost", lasts=FOR_EVER)
"""A guest that never lets go of a NIC: there is no operating system in it."""

NOT_WRITTEN = fault(f"libvirt[*] commits web1 saved to {UNWRITABLE}", "commit-refused", lasts=FOR_EVER)
"""A folder that is not there: the fake has no folders."""


class FakePair:
    """As `contract.libvirt.pair.Pair` says."""

    def __init__(self, profile: str = "9.0") -> None:
        self._become(Hosts(profile, [HOLDS_ON, NOT_WRITTEN]))
        self.hosts.arm()

    def _become(self, hosts: Hosts) -> None:
        self.hosts = hosts
        for host in HOSTS:
            hosts.apply(hosts.table(LINUX_BRIDGES, host).put(LinuxBridge("storage", 90, "vdsm")))

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *_: object) -> None:
        self.hosts.close()

    def create(self, host: str, definition: Definition) -> str:
        """createXML"""
        return self.hosts.ask(host, "create", definition=definition).error

    def ask(self, host: str, verb: str, /, **args: Any) -> str:
        """A call about web1."""
        return self.hosts.ask(host, verb, **args).error

    def tries(self, verb: str) -> list[list[str]]:
        """Two, in a world of its own: the event of the second is late."""
        self.hosts.close()
        last, undo = TRIED[verb]
        self.hosts = Hosts("9.0", [fault(f"vdsm[h1] lifecycle web1 {last}", "late", nth=2)])
        if verb != "create":
            self.hosts.create()
        if verb == "resume":
            self.ask("h1", "suspend")
        self.hosts.arm()
        return [self._tried(verb, undo) for _ in range(2)]

    def _tried(self, verb: str, undo: str) -> list[str]:
        def ask(verb: str) -> Answer:
            return self.hosts.ask("h1", verb, **({"definition": WEB1} if verb == "create" else {}))

        self.forget()
        replied = ask(verb).time
        self.settle()
        last = self.hosts.told["h1"][-1]
        ask(undo)
        assert replied is not None
        return [last.name, "reply"] if last.time <= replied else ["reply", last.name]

    def migrate(self, source: str, target: str, dxml: Definition | None = None, during: Sequence[At] = ()) -> list[str]:
        """Peer to peer."""
        answers: list[Answer] = []
        hosts = self.hosts

        def later(seconds: float, host: str, verb: str) -> Callable[[int], None]:
            def act() -> None:
                args = ARGS.get(verb, {})
                answers.append(hosts.call(host, verb, **args))

            return lambda _: hosts.kernel.at(hosts.kernel.now + round(seconds * SECOND), act)

        for one in during:
            hosts.world.gate.listeners.append((parse(PERFORM.replace("h1", source)), later(*one)))
        answer = hosts.migrate(source, target, **({"dxml": dxml} if dxml is not None else {}))
        hosts.run_until(lambda: not answer.open and len(answers) == len(during) and not any(o.open for o in answers))
        hosts.run(0.001)
        return [answer.error, *[one.error for one in answers]]

    def play(self, row: Row) -> Seen:
        """A row of the failure matrix, in a world of its own."""
        self.hosts.close()
        hosts, answer = play(row)
        self.hosts = hosts
        seen: Seen = {"error": answer.error}
        if row.told is not None and answer.time is not None:
            low, high = row.told
            seen["noticed"] = low <= (answer.time - blow(hosts, row)) / SECOND <= high
        return seen

    def restart(self, row: Restart) -> Seen:
        """A row of the restarts, in a world of its own."""
        self.hosts.close()
        self.hosts, seen = restarts.play(row)
        return seen

    def at_steps(self, look: Callable[[], Any]) -> dict[str, Any]:
        """A migration, call by call, and a look after each."""
        hosts, looks = self.hosts, {}
        source, target = hosts.connect("h1"), hosts.connect("h2")
        definition = hosts.on(source, "begin").value
        steps: dict[str, Callable[[], Answer]] = {
            "prepare": lambda: hosts.on(target, "prepare", definition=definition),
            "perform": lambda: hosts.on(source, "perform", host="h2", peer2peer=False),
            "finish": lambda: hosts.on(target, "finish", cancelled=False),
            "confirm": lambda: hosts.on(source, "confirm", cancelled=False),
        }
        for name, step in steps.items():
            assert step().error == "", name
            looks[name] = look()
        return looks

    def settle(self) -> None:
        """A minute passes."""
        self.hosts.run(60)

    def forget(self) -> None:
        """What was told before counts no more."""
        for told in self.hosts.told.values():
            told.clear()

    def state(self, host: str) -> str:
        """Of web1."""
        return self.hosts.state(host)

    def events(self, host: str) -> list[str]:
        """In order."""
        return self.hosts.events(host)

    def taps(self, host: str) -> list[str]:
        """Names."""
        return sorted(tap.name for tap in self.hosts.taps(host))

    def masters(self, host: str) -> list[str]:
        """Bridges of Linux."""
        return sorted(tap.bridge for tap in self.hosts.taps(host))

    def records(self, host: str) -> list[str]:
        """iface-ids."""
        return sorted(port.iface_id for port in self.hosts.ovs(host))

    def macs(self, host: str) -> list[str]:
        """Of web1's live XML."""
        domain = self.hosts.domain(host)
        return [one.mac for one in domain.definition.interfaces] if domain is not None else []

    def delete_bridge(self, host: str, name: str) -> None:
        """A bridge of Linux goes."""
        self.hosts.apply(self.hosts.table(LINUX_BRIDGES, host).drop(name))

    def make_tap(self, host: str, name: str) -> None:
        """A persistent tap of somebody else."""
        self.hosts.make_tap(host, name)

    def kill(self, host: str, process: str) -> None:
        """SIGKILL."""
        self.hosts.kill(host, "qemu-web1" if process == "qemu" else process)
        self.hosts.run(0.1)

    def terminate(self, host: str) -> None:
        """Nobody but libvirt ends a fake qemu with SIGTERM.

        Raises:
            NotHere: always.
        """
        raise NotHere("nobody but libvirt sends a qemu of the fake SIGTERM")

    def start(self, host: str, process: str) -> None:
        """Start it again."""
        self.hosts.world.start(host, process)
        self.hosts.run(5)

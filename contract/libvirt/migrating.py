"""A live migration between the real hosts, and what is done to it."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from contract.behaviours import Seen
from contract.lab import run
from contract.libvirt import client, xml
from contract.libvirt.matrix import Row
from contract.libvirt.pair import ARGS, SLOW, At
from contract.libvirt.proxy import Rule
from contract.libvirt.world import WEB1, replace
from fakes.records.libvirt import Definition
from sim.clock import SECOND

if TYPE_CHECKING:
    from contract.libvirt.real import RealPair

INTO = 1.0
"""Seconds into Perform at which somebody does something."""
BACK = 3.0
"""Seconds after which a daemon that was killed is started again."""
SLACK = (1.5, 3.0)
"""A real machine may be so many seconds faster and slower than the row says."""


class Migrating:
    """A migration at work, in a thread, through the proxies.

    Args:
        client_managed: the client's library drives it.
        dxml: another XML for the target.
    """

    def __init__(
        self, pair: RealPair, source: str, target: str, client_managed: bool = False, dxml: Definition | None = None
    ) -> None:
        self.pair, self.source, self.target = pair, source, target
        self.client_managed, self.dxml = client_managed, dxml
        self.performs = threading.Event()
        self.struck = 0.0
        self.answered = 0.0
        self.error = "open"
        self.slow = True  # a big VM takes long enough to do something meanwhile
        for name, proxy in pair.proxies.items():
            if name.endswith(target):
                proxy.watchers.append(self._seen)
        self.thread = threading.Thread(target=self._run, daemon=True)

    def _seen(self, call: str, reply: bool) -> None:
        if call == "prepare" and reply:
            self.performs.set()

    def _run(self) -> None:
        try:
            self.error = client.number(self._migrate)
        finally:
            self.answered = time.monotonic()
            self.performs.set()

    def _open(self, name: str) -> Any:
        connection = client.library().open(f"qemu+unix:///system?socket={self.pair.proxies[name].path}")
        connection.setKeepAlive(2, 3)
        return connection

    def _migrate(self) -> None:
        library = client.library()
        here = self._open(f"client-{self.source}")
        domain = here.lookupByUUIDString(xml.uuid_of(WEB1.uuid))
        params: dict[str, Any] = {library.VIR_MIGRATE_PARAM_URI: f"tcp://192.0.2.{self.target[1]}"}
        if self.slow and domain.maxMemory() > 1024 * 1024:
            params[library.VIR_MIGRATE_PARAM_BANDWIDTH] = 1
        if self.dxml is not None:
            live = domain.XMLDesc(library.VIR_DOMAIN_XML_MIGRATABLE)
            params[library.VIR_MIGRATE_PARAM_DEST_XML] = xml.destination(live, self.dxml)
        if self.client_managed:
            domain.migrate3(self._open(f"client-{self.target}"), params, library.VIR_MIGRATE_LIVE)
            return
        flags = library.VIR_MIGRATE_LIVE | library.VIR_MIGRATE_PEER2PEER
        domain.migrateToURI3(
            f"qemu+unix:///system?socket={self.pair.proxies[f'peer-{self.target}'].path}", params, flags
        )

    def with_calls(self, during: Sequence[At]) -> list[str]:
        """Play it to its end, with those calls made during Perform; all errors."""
        self.slow = bool(during)
        self.thread.start()
        errors = [""] * len(during)
        threads = [threading.Thread(target=self._later, args=(errors, n, one)) for n, one in enumerate(during)]
        for thread in threads:
            thread.start()
        for thread in (self.thread, *threads):
            thread.join(180)
        return [self.error, *errors]

    def _later(self, errors: list[str], index: int, one: At) -> None:
        seconds, host, verb = one
        self.performs.wait(60)
        time.sleep(seconds)
        errors[index] = self.pair.ask(host, verb, **ARGS.get(verb, {}))


def play(pair: RealPair, row: Row) -> Seen:
    """A row of the failure matrix."""
    in_perform = bool(row.acts) or any(one.fate.name in ("crash", "partition") for one in row.faults)
    pair.create("h1", replace(WEB1, memory=SLOW) if in_perform else WEB1)
    pair.forget()
    if not row.bridge:
        pair.hosts["h2"].vsctl("del-br", "br-int")
    pair.blow = bool(row.faults or row.acts or row.wire)
    moving = Migrating(pair, "h1", "h2", row.client_managed, row.args.get("dxml"))
    watched = _arm(pair, row)
    moving.thread.start()
    if in_perform:
        moving.performs.wait(60)
        _strike(moving, row)
    moving.thread.join(120)
    if watched is not None and watched.struck.is_set():
        moving.struck = watched.struck_at
    _bring_back(pair, row)
    pair.settle()
    seen: Seen = {"error": row.error if row.error == "killed" else moving.error}
    if row.told is not None:
        low, high = row.told
        seen["noticed"] = low - SLACK[0] <= moving.answered - moving.struck <= high + SLACK[1]
    return seen


def _arm(pair: RealPair, row: Row) -> Any:
    """The proxy through which the message goes that is to be lost."""
    found = [(one.text.partition(" at ")[2], one.fate) for one in row.faults if "lost" in one.fate.name]
    rules = [(at, "after") for at in [row.wire] if at] + [(at, fate.how) for at, fate in found]
    for at, how in rules:
        host, call = at.split("[")[1].split("]")[0], at.split()[1]
        proxy = pair.proxies[f"{'client' if row.client_managed else 'peer'}-{host}"]
        proxy.arm(Rule(call, at.endswith(" reply"), how))
        return proxy
    return None


def _strike(moving: Migrating, row: Row) -> None:
    pair, begun = moving.pair, time.monotonic()
    for seconds, host, verb in row.acts:
        time.sleep(max(0.0, begun + INTO + seconds - 0.5 - time.monotonic()))
        moving.struck = time.monotonic()
        pair.ask(host, verb)
    for one in row.faults:
        time.sleep(INTO)
        moving.struck = time.monotonic()
        if one.fate.name == "partition":
            pair.proxies["peer-h2"].silence()
            run("ip", "-n", pair.hosts["h1"].netns, "link", "set", "wire", "down")
        elif one.fate.node == "client":
            for host in ("h1", "h2"):
                pair.proxies[f"client-{host}"].cut()
        else:
            pair.kill(one.fate.node, "qemu" if one.fate.process == "qemu-web1" else "libvirt")


def _bring_back(pair: RealPair, row: Row) -> None:
    for one in row.faults:
        if one.fate.name == "crash" and one.fate.process == "libvirt":
            time.sleep(min(BACK, one.fate.back_after / SECOND))
            pair.start(one.fate.node, "libvirt")

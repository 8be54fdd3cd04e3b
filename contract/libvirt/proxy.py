"""A proxy before a libvirtd's socket that cuts or swallows an exact protocol message.

libvirt's RPC (its rpc/virnetprotocol.x): each message starts with its length (4 bytes, its own included), then
program, version, procedure, type (0 call, 1 reply), serial and status, 4 bytes each, big endian.
"""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

REMOTE = 0x20008086
"""The program of libvirt's calls."""
PROCEDURES = {"begin": 302, "prepare": 303, "perform": 305, "finish": 306, "confirm": 307}
"""The migration calls with typed parameters (protocol v3)."""
CALL, REPLY = 0, 1


class Rule(NamedTuple):
    """What happens to the first message of that kind.

    Args:
        call: ``begin``, ``prepare``, ``perform``, ``finish`` or ``confirm``.
        reply: its reply is meant, not the call.
        how: ``cut`` closes the connection instead of passing the message on; ``after`` passes it on and then
            closes; ``silence`` passes nothing on from this message on, in neither direction.
    """

    call: str
    reply: bool
    how: str


class Wire:
    """One connection through the proxy."""

    def __init__(self, client: socket.socket, server: socket.socket) -> None:
        self.client, self.server = client, server
        self.silent = False

    def close(self) -> None:
        """Cut it on both sides."""
        for end in (self.client, self.server):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


class Proxy:
    """Listens on a socket of its own and passes on to the daemon's.

    Args:
        path: of its own socket.
        target: the daemon's socket.
    """

    def __init__(self, path: Path, target: Path) -> None:
        self.path, self.target = path, target
        self.rule: Rule | None = None
        self.struck = threading.Event()
        self.struck_at = 0.0
        self.watchers: list[Callable[[str, bool], None]] = []  # told of each call and reply before it is passed on
        self.wires: list[Wire] = []
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(path))
        self._listener.listen()
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """No more connections, and an end of those that are there."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()

    def arm(self, rule: Rule | None) -> None:
        """The rule for the next message of its kind."""
        self.rule = rule
        self.struck.clear()

    def cut(self) -> None:
        """Every connection breaks."""
        for wire in self.wires:
            wire.close()
        self.wires.clear()

    def silence(self) -> None:
        """Nothing gets through any more on the connections that are there."""
        for wire in self.wires:
            wire.silent = True

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.socket(socket.AF_UNIX)
                try:
                    server.connect(str(self.target))
                except OSError:
                    client.close()
                    continue
                wire = Wire(client, server)
                self.wires.append(wire)
                for source, sink in ((client, server), (server, client)):
                    threading.Thread(target=self._pump, args=(wire, source, sink), daemon=True).start()

    def _pump(self, wire: Wire, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while (message := _message(source)) and self._pass(wire, message, sink):
                continue
        if not wire.silent:
            wire.close()

    def _pass(self, wire: Wire, message: bytes, sink: socket.socket) -> bool:
        program, _, procedure, kind = struct.unpack_from(">IIiI", message, 4)
        call = next((name for name, number in PROCEDURES.items() if number == procedure), "")
        how = ""
        if program == REMOTE and call and kind in (CALL, REPLY):
            for watcher in list(self.watchers):
                watcher(call, kind == REPLY)
            how = self._struck(call, kind == REPLY)
        if how == "silence":
            wire.silent = True
        if wire.silent:
            return True
        if how == "cut":
            return False
        sink.sendall(message)
        return how != "after"

    def _struck(self, call: str, reply: bool) -> str:
        rule = self.rule
        if rule is None or (rule.call, rule.reply) != (call, reply):
            return ""
        self.rule = None
        self.struck_at = time.monotonic()
        self.struck.set()
        return rule.how


def _message(source: socket.socket) -> bytes:
    """The next message, empty at the end."""
    head = _exactly(source, 4)
    return head + _exactly(source, struct.unpack(">I", head)[0] - 4) if len(head) == 4 else b""


def _exactly(source: socket.socket, size: int) -> bytes:
    parts = []
    while size:
        part = source.recv(size)
        if not part:
            return b""
        parts.append(part)
        size -= len(part)
    return b"".join(parts)

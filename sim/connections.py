"""Connections that both ends can see break: by a close, by death, or by keepalive after silence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.kernel import Entry
    from sim.links import LinkKind
    from sim.messages import Call
    from sim.nodes import Process


class Connection:
    """One connection.  `name` is unique in its world; services keep it in their rows."""

    __slots__ = ("calls", "client", "deaf", "link", "name", "open", "server", "starts", "timer")

    def __init__(self, name: str, link: LinkKind, client: Process, server: Process) -> None:
        self.name = name
        self.link = link
        self.client = client
        self.server = server
        self.open = True
        self.deaf = False  # nothing gets through any more, and nobody has noticed yet
        self.timer: Entry | None = None  # the keepalive, while there is silence
        self.starts = (client.starts, server.starts)
        self.calls: dict[Call, None] = {}  # in flight
        client.connections[self] = None
        server.connections[self] = None

    def ends(self) -> tuple[Process, Process]:
        """The client and the server."""
        return self.client, self.server

    def knows(self, end: Process) -> bool:
        """Whether that end is still the program that opened or accepted it, not a later start of it."""
        return end.up and end.starts == self.starts[0 if end is self.client else 1]

    def __repr__(self) -> str:
        return self.name

    def __reduce__(self) -> Any:
        raise TypeError("a connection cannot leave its world")

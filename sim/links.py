"""Kinds of link: how long they take, when their callers give up, and which fates they can meet.

The table of kinds belongs to the modelled systems; the kernel only knows this shape.
"""

from __future__ import annotations

import msgspec


class LinkKind(msgspec.Struct, frozen=True):
    """One kind of link.

    Args:
        name: the word used in traces and messages.
        fates: fate name -> the fact that makes it possible there.  A fate that is not in the
            table can never strike this link.
        latency: microseconds one way.
        timeout: microseconds after which the caller gives up; None waits for ever.
        lateness: microseconds after its caller's time-out by which a late request has arrived.
        keepalive: for connections: microseconds of silence after which each end closes; None never.
        connect_timeout: microseconds until TCP gives up to connect (six resent SYNs: 127 s), where the
            caller has no time-out of its own.
        error: the code that the peer answers when it fails for reasons of its own.
        ordered: whether its messages keep their order among themselves, however late one of them is.
    """

    name: str
    fates: dict[str, str]
    latency: int = 1_000
    timeout: int | None = None
    lateness: int = 60_000_000
    keepalive: int | None = None
    error: str = "error"
    connect_timeout: int = 127_000_000
    ordered: bool = False

"""The kinds of link, with the fates that each can meet and the fact for it.

The table is docs/facts/links.md 1 (fates), 2 (time-outs) and the lateness bounds below its tables.
A fate that is not listed cannot strike there, so no impossible fault condemns a design.
"""

from __future__ import annotations

from sim.clock import MS, SECOND
from sim.links import LinkKind

_1 = "links.md 1, row 1"
_2 = "links.md 1, row 2"
_5 = "links.md 1, row 5"
_7 = "links.md 1, row 7"
_8 = "links.md 1, row 8"
_9 = "links.md 1, row 9"
_10 = "links.md 1, row 10"
_11 = "links.md 1, row 11"
_12 = "links.md 1, row 12"
_13 = "links.md 1, row 13"
_G = "libvirt.md 9"
_HELD = "delivery takes its time on any link; the bound is the link's"

REST = LinkKind("administrator to engine", {"held": _HELD}, latency=MS, timeout=300 * SECOND)
"""Commands arrive, sooner or later; what the administrator's browser does is not under test."""

ENGINE_VDSM = LinkKind(
    "engine to VDSM",
    {
        "refused": _1, "lost": _1, "error-before": _1, "error-after": _1, "reply-lost": _1, "late": _1,
        "hung": _1, "held": _HELD, "overtaken": f"{_1} part two: a connection per call",
        "duplicated": f"{_1} part two: commons-httpclient resends three times",
    },
    latency=2 * MS, timeout=180 * SECOND, lateness=600 * SECOND, error="16 unexpected",
)  # fmt: skip

ENGINE_QUANTUM = LinkKind(
    "engine to Quantum",
    {
        "refused": _2, "lost": _2, "error-before": _2, "error-after": _2, "reply-lost": _2, "late": _2,
        "hung": _2, "held": _HELD, "overtaken": f"{_2} part two: between threads",
        "duplicated": f"{_2} part two: GET and DELETE are resent; httplib2 resends any",
    },
    latency=2 * MS, timeout=60 * SECOND, lateness=600 * SECOND, error="500 QuantumServiceFault",
)  # fmt: skip
"""No engine client existed in 2012 (links.md 2, row 2); its time-out of 60 s is ours."""

AGENT_DATABASE = LinkKind(
    "agent to Quantum's database",
    {"refused": _5, "lost": _5, "error-before": _5, "reply-lost": _5, "late": _5, "hung": _5, "held": _HELD},
    latency=2 * MS, timeout=30 * SECOND, lateness=60 * SECOND, error="database error",
)  # fmt: skip

VDSM_LIBVIRT = LinkKind(
    "VDSM to libvirtd",
    {"refused": _7, "error-before": _7, "error-after": _7, "hung": _7, "held": _HELD},
    latency=MS, timeout=None, error="1 internal error",
)  # fmt: skip

LIBVIRT_EVENT = LinkKind(
    "libvirt events",
    {"lost": f"{_8} part two", "late": _8, "overtaken": f"{_8} part two: against replies", "held": _HELD},
    latency=MS, lateness=60 * SECOND, ordered=True,
)  # fmt: skip

_PEERS = {
    "refused": _9, "lost": _9, "error-before": _9, "error-after": _9, "reply-lost": _9, "hung": _9,
    "held": _HELD,
}  # fmt: skip
LIBVIRT_PEER = {
    "2012-05": LinkKind("libvirtd to libvirtd", _PEERS, 2 * MS, keepalive=30 * SECOND, error="1 internal error"),
    "9.0": LinkKind("libvirtd to libvirtd", _PEERS, 2 * MS, keepalive=8 * SECOND, error="1 internal error"),
}
"""Keepalive: 5 s x 5 noticed after 30 s (links.md 2, row 9); 2 s x 3 after 8 s (libvirt.md 6, as observed)."""

QEMU_STREAM = LinkKind(
    "qemu to qemu", {"refused": _10, "lost": _10, "reply-lost": _10, "hung": _10, "held": _HELD},
    latency=2 * MS, keepalive=120 * SECOND, error="stream error",
)  # fmt: skip
"""A stall is seen by nobody at the stream's own level; VDSM's monitor or TCP ends it (links.md 1, row 10)."""

QEMU_MONITOR = LinkKind("libvirtd to qemu", {"hung": f"{_7}: stuck monitor"}, latency=MS, error="monitor error")

QEMU_EVENT = LinkKind("qemu event", {}, latency=MS)
"""On qemu's monitor; who is not there to read it asks when it is back."""

GUEST = LinkKind(
    "qemu to guest",
    {"lost": f"{_G}: perhaps never", "late": f"{_G}: perhaps long after", "held": _HELD},
    latency=50 * MS, lateness=300 * SECOND,
)  # fmt: skip
"""A request to release a device: what becomes of it is the guest's (the 50 ms are ours)."""

VDSM_PEER = LinkKind(
    "VDSM to VDSM",
    {
        "refused": _11, "lost": _11, "error-before": _11, "error-after": _11, "reply-lost": _11, "late": _11,
        "hung": _11, "held": _HELD, "overtaken": f"{_11} part two",
        "duplicated": f"{_11} part two: Python 2.7 resends once",
    },
    latency=2 * MS, timeout=160 * SECOND, lateness=300 * SECOND, error="16 unexpected",
)  # fmt: skip

LOCAL_COMMAND = LinkKind(
    "command on the host",
    {"refused": _12, "error-before": _12, "error-after": _12, "hung": _12, "held": _HELD},
    latency=5 * MS, error="exit status 1",
)  # fmt: skip

OVS_COMMAND = LinkKind(
    "ovs-vsctl",
    {"lost": _13, "error-before": _13, "error-after": _13, "late": _13, "hung": _13, "held": _HELD},
    latency=5 * MS, timeout=5 * SECOND, lateness=60 * SECOND, error="exit status 1",
)  # fmt: skip
"""The agents give it 2 s, libvirt of 2013 5 s, libvirt 0.9 and the proposal's code none (links.md 2, row 13)."""

FENCE = LinkKind(
    "VDSM to fence device",
    {"refused": _12, "error-before": _12, "error-after": _12, "hung": _12, "held": _HELD},
    latency=50 * MS, error="fence error",
)  # fmt: skip
"""The agent's script is a command on the host (V12 `fenceNode`); nothing limits its time but the engine's 180 s."""

SANLOCK = LinkKind(
    "host to storage", {}, latency=2 * MS, timeout=80 * SECOND, keepalive=140 * SECOND, error="lease error"
)
"""A dead host's lease can be taken after 140 s (links.md 3)."""

_3 = "links.md 1, row 3"
_4 = "links.md 1, row 4"

COMMITS: dict[str, dict[str, str]] = {
    "engine": {"commit-refused": _3, "commit-unknown": f"{_3}: COMMIT alone is ambiguous"},
    "db": {"commit-refused": _4, "commit-unknown": f"{_4}: COMMIT"},
    "quantum": {"commit-refused": _4, "commit-unknown": f"{_4}: COMMIT"},
}
"""By process, what can become of its durable writes themselves: a transaction of a database can be refused, or its
outcome be unknown.  What the others write (files, devices, records of their own host) is done, or they die before it:
their failures are those of the requests that ask for it.
"""

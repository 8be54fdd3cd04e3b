"""The words for what can become of a message, a commit, a process, a node.

A fake knows none of them.  A `Fate` is data: it is written in scenarios, recorded in schedules and
carried out by `sim.gate` and `sim.faults`.
"""

from __future__ import annotations

import msgspec

MESSAGE = {
    "refused": "nobody listens: no effect, and the caller knows",
    "lost": "the request vanishes before it has an effect",
    "error-before": "the peer answers an error and does nothing",
    "error-after": "the peer does it, then answers an error",
    "reply-lost": "the peer does it, and its reply vanishes",
    "late": "the request takes effect after its caller gave up",
    "duplicated": "the request arrives twice",
    "overtaken": "a later message to the same process arrives first",
    "hung": "the peer takes the request and never answers nor acts",
    "held": "the request waits until the event named by `until`",
}
COMMIT = {
    "commit-refused": "the change is rolled back, and the task knows",
    "commit-unknown": "the change is made, and the task hears of no success",
}
MACHINE = {
    "crash": "a process dies without clean-up (`process`, `node`; back after `back-after`)",
    "power-loss": "a node loses power (`node`; back after `back-after`)",
    "partition": "two nodes cannot reach each other (`between`; for `back-after`)",
}
ALL = MESSAGE | COMMIT | MACHINE

ONE_WAY = frozenset({"lost", "late", "overtaken", "held", "duplicated"})
"""What can become of a message that expects no reply."""


class Fate(msgspec.Struct, frozen=True, rename="kebab"):
    """One deviation from the default (delivered, at once, exactly once).

    Args:
        name: a word of `ALL`.
        how: for ``lost`` and ``reply-lost``: ``silence`` (nobody notices before a time-out) or
            ``cut`` (the connection breaks, both ends notice).
        code: the error answered by ``error-before`` and ``error-after``; "" is the link's own.
        until: for ``held``: a trigger in the words of a fault's `at`.
        node, process: whom a machine fate strikes.
        between: the two nodes of a ``partition``.
        delay: microseconds between the point and the strike of a machine fate.
        back_after: microseconds until it heals; 0 means at the calm, -1 never (standing).
        moment: for a commit's point: ``before`` or ``after`` the change.
    """

    name: str
    how: str = "silence"
    code: str = ""
    until: str = ""
    node: str = ""
    process: str = ""
    between: tuple[str, str] = ("", "")
    delay: int = 0
    back_after: int = 0
    moment: str = "before"

    def describe(self) -> str:
        """The fate and whom it strikes, in a few words."""
        whom = {
            "crash": f"{self.process}[{self.node}]",
            "power-loss": self.node,
            "partition": " | ".join(self.between),
        }.get(self.name)
        return f"{self.name} {whom}" if whom else self.name

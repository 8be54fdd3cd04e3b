"""The three outcomes of a call: ok (a value), failed, and unknown to its caller.

The third is where ports leak: the request may or may not have taken effect.
"""

from __future__ import annotations

from typing import NoReturn


class Outcome(Exception):
    """What a call or commit came to when it did not come back with a value."""


class Failed(Outcome):
    """The peer answered that it failed.

    Args:
        code: the protocol's own code, such as ``404 PortNotFound`` or ``1 noVM``.
        detail: words for people.
    """

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail


class Refused(Failed):
    """Nobody listens there: the request certainly had no effect."""

    def __init__(self, detail: str = "") -> None:
        super().__init__("refused", detail)


class Unknown(Outcome):
    """No reply came; whether the request took effect is unknown to its caller.

    Args:
        reason: ``timeout`` or ``cut`` (the connection broke under the call).
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def told(outcome: Outcome) -> tuple[str, str]:
    """An outcome as a trace keeps it: kind and words, and none of the frames that it came through."""
    return type(outcome).__name__, str(outcome)


class HarnessError(Exception):
    """The harness itself is at fault (exit 3): never a reply, never a finding."""


class InputError(Exception):
    """What the user gave cannot be used (exit 2): one line with place and remedy."""


def fail(bug: Exception, path: str) -> NoReturn:
    """Whatever is none of the three outcomes is the harness's own fault, unless it is the input's."""
    if isinstance(bug, HarnessError | InputError):
        raise bug
    raise HarnessError(f"{type(bug).__name__}: {bug} in {path}") from bug

"""Who decides.  Every choice of a run is drawn from one `Decisions` object, by label.

One small file a source: `scripted` (a scenario's own faults), `replay` (a recorded schedule, exactly),
`seeded` (random, from a number).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from sim.fates import Fate

if TYPE_CHECKING:
    from sim.messages import Call
    from sim.store import Delta
    from sim.tasks import Task


class Decisions:
    """The default: nothing deviates.  Sources override what they decide.

    `commits` says whether durable writes are to be drawn too, `changes` whether all other changes of rows are:
    naming them costs time; `replies` whether replies are.
    """

    replies = True
    commits = False
    changes = False

    def request(self, call: Call) -> Fate | None:
        """What becomes of a request, None for the default."""
        return None

    def reply(self, call: Call) -> Fate | None:
        """What becomes of the reply to a call."""
        return None

    def commit(self, label: str, task: Task, why: str, moment: str) -> Fate | None:
        """What befalls a durable write before it is made."""
        return None

    def committed(self, label: str, task: Task, why: str, deltas: list[Delta]) -> Iterable[Fate]:
        """What befalls right after a durable write."""
        return ()

    def changed(self, label: str, deltas: list[Delta], now: int) -> Iterable[Fate]:
        """What befalls right after a change that no commit made: of a process's memory, or by the world itself."""
        return ()

    def arm(self) -> None:
        """The history under test begins: what is `given` has been played in peace."""

    def missed(self) -> list[str]:
        """What was stated and never drawn, in words; empty when all was."""
        return []

"""One play, run any number of times: what is given is played once, and each run goes on from the rest after it.

A search plays the same scenario with ten thousand schedules, and all of them strike only once it is armed.  What comes
before would be the same each time.
"""

from __future__ import annotations

from collections.abc import Sequence

from sim.checkpoint import Checkpoint
from sim.decisions import Decisions
from sim.run import Play, Run, Runner, Step, run, undisturbed


class _Peace(Decisions):
    """Nothing deviates; asked of everything, as the most curious source would be, for the gate numbers what it asks."""

    replies = False
    commits = True
    changes = True
    armed = False


class Repeated:
    """A play and its world.

    `run` gives what `sim.run.run` gives, byte for byte.  A play whose world does not come to rest after what is given,
    or fails before, is run whole each time.
    """

    def __init__(self, play: Play, skip_idle_rounds: bool = True) -> None:
        self.play = play
        self.skip_idle_rounds = skip_idle_rounds
        self.runner: Runner | None = None
        self.rest: Checkpoint | None = None
        self.begun = False

    def run(self, decisions: Decisions, name: str = "", when: Sequence[Step] | None = None) -> Run:
        """Play with these decisions, which deviate in nothing before they are armed.

        Args:
            name: of the scenario, if it is another.
            when: what comes after what is given, if it is something else.

        Raises:
            InputError, HarnessError: as `sim.run.run`.
        """
        play = self.play._replace(scenario=name) if name else self.play
        if when is not None:
            play = play._replace(when=list(when))
        with undisturbed():
            if not self.begun:
                self._begin()
            if self.runner is None or self.rest is None:
                return run(play, decisions, self.skip_idle_rounds)
            self.runner.play = play
            try:
                return self.runner.go_on(decisions)
            finally:
                self.runner.world.stop()
                self.rest.put_back()

    def _begin(self) -> None:
        """Play what is given; what does not come to rest is ended at once, as a kill ends it."""
        self.begun = True
        self.runner = Runner(self.play, _Peace(), self.skip_idle_rounds)
        self.rest = _rest_of(self.runner)
        if self.rest is None:
            self.close()

    def close(self) -> None:
        """The world is over; a run after this is played whole."""
        if self.runner is not None:
            self.runner.world.close()
            self.runner.__dict__.clear()
        self.runner = self.rest = None


def _rest_of(runner: Runner) -> Checkpoint | None:
    """The world at rest after what is given; None if it did not get there."""
    try:
        if not runner.play_given():
            return None
    except Exception:
        return None  # whoever runs it whole is told what is wrong
    judge, counting = runner.judge, runner.counting
    counting.go_on(runner.world.trace.raw)
    changing = [
        (runner, ("begun", "decisions", "never", "play", "unknown")),
        (judge.view, ("now",)),
        (counting, ("messages", "writes")),
    ]
    holding = [runner.tasks, runner.never, judge.broken, judge.tolerated, counting.reached, counting.by_round]
    return Checkpoint(runner.world, changing, holding)

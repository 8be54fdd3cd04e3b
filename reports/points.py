"""Where faults can strike in a run, as lines that can be copied into a scenario."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from reports.terminal import paint
from reports.text import plural
from sim.clock import show

_STRUCK = "31;1"


def points_lines(title: str, points: Sequence[tuple[int, str, int, Iterable[str]]]) -> list[str]:
    """A line a point (time, trigger, the how manieth of these words, what struck there), below a title."""
    lines = [f"{title}: {plural(len(points), 'point')} at which a fault can strike"]
    for time, trigger, nth, struck in points:
        more = [f"nth: {nth}"] if nth > 1 else []
        more += [paint(f"<- {fate}", _STRUCK) for fate in struck]
        lines.append(f"{show(time):>12}  {trigger}" + (f"    {'  '.join(more)}" if more else ""))
    return lines

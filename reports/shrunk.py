"""How much smaller a scenario has become."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from reports.text import entry, plural


def shrunk_lines(
    finding: str,
    others: Sequence[str],
    before: Mapping[str, int],
    after: Mapping[str, int],
    runs: int,
    complete: bool,
    cut: bool,
    columns: int,
) -> list[str]:
    """The block: which finding remains, from what to what, in how many runs; whether it was cut short."""
    lines = [*entry("finding", finding, columns), *entry("smaller", smaller(before, after), columns)]
    rest = "more may be left out: give --most more runs"
    if complete or cut:
        rest = "nothing smaller shows it" if complete else "cut short: this is the smallest so far"
    lines += entry("runs", f"{plural(runs, 'run')}; {rest}", columns)
    return lines + (entry("beside it", ", ".join(others), columns) if others else [])


def smaller(before: Mapping[str, int], after: Mapping[str, int]) -> str:
    """``2 faults to 1, 12 steps to 3``: what has become less, else what there is."""
    less = [f"{plural(count, name)} to {after[name]}" for name, count in before.items() if after[name] != count]
    return ", ".join(less) or f"as small as it was: {', '.join(plural(after[name], name) for name in after)}"

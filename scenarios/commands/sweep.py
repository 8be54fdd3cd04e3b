"""`ovqsim sweep`: generated histories, each finding made smaller and kept."""

from __future__ import annotations

import math
import time
from pathlib import Path
from typing import Any

import click
import msgspec

from reports.swept import SweptFinding, SweptReport, swept_lines
from scenarios.lanes import cores
from scenarios.loader import from_data
from scenarios.many import Terms
from scenarios.results import Results
from scenarios.searching.saving import Saving
from scenarios.searching.sweep import Sweep
from scenarios.searching.swept import RUNS
from scenarios.shrinking.case import sizes
from sim.clock import SECOND, duration
from sim.findings import UNKNOWN
from sim.outcomes import InputError

FOLDER = ".ovqsim/sweep"


@click.command()
@click.option("--runs", type=int, metavar="N", help="Play so many runs, in fours.")
@click.option("--time", "seconds", metavar="TIME", help="Play for so long, such as 60s or 5m.")
@click.option("--seed", type=int, default=0, metavar="FIRST", show_default=True, help="The number of the first run.")
@click.option("--design", default="reference", metavar="NAME", show_default=True, help="The design to play.")
@click.option("--defect", default="", metavar="NAME", help="Play with this deliberate defect in place.")
@click.option("--jobs", type=click.IntRange(min=1), metavar="N", help="How many processes; else one a core.")
@click.option("--results", type=click.Path(path_type=Path), metavar="FILE", help="Where results go as they come.")
@click.option("--findings", type=click.Path(path_type=Path), metavar="DIR", help="Where the smallest scenarios go.")
def command(
    runs: int | None,
    seconds: str | None,
    seed: int,
    design: str,
    defect: str,
    jobs: int | None,
    results: Path | None,
    findings: Path | None,
) -> int:
    """Play generated histories: worlds, steps and faults, drawn from numbers.

    What is done is kept as it comes, and the same command goes on with it. Each finding is made smaller and kept as a
    scenario file. Ends in 1 on findings and unknowns.
    """
    from scenarios.commands.run import check_folder, check_terms

    check_terms(design, defect)
    budget = _budget(runs, seconds)
    terms = Terms(design, defect)
    folder = findings or Path(FOLDER) / _name(terms, seed)
    check_folder(folder)
    path = results or Path(FOLDER) / f"{_name(terms, seed)}.sqlite"
    arguments = {"seed": seed, "design": design, "defect": defect or "none"}
    with Results(path, "sweep", arguments, anew=results is None) as store:
        saving = Saving(folder, terms)
        report = _swept(store, terms, seed, budget, jobs or cores(), saving)
    _print(report)
    if saving.problem:
        raise InputError(saving.problem)
    return 1 if report.findings or report.verdicts.get(UNKNOWN) else 0


class _Budget:
    """How much is played: units, or seconds."""

    def __init__(self, units: int | None, seconds: float) -> None:
        self.units = units
        self.began = time.monotonic()
        self.ends = math.inf if units is not None else self.began + seconds

    def goes_on(self, unit: int) -> bool:
        """Whether that unit is to be played."""
        return unit < self.units if self.units is not None else time.monotonic() < self.ends


def _budget(runs: int | None, seconds: str | None) -> _Budget:
    if (runs is None) == (seconds is None):
        problem = "neither --runs nor --time is given" if runs is None else "--runs and --time are both given"
        raise InputError(f"{problem}; give one: --runs 1000, or --time 60s")
    if runs is not None:
        if runs < 1:
            raise InputError(f"--runs {runs} plays nothing; give 1 or more")
        return _Budget(-(-runs // RUNS), 0)
    assert seconds is not None
    try:
        length = duration(seconds)
    except ValueError as error:
        raise InputError(f"--time: {error}") from None
    if length == 0:
        raise InputError(f"--time {seconds} plays nothing; give a second or more")
    return _Budget(None, length / SECOND)


def _name(terms: Terms, seed: int) -> str:
    return ".".join(part for part in (terms.design, terms.defect, f"seed{seed}") if part)


# --- playing -------------------------------------------------------------------------------------


def _swept(store: Results, terms: Terms, seed: int, budget: _Budget, jobs: int, saving: Saving) -> SweptReport:
    """Play what is missing, and gather what there is."""
    from reports.progress import Bar

    sweep = Sweep(store, terms, seed, budget.goes_on, budget.ends, saving.keep)
    total = budget.units * RUNS if budget.units is not None else None
    fresh = 0
    with Bar(total, "sweeping") as bar:
        bar.done = RUNS * len(sweep.units)
        for played in sweep.play(jobs):
            bar.advance(played)
            fresh += played
    spent = time.monotonic() - budget.began
    findings = [_finding(sweep, finding, saving) for finding in sweep.seen()]
    return _report(sweep, terms, fresh, spent, findings, str(store.path))


def _finding(sweep: Sweep, finding: str, saving: Saving) -> SweptFinding:
    seen, shown_by = sweep.first[finding], sweep.shown_by[finding]
    if finding not in saving.saved:  # it was found before
        saving.keep(finding, sweep.shown(finding))
    saved, summary = saving.of(finding), sweep.shrunk.get(finding)
    one = SweptFinding(finding, seen.remains, seen.seed, shown_by, scenario=saved.scenario, reproducer=saved.reproducer)
    if not summary:
        return one
    return msgspec.structs.replace(
        one, remains=summary["remains"], runs=summary["runs"], complete=summary["complete"], before=summary["before"],
        after=sizes(from_data(summary["scenario"], finding)), problem=summary["problem"],
    )  # fmt: skip


def _report(
    sweep: Sweep, terms: Terms, fresh: int, spent: float, findings: list[SweptFinding], results: str
) -> SweptReport:
    units: list[dict[str, Any]] = list(sweep.units.values())
    verdicts: dict[str, int] = {}
    for unit in units:
        for verdict, count in unit["verdicts"].items():
            verdicts[verdict] = verdicts.get(verdict, 0) + count
    return SweptReport(
        under=terms.design + (f" with the defect {terms.defect}" if terms.defect else ""),
        seed=sweep.seed,
        runs=sum(unit["runs"] for unit in units),
        fresh=fresh,
        seconds=spent,
        histories=len(units),
        going_on=sum(unit["goes-on"] for unit in units),
        known=len(sweep.corpus.histories),
        features=len(sweep.corpus.features),
        verdicts=verdicts,
        findings=findings,
        results=results,
    )


def _print(report: SweptReport) -> None:
    from reports.text import width

    click.echo("\n".join(swept_lines(report, width())))

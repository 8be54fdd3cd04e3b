"""`ovqsim matrix`: every fault at every point of a flow, every pair of faults, and two commands in every order."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import click

from reports.matrix import (
    Found,
    Matrix,
    as_data,
    flows_lines,
    found_lines,
    grid,
    grid_lines,
    matrix_lines,
    smallest_lines,
)
from reports.progress import Bar
from reports.text import width
from scenarios.commands.run import check_terms
from scenarios.commands.writing import check_places, write_bytes, write_json
from scenarios.flow import named, names, together
from scenarios.lanes import cores
from scenarios.many import Terms
from scenarios.model import Scenario
from scenarios.results import Results
from scenarios.searching.gathering import Smallest, added, smallest
from scenarios.searching.jobs import Summary
from scenarios.searching.keeping import keep
from scenarios.searching.matrix import Plan, carry_out, opened, plan
from scenarios.selection import Chosen
from sim.exploring.holds import Bound
from sim.exploring.matrix import Budget
from sim.outcomes import InputError

FOLDER = ".ovqsim/matrix"
MOST = 2
"""Deviations of a schedule: three of them would take days."""


@click.command()
@click.argument("flows", nargs=-1, metavar="[FLOW [FLOW]]")
@click.option("--faults", type=click.IntRange(0, 2), help="Faults in a run, at most; else 1, or none for two flows.")
@click.option("--holds", type=click.IntRange(0, 2), help="Messages held back, at most; else none, or 1 for two flows.")
@click.option("--until", type=click.IntRange(min=1), help="Hold a message until one of so many later ones; else all.")
@click.option("--design", default="reference", metavar="NAME", show_default=True, help="The design to play.")
@click.option("--defect", default="", metavar="NAME", help="Play with this deliberate defect in place.")
@click.option("--unrepaired", is_flag=True, help="Leave out the repairs that the period's code lacked.")
@click.option("--jobs", type=click.IntRange(min=1), metavar="N", help="How many processes; else one a core.")
@click.option("--results", metavar="FILE", help="Where results go as they come; the same command goes on with them.")
@click.option("--map", "heat_map", is_flag=True, help="Print the heat map: points by fates.")
@click.option("--json", "json_file", metavar="FILE", help="Write all as JSON.")
@click.option("--html", "html_file", metavar="FILE", help="Write a page with the heat map.")
@click.option("--findings", default=".ovqsim/findings", metavar="DIR", show_default=True, help="Where findings go.")
def command(
    flows: tuple[str, ...],
    faults: int | None,
    holds: int | None,
    until: int | None,
    design: str,
    defect: str,
    unrepaired: bool,
    jobs: int | None,
    results: str | None,
    heat_map: bool,
    json_file: str | None,
    html_file: str | None,
    findings: str,
) -> int:
    """Play every fault at every point of a FLOW; with two, their commands at once in every order of their messages.

    A flow is a short name, a scenario file, or a scenario of the library, without faults of its own; without any,
    each flow that has a short name is played. Ends in 1 on findings and unknowns.
    """
    check_terms(design, defect)
    budget = _budget(flows, faults, holds, until)
    if heat_map and not budget.faults:
        raise InputError("--map shows faults, and none are played; give --faults 1, or leave it out")
    read = [named(name) for name in flows or names()]
    chosen = _played(read, len(flows) == 2)
    if results is not None and len(chosen) > 1:
        raise InputError("--results is one file, and each flow has its own; name one flow, or leave it out")
    terms = Terms(design, defect, not unrepaired)
    files = [Path(results or results_file(one, terms, budget)) for one in chosen]
    check_places(findings, json_file, html_file, inputs=[*files, *(one.path for one in read)])
    places = [Place(file, results is None, Path(findings)) for file in files]
    every = _every(chosen, places, lambda one, place: _matrix(one, terms, budget, place, jobs or cores()), heat_map)
    _write_files(every, json_file, html_file)
    return 0 if all(one.clean for one in every) else 1


def _budget(flows: Sequence[str], faults: int | None, holds: int | None, until: int | None) -> Budget:
    """What may deviate: of one flow a fault, of two flows the order of messages, if nobody says otherwise."""
    if len(flows) > 2:
        raise InputError(f"two flows can be played at once, and these are {len(flows)}; name two")
    faults = faults if faults is not None else int(len(flows) != 2)
    held = holds if holds is not None else int(len(flows) == 2)
    if faults + held == 0:
        raise InputError("a matrix without faults and holds is one run; give --faults or --holds, or use `ovqsim run`")
    if faults + held > MOST:
        raise InputError(f"{faults} faults and {held} holds are more than {MOST} deviations; give fewer")
    if until is not None and not held:
        raise InputError("--until bounds how long a message is held, and none is; give --holds 1, or leave it out")
    return Budget(faults, held, Bound(commands=len(flows) == 2, most=until or 0))


def _played(flows: Sequence[Chosen], at_once: bool) -> list[Scenario]:
    every = [one.scenario for one in flows]
    return [together(*every)] if at_once else every


def results_file(scenario: Scenario, terms: Terms, budget: Budget) -> Path:
    """Where the results of a flow go, unless somebody names a place."""
    parts = [scenario.scenario.replace("/", "--"), *terms.words()]
    parts += [f"{budget.faults}-faults", f"{budget.holds}-holds" if budget.holds else ""]
    parts += [f"until-{budget.bound.most}" if budget.bound.most else ""]
    return Path(FOLDER) / (".".join(part for part in parts if part) + ".sqlite")


# --- playing -------------------------------------------------------------------------------------


class Place(NamedTuple):
    """Where results go, whether that is begun anew if it is of another search, and where findings go."""

    results: Path
    anew: bool
    findings: Path


def _matrix(scenario: Scenario, terms: Terms, budget: Budget, place: Place, jobs: int) -> Matrix:
    """Play what is missing, and gather what there is."""
    reason = scenario.inapplicable(terms.design)
    if reason:
        return Matrix(scenario.scenario, _under(terms), budget.faults, budget.holds, budget.bound, reason)
    began = time.monotonic()
    planned = plan(scenario, terms, budget)
    with ExitStack() as stack:
        results = stack.enter_context(opened(planned, place.results, "matrix", place.anew))
        units = planned.units()
        bar = stack.enter_context(Bar(len(units), scenario.scenario))
        bar.done = len(results.done())
        fresh = 0
        for runs in carry_out(planned, results, jobs):
            fresh += runs
            bar.advance()
        bar.stop()
        return _gathered(planned, results, place.findings, fresh, time.monotonic() - began)


def _gathered(planned: Plan, results: Results, findings: Path, fresh: int, seconds: float) -> Matrix:
    done = dict(sorted(results.done_as(Summary).items()))
    trials = list(results.trials())
    runs: dict[str, int] = {}
    for name, summary in done.items():
        size = "one deviation" if name.startswith("1.") else "two"
        runs[size] = runs.get(size, 0) + summary.runs
    later = [summary.skipped for name, summary in done.items() if not name.startswith("1.")]
    return Matrix(
        flow=planned.scenario.scenario,
        design=_under(planned.terms),
        faults=planned.budget.faults,
        holds=planned.budget.holds,
        points=planned.base.points,
        cells=planned.base.cells,
        held=len(planned.base.held),
        bound=planned.budget.bound,
        runs=runs,
        verdicts=added(summary.verdicts for summary in done.values()),
        skipped=dict(planned.base.skipped()),
        skipped_later=added(later),
        trials=trials,
        found=[_found(planned, one, findings) for one in smallest(trials)],
        fresh=fresh,
        seconds=seconds,
        digest=_digest(done),
    )


def _under(terms: Terms) -> str:
    return terms.design + (f"+{terms.defect}" if terms.defect else "") + ("" if terms.repaired else ", unrepaired")


def _found(planned: Plan, one: Smallest, folder: Path) -> Found:
    kept = keep(folder, planned.scenario, planned.terms, one)
    return Found(one.finding, one.schedule, one.shown_by, kept.scenario, kept.reproducer, planned.terms.options())


def _digest(done: dict[str, Summary]) -> str:
    from hashlib import blake2b

    return blake2b("".join(summary.digest for summary in done.values()).encode(), digest_size=8).hexdigest()


# --- what is printed and written -----------------------------------------------------------------


def _every(
    chosen: Sequence[Scenario], places: Sequence[Place], play: Callable[[Scenario, Place], Matrix], heat_map: bool
) -> list[Matrix]:
    """Play one flow after the other; of several those are told that are not clean, and all in a table."""
    every: list[Matrix] = []
    for one, place in zip(chosen, places, strict=True):
        every.append(play(one, place))
        if len(chosen) == 1 or not every[-1].clean or every[-1].inapplicable:
            _print(every[-1], heat_map)
    if len(chosen) > 1:
        click.echo("\n".join(flows_lines(every, width())))
    return every


def _print(one: Matrix, heat_map: bool) -> None:
    columns = width()
    lines = matrix_lines(one, columns)
    if heat_map and not one.inapplicable:
        lines += ["", *grid_lines(grid(one))]
    if one.found:
        lines += ["", *smallest_lines(one.found, columns)]
    click.echo("\n".join([*lines, *found_lines(one.found, columns)]))


def _write_files(every: Sequence[Matrix], json_file: str | None, html_file: str | None) -> None:
    if json_file is not None:
        write_json(json_file, {"flows": [as_data(one) for one in every]})
    if html_file is not None:
        from reports.html.pages import matrix_page

        write_bytes(html_file, matrix_page(every).encode())

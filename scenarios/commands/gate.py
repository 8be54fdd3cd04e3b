"""`ovqsim gate`: the library, every single fault of the flows, and generated histories, in a budget of time."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import click

from reports.gate import Excepted, Gate, Stage, gate_lines
from reports.text import width
from scenarios.commands.gating.deadline import Deadline
from scenarios.commands.run import check_terms
from scenarios.commands.writing import check_places, write_bytes
from scenarios.flow import FLOWS, names
from scenarios.known import Known, load_known
from scenarios.lanes import cores
from scenarios.many import Terms
from scenarios.selection import LIBRARY, Chosen, folder
from sim.clock import SECOND, duration
from sim.outcomes import InputError

FOLDER = ".ovqsim/gate"
PHASES = ("1", "2", "3")
USUAL = 300
"""Seconds that are more than enough on any machine: the first scenarios of a process tell little of the others."""

FOR_MATRIX = 0.7
"""The share of the time after the library that the matrix may take; the rest is the sweep's."""


@click.command()
@click.option("--budget", required=True, metavar="TIME", help="How long it may take, such as 5m or 90s.")
@click.option("--known", metavar="FILE", help="Known findings: owner, reason and last day of each.")
@click.option("--phase", type=click.Choice(PHASES), help="Only scenarios of phases up to this one.")
@click.option("--junit", "junit_file", metavar="FILE", help="Write JUnit XML.")
@click.option("--annotations/--no-annotations", default=None, help="Print workflow commands; else if a CI does.")
@click.option("--seed", type=int, default=0, metavar="FIRST", show_default=True, help="The first history.")
@click.option("--design", default="reference", metavar="NAME", show_default=True, help="The design to play.")
@click.option("--defect", default="", metavar="NAME", help="Play with this deliberate defect in place.")
@click.option("--jobs", type=click.IntRange(min=1), metavar="N", help="How many processes; else one a core.")
@click.option("--findings", default=FOLDER, metavar="DIR", show_default=True, help="Where reproducers go.")
def command(
    budget: str,
    known: str | None,
    phase: str | None,
    junit_file: str | None,
    annotations: bool | None,
    seed: int,
    design: str,
    defect: str,
    jobs: int | None,
    findings: str,
) -> int:
    """Let a change through only if nothing new is found: library, single faults, generated histories, in that order.

    Ends in 0 when the gate is open; in 1 on a new finding, on an unknown, on a known finding whose day is past,
    and where the budget was too small to play the library whole and something of the rest.
    """
    check_terms(design, defect)
    seconds = _seconds(budget)
    deadline = Deadline(seconds)
    excepted = load_known(Path(known)) if known is not None else {}
    chosen = _chosen(phase)
    read = [one.path for one in (*chosen, *folder(FLOWS))] + ([Path(known)] if known is not None else [])
    check_places(findings, junit_file, inputs=read)
    terms = Terms(design, defect).searched()
    stages = _played(chosen, terms, seed, deadline, jobs or cores(), Path(findings))
    gate = Gate(_under(terms), stages, [], deadline.spent, seconds)
    gate.known = [_excepted(one) for one in excepted.values()]
    gate.enough = _enough(stages[0], len(chosen), seconds)
    _tell(gate, junit_file, annotations)
    return 0 if gate.opens else 1


def _seconds(budget: str) -> float:
    try:
        length = duration(budget) / SECOND
    except ValueError as error:
        raise InputError(f"--budget: {error}") from None
    if length <= 0:
        raise InputError(f"--budget {budget} is time for nothing; give some, such as 5m")
    return length


def _chosen(phase: str | None) -> list[Chosen]:
    every = folder(LIBRARY)
    if phase is None:
        return every
    wanted = {f"phase-{one}" for one in PHASES[: PHASES.index(phase) + 1]}
    return [one for one in every if wanted & set(one.scenario.tags)]


def _played(
    chosen: Sequence[Chosen], terms: Terms, seed: int, deadline: Deadline, jobs: int, findings: Path
) -> list[Stage]:
    """All stages, one after the other."""
    from scenarios.commands.gating import matrix as single_faults
    from scenarios.commands.gating import sweep as generated
    from scenarios.commands.gating.library import library
    from scenarios.results import check_usable

    for file in (single_faults.results_file(name, terms, findings) for name in names()):
        check_usable(file)
    check_usable(generated.results_file(terms, seed, findings))
    stages = [library(chosen, terms, deadline.part(1), jobs, findings)]
    stages.append(single_faults.matrix(terms, deadline.part(FOR_MATRIX), jobs, findings))
    return [*stages, generated.sweep(terms, seed, deadline.part(1), jobs, findings)]


def _enough(library: Stage, scenarios: int, budget: float) -> str:
    """About the least in which the library is played whole, with as much again for what follows; in whole minutes."""
    played = sum(not case.left_out for case in library.cases)
    whole = library.seconds * scenarios / max(played, 1)
    return f"{max(math.ceil(min(2 * whole, USUAL) / 60), math.ceil((budget + 1) / 60))}m"


def _under(terms: Terms) -> str:
    return terms.design + (f" with the defect {terms.defect}" if terms.defect else "")


def _excepted(one: Known) -> Excepted:
    expired = one.expired(date.today())
    return Excepted(one.finding, one.owner, one.reason, one.expires.isoformat(), one.place, expired)


def _tell(gate: Gate, junit_file: str | None, annotations: bool | None) -> None:
    click.echo("\n".join(gate_lines(gate, width())))
    if annotations or (annotations is None and os.environ.get("GITHUB_ACTIONS") == "true"):
        from reports.annotations import annotation_lines

        for line in annotation_lines(gate):
            click.echo(line)
    if junit_file is not None:
        from reports.junit import junit

        write_bytes(junit_file, junit(gate))

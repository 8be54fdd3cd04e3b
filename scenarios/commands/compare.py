"""`ovqsim compare`: one suite, or the matrix of a flow, under several designs."""

from __future__ import annotations

from collections.abc import Sequence

import click

from reports.compare import By, Outcome, as_data, compare_lines
from reports.played import NOT_APPLICABLE
from reports.progress import Bar
from reports.text import width
from scenarios.commands.run import check_terms
from scenarios.commands.session import failed
from scenarios.commands.writing import check_places, write_json
from scenarios.flow import named
from scenarios.many import Came, Task, Terms, play_many
from scenarios.model import Scenario
from scenarios.selection import Chosen, select
from scenarios.words import vocabulary
from sim.clock import SECOND
from sim.findings import Result
from sim.outcomes import InputError


@click.command()
@click.argument("what", nargs=-1, metavar="[PATH or tag]...")
@click.option("--design", "designs", multiple=True, metavar="NAME", help="A design; may be repeated. Else all.")
@click.option("--matrix", "flow_name", metavar="FLOW", help="Compare every single fault of this flow instead.")
@click.option("--jobs", type=click.IntRange(min=1), metavar="N", help="How many processes.")
@click.option("--json", "json_file", metavar="FILE", help="Write the tables as JSON.")
def command(
    what: tuple[str, ...], designs: tuple[str, ...], flow_name: str | None, jobs: int | None, json_file: str | None
) -> int:
    """Play scenarios (the whole library without arguments) under several designs, and print them side by side.

    Tells findings by check, review point and flow, and what each design costs. Ends in 0: a comparison is no verdict.
    """
    if flow_name is not None and what:
        raise InputError("--matrix compares a flow, and scenarios are named too; leave one of them out")
    names = list(dict.fromkeys(designs)) or list(vocabulary().designs)
    for name in names:
        check_terms(name, "")
    if len(names) < 2:
        raise InputError(f"one design has nothing to be compared with; name another beside {names[0]!r}")
    chosen = select(what) if flow_name is None else [named(flow_name)]
    check_places("", json_file, inputs=[one.path for one in chosen])
    by = _by_suite(chosen, names, jobs) if flow_name is None else _by_flow(chosen[0].scenario, names, jobs)
    click.echo("\n".join(compare_lines(by, "schedule" if flow_name else "scenario", width())))
    if json_file is not None:
        write_json(json_file, as_data(by))
    return 0


def _by_suite(chosen: Sequence[Chosen], designs: Sequence[str], jobs: int | None) -> By:
    tasks = [(design, one) for design in designs for one in chosen]
    terms = {name: Terms(name, recorded=False).searched() for name in designs}
    by: By = {name: [] for name in designs}
    came = play_many([Task(one.scenario, terms[design]) for design, one in tasks], jobs)
    with Bar(len(tasks), "comparing") as bar:
        for (design, one), each in zip(tasks, came, strict=True):
            by[design].append(_outcome(one, each))
            bar.advance()
    return by


def _outcome(one: Chosen, came: Came) -> Outcome:
    if came.failure is not None:
        raise failed(came.failure, one.path)
    assert came.result is not None
    scenario, result = one.scenario, came.result
    flow = scenario.scenario.partition("/")[0]
    return Outcome(
        scenario.scenario, flow, list(scenario.tags), result.verdict, _checks(result), result.messages,
        result.ended_at / SECOND,
    )  # fmt: skip


def _checks(result: Result) -> list[str]:
    return list(dict.fromkeys(finding.check for finding in result.findings))


def _by_flow(scenario: Scenario, designs: Sequence[str], jobs: int | None) -> By:
    """Every single fault of the flow under each design; a point that one design does not come to is its own.

    What `ovqsim matrix` has played, or this command before, is not played again.
    """
    from scenarios.commands.matrix import results_file
    from scenarios.lanes import cores
    from scenarios.searching.matrix import carry_out, opened, plan
    from sim.exploring.matrix import Budget

    by: By = {}
    for design in designs:
        if scenario.inapplicable(design):
            by[design] = [Outcome(scenario.scenario, scenario.scenario, [], NOT_APPLICABLE, [], 0, 0.0)]
            continue
        planned = plan(scenario, Terms(design), Budget(1))
        units, file = planned.units(), results_file(scenario, planned.terms, planned.budget)
        with opened(planned, file, "matrix", anew=True) as results, Bar(len(units), f"under {design}") as bar:
            bar.done = len(results.done())
            for _ in carry_out(planned, results, jobs or cores()):
                bar.advance()
            by[design] = [_of_trial(scenario.scenario, one) for one in results.trials()]
    return by


def _of_trial(flow: str, trial: object) -> Outcome:
    from reports.matrix import schedule_words
    from sim.exploring.matrix import Trial

    assert isinstance(trial, Trial)
    checks = list(dict.fromkeys(finding.check for finding in trial.findings))
    what = " ".join(f"{label} {schedule_words(((label, fate),))}" for label, fate in trial.schedule)
    return Outcome(what, flow, [], trial.verdict, checks, trial.messages, trial.ended_at / SECOND)

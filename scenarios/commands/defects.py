"""`ovqsim defects`: which scenario and check kills each deliberate defect."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from reports.defects import Trial
from scenarios import defects
from scenarios.commands.session import failed
from scenarios.many import Came, Task, Terms, play_many
from scenarios.model import Scenario
from scenarios.nearest import nearest
from scenarios.selection import LIBRARY, Chosen, folder
from sim.outcomes import InputError

KILLED = ".ovqsim/defects/single-faults.sqlite"
"""Where it is kept how single faults find each defect, as that comes."""


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--all", "everywhere", is_flag=True, help="Play the whole library, not only what names the defect.")
@click.option("--matrix", "by_matrix", is_flag=True, help="Play single faults of the flows too, until one finds it.")
@click.option("--markdown", metavar="FILE|-", help="Write the table as a page, or print it so.")
@click.option("--jobs", type=click.IntRange(min=1), metavar="N", help="How many processes.")
def command(names: tuple[str, ...], everywhere: bool, by_matrix: bool, markdown: str | None, jobs: int | None) -> int:
    """Play the library with each defect in place, and print what kills it.

    A scenario names under `fails-under` the defects that it kills, and by which check. With --all it is also told
    which defects are found alike, and which checks none of them breaks. Ends in 1 if one survives.
    """
    from reports.defects import kill_table, trials_lines
    from reports.defects import markdown as page
    from reports.text import width
    from scenarios import checks
    from scenarios.commands.writing import check_places, write_bytes
    from scenarios.results import check_usable

    chosen = [_defect(name) for name in dict.fromkeys(names)] or list(defects.ALL)
    library = folder(LIBRARY)
    check_places("", None if markdown == "-" else markdown, inputs=[one.path for one in library])
    if by_matrix:
        check_usable(Path(KILLED))
    trials = trials_of(chosen, library, everywhere, jobs)
    if by_matrix:
        _ask_the_matrix(trials, jobs)
    if markdown == "-":
        click.echo(page(trials), nl=False)
    elif everywhere or by_matrix:
        click.echo("\n".join(kill_table(trials, [] if names else list(checks.ALL), width())))
    else:
        click.echo("\n".join(trials_lines(trials, width())))
    if markdown not in (None, "-"):
        write_bytes(markdown, page(trials).encode())
    return 0 if all(one.kills or one.matrix for one in trials) else 1


def _ask_the_matrix(trials: Sequence[Trial], jobs: int | None) -> None:
    """Note how single faults in the flows find each defect."""
    from reports.matrix import schedule_words
    from reports.progress import Bar
    from scenarios.lanes import cores
    from scenarios.searching.killing import all_killed_by_matrix, opened

    by_name = {one.name: one for one in trials}
    with opened(Path(KILLED)) as results, Bar(len(trials), "trying single faults") as bar:
        for name, killed in all_killed_by_matrix(list(by_name), results, jobs or cores()):
            one = by_name[name]
            told = f"{killed.flow}: {schedule_words(killed.schedule) or 'no fault'}: {', '.join(killed.checks)}"
            one.matrix, one.matrix_runs = told if killed.flow else "", killed.runs
            bar.advance()


def _defect(name: str) -> str:
    if name not in defects.ALL:
        raise InputError(f"unknown defect {name!r}; {nearest(name, defects.ALL)}")
    return name


def trials_of(names: Sequence[str], library: Sequence[Chosen], everywhere: bool, jobs: int | None) -> list[Trial]:
    """What came of each defect in those scenarios that name it, or in all."""
    tried = [(name, one) for name in names for one in library if everywhere or expected(one.scenario, name)]
    trials = {name: _trial(name) for name in names}
    for (name, one), came in zip(tried, _played(tried, jobs), strict=True):
        if came.failure is not None:
            raise failed(came.failure, one.path)
        assert came.result is not None
        trials[name].runs += 1
        found = sorted({finding.check for finding in came.result.findings})
        if found:
            trials[name].broke.append((one.scenario.scenario, found))
        named = expected(one.scenario, name)
        # Elsewhere any finding kills: under `reference` without the defect there is none.
        kills = [check for check in named if check in found] or (found if not named else [])
        if kills:
            trials[name].first = trials[name].first or trials[name].runs
            trials[name].kills.append((one.scenario.scenario, kills))
    return list(trials.values())


def expected(scenario: Scenario, defect: str) -> list[str]:
    """The checks by which the scenario says that it kills the defect."""
    return [one.finding for one in scenario.fails_under if one.defect == defect]


def stated(library: Sequence[Chosen]) -> list[Trial]:
    """What the scenarios say of themselves: each kills, by the checks that it names, each defect that it names."""
    trials = [_trial(name) for name in defects.ALL]
    for trial in trials:
        found = [(one.scenario.scenario, expected(one.scenario, trial.name)) for one in library]
        trial.kills = [(scenario, checks) for scenario, checks in found if checks]
        trial.runs = len(trial.kills)
    return trials


def _trial(name: str) -> Trial:
    return Trial(name, defects.ALL[name].about, defects.ALL[name].mechanism, kills=[], broke=[])


def _played(tried: Sequence[tuple[str, Chosen]], jobs: int | None) -> Iterator[Came]:
    from reports.progress import Bar

    tasks = [Task(one.scenario, Terms().failing("reference", name)) for name, one in tried]
    with Bar(len(tasks), "playing") as bar:
        for came in play_many(tasks, jobs):
            yield came
            bar.advance()

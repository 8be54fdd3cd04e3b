"""The second stage: every single fault of the flows that have short names."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from reports.gate import Case, Shown, Stage
from reports.matrix import schedule_words
from scenarios.commands.gating.deadline import Deadline
from scenarios.commands.gating.library import LEFT_OUT, near
from scenarios.flow import FLOWS, flow, names
from scenarios.many import Terms
from scenarios.results import Results
from scenarios.searching.gathering import smallest
from scenarios.searching.keeping import keep
from scenarios.searching.matrix import Plan, carry_out, opened, plan
from sim.exploring.matrix import Budget


def matrix(terms: Terms, deadline: Deadline, jobs: int, folder: Path) -> Stage:
    """One flow after the other, as long as there is time; what is done is kept, and not played again."""
    cases: list[Case] = []
    rest: list[Case] = []
    total, unfinished = 0, []
    for name in names():
        if not deadline.left:
            unfinished.append(name)
            rest.append(Case(f"flow/{name}", near(FLOWS / f"{name}.yaml"), 0, left_out=LEFT_OUT))
            continue
        case, whole = _flow(name, terms, deadline, jobs, folder)
        cases.append(case)
        total += whole
        if case.runs < whole:
            told = f"{name} ({case.runs} of {whole})"
            unfinished.append(told)
            rest.append(Case(f"the rest of flow/{told}", case.file, 0, left_out=LEFT_OUT))
    played = sum(case.runs for case in cases)
    covered = f"{played} of {total} single faults in {len(cases)} flows"
    left = f"flows: {', '.join(unfinished)}" if unfinished else ""
    lacks = "" if played else "no single fault was played"
    return Stage("matrix", cases + rest, covered, left, deadline.spent, lacks)


def _flow(name: str, terms: Terms, deadline: Deadline, jobs: int, folder: Path) -> tuple[Case, int]:
    """What became of a flow, and how many schedules it has."""
    scenario = flow(name)
    reason = scenario.inapplicable(terms.design)
    if reason:
        return Case(scenario.scenario, near(FLOWS / f"{name}.yaml"), 0, inapplicable=reason), 0
    planned = plan(scenario, terms, Budget(1))
    with opened(planned, results_file(name, terms, folder), "gate", anew=True) as results:
        _play(planned, results, deadline, jobs)
        trials = list(results.trials())
    found = []
    for one in smallest(trials):
        kept = keep(folder, planned.scenario, terms, one)
        words = schedule_words(one.schedule)
        found.append(Shown(one.finding.id, one.finding.check, one.finding.remains, words, kept.reproducer))
    unknown = next((f"{one.unknown}, with {schedule_words(one.schedule)}" for one in trials if one.unknown), "")
    return Case(f"flow/{name}", near(FLOWS / f"{name}.yaml"), len(trials), found, unknown), len(planned.base.further())


def results_file(name: str, terms: Terms, folder: Path) -> Path:
    """Where the results of the flow of that short name are kept."""
    return folder / ".".join(part for part in (f"flow--{name}", terms.design, terms.defect, "sqlite") if part)


def _play(planned: Plan, results: Results, deadline: Deadline, jobs: int) -> None:
    from reports.progress import Bar

    units = planned.units()
    with Bar(len(units), planned.scenario.scenario) as bar, closing(carry_out(planned, results, jobs)) as playing:
        bar.done = len(results.done())
        for _ in playing:
            bar.advance()
            if not deadline.left:
                return

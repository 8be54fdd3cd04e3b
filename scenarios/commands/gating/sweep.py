"""The third stage: generated histories for the rest of the time."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from reports.gate import Case, Shown, Stage
from reports.text import plural
from scenarios.commands.gating.deadline import Deadline
from scenarios.commands.gating.library import LEFT_OUT, near
from scenarios.many import Terms
from scenarios.results import Results
from scenarios.searching.saving import Saving
from scenarios.searching.sweep import Sweep
from scenarios.unknowns import is_unknown


def sweep(terms: Terms, seed: int, deadline: Deadline, jobs: int, folder: Path) -> Stage:
    """Play as many as there is time for, from that number on; each finding is made smaller in its turn."""
    from reports.progress import Bar

    arguments = {"seed": seed, "design": terms.design, "defect": terms.defect or "none"}
    saving = Saving(folder, terms)
    with Results(results_file(terms, seed, folder), "gate", arguments, anew=True) as results:
        one = Sweep(results, terms, seed, lambda unit: deadline.left > 0, deadline.ends, saving.keep)
        with Bar(None, "sweep") as bar, closing(one.play(jobs)) as playing:
            for runs in playing:
                bar.advance(runs)
                if not deadline.left:
                    break
        runs = sum(unit["runs"] for unit in one.units.values())
        whole = Case(f"generated histories from {seed}", near(results.path), runs, left_out="" if runs else LEFT_OUT)
        cases = [whole] + [_case(one, finding, saving) for finding in one.seen()]
    lacks = "" if runs else "no generated history was played"
    covered = f"{runs} runs of {len(one.units)} histories"
    return Stage("sweep", cases, covered, "all" if lacks else "", deadline.spent, lacks)


def results_file(terms: Terms, seed: int, folder: Path) -> Path:
    """Where the results are kept."""
    parts = ("sweep", terms.design, terms.defect, f"seed{seed}", "sqlite")
    return folder / ".".join(part for part in parts if part)


def _case(one: Sweep, finding: str, saving: Saving) -> Case:
    """A finding, or why runs came to no verdict, with the file of what shows it."""
    if finding not in saving.saved:  # it was found before
        saving.keep(finding, one.shown(finding))
    seen, saved = one.first[finding], saving.of(finding)
    remains = (one.shrunk.get(finding) or {"remains": seen.remains})["remains"]
    case = Case(f"generated history {seen.seed}", near(Path(saved.scenario or one.results.path)), 0)
    if is_unknown(finding):
        told = f"ovqsim replay {saved.reproducer}" if saved.reproducer else saving.problem
        case.unknown = f"{remains}; so {plural(one.shown_by[finding], 'generated run')}; {told}"
    else:
        told = "" if saved.reproducer else f"; {saving.problem}"
        case.found = [Shown(finding, finding.partition("/")[0], remains, f"run {seen.seed}{told}", saved.reproducer)]
    return case

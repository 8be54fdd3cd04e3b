"""The third stage: generated histories for the rest of the time."""

from __future__ import annotations

from pathlib import Path

from reports.gate import Case, Shown, Stage
from scenarios.commands.gating.deadline import Deadline
from scenarios.many import Terms
from scenarios.results import Results
from scenarios.searching.saving import save
from scenarios.searching.sweep import Sweep
from sim.findings import UNKNOWN


def sweep(terms: Terms, seed: int, deadline: Deadline, jobs: int, folder: Path) -> Stage:
    """Play as many as there is time for, from that number on; each finding is made smaller in its turn."""
    from reports.progress import Bar

    name = ".".join(part for part in ("sweep", terms.design, terms.defect, f"seed{seed}") if part)
    arguments = {"seed": seed, "design": terms.design, "defect": terms.defect or "none"}
    with Results(folder / f"{name}.sqlite", "gate", arguments, anew=True) as results:
        one = Sweep(results, terms, seed, lambda unit: deadline.left > 0, deadline.ends)
        with Bar(None, "sweep") as bar:
            for runs in one.play(jobs):
                bar.advance(runs)
        found = [_shown(one, finding, terms, folder) for finding in one.seen()]
        runs = sum(unit["runs"] for unit in one.units.values())
        unknowns = sum(unit["verdicts"].get(UNKNOWN, 0) for unit in one.units.values())
    told = f"{unknowns} generated runs came to no verdict; ovqsim sweep --seed {seed} tells" if unknowns else ""
    case = Case(f"generated histories from {seed}", next((each.replay for each in found if each.replay), ""), runs)
    case.found, case.unknown = found, told
    return Stage("sweep", [case], f"{runs} runs of {len(one.units)} histories", "", deadline.spent)


def _shown(one: Sweep, finding: str, terms: Terms, folder: Path) -> Shown:
    seen = one.first[finding]
    summary = one.shrunk.get(finding)
    check = finding.partition("/")[0]
    if not summary:
        return Shown(finding, check, seen.remains, f"run {seen.seed}", "")
    return Shown(
        finding, check, summary["remains"], f"run {seen.seed}", save(folder, finding, summary, terms).reproducer
    )

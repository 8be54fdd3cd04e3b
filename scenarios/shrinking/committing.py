"""Makes of what remains a scenario that can be kept: it says what it shows, where, and what the end must be."""

from __future__ import annotations

import msgspec

from fakes.records import VMS
from scenarios.expectations import VmDown, VmGone, VmRuns
from scenarios.model import ExpectModel, FailsUnder, Scenario, ThenModel
from scenarios.playing import play
from scenarios.shrinking.case import NEVER_STRUCK, Terms
from scenarios.unknowns import is_unknown
from sim.outcomes import InputError
from sim.run import Run

REFERENCE = "reference"

_OF_THE_OLD = ("bugs", "class-", "difficulty-", "smoke")
"""How tags begin that say something about the scenario that it was made from."""


def stated(scenario: Scenario, terms: Terms, remains: str) -> Scenario:
    """The scenario under a name of its own: what it shows, where it fails, and the end that its VMs must come to."""
    scenario = msgspec.structs.replace(
        named(scenario, terms.finding, remains),
        tags=[tag for tag in scenario.tags if not tag.startswith(_OF_THE_OLD)],
        fails_under=_failing(terms),
        bug=None,
    )
    if terms.finding.startswith((NEVER_STRUCK, "then-")):
        return scenario
    return _with_its_end(scenario, terms)


def named(scenario: Scenario, finding: str, remains: str) -> Scenario:
    """The scenario under a name of its own, which says what it shows."""
    check = finding.partition("/")[0]
    return msgspec.structs.replace(
        scenario,
        scenario=f"{scenario.scenario.removesuffix(f'-{check}')}-{check}",
        about=f"{remains[:1].upper()}{remains[1:]}.",
    )


def _failing(terms: Terms) -> list[FailsUnder]:
    """Where it fails, as far as a scenario can say so: under the reference design nothing may."""
    if is_unknown(terms.finding) or (terms.design == REFERENCE and not terms.defect):
        return []
    check = terms.finding.partition("/")[0]
    if terms.defect:
        return [FailsUnder(check, defect=terms.defect)]
    return [FailsUnder(check, design=terms.design)]


def _with_its_end(scenario: Scenario, terms: Terms) -> Scenario:
    """Its VMs run, are down or are gone in the end, as was last asked; nothing is said that the reference breaks.

    Nor is anything if a fault of another design comes to a link of the reference that cannot meet it.
    """
    plain = msgspec.structs.replace(scenario, then=ThenModel())
    try:
        ends = _ends(plain, play(plain, REFERENCE, repaired=terms.repaired))
        whole = msgspec.structs.replace(plain, then=ThenModel(eventually=ends))
        found = play(whole, REFERENCE, repaired=terms.repaired).result.findings
    except InputError:
        return plain
    return plain if any(one.check.startswith("then-") for one in found) else whole


def _ends(scenario: Scenario, run: Run) -> list[ExpectModel]:
    named = [getattr(step.args, "vm", None) for step in [*scenario.given, *scenario.when]]
    names = dict.fromkeys(name for name in named if isinstance(name, str))  # of a network it tells if it is for VMs
    rows = {row.name: row for schema, _, rows in run.rows if schema == VMS.name for row in rows}
    found: list[VmRuns | VmDown | VmGone] = []
    for name in names:
        if name not in rows:
            found.append(VmGone(name))
        else:
            found.append(VmRuns(name) if rows[name].wanted == "up" else VmDown(name))
    return [ExpectModel(one.word, one) for one in found]

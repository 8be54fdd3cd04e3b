"""`ovqsim points`: where a fault can strike in a scenario, in the words of a trigger."""

from __future__ import annotations

import click

from scenarios.selection import Chosen, select
from sim.outcomes import InputError


@click.command()
@click.argument("what", metavar="PATH|NAME")
@click.option("--design", default="reference", metavar="NAME", show_default=True, help="The design to play.")
def command(what: str, design: str) -> int:
    """List each request, reply and durable write of a scenario's run, as a fault's `at` names it.

    They are listed from the first step of `when` on until the calm: there faults are armed.
    """
    from reports.points import points_lines
    from scenarios.commands.run import check_terms
    from scenarios.points import points_of

    check_terms(design, "")
    scenario = _one(select([what]), what).scenario
    reason = scenario.inapplicable(design)
    if reason:
        raise InputError(f"{scenario.scenario} does not apply under {design}: {reason}; choose another design")
    found = [(one.time, one.trigger, one.nth, one.struck) for one in points_of(scenario, design)]
    click.echo("\n".join(points_lines(f"{scenario.scenario} under {design}", found)))
    return 0


def _one(chosen: list[Chosen], what: str) -> Chosen:
    if len(chosen) > 1:
        raise InputError(f"{what!r} means {len(chosen)} scenarios, such as {chosen[0].scenario.scenario!r}; name one")
    return chosen[0]

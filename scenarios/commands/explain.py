"""`ovqsim explain`: why a recorded run ended in its findings."""

from __future__ import annotations

from pathlib import Path

import click

from scenarios.commands.replaying import replay


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
def command(file: Path) -> int:
    """Tell of each finding of a reproducer what made it, since when it is wrong, and what struck.

    Ends in 1 when there are findings, as `replay` does.
    """
    from reports.played import Group, Played
    from reports.story import fates_lines, steps_lines, story_lines
    from reports.terminal import finding_lines

    replayed = replay(file)
    played = Played(replayed.run.result, str(file))
    lines: list[str] = []
    if replayed.differs:
        lines += ["the replay differs from the recording, so this tells of the replay:"]
        lines += [f"  {line}" for line in replayed.differs] + [""]
    for finding in replayed.run.result.findings:
        lines += [*finding_lines(Group(finding, [played])), *story_lines(replayed.run.trace, finding), ""]
    if not replayed.run.result.findings:
        lines += [f"{replayed.run.result.scenario}: {replayed.run.result.unknown or 'nothing was found'}", ""]
    lines += [*steps_lines(replayed.run.result.steps), "", *fates_lines(replayed.run.trace)]
    click.echo("\n".join(lines).rstrip("\n"))
    return 1 if replayed.run.result.findings or replayed.differs else 0

"""`ovqsim replay`: play a recorded run again, verify it, and look into it."""

from __future__ import annotations

from pathlib import Path

import click

from scenarios.commands.replaying import Replayed, replay
from scenarios.nearest import nearest
from sim.clock import duration, show
from sim.findings import UNKNOWN
from sim.outcomes import InputError
from sim.run import Run


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--until", "until", metavar="EVENT|TIME", help="Travel to an event (120) or a time (3.5s).")
@click.option("--show", "schema", metavar="SCHEMA", help="Print the rows of this schema then, such as taps.")
def command(file: Path, until: str | None, schema: str | None) -> int:
    """Replay a reproducer, event by event.

    Ends in 1 when the finding recurs or the replay differs, and names the first event that does.
    """
    check_schema(schema)
    moment = None if until is None else parse_moment(until)
    replayed = replay(file)
    if moment is not None or schema is not None:
        click.echo("\n".join(travel_lines(replayed.run, moment, schema)) + "\n")
    return conclude(replayed, file)


def check_schema(schema: str | None) -> None:
    """Refuse a schema that does not exist."""
    from fakes.records import SCHEMAS

    if schema is not None and schema not in SCHEMAS:
        raise InputError(f"unknown schema {schema!r}; {nearest(schema, SCHEMAS)}")


def parse_moment(text: str) -> tuple[str, int]:
    """``("event", number)`` or ``("time", microseconds)``."""
    if text.isdecimal():
        return "event", int(text)
    try:
        return "time", duration(text)
    except ValueError:
        remedy = "write an event's number, or a time such as 3.5s"
        raise InputError(f"--until {text!r} is no event or time; {remedy}") from None


def travel_lines(run: Run, moment: tuple[str, int] | None, schema: str | None) -> list[str]:
    """What the world was at that moment; at the end, if none is given."""
    from fakes.records import SCHEMAS
    from reports.rows import event_line, rows_lines, tables_lines
    from sim.travel import Traveller

    events = run.trace.events
    last = _last(run, moment)
    view = Traveller(SCHEMAS).play_all(events[: last + 1])
    lines = [f"after {event_line(last, events[last])}" if last >= 0 else "before the first event"]
    return lines + (rows_lines(view, SCHEMAS[schema]) if schema is not None else tables_lines(view, SCHEMAS))


def _last(run: Run, moment: tuple[str, int] | None) -> int:
    """The number of the last event to be played."""
    events = run.trace.events
    if moment is None:
        return len(events) - 1
    kind, value = moment
    if kind == "time":
        return sum(event.time <= value for event in events) - 1
    if value >= len(events):
        raise InputError(f"--until {value} is beyond the end; the last event is {len(events) - 1}")
    return value


def conclude(replayed: Replayed, file: Path) -> int:
    """Print whether it is the same run; the exit code."""
    result = replayed.run.result
    click.echo(f"{result.scenario} under {result.design}: {result.events} events until {show(result.ended_at)}")
    if replayed.differs:
        click.echo("\n".join(["it differs from the recording:", *(f"  {line}" for line in replayed.differs)]))
        return 1
    for finding in result.findings:
        click.echo(f"finding {finding.id}\n  {finding.remains}")
    if result.verdict == UNKNOWN:
        click.echo(f"unknown: {result.unknown}")
    what = "finding" if len(result.findings) == 1 else "findings" if result.findings else "verdict"
    click.echo(f"same {what}, same fingerprint ({result.fingerprint}); `ovqsim explain {file}` tells why")
    return 1 if result.findings or result.verdict == UNKNOWN else 0

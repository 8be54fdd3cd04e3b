"""`ovqsim schema`: the JSON Schema of scenario files, for editors."""

from __future__ import annotations

import json
from pathlib import Path

import click

from sim.outcomes import InputError


@click.command()
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="Write it there.")
def command(out: Path | None) -> int:
    """Print the JSON Schema of scenario files."""
    from scenarios.json_schema import schema
    from sim.reproducer import replace

    text = json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"
    if out is None:
        click.echo(text, nl=False)
        return 0
    try:
        replace(out, text.encode())
    except OSError as error:
        raise InputError(f"{out}: cannot be written ({error.strerror}); name another file") from None
    return 0

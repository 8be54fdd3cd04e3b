"""`ovqsim`: the command line.

Exit codes: 0 clean; 1 findings or unknowns; 2 wrong usage or input, with one line; 3 the harness
itself failed; 130 interrupted.
"""

from __future__ import annotations

import os
import re
import sys
from importlib import import_module
from io import TextIOWrapper
from typing import NoReturn

try:
    import click

    from scenarios.interrupts import answer_interrupts, interrupted
    from scenarios.version import VERSION
    from sim.outcomes import HarnessError, InputError
except KeyboardInterrupt:  # so early nobody else answers it
    sys.stderr.write("\novqsim: interrupted\n")
    sys.exit(130)

COMMANDS = {
    "run": "play scenarios and print what they came to",
    "replay": "play a recorded run again, verify it, and look into it",
    "points": "list the points of a scenario's run at which a fault can strike",
    "explain": "tell why a recorded run ended in its findings",
    "new": "write a scenario to begin with, which passes",
    "matrix": "play every fault at every point of a flow, and every pair",
    "sweep": "play generated histories, and make what they find smaller",
    "shrink": "make a scenario that fails as small as it can be",
    "compare": "play one suite, or one flow, under several designs",
    "gate": "let a change through only if nothing new is found in a budget of time",
    "defects": "tell which scenario and check kills each deliberate defect",
    "schema": "print the JSON Schema of scenario files, for editors",
}
"""Each command is `command` of the module of its name in `scenarios.commands`."""

WRONG, HARNESS, INTERRUPTED = 2, 3, 130


class Commands(click.Group):
    """A group that reads a command's module when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all commands."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, or None."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"scenarios.commands.{cmd_name}").command
        command.name = cmd_name
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click's, but an unknown command is refused with the nearest one."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            from scenarios.nearest import nearest

            raise InputError(f"there is no command {args[0]!r}; {nearest(args[0], COMMANDS)}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The commands in the help, without reading their modules."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


_SETTINGS = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


@click.command(cls=Commands, context_settings=_SETTINGS)
@click.version_option(VERSION, prog_name="ovqsim", message="%(prog)s %(version)s")
def ovqsim() -> None:
    """Break the oVirt-Quantum network integration in a simulator before it breaks a data centre.

    Exit codes: 0 clean; 1 findings or unknowns; 2 wrong usage or input; 3 the harness itself failed.
    """


def call(arguments: list[str] | None = None) -> int:
    """Carry out a command line; its exit code."""
    try:
        code = ovqsim.main(arguments, prog_name="ovqsim", standalone_mode=False)
        sys.stdout.flush()
        return int(code or 0)
    except (KeyboardInterrupt, click.Abort):
        return _interrupted()
    except Exception as error:
        return _interrupted() if interrupted() else _failed(error)


def _interrupted() -> int:
    click.echo("\novqsim: interrupted", err=True)
    return INTERRUPTED


def _failed(error: Exception) -> int:
    """Say what went wrong; the exit code of it."""
    if isinstance(error, InputError):
        return _wrong(str(error))
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        click.echo(error.ctx.get_help() if error.ctx else "", err=True)
        return WRONG
    if isinstance(error, click.ClickException):
        return _wrong(_usage(error))
    if isinstance(error, BrokenPipeError):
        # Whoever read has gone: say no more, not even at the end of the interpreter.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    if isinstance(error, HarnessError):
        return _harness(str(error), getattr(error, "__notes__", []))
    import traceback

    return _harness("".join(traceback.format_exception(error)), [])


def _wrong(text: str) -> int:
    click.echo(f"ovqsim: {' '.join(text.split())}", err=True)
    return WRONG


def _usage(error: click.ClickException) -> str:
    context = getattr(error, "ctx", None)
    where = context.command_path if context is not None else "ovqsim"
    return f"{error.format_message().rstrip('.')}; see `{where} --help`"


def _harness(text: str, notes: list[str]) -> int:
    """One block: what, where, the label and the schedule."""
    lines = ["ovqsim: harness error"]
    parts = re.sub(r"; (?=(scenario|schedule) )", "\n", text.strip()).split("\n")
    lines += [f"  {part}" for part in parts]
    lines += [f"  raised at {note}" for note in notes]
    click.echo("\n".join(lines), err=True)
    return HARNESS


def main() -> NoReturn:
    """The entry point of the command line."""
    answer_interrupts()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # an odd locale must not end a run
    sys.exit(call())


if __name__ == "__main__":
    main()

"""`ovqsim run`: play scenarios and print what they came to."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import click

from reports.played import Played, exit_code
from scenarios.many import Came, Failure, Task, Terms, play_many
from scenarios.selection import Chosen, select
from sim.outcomes import HarnessError, InputError
from sim.reproducer import Reproducer

REPRODUCERS = ".ovqsim/reproducers"


@click.command()
@click.argument("what", nargs=-1, metavar="[PATH or tag]...")
@click.option("--design", default="reference", metavar="NAME", show_default=True, help="The design to play.")
@click.option("--defect", default="", metavar="NAME", help="Play with this deliberate defect in place.")
@click.option("--seed", type=int, metavar="N", help="Draw random faults too, from this number.")
@click.option("--jobs", type=click.IntRange(min=1), metavar="N", help="How many processes.")
@click.option("--json", "json_file", metavar="FILE", help="Write every result as JSON.")
@click.option("--unrepaired", is_flag=True, help="Leave out the repairs that the period's code lacked.")
@click.option("--tag", "tags", multiple=True, metavar="TAG", help="Only those with this tag; may be repeated.")
@click.option("--reproducers", default=REPRODUCERS, metavar="DIR", show_default=True, help="Where they go.")
def command(
    what: tuple[str, ...],
    design: str,
    defect: str,
    seed: int | None,
    jobs: int | None,
    json_file: str | None,
    unrepaired: bool,
    tags: tuple[str, ...],
    reproducers: str,
) -> int:
    """Play scenarios: the whole library, or these files, folders, tags and ids.

    Ends in 0 when nothing was found, in 1 on findings and unknowns.
    """
    began = time.monotonic()
    check_terms(design, defect)
    chosen = select(what, tags)
    check_folder(Path(reproducers))
    if json_file is not None:
        check_writable(Path(json_file))
    terms = Terms(design, defect, not unrepaired, seed)
    session = Session(chosen, terms, Path(reproducers))
    try:
        session.play(jobs)
    finally:
        session.write_reproducers()
    if json_file is not None:
        _write_json(Path(json_file), terms, session.played)
    session.conclude(time.monotonic() - began)
    return exit_code(session.played)


def check_terms(design: str, defect: str) -> None:
    """Refuse a design or defect that does not exist."""
    from scenarios.nearest import nearest
    from scenarios.words import vocabulary

    words = vocabulary()
    if design not in words.designs:
        raise InputError(f"unknown design {design!r}; {nearest(design, words.designs)}")
    if defect and defect not in words.defects:
        raise InputError(f"unknown defect {defect!r}; {nearest(defect, words.defects)}")


def check_writable(path: Path) -> None:
    """Refuse a file that could not be written in the end."""
    try:
        if path.is_dir():
            raise InputError(f"{path}: is a folder; name a file")
        if path.exists():
            with path.open("ab"):
                return
        with tempfile.TemporaryFile(dir=path.parent):
            return
    except OSError as error:
        raise InputError(f"{path}: cannot be written ({error.strerror}); name another file") from None


def check_folder(path: Path) -> None:
    """Refuse a folder that could not be made, or written to, in the end."""
    existing = next(one for one in (path, *path.absolute().parents) if one.exists())
    if not existing.is_dir() or not os.access(existing, os.W_OK | os.X_OK):
        raise InputError(f"{path}: cannot be written ({existing} is no writable folder); name another folder")


class Session:
    """The playing of some scenarios, and what is printed of it."""

    def __init__(self, chosen: list[Chosen], terms: Terms, reproducers: Path) -> None:
        self.chosen = chosen
        self.terms = terms
        self.reproducers = reproducers
        self.played: list[Played] = []
        self.waiting: list[tuple[Played, Reproducer]] = []

    def play(self, jobs: int | None) -> None:
        """Play them all; a line is printed as each result comes, in order."""
        from reports.progress import Bar

        longest = max(len(one.scenario.scenario) for one in self.chosen)
        with Bar(len(self.chosen), "playing") as bar:
            tasks = [Task(one.scenario, self.terms) for one in self.chosen]
            for one, came in zip(self.chosen, play_many(tasks, jobs), strict=True):
                self._take(one, came, longest)
                bar.advance()

    def _take(self, one: Chosen, came: Came, longest: int) -> None:
        from reports.terminal import verdict_lines

        if came.failure is not None:
            if not came.failure.harness:
                self.waiting.clear()
            raise failed(came.failure, one.path)
        assert came.result is not None
        played = Played(came.result, wanted=list(one.scenario.then.reached))
        self.played.append(played)
        if came.reproducer is not None:
            self.waiting.append((played, came.reproducer))
        click.echo("\n".join(verdict_lines(played, longest)))

    def write_reproducers(self) -> None:
        """Write those of all that was found; only now, so that nothing is written when input is wrong."""
        from sim.reproducer import write

        for played, reproducer in self.waiting:
            path = self.reproducers / name_of(reproducer, self.terms.seed)
            played.reproducer = str(write(path, reproducer))
        self.waiting.clear()

    def conclude(self, seconds: float) -> None:
        """Print findings and summary."""
        from reports.terminal import findings_lines, summary_lines

        design = self.terms.design + (f" with the defect {self.terms.defect}" if self.terms.defect else "")
        design += "" if self.terms.repaired else ", unrepaired"
        design += f", seed {self.terms.seed}" if self.terms.seed is not None else ""
        lines = findings_lines(self.played) + summary_lines(self.played, design, seconds)
        click.echo("\n".join(lines))


def failed(failure: Failure, path: Path) -> Exception:
    """The exception of a failure: the input's, or the harness's own."""
    if not failure.harness:
        return InputError(failure.text if failure.text.startswith(str(path)) else f"{path}: {failure.text}")
    error = HarnessError(failure.text)
    if failure.where:
        error.add_note(failure.where)
    return error


def name_of(reproducer: Reproducer, seed: int | None = None) -> str:
    """The name of a reproducer's file: the scenario, and under what it was played."""
    parts = [str(reproducer.scenario["scenario"]).replace("/", "--"), reproducer.design, reproducer.defect]
    parts += ["" if reproducer.repaired else "unrepaired", "" if seed is None else f"seed{seed}"]
    return ".".join(part for part in parts if part) + ".json"


def _write_json(path: Path, terms: Terms, played: Sequence[Played]) -> None:
    from reports.json_report import Head, encode
    from scenarios.version import VERSION
    from sim.reproducer import replace

    data = encode(Head(VERSION, terms.design, terms.defect, terms.repaired, terms.seed), list(played))
    try:
        if path.exists() and not path.is_file():
            path.write_bytes(data)  # a pipe or a device: nothing to put in its place
        else:
            replace(path, data)
    except OSError as error:
        raise InputError(f"{path}: cannot be written ({error.strerror}); name another file") from None

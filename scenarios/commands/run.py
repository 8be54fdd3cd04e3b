"""`ovqsim run`: play scenarios and print what they came to."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import click

from reports.played import Played, exit_code
from scenarios.commands.session import Session
from scenarios.many import Terms
from scenarios.selection import select
from sim.outcomes import InputError

REPRODUCERS = ".ovqsim/reproducers"

FACTUAL = Terms(repaired=False)
"""The design that shall survive every fault, on what lies below it as it was: each finding must cite a fact."""


@click.command()
@click.argument("what", nargs=-1, metavar="[PATH or tag]...")
@click.option("--design", default="reference", metavar="NAME", show_default=True, help="The design to play.")
@click.option("--defect", default="", metavar="NAME", help="Play with this deliberate defect in place.")
@click.option("--seed", type=int, metavar="N", help="Draw random faults too, from this number.")
@click.option("--jobs", type=click.IntRange(min=1), metavar="N", help="How many processes.")
@click.option("--json", "json_file", metavar="FILE", help="Write every result as JSON.")
@click.option("--unrepaired", is_flag=True, help="Leave out the repairs that the period's code lacked.")
@click.option("--allow-cited", is_flag=True, help="With --unrepaired: findings that all cite a fact end in 0.")
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
    allow_cited: bool,
    tags: tuple[str, ...],
    reproducers: str,
) -> int:
    """Play scenarios: the whole library, or these files, folders, tags and ids.

    Ends in 0 when nothing was found, in 1 on findings and unknowns, and on a bug that is not found where it must be.
    """
    from scenarios.commands.writing import check_places

    began = time.monotonic()
    check_terms(design, defect)
    terms = Terms(design, defect, not unrepaired, seed)
    if allow_cited and terms._replace(seed=None) != FACTUAL:
        raise InputError("--allow-cited is for --unrepaired under reference without a defect; leave it out, or those")
    chosen = select(what, tags)
    check_places(reproducers, json_file, inputs=[one.path for one in chosen])
    session = Session(chosen, terms, Path(reproducers), jobs)
    try:
        session.play()
    finally:
        session.write_reproducers()
    if terms._replace(seed=None) == FACTUAL:
        session.cite()
    if json_file is not None:
        _write_json(Path(json_file), terms, session.played)
    session.conclude(time.monotonic() - began)
    return exit_code(session.played, allow_cited)


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


def _write_json(path: Path, terms: Terms, played: Sequence[Played]) -> None:
    from reports.json_report import Head, encode
    from scenarios.commands.writing import write_bytes
    from scenarios.version import VERSION

    write_bytes(str(path), encode(Head(VERSION, terms.design, terms.defect, terms.repaired, terms.seed), list(played)))

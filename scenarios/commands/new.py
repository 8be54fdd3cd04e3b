"""`ovqsim new`: a scenario to begin with."""

from __future__ import annotations

from pathlib import Path
from shlex import quote

import click

from sim.outcomes import InputError

SCAFFOLD = Path(__file__).parents[1] / "scaffold.txt"


@click.command()
@click.argument("name")
@click.option("--dir", "folder", default=".", metavar="DIR", help="The folder to write below; made if need be.")
def command(name: str, folder: str) -> int:
    """Write NAME.yaml: a commented scenario with every part, which passes at once.

    NAME may hold folders: migration/my-case.
    """
    path = Path(folder) / f"{_checked(name)}.yaml"
    text = SCAFFOLD.read_text().replace("NAME", name).replace("FILE", quote(str(path)))
    _write(path, text)
    click.echo(f"wrote {path}\nnext: ovqsim run {quote(str(path))}")
    return 0


def _checked(name: str) -> str:
    """The name, if a scenario may have it."""
    from scenarios.loader import ID

    if name.endswith((".yaml", ".yml")):
        raise InputError(f"{name!r} is a file's name; leave out its ending: {name.rpartition('.')[0]}")
    if ID.match(name) is None:
        raise InputError(f"{name!r} is no name for a scenario; write it as flow/what-happens, in lower case")
    return name


def _write(path: Path, text: str) -> None:
    """Write a new file, whole or not at all; what exists is left alone."""
    made = [one for one in path.parents if not one.exists()]
    if not path.parent.is_dir() and path.parent.exists():
        raise InputError(f"{path}: cannot be written ({path.parent} is no folder); choose another name or --dir")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise InputError(f"{path}: exists already; choose another name") from None
    except OSError as error:
        for one in made:  # innermost first; one that holds something else stays
            if one.is_dir() and not any(one.iterdir()):
                one.rmdir()
        raise InputError(f"{path}: cannot be written ({error.strerror}); choose another name or --dir") from None

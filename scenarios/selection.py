"""Which scenarios are meant: the library's, by tag or id, and files and folders."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from scenarios.loader import load
from scenarios.model import Scenario
from scenarios.nearest import nearest
from scenarios.tree import shown
from sim.outcomes import InputError

LIBRARY = Path(__file__).parent / "library"


class Chosen(NamedTuple):
    """A scenario and the file that it is from."""

    path: Path
    scenario: Scenario


def select(arguments: Sequence[str], tags: Sequence[str] = ()) -> list[Chosen]:
    """The scenarios of these files, folders, tags and ids; without any, the whole library.

    Raises:
        InputError: one is none of these, a file is no scenario, or two files hold one id.
    """
    library = _Library()
    chosen: dict[Path, Chosen] = {}
    for one in [found for argument in arguments for found in _meant(argument, library)] if arguments else library.all():
        chosen.setdefault(one.path.resolve(), one)
    every = list(chosen.values())
    _check_ids(every)
    return _tagged(every, tags)


class _Library:
    """The library's scenarios, read when first asked for."""

    def __init__(self) -> None:
        self.read: list[Chosen] | None = None

    def all(self) -> list[Chosen]:
        if self.read is None:
            self.read = folder(LIBRARY)
        return self.read


def folder(path: Path) -> list[Chosen]:
    """The scenarios below a folder, in the order of their paths."""
    found = sorted(path.rglob("*.yaml"))
    if not found:
        raise InputError(f"{path}: holds no scenario; name a folder with *.yaml files")
    return [Chosen(one, load(one)) for one in found]


def _meant(argument: str, library: _Library) -> Iterable[Chosen]:
    if not argument.strip():
        raise InputError("an empty argument names no scenario; name one, or leave it out to play the whole library")
    path = Path(argument)
    if path.is_dir():
        return folder(path)
    if path.exists():
        return [Chosen(path, load(path))]
    by_id = [one for one in library.all() if one.scenario.scenario == argument]
    by_id = by_id or [one for one in library.all() if one.scenario.scenario.startswith(argument)]
    found = by_id or [one for one in library.all() if argument in one.scenario.tags]
    if not found and (path.suffix in (".yaml", ".yml") or argument.startswith((".", "/"))):
        raise InputError(
            f"there is no file or folder {shown(argument)}; name one that exists, or a scenario by its name"
        )
    if not found:
        words = dict.fromkeys([*(one.scenario.scenario for one in library.all()), *_tags(library.all())])
        raise InputError(f"no file, folder, tag or scenario is named {shown(argument)}; {nearest(argument, words)}")
    return found


def _tags(every: Iterable[Chosen]) -> list[str]:
    return sorted({tag for one in every for tag in one.scenario.tags})


def _tagged(every: list[Chosen], tags: Sequence[str]) -> list[Chosen]:
    """Those that have every one of the tags."""
    for tag in tags:
        if tag not in _tags(every):
            raise InputError(f"no chosen scenario has the tag {shown(tag)}; {nearest(tag, _tags(every))}")
    found = [one for one in every if set(tags) <= set(one.scenario.tags)]
    if not found:
        raise InputError(f"no chosen scenario has all of the tags {', '.join(tags)}; give fewer")
    return found


def _check_ids(every: Iterable[Chosen]) -> None:
    seen: dict[str, Path] = {}
    for path, scenario in every:
        other = seen.setdefault(scenario.scenario, path)
        if other is not path:
            raise InputError(f"{path}: the scenario {scenario.scenario!r} is in {other} too; rename one of them")

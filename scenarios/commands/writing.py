"""What commands write: refused at once where it could not be written, and written whole or not at all."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from scenarios.commands.run import check_folder, check_writable
from scenarios.version import VERSION
from sim.outcomes import InputError
from sim.reproducer import replace


def check_places(folder: str, *files: str | Path | None, inputs: Iterable[Path] = ()) -> None:
    """Refuse a folder ("" for none) and files that could not be written in the end, or would take another's place.

    Args:
        inputs: the files that are read.

    Raises:
        InputError: one could not, is read too, or is written twice.
    """
    if folder:
        check_folder(Path(folder))
    places = [Path(file) for file in files if file is not None]
    for path in places:
        check_writable(path)
    _check_apart(places, {path.resolve() for path in inputs}, Path(folder).resolve() if folder else None)


def _check_apart(places: Iterable[Path], read: set[Path], folder: Path | None) -> None:
    written: set[Path] = set()
    for path in places:
        place = path.resolve()
        if place in read:
            raise InputError(f"{path}: is read by this command; name another file")
        if place in written:
            raise InputError(f"{path}: is to be written twice by this command; name two files")
        if folder is not None and place in (folder, *folder.parents):
            raise InputError(f"{path}: is to be the folder in which others are written; name another file")
        written.add(place)


def write_json(file: str, data: dict[str, Any]) -> None:
    """Write data with the version that made it.

    Raises:
        InputError: it cannot be written.
    """
    write_bytes(file, msgspec.json.format(msgspec.json.encode({"version": VERSION, **data}), indent=2) + b"\n")


def write_bytes(file: str, data: bytes) -> None:
    """Put a file in its place.

    Raises:
        InputError: it cannot be written.
    """
    path = Path(file)
    try:
        if path.exists() and not path.is_file():
            path.write_bytes(data)  # a pipe or a device: nothing to put in its place
        else:
            replace(path, data)
    except OSError as error:
        raise InputError(f"{path}: cannot be written ({error.strerror}); name another file") from None

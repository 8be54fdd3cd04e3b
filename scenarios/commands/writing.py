"""What commands write: refused at once where it could not be written, and written whole or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from scenarios.commands.run import check_folder, check_writable
from scenarios.version import VERSION
from sim.outcomes import InputError
from sim.reproducer import replace


def check_places(folder: str, *files: str | None) -> None:
    """Refuse a folder ("" for none) and files that could not be written in the end.

    Raises:
        InputError: one could not.
    """
    if folder:
        check_folder(Path(folder))
    for file in files:
        if file is not None:
            check_writable(Path(file))


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

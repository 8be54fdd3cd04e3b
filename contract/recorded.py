"""What the real parts were last seen to do: kept, so that the fakes are compared with it where no real part is."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from contract.verdicts import Look

FOLDER = Path(__file__).parent / "recorded"


@dataclass(frozen=True)
class Record:
    """A real part as it was seen.  `looks`: by the name of the behaviour; a text says why nothing could be seen."""

    part: str
    version: str
    date: str
    looks: dict[str, Look]


def load(part: str, folder: Path = FOLDER) -> Record:
    """The record of that part; an empty one if there is none."""
    path = folder / f"{part}.json"
    return Record(**json.loads(path.read_text())) if path.exists() else Record(part, "", "", {})


def save(record: Record, folder: Path = FOLDER) -> None:
    """Write the record, in the place of the last one."""
    folder.mkdir(exist_ok=True)
    (folder / f"{record.part}.json").write_text(json.dumps(asdict(record), indent=1) + "\n")

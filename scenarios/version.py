"""Which code this is: a version for people, and one that differs whenever a source file does."""

from __future__ import annotations

from functools import cache
from hashlib import blake2b
from pathlib import Path

VERSION = "0.1.0"

_ROOT = Path(__file__).parent.parent
_PARTS = ("sim", "fakes", "scenarios")


@cache
def code_version() -> str:
    """The version with a digest of the sources that decide what a run does."""
    digest = blake2b(digest_size=4)
    for part in _PARTS:
        for path in sorted((_ROOT / part).rglob("*.py")):
            digest.update(path.relative_to(_ROOT).as_posix().encode() + b"\0" + path.read_bytes())
    return f"{VERSION}+{digest.hexdigest()}"

"""The command line, called or as a process, and what it leaves in a folder."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import scenarios
from scenarios.__main__ import call

ROOT = Path(scenarios.__file__).parent.parent


def ovqsim(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command line in a process of its own."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, "-m", "scenarios", *arguments],
        cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def files(folder: Path) -> set[str]:
    """Every file below the folder."""
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def reproducer(folder: Path) -> Path:
    """The reproducer of the scenario that ends in a finding."""
    assert call(["run", "finds.yaml"]) == 1
    (path,) = (folder / ".ovqsim" / "reproducers").iterdir()
    return path

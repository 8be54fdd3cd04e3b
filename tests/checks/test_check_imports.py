"""Checks know the records, the wiring that is computed from them, and the table of plugins; never the fakes."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ALLOWED = ("fakes.records", "fakes.wiring", "fakes.plugins")
CHECKS = [*sorted((ROOT / "scenarios" / "checks").rglob("*.py")), ROOT / "scenarios" / "expecting.py"]
FAKES = ROOT / "fakes"
KNOWN = [FAKES / "wiring.py", FAKES / "plugins.py", *sorted((FAKES / "records").rglob("*.py"))]


def imported(source: str) -> list[str]:
    """The full names of what a module imports, wherever in it; names that it builds at run time excepted."""
    names: list[str] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            start = "." * node.level + (node.module or "")
            names += [f"{start}.{alias.name}" for alias in node.names]
    return names


def forbidden(source: str) -> list[str]:
    """Imports of the fakes beside records and wiring, and relative ones, which hide where they lead."""
    fakes = [name for name in imported(source) if name == "fakes" or name.startswith(("fakes.", "."))]
    return [name for name in fakes if not any(name == one or name.startswith(f"{one}.") for one in ALLOWED)]


@pytest.mark.parametrize("path", CHECKS, ids=lambda path: path.stem)
def test_a_check_imports_nothing_of_the_fakes_but_records_and_wiring(path: Path) -> None:
    assert forbidden(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", KNOWN, ids=lambda path: path.stem)
def test_records_and_wiring_import_nothing_else_of_the_fakes_either(path: Path) -> None:
    assert forbidden(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import fakes", ["fakes"]),
        ("import fakes.engine.base as base", ["fakes.engine.base"]),
        ("from fakes import engine", ["fakes.engine"]),
        ("from fakes.recordings import x", ["fakes.recordings.x"]),
        ("def later():\n    from fakes.vdsm import drivers", ["fakes.vdsm.drivers"]),
        ("from . import base", ["..base"]),
        ("from ..verbs import vm", ["..verbs.vm"]),
        ("from fakes.records import VMS\nfrom fakes.records.engine import Vm\nimport fakes.records.host", []),
        ("from fakes import records, wiring", []),
        ("from fakes.wiring import segment\nimport fakes.wiring\nfrom sim.checks import View", []),
    ],
)
def test_what_is_forbidden_is_found(source: str, found: list[str]) -> None:
    assert forbidden(source) == found


def test_there_are_checks_to_look_at() -> None:
    assert {"base", "ports", "expecting"} <= {path.stem for path in CHECKS}

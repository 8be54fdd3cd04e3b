"""A folder to work in."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.samples import FINDS, PASSES


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder with the two scenarios in it."""
    (tmp_path / "passes.yaml").write_text(PASSES)
    (tmp_path / "finds.yaml").write_text(FINDS)
    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path

"""The world that every test of a check begins with."""

from __future__ import annotations

import pytest
from worlds import World, base

pytest.register_assert_rewrite("claims")


@pytest.fixture
def world() -> World:
    """Legal rows, for the test to change."""
    return base()

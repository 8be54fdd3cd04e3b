"""Worlds are closed when their test is over: what they left at work ends without its clean-up."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from contract.libvirt.world import MADE


@pytest.fixture(autouse=True)
def _closed_worlds() -> Iterator[None]:
    yield
    while MADE:
        MADE[-1].close()

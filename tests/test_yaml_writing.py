"""A scenario written as text is read as the same scenario, and looks as people write it."""

from __future__ import annotations

import pytest

from scenarios.loader import load_text
from scenarios.selection import LIBRARY, Chosen, folder
from scenarios.yaml_writing import text_of
from tests.samples import FINDS


@pytest.mark.parametrize("chosen", folder(LIBRARY), ids=lambda chosen: chosen.scenario.scenario)
def test_the_library_is_written_and_read_again(chosen: Chosen) -> None:
    assert load_text(text_of(chosen.scenario), "written.yaml") == chosen.scenario


def test_parts_come_in_the_usual_order_each_item_on_a_line() -> None:
    text = text_of(load_text(FINDS, "finds.yaml"))
    heads = [line.partition(":")[0] for line in text.splitlines() if not line.startswith(" ")]
    assert heads[:3] == ["scenario", "about", "topology"]
    assert text.endswith("\n") and not text.endswith("\n\n")
    assert all(len(line) <= 120 for line in text.splitlines())
    assert '  - {at: "' in text

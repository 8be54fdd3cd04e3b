"""Each repair below the engine has the fact that it rests on, and that fact is on its page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from fakes.repairs import FACTS, LATER, REPAIRED, UNREPAIRED, Repairs, turned_round

PAGES = Path(__file__).parents[1] / "docs" / "facts"
NAMES = Repairs.__struct_fields__


def test_each_repair_has_its_fact_and_a_row_among_the_choices() -> None:
    """Add the fact to `FACTS` in fakes/repairs.py, and the row to docs/facts/README.md, with the switch."""
    assert tuple(FACTS) == NAMES
    rows = (PAGES / "README.md").read_text()
    assert [name for name in NAMES if f"`{name}`" not in rows] == []


@pytest.mark.parametrize("name", FACTS)
def test_the_fact_is_on_its_page(name: str) -> None:
    sections, was = FACTS[name]
    assert was.endswith(".")
    for part in sections.split("; "):
        page, numbers = re.fullmatch(r"(\w+\.md) ([\d., ()L]+)", part).groups()  # type: ignore[union-attr]
        headings = re.findall(r"^#+ (\d+(?:\.\d+)*)\b", (PAGES / page).read_text(), re.MULTILINE)
        for number in re.sub(r" \([^)]*\)", "", numbers).split(", "):
            assert number in headings, f"{page} {number}"


@pytest.mark.parametrize("name", NAMES)
def test_one_repair_is_turned_round(name: str) -> None:
    others = [one for one in NAMES if one != name]
    assert not getattr(turned_round(REPAIRED, name), name)
    assert all(getattr(turned_round(REPAIRED, name), one) for one in others)
    assert getattr(turned_round(UNREPAIRED, name), name) is (name not in LATER)
    left = [one for one in others if getattr(turned_round(UNREPAIRED, name), one)]
    assert left == [one for one in LATER if one != name]

"""Makes the pages: what is told is the reports' own data, and templates beside this file say how."""

from __future__ import annotations

from collections.abc import Sequence

from jinja2 import Environment, PackageLoader, StrictUndefined

from reports.matrix import Matrix, grid, schedule_words
from reports.played import place

_ENVIRONMENT = Environment(
    loader=PackageLoader("reports.html", "."), autoescape=True, undefined=StrictUndefined,
    trim_blocks=True, lstrip_blocks=True,
)  # fmt: skip
_ENVIRONMENT.globals.update(schedule_words=schedule_words, place=place)
_ENVIRONMENT.filters["number"] = lambda count: f"{count:,}".replace(",", "\u202f")


def matrix_page(every: Sequence[Matrix]) -> str:
    """A page with a table of flows, and of each its findings and its heat map."""
    return _ENVIRONMENT.get_template("matrix.html").render(flows=[(one, grid(one)) for one in every])

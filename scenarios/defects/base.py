"""What a defect is: a change of a design, of the repairs below it, or of both."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec

from fakes.engine.designs.base import Design
from fakes.repairs import Repairs


def using(**columns: Any) -> Callable[[Design, Repairs], tuple[Design, Repairs]]:
    """The change that puts these in the place of a design's own strategies and switches."""

    def change(design: Design, repairs: Repairs) -> tuple[Design, Repairs]:
        return msgspec.structs.replace(design, **columns), repairs

    return change


def without(*left_out: str) -> Callable[[Design, Repairs], tuple[Design, Repairs]]:
    """The change that leaves these repairs out, so that the systems below the engine are as they were."""

    def change(design: Design, repairs: Repairs) -> tuple[Design, Repairs]:
        return design, msgspec.structs.replace(repairs, **dict.fromkeys(left_out, False))

    return change


class Defect(NamedTuple):
    """One defect.

    Args:
        name: its name, as ``--defect`` takes it.
        about: what is wrong, in a sentence.
        mechanism: the kind of mistake: one side undone only, a second made, memory lost, ...
    """

    name: str
    about: str
    mechanism: str
    change: Callable[[Design, Repairs], tuple[Design, Repairs]]

    def apply(self, design: Design, repairs: Repairs) -> tuple[Design, Repairs]:
        """The design and repairs with this defect."""
        return self.change(design, repairs)

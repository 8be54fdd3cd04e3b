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


def changed(**columns: Any) -> Callable[[Design, Repairs], tuple[Design, Repairs]]:
    """The change that gives the design other strategies."""
    return lambda design, repairs: (msgspec.structs.replace(design, **columns), repairs)

"""Defects of worlds with several data centres and engines: whose something is, and where it may come."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fakes.engine.designs.reference import MadeAndKept
from fakes.records.engine import LogicalNetwork
from scenarios.defects.base import Defect, using
from sim.outcomes import Failed

if TYPE_CHECKING:
    from fakes.engine.service import Engine


class AttachedAnywhere(MadeAndKept):
    """As E12: nobody asks of which data centre a network is when it comes to a cluster."""

    def unfit(self, engine: Engine, network: LogicalNetwork, cluster: str) -> Failed | None:
        return None


DEFECTS = (
    Defect(
        "one-name-for-all-engines",
        "All engines use one name in Quantum, so each takes what another made for its own, and for a stray.",
        "clean-up by the wrong key",
        using(tenant="engine"),
    ),
    Defect(
        "attaches-across-data-centres",
        "A network comes to a cluster of another data centre.",
        "validation left out",
        using(networks=AttachedAnywhere()),
    ),
)

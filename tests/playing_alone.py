"""Plays every flow in a process of its own, and prints what came of it as JSON.

``playing_alone.py [set-order]``: with that fault planted into the reference design.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from flows import DESIGNS, FAULTS, flow

from scenarios.playing import play
from sim.divergence import words
from sim.reproducer import digests
from sim.trace import Trace


def plant_set_order() -> None:
    """The engine asks about eight names in the order in which a set of them stands."""
    from fakes.engine.designs.reference import REFERENCE

    ports: Any = type(REFERENCE.ports)
    plug = ports.plug

    async def wrong(self: Any, engine: Any, vm: Any) -> None:
        for _, network in engine.quantum_vnics(vm):
            for name in {f"nic{number}" for number in range(8)}:
                await engine.quantum(network.server, "list-ports", name, network=network.uuid)
        await plug(self, engine, vm)

    ports.plug = wrong


def report(trace: Trace) -> dict[str, Any]:
    """A trace as it can be compared in another process."""
    return {
        "fingerprint": trace.fingerprint(),
        "digests": digests(trace.events),
        "words": [words(trace, number) for number in range(len(trace.events))],
    }


def main() -> None:
    """Play and print."""
    if sys.argv[1:] == ["set-order"]:
        plant_set_order()
        print(json.dumps(report(play(flow("plain"), "reference").trace)))
        return
    print(
        json.dumps(
            {f"{name} {design}": play(flow(name), design).result.fingerprint for name in FAULTS for design in DESIGNS}
        )
    )


if __name__ == "__main__":
    main()

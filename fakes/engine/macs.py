"""The MAC pool: one per engine, in memory, rebuilt from the vNIC rows at start.

Facts: docs/facts/ovirt.md 1.5: the first available address is given; a freed one goes to the end.  `first` is where
an engine's range begins, counted from the default's beginning.
"""

from __future__ import annotations

import msgspec

from fakes.records.engine import MacPool
from sim.outcomes import Failed

_BASE = 0x001A4A160151  # MacPoolRanges' default begins here


def address(number: int) -> str:
    """The number-th address of the range, from 0."""
    digits = f"{_BASE + number:012x}"
    return ":".join(digits[place : place + 2] for place in range(0, 12, 2))


def rebuilt(first: int, size: int, used: tuple[str, ...]) -> MacPool:
    """The pool as an engine start makes it: what no vNIC has is available, in the range's order."""
    every = (address(number) for number in range(first, first + size))
    fresh = tuple(mac for mac in every if mac not in used) if used else ()
    return MacPool("pool", size, size if used else 0, fresh, used)


def take(pool: MacPool, first: int) -> tuple[str, MacPool]:
    """An address and the pool without it.

    Raises:
        Failed: 5012, none is left.
    """
    if pool.fresh < pool.size:
        mac, pool = address(first + pool.fresh), msgspec.structs.replace(pool, fresh=pool.fresh + 1)
    elif pool.returned:
        mac, pool = pool.returned[0], msgspec.structs.replace(pool, returned=pool.returned[1:])
    else:
        raise Failed("5012 MAC_POOL_NO_MACS_LEFT")
    return mac, msgspec.structs.replace(pool, used=(*pool.used, mac))


def give_back(pool: MacPool, macs: tuple[str, ...]) -> MacPool:
    """The pool with these addresses available again, at the end."""
    used = tuple(mac for mac in pool.used if mac not in macs)
    back = tuple(mac for mac in macs if mac in pool.used)
    return msgspec.structs.replace(pool, used=used, returned=pool.returned + back)

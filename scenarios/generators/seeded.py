"""Draws from a number: each label is hashed with the seed, so one more draw moves no other."""

from __future__ import annotations

from hashlib import blake2b

from scenarios.generators.draw import Draw


class Seeded(Draw):
    """The same seed and use draw the same, in any process on any machine.

    Args:
        seed: any whole number.
        use: what is drawn; the same seed draws something else for another use.
    """

    def __init__(self, seed: int, use: str) -> None:
        self.key = blake2b(f"{use} {seed}".encode(), digest_size=16).digest()
        self.seen: dict[str, int] = {}

    def number(self, label: str, low: int, high: int) -> int:
        """As `Draw`; a label that comes again draws again."""
        seen = self.seen[label] = self.seen.get(label, 0) + 1
        digest = blake2b(f"{seen} {label}".encode(), digest_size=8, key=self.key).digest()
        return low + int.from_bytes(digest, "big") % (high - low + 1)

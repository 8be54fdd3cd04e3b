"""Natural keys: the names by which the engine finds its own objects in Quantum again.

API v1.1 has no field for a client's id (docs/facts/quantum.md 1.4): a network's name and an attachment's id are
all that the client chooses.  The attachment is the vNIC's id.  Ours: docs/facts/README.md.
"""

from __future__ import annotations

TENANT = "engine"
"""One tenant per engine."""


def network_key(network_id: str) -> str:
    """The name that a logical network's Quantum network bears."""
    return f"{TENANT}.{network_id}"


def network_of(key: str) -> str | None:
    """The id of the logical network whose key that is; None if it is no key of this engine."""
    own = f"{TENANT}."
    return key.removeprefix(own) if key.startswith(own) else None

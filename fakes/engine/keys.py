"""Natural keys: the names by which the engine finds its own objects in Quantum again.

API v1.1 has no field for a client's id (docs/facts/quantum.md 1.4): a network's name and an attachment's id are
all that the client chooses.  The attachment is the vNIC's id.  `tenant` is the engine's: one tenant an engine.  Ours:
docs/facts/README.md.
"""

from __future__ import annotations


def network_key(tenant: str, network_id: str) -> str:
    """The name that the Quantum network of an engine's logical network bears."""
    return f"{tenant}.{network_id}"


def network_of(tenant: str, key: str) -> str | None:
    """The id of the logical network whose key that is; None if it is no key of that engine."""
    own = f"{tenant}."
    return key.removeprefix(own) if key.startswith(own) else None

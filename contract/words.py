"""What a command says when it refuses, as a word that fake and real part share: texts differ between versions."""

from __future__ import annotations

WORDS = {
    "still up": "is up",
    "busy": "exists",
    "already exists": "exists",
    "file exists": "exists",
    "already a member": "has a master",
    "not a member": "has another master",
    "not a port of": "has another master",
    "not a valid ifname": "bad name",
    "policy validation": "bad name",
    "in bridge": "in another bridge",
    "actually attached": "in another bridge",
    "no bridge named": "no bridge",
    "does not exist": "absent",
    "doesn't exist": "absent",
    "cannot find": "absent",
    "no such device": "absent",
    "no port named": "absent",
    "no row": "absent",
    "unknown device type": "no such kind of device",
}


def word(text: str) -> str:
    """The word for a refusal; "" for none; the first one that fits."""
    low = text.lower()
    return next((short for long, short in WORDS.items() if long in low), text.strip())

"""The nearest valid word to one that is not."""

from __future__ import annotations

from collections.abc import Iterable

_SHOWN = 12


def nearest(word: str, words: Iterable[str]) -> str:
    """The remedy for a word that is in no vocabulary: the nearest one, or those that are."""
    from difflib import get_close_matches  # only errors need it, and the start must be quick

    known = list(words)
    if not known:
        return "there is none to name here"
    close = get_close_matches(word, known, 1, 0.5)
    if close:
        return f"did you mean {close[0]!r}?"
    listed = ", ".join(known[:_SHOWN])
    return f"it can be: {listed}" + (f", and {len(known) - _SHOWN} more" if len(known) > _SHOWN else "")

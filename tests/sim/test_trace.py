"""A trace's fingerprint is over its events as one array of MessagePack, however it began."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import pytest

from sim.store import Delta
from sim.trace import ENCODER, Trace, encoded


def events(count: int) -> list[tuple[Any, ...]]:
    """So many events, no two alike."""
    delta = Delta("items", "a", "x", None, "y")
    return [(number, number - 1, "note", "a", f"event {number}", {"n": number}, [delta]) for number in range(count)]


@pytest.mark.parametrize("count", [0, 1, 15, 16, 17, 65_535, 65_536])
def test_a_fingerprint_is_of_one_array(count: int) -> None:
    trace = Trace()
    trace.raw += events(count)
    assert trace.fingerprint() == sha256(ENCODER.encode(trace.raw)).hexdigest()[:16]
    assert bytes(encoded(trace.raw, bytearray())) == b"".join(map(ENCODER.encode, trace.raw))


@pytest.mark.parametrize(("first", "then"), [(0, 3), (10, 0), (10, 5), (10, 6), (20, 300)])
def test_a_trace_that_goes_on_from_another_is_as_if_it_were_one(first: int, then: int) -> None:
    every = events(first + then)
    one, whole = Trace(), Trace()
    one.raw += every[:first]
    whole.raw += every
    second = Trace(one.so_far())
    second.raw += every[first:]
    assert second.fingerprint() == whole.fingerprint()
    assert second.events == whole.events
    assert len(one.raw) == first, "and the first is as it was"

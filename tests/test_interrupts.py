"""Ctrl-C at the command line."""

from __future__ import annotations

import gc
import signal
import warnings
from collections.abc import Iterator

import click
import pytest

from scenarios import interrupts
from scenarios.__main__ import call
from scenarios.interrupts import answer_interrupts, interrupt
from scenarios.lanes import played


async def _never_begun() -> None:
    """What a run may have made just before it was cut short."""


@pytest.fixture(autouse=True)
def as_before(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(interrupts, "_came", [])
    usual = signal.getsignal(signal.SIGINT)
    yield
    signal.signal(signal.SIGINT, usual)


def _warned(*, interrupted: bool) -> list[str]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        if interrupted:
            with pytest.raises(KeyboardInterrupt):
                interrupt(signal.SIGINT, None)
        _never_begun()
        gc.collect()
    return [str(one.message) for one in caught]


def test_what_was_cut_short_before_it_began_is_not_warned_of() -> None:
    assert _warned(interrupted=True) == []


def test_without_an_interrupt_what_never_began_is_warned_of() -> None:
    assert _warned(interrupted=False) == ["coroutine '_never_begun' was never awaited"]


def test_it_is_answered_where_nobody_said_otherwise() -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)
    answer_interrupts()
    assert signal.getsignal(signal.SIGINT) is interrupt


def test_who_ignores_it_goes_on_to_ignore_it() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    answer_interrupts()
    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN


class _Tidied:
    """Is interrupted while Python tidies it up, where whatever is raised is dropped."""

    def __del__(self) -> None:
        interrupt(signal.SIGINT, None)


def _tidies(_: int) -> None:
    _Tidied()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_one_that_is_lost_on_its_way_ends_the_search_after_the_unit() -> None:
    with warnings.catch_warnings(), pytest.raises(KeyboardInterrupt):
        list(played(_tidies, [(1, 1), (2, 1)], 1))


@pytest.mark.parametrize(("came", "code"), [(True, 130), (False, 3)])
def test_an_error_after_it_is_of_what_it_cut_short(came: bool, code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def cut_short(*_: object, **__: object) -> None:
        try:
            if came:
                interrupt(signal.SIGINT, None)
        finally:
            raise RuntimeError("half done")

    monkeypatch.setattr(click.Group, "main", cut_short)
    with warnings.catch_warnings():
        assert call(["run"]) == code

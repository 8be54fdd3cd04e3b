"""Ctrl-C at the command line: what it cut short is thrown away without a word."""

from __future__ import annotations

import signal
import warnings
from types import FrameType
from typing import NoReturn

_came: list[int] = []


def interrupted() -> bool:
    """Whether Ctrl-C has come; an error after it only tells what it cut short."""
    return bool(_came)


def heed_interrupts() -> None:
    """Raise KeyboardInterrupt again if it has come and was lost: Python drops what is raised while it tidies up."""
    if _came:
        raise KeyboardInterrupt


def interrupt(number: int, _frame: FrameType | None) -> NoReturn:
    """Raise KeyboardInterrupt, wherever the command is.

    A run that is cut short may have made a coroutine that it never began, of which Python would warn at any time from
    now on.  Nothing else hides that warning: in a run that is not cut short it is a mistake in the fakes.
    """
    _came.append(number)
    warnings.filterwarnings("ignore", message=".* was never awaited", category=RuntimeWarning)
    raise KeyboardInterrupt


def answer_interrupts() -> None:
    """Answer Ctrl-C with `interrupt`, unless whoever started this process had it ignored."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, interrupt)

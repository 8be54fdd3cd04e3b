"""Ending a task where it stands, with none of its clean-up code run: as `kill -9` does.

Dropping or closing a suspended coroutine throws GeneratorExit into it, which runs its `finally`,
`except BaseException` and `__aexit__` blocks, at once, at collection or at exit.  One extra
reference to the outermost coroutine, never given back, keeps its frames from ever being collected:
nothing runs.  The memory is lost on purpose.  `World.close` empties the world, so a frame holds little; where a world
goes on for another run, a frame holds that world, and what else the run made.  Long-lived workers are recycled now and
then.
"""

from __future__ import annotations

import ctypes
import inspect
from collections.abc import Coroutine
from typing import Any

_keep_for_ever = ctypes.pythonapi.Py_IncRef
_keep_for_ever.argtypes = [ctypes.py_object]
_keep_for_ever.restype = None


def drop(coroutine: Coroutine[Any, Any, Any]) -> None:
    """End the coroutine without running any code of it."""
    state = inspect.getcoroutinestate(coroutine)
    if state == inspect.CORO_CREATED:
        coroutine.close()  # nothing has run, so nothing is there to clean up, and no warning follows
    elif state != inspect.CORO_CLOSED:
        _keep_for_ever(coroutine)

"""Ending a task where it stands, with none of its clean-up code run: as `kill -9` does.

Dropping or closing a suspended coroutine throws GeneratorExit into it, which runs its `finally`,
`except BaseException` and `__aexit__` blocks, at once, at collection or at exit.  So one that has any such block, or
holds what may have one, is never closed: one extra reference to the outermost coroutine, never given back, keeps its
frames from ever being collected, and nothing runs.  The memory is lost on purpose.  `World.close` empties the world,
so a frame holds little; where a world goes on for another run, a frame holds that world, and what else the run made.
Long-lived workers are recycled now and then.

One that waits in plain code and holds plain things alone has nothing to run, and is closed: most are such.
"""

from __future__ import annotations

import ctypes
import inspect
from collections.abc import Coroutine
from functools import cache
from types import CoroutineType, FrameType, GeneratorType, MethodType, NoneType
from typing import Any

import msgspec

_keep_for_ever = ctypes.pythonapi.Py_IncRef
_keep_for_ever.argtypes = [ctypes.py_object]
_keep_for_ever.restype = None


def drop(coroutine: Coroutine[Any, Any, Any]) -> None:
    """End the coroutine without running any code of it."""
    state = inspect.getcoroutinestate(coroutine)
    if state == inspect.CORO_CREATED or _cleans_nothing_up(coroutine):
        coroutine.close()
    elif state != inspect.CORO_CLOSED:
        _keep_for_ever(coroutine)


def _cleans_nothing_up(suspended: Any) -> bool:
    """Whether no frame of it, and of what it waits for, has a handler of any kind, or holds what may have one."""
    while suspended is not None:
        frame, waits_for = _parts(suspended)
        if frame is None or frame.f_code.co_exceptiontable or not all(map(_is_plain, frame.f_locals.values())):
            return False
        suspended = waits_for
    return True


def _parts(suspended: Any) -> tuple[FrameType | None, Any]:
    """Its frame, and what it waits for; no frame if it is nothing of this kind, or has ended."""
    if isinstance(suspended, CoroutineType):
        return suspended.cr_frame, suspended.cr_await
    if isinstance(suspended, GeneratorType):
        return suspended.gi_frame, suspended.gi_yieldfrom
    return None, None


def _is_plain(value: Any) -> bool:
    """Whether nothing runs when it goes: data, rows, and what the simulator and its programs are made of."""
    kind: Any = type(value)
    if kind in (tuple, list, set):
        return all(map(_is_plain, value))
    if kind is dict:
        return all(map(_is_plain, value)) and all(map(_is_plain, value.values()))
    return _is_plain(value.__self__) if kind is MethodType else _is_plain_kind(kind)


@cache
def _is_plain_kind(kind: type) -> bool:
    ours = issubclass(kind, msgspec.Struct) or any(base.__module__.startswith("sim.") for base in kind.__mro__)
    return kind in _DATA or (ours and not hasattr(kind, "__del__"))


_DATA = (NoneType, bool, int, float, str, bytes)

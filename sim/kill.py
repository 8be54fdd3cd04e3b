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
import gc
import inspect
from collections.abc import Coroutine, Iterator
from functools import cache
from types import CellType, CodeType, CoroutineType, FunctionType, GeneratorType, MethodType, NoneType
from typing import Any

import msgspec

_keep_for_ever = ctypes.pythonapi.Py_IncRef
_keep_for_ever.argtypes = [ctypes.py_object]
_keep_for_ever.restype = None


def drop(coroutine: Coroutine[Any, Any, Any]) -> None:
    """End the coroutine without running any code of it."""
    state = inspect.getcoroutinestate(coroutine)
    if state == inspect.CORO_CREATED or (state == inspect.CORO_SUSPENDED and _cleans_nothing_up(coroutine)):
        coroutine.close()
    elif state != inspect.CORO_CLOSED:
        _keep_for_ever(coroutine)


def _cleans_nothing_up(coroutine: Any) -> bool:
    """Whether no code of it, and of what it waits for, has a handler of any kind, or holds what may have one.

    What a frame holds is told by the garbage collector: names, and what an expression or a loop is in the middle of.
    """
    chain = list(_chain(coroutine))
    if any(code is None or code.co_exceptiontable for code, _, _ in chain):
        return False
    return all(_holds_plain_things(*link) for link in chain)


def _holds_plain_things(code: CodeType | None, suspended: Any, awaited: Any) -> bool:
    """Whether nothing runs when what it holds goes, but for itself and what it waits for."""
    for value in gc.get_referents(suspended):
        its_own = value is code or value is awaited or (type(value) is FunctionType and value.__code__ is code)
        if not its_own and not _is_plain(value):
            return False
    return True


def _chain(suspended: Any) -> Iterator[tuple[CodeType | None, Any, Any]]:
    """It and what it waits for, each with its code and what it waits for; no code: no coroutine or generator."""
    while suspended is not None:
        code = awaited = None
        if isinstance(suspended, CoroutineType):
            code, awaited = suspended.cr_code, suspended.cr_await
        elif isinstance(suspended, GeneratorType):
            code, awaited = suspended.gi_code, suspended.gi_yieldfrom
        yield code, suspended, awaited
        suspended = awaited


def _is_plain(value: Any, deep: int = 10) -> bool:
    """Whether nothing runs when it goes: data, rows, and what the simulator and its programs are made of.

    These are not looked into: a row holds data alone, and a program keeps nothing of its own (`sim.nodes.Service`).
    """
    kind: Any = type(value)
    if kind in _HOLDING:
        return deep > 0 and all(_is_plain(part, deep - 1) for part in gc.get_referents(value))
    return _is_plain(value.__self__) if kind is MethodType else _is_plain_kind(kind)


@cache
def _is_plain_kind(kind: type) -> bool:
    ours = issubclass(kind, msgspec.Struct) or any(base.__module__.startswith("sim.") for base in kind.__mro__)
    return kind in _DATA or (ours and not hasattr(kind, "__del__"))


_DATA = (NoneType, bool, int, float, str, bytes)
_HOLDING = frozenset((tuple, list, set, dict, CellType, type(iter([])), type(iter(()))))

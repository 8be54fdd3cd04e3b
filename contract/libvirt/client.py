"""libvirt's client library, of Debian's package, and what its numbers mean in words."""

from __future__ import annotations

import importlib
import os
import sys
import threading
from collections.abc import Callable
from functools import cache
from typing import Any

from contract.lab import Unfit

DEBIAN = "/usr/lib/python3/dist-packages"
STATES = {1: "RUNNING", 3: "PAUSED", 4: "SHUTDOWN", 5: "SHUTOFF", 6: "CRASHED"}
EVENTS = {
    0: "DEFINED", 1: "UNDEFINED", 2: "STARTED", 3: "SUSPENDED", 4: "RESUMED", 5: "STOPPED", 6: "SHUTDOWN",
    8: "CRASHED",
}  # fmt: skip
DETAILS = {
    2: "BOOTED MIGRATED RESTORED FROM_SNAPSHOT WAKEUP",
    3: "PAUSED MIGRATED IOERROR WATCHDOG RESTORED FROM_SNAPSHOT API_ERROR POSTCOPY POSTCOPY_FAILED",
    4: "UNPAUSED MIGRATED FROM_SNAPSHOT POSTCOPY POSTCOPY_FAILED",
    5: "SHUTDOWN DESTROYED CRASHED MIGRATED SAVED FAILED FROM_SNAPSHOT",
    6: "FINISHED GUEST HOST",
}
REASONS = {
    1: "UNKNOWN BOOTED MIGRATED RESTORED FROM_SNAPSHOT UNPAUSED MIGRATION_CANCELED SAVE_CANCELED WAKEUP CRASHED",
    3: "UNKNOWN USER MIGRATION SAVE DUMP IOERROR WATCHDOG FROM_SNAPSHOT SHUTTING_DOWN SNAPSHOT CRASHED STARTING_UP",
    4: "UNKNOWN USER",
    5: "UNKNOWN SHUTDOWN DESTROYED CRASHED MIGRATED SAVED FAILED FROM_SNAPSHOT DAEMON",
}
"""Details and reasons by their numbers (docs/facts/libvirt.md 1 and 2)."""


@cache
def library() -> Any:
    """The library, with an event loop at work.

    Raises:
        Unfit: it is made for another Python.
    """
    sys.path.append(DEBIAN)
    os.environ["LIBVIRT_DEBUG"] = "4"  # no warnings of the library: what it warns of is what a row is about
    try:
        module = importlib.import_module("libvirt")
    except ImportError as error:
        raise Unfit(f"python3-libvirt needs the Python 3.11 of Debian 12: {error}") from error
    finally:
        sys.path.remove(DEBIAN)
        del os.environ["LIBVIRT_DEBUG"]  # it is read at once, and is not for the daemons
    module.registerErrorHandler(lambda *_: None, None)
    module.virEventRegisterDefaultImpl()
    threading.Thread(target=_loop, args=(module,), daemon=True).start()
    return module


def _loop(module: Any) -> None:
    while True:
        module.virEventRunDefaultImpl()


def told(event: int, detail: int) -> str:
    """``STARTED/BOOTED``"""
    return f"{EVENTS.get(event, event)}/{DETAILS[event].split()[detail] if event in DETAILS else detail}"


def state(number: int, reason: int) -> str:
    """``RUNNING/BOOTED``"""
    return f"{STATES.get(number, number)}/{REASONS[number].split()[reason] if number in REASONS else reason}"


def number(act: Callable[[], Any]) -> str:
    """Call libvirt, and say the number of its error, "" for none."""
    try:
        act()
    except library().libvirtError as error:
        return str(error.get_error_code())
    return ""

"""A progress bar on stderr, while somebody watches and the work takes long enough to want one."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Any

SHOWN_AFTER = 0.4
"""Seconds of work before a bar appears: what is quicker needs none."""


class Bar:
    """Counts finished work; silent when stderr is no terminal.  `total` None: nobody knows how much there is."""

    def __init__(self, total: int | None, what: str) -> None:
        self.total = total
        self.what = what
        self.done = 0
        self.began = time.monotonic()
        self.bar: Any = None
        self.task: Any = None

    def __enter__(self) -> Bar:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def advance(self, by: int = 1) -> None:
        """So many more pieces of work are done."""
        self.done += by
        if self.bar is not None:
            self.bar.update(self.task, completed=self.done)
        elif sys.stderr.isatty() and self.total != 1 and time.monotonic() - self.began > SHOWN_AFTER:
            self._show()

    def stop(self) -> None:
        """Remove the bar and leave the terminal as it was."""
        if self.bar is not None:
            self.bar.stop()
            self.bar = None

    def _show(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        self.bar = Progress(
            TextColumn(self.what), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
            console=Console(stderr=True), transient=True,
            # What goes to stdout appears above the bar, unless it goes elsewhere.
            redirect_stdout=sys.stdout.isatty(),
        )  # fmt: skip
        self.task = self.bar.add_task("", total=self.total, completed=self.done)
        self.bar.start()

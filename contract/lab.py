"""The lab: network namespaces, processes and files, all of which bear a mark and go with it.

A process of the lab is in a namespace of the lab, or its number is in a file of the lab's folder; a file is in that
folder.  So what a killed run has left is found, and nothing else is touched.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

MARK = "ovqsim-contract-"
"""How the name of each namespace begins."""
FOLDER = Path("/tmp/ovqsim-contract")
NAMES = Path("/run/netns")
"""Where `ip` mounts namespaces by their names; it makes this folder itself."""
MADE_NAMES = "made-names"
"""The file that says that the folder of names was not there before."""
SECONDS_TO_DIE = 10


class Unfit(Exception):
    """The contract cannot be played on this machine; one line says why, and what helps."""


@dataclass(frozen=True)
class Done:
    """A command that has ended."""

    status: int
    out: str
    err: str


class Lab:
    """Held while the contract is played; a second one at the same time is refused."""

    def __init__(self, folder: Path = FOLDER, mark: str = MARK) -> None:
        self.folder = folder
        self.mark = mark
        self._lock = -1

    def __enter__(self) -> Lab:
        """Sweep what an earlier run has left.

        Raises:
            Unfit: another run is at work, or the folder is somebody else's.
        """
        self._lock = _locked(self.folder)
        self.sweep()
        return self

    def __exit__(self, *_: object) -> None:
        """Leave nothing behind."""
        self.sweep()
        self.folder.rmdir()
        os.close(self._lock)

    # --- what is in it -------------------------------------------------------------------------

    def namespace(self, name: str) -> str:
        """Make a network namespace; its full name."""
        full = self.mark + name
        if not NAMES.exists():
            (self.folder / MADE_NAMES).touch()
        done = run("ip", "netns", "add", full)
        if done.status:
            raise Unfit(f"no network namespace can be made ({first_line(done.err)}): run as root, with CAP_SYS_ADMIN")
        run("ip", "-n", full, "link", "set", "lo", "up")
        return full

    def within(self, namespace: str, *command: str) -> Done:
        """Run a command in a namespace, to its end."""
        return run("ip", "netns", "exec", namespace, *command)

    def start(self, namespace: str, name: str, *command: str, **rest: Any) -> subprocess.Popen[str]:
        """Start a process in a namespace; its number is in NAME.pid, what it says in NAME.log."""
        log: IO[str]
        with (self.folder / f"{namespace}.{name}.log").open("a") as log:
            pipes = {"stdin": subprocess.DEVNULL, "stdout": log, "stderr": log, **rest}
            begun = subprocess.Popen(("ip", "netns", "exec", namespace, *command), text=True, **pipes)
        (self.folder / f"{namespace}.{name}.pid").write_text(f"{begun.pid} {_begun(begun.pid)}\n")
        return begun

    # --- and how it goes -----------------------------------------------------------------------

    def drop(self, namespace: str) -> None:
        """End all processes of a namespace, and the namespace with its devices."""
        end([int(number) for number in run("ip", "netns", "pids", namespace).out.split()])
        run("ip", "netns", "delete", namespace)

    def sweep(self) -> None:
        """Remove all that bears the mark, and only that."""
        for line in run("ip", "netns", "list").out.splitlines():
            if line.startswith(self.mark):
                self.drop(line.split()[0])
        end([number for path in self.folder.rglob("*.pid") for number in _of_pid_file(path)])
        if (self.folder / MADE_NAMES).exists() and NAMES.exists() and not any(NAMES.iterdir()):
            _remove_names()
        for path in self.folder.iterdir():
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)


def run(*command: str, timeout: float = 60) -> Done:
    """Run a command to its end.

    Raises:
        Unfit: there is no such command, or it does not end.
    """
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=timeout, stdin=subprocess.DEVNULL)
    except (FileNotFoundError, PermissionError):  # the second if a folder of the search path is closed to us
        raise Unfit(f"no command {command[0]}: install its package") from None
    except subprocess.TimeoutExpired:
        raise Unfit(f"{' '.join(command)} has not ended within {timeout:g} s") from None
    return Done(done.returncode, done.stdout, done.stderr)


def first_line(text: str) -> str:
    """The first line that is not empty."""
    return next((line.strip() for line in text.splitlines() if line.strip()), "nothing said")


def _remove_names() -> None:
    while run("umount", str(NAMES)).status == 0:  # it is mounted on itself, perhaps more than once
        continue
    with suppress(OSError):  # somebody else has a namespace by now
        NAMES.rmdir()


def end(numbers: Sequence[int]) -> None:
    """SIGKILL, and wait until they are gone."""
    for number in numbers:
        _kill(number)
    limit = time.monotonic() + SECONDS_TO_DIE
    while any(at_work(number) for number in numbers) and time.monotonic() < limit:
        time.sleep(0.01)


def _kill(number: int) -> None:
    try:
        os.kill(number, signal.SIGKILL)
    except ProcessLookupError:
        return


def at_work(number: int) -> bool:
    """Whether the process is at work; one of ours that has ended is taken note of."""
    with suppress(ChildProcessError):
        os.waitpid(number, os.WNOHANG)
    return bool(_begun(number))


def _begun(number: int) -> str:
    """When the process was started, in ticks: a number is given again, that moment is not; "" if it has gone."""
    try:
        fields = Path(f"/proc/{number}/stat").read_text().rpartition(") ")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return ""
    return "" if fields[0] in "ZX" else fields[19]


def _of_pid_file(path: Path) -> list[int]:
    """The process that the file names, if it is still the one that was started."""
    words = path.read_text().split()
    if len(words) == 2 and words[0].isdigit() and _begun(int(words[0])) == words[1]:
        return [int(words[0])]
    return []


def _locked(folder: Path) -> int:
    """Make the folder, and hold its lock, which goes with this process."""
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid != os.geteuid():
        raise Unfit(f"{folder} belongs to somebody else: remove it")
    lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        raise Unfit(f"another run of the contract is at work: it holds {folder}") from None
    return lock

"""A machine on which libvirt cannot be played: one clear line, exit code 2, nothing left.  No libvirt, no root."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from contract import __main__ as command
from contract import lab, machine
from contract.lab import Done, Lab, Unfit
from contract.libvirt import RealPair, client, version
from contract.libvirt.host import Host


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Host]:
    """A host whose programs run where they are."""
    monkeypatch.setattr(Host, "command", lambda self, *words: ["sh", "-c", words[0]])
    host = Host(tmp_path / "h1", "nowhere", "h1")
    yield host
    for daemon in host.daemons.values():
        daemon.kill()
        daemon.wait()


def test_the_client_library_is_for_another_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "DEBIAN", str(tmp_path))
    monkeypatch.setattr(sys, "path", [])
    monkeypatch.delitem(sys.modules, "libvirt", raising=False)
    client.library.cache_clear()
    with pytest.raises(Unfit, match=r"python3-libvirt needs the Python 3\.11 of Debian 12"):
        client.library()
    assert "LIBVIRT_DEBUG" not in os.environ


def test_a_daemon_that_ends_as_it_starts_says_why(made: Host) -> None:
    made.spawn("libvirtd", "echo first; echo no room on the disk >&2; exit 1")
    made.daemons["libvirtd"].wait()
    with pytest.raises(Unfit, match=r"libvirtd does not start on h1: no room on the disk$"):
        made._wait(lambda: False, "libvirtd")


def test_a_daemon_that_ends_in_silence_is_told_from_its_log(made: Host) -> None:
    (made.folder / "var/log/libvirtd.log").write_text("error: cannot open the monitor\n\n")
    made.spawn("libvirtd", "exit 1")
    made.daemons["libvirtd"].wait()
    with pytest.raises(Unfit, match=r"libvirtd does not start on h1: error: cannot open the monitor$"):
        made._wait(lambda: False, "libvirtd")


def test_a_daemon_that_never_listens(made: Host) -> None:
    made.spawn("libvirtd", "exec sleep 600")
    with pytest.raises(Unfit, match=r"libvirtd does not start on h1: nothing said$"):
        made._wait(lambda: False, "libvirtd", seconds=0)


def test_a_program_that_cannot_even_say_its_version(monkeypatch: pytest.MonkeyPatch) -> None:
    said = Done(127, "", "libvirtd: error while loading shared libraries: libvirt.so.0\n")
    monkeypatch.setattr("contract.libvirt.real.run", lambda *_: said)
    with pytest.raises(Unfit, match=r"^libvirtd does not start: libvirtd: error while loading shared libraries"):
        version()


class NoLibrary:
    """libvirt's client library, of which no daemon takes a call."""

    class libvirtError(Exception):  # noqa: N801  its name there
        """What it raises."""

    def open(self, _: str) -> None:
        """No connection."""
        raise self.libvirtError("Failed to connect socket: Connection refused\nmore of it")


def test_a_daemon_that_does_not_answer(made: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "library", NoLibrary)
    pair = object.__new__(RealPair)
    pair.hosts, pair.told = {"h1": made}, {"h1": []}
    with pytest.raises(Unfit, match=r"libvirtd does not answer on h1: Failed to connect socket: Connection refused$"):
        pair._connect("h1")


def test_the_run_ends_in_2_with_one_line_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(machine, "fit", lambda: None)
    monkeypatch.setattr(machine, "sweep", lambda: None)
    monkeypatch.setattr(machine, "install", lambda packages: None)
    monkeypatch.setattr(client, "library", lambda: None)
    monkeypatch.setattr(lab, "run", lambda *_: Done(0, "", ""))
    monkeypatch.setattr("contract.libvirt.host.run", lambda *_: Done(0, "", ""))
    monkeypatch.setattr("contract.libvirt.real.run", lambda *_: Done(0, "QEMU emulator version 7.2", ""))
    monkeypatch.setattr(Host, "command", lambda self, *words: ["sh", "-c", "echo bind: not permitted; exit 1"])
    monkeypatch.setattr(command, "Lab", partial(Lab, tmp_path / "lab"))
    assert command.main(["libvirt"]) == 2
    assert capsys.readouterr().err == "contract: ovsdb-server does not start on h1: bind: not permitted\n"
    assert not (tmp_path / "lab").exists()

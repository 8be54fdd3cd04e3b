"""A machine on which the real parts cannot be played: one clear line, and exit code 2."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from contract import __main__ as command
from contract import lab, machine
from contract.lab import Done, Lab, Unfit
from contract.openvswitch import RealHost


def told(capsys: pytest.CaptureFixture[str], *names: str) -> str:
    """The one line that is printed when the contract is called, which must end in 2."""
    assert command.main(names) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    return lines[0]


@pytest.fixture
def debian(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine that has all that is looked at first."""
    release = tmp_path / "os-release"
    release.write_text('ID=debian\nVERSION_ID="12"\n')
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(machine, "RELEASE", release)
    monkeypatch.setattr(machine, "TUN", release)
    monkeypatch.setattr(machine, "POLICY", tmp_path / "policy")


def test_a_part_that_is_not_known(capsys: pytest.CaptureFixture[str]) -> None:
    assert told(capsys, "netns").startswith("contract: no part 'netns': there is libvirt, linux, openvswitch")


def test_no_root(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert "need root" in told(capsys)


def test_another_system(
    debian: None, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    machine.RELEASE.write_text("ID=fedora\n")
    assert "Debian 12" in told(capsys)


def test_no_tun_device(debian: None, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "TUN", Path("/nowhere/tun"))
    assert "modprobe tun" in told(capsys)


@pytest.mark.parametrize(("part", "package"), [("openvswitch", "openvswitch-switch"), ("libvirt", "python3-libvirt")])
def test_a_package_that_cannot_be_had(
    debian: None, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, part: str, package: str
) -> None:
    monkeypatch.setattr(machine, "run", lambda *_, **__: Done(100, "", "E: Unable to locate package\n"))
    line = told(capsys, part)
    assert "E: Unable to locate package" in line
    assert package in line
    assert not machine.POLICY.exists()


def test_a_policy_that_is_not_ours_stays(debian: None) -> None:
    machine.POLICY.write_text("#!/bin/sh\nexit 0\n")
    machine.sweep()
    assert machine.POLICY.exists()


def test_a_command_that_is_not_there() -> None:
    with pytest.raises(Unfit, match="no command no-such-command"):
        lab.run("no-such-command")


def test_a_daemon_that_does_not_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = Done(1, "", "ovsdb-server: I/O error: no space left on device\n")
    monkeypatch.setattr(lab, "run", lambda *command: said if "ovsdb-server" in command else Done(0, "", ""))
    with Lab(tmp_path / "lab") as made, pytest.raises(Unfit, match=r"ovsdb-server does not start: .*no space left"):
        RealHost(made).__enter__()
    assert not (tmp_path / "lab").exists()


def test_a_second_run_at_the_same_time_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lab, "run", lambda *_: Done(0, "", ""))
    with Lab(tmp_path / "lab"), pytest.raises(Unfit, match="another run"), Lab(tmp_path / "lab"):
        pass
    assert not (tmp_path / "lab").exists()


def test_a_process_of_a_killed_run_is_ended_by_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A number that has been given to another process since is left alone."""
    monkeypatch.setattr(lab, "run", lambda *_: Done(0, "", ""))
    ours, other = (subprocess.Popen(["sleep", "60"]) for _ in range(2))
    folder = tmp_path / "lab"
    folder.mkdir()
    (folder / "ours.pid").write_text(f"{ours.pid} {lab._begun(ours.pid)}\n")
    (folder / "other.pid").write_text(f"{other.pid} 1\n")
    with Lab(folder):
        assert ours.poll() is not None
        assert other.poll() is None
    other.kill()
    other.wait()

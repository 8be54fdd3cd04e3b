"""What a killed run leaves is swept by the next one, and only that.  Needs root, and namespaces that can be made."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from contract.lab import Lab, at_work, end, run

ROOT = Path(__file__).parents[2]
MARK = f"ovqsim-test-{os.getpid()}-"
FOREIGN = f"ovqsimx-test-{os.getpid()}"

KILLED = """
import os, signal, sys
from pathlib import Path
from contract.lab import Lab
from contract.linux.real import Namespace

lab = Lab(Path(sys.argv[1]), sys.argv[2]).__enter__()
host = Namespace(lab).__enter__()
host.hold("tap1")
host.lab.start(host.namespace, "sleeper", "sleep", "600")
(lab.folder / "database").write_text("rows")
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def foreign() -> Iterator[str]:
    """A namespace of somebody else's."""
    if os.geteuid() != 0 or not Path("/dev/net/tun").exists() or shutil.which("ip") is None:
        pytest.skip("needs root, /dev/net/tun and the ip command")
    if run("ip", "netns", "add", FOREIGN).status:
        pytest.skip("no network namespace can be made here")
    try:
        if run("ip", "netns", "exec", FOREIGN, "ip", "tuntap", "add", "tap0", "mode", "tap").status:
            pytest.skip("no tap can be made here")
        yield FOREIGN
    finally:
        run("ip", "netns", "delete", FOREIGN)


KILLED_PAIR = """
import os, signal, sys
from pathlib import Path
from contract.lab import Lab
from contract.libvirt.host import Host

lab = Lab(Path(sys.argv[1]), sys.argv[2]).__enter__()
host = Host(lab.folder / "libvirt" / "h1", lab.namespace("libvirt-h1"), "h1")
host.spawn("libvirtd", "sh", "-c", "touch /run/up; sleep 600 & sleep 600")
while not (host.folder / "run/up").exists():
    assert host.daemons["libvirtd"].poll() is None
os.kill(os.getpid(), signal.SIGKILL)
"""


def namespaces() -> list[str]:
    """The names of all namespaces."""
    return [line.split()[0] for line in run("ip", "netns", "list").out.splitlines() if line]


def test_what_a_killed_run_leaves_is_swept(foreign: str, tmp_path: Path) -> None:
    folder = tmp_path / "lab"
    killed = subprocess.run([sys.executable, "-c", KILLED, str(folder), MARK], cwd=ROOT, timeout=60)
    assert killed.returncode == -9
    assert f"{MARK}linux" in namespaces()
    numbers = [int(path.read_text().split()[0]) for path in folder.glob("*.pid")]
    assert len(numbers) == 2
    with Lab(folder, MARK):
        assert list(folder.iterdir()) == []
        assert not any(at_work(number) for number in numbers)
    assert [name for name in namespaces() if name.startswith(MARK)] == []
    assert foreign in namespaces()
    assert not folder.exists()


def test_a_host_of_libvirt_is_swept_with_all_that_its_daemon_has_started(foreign: str, tmp_path: Path) -> None:
    folder = tmp_path / "lab"
    mounts = Path("/proc/self/mounts").read_text().count(str(folder))
    killed = subprocess.run([sys.executable, "-c", KILLED_PAIR, str(folder), MARK], cwd=ROOT, timeout=60)
    assert killed.returncode == -9
    numbers = [int(one) for one in run("ip", "netns", "pids", f"{MARK}libvirt-h1").out.split()]
    assert len(numbers) >= 2
    with Lab(folder, MARK):
        assert not any(at_work(number) for number in numbers)
    assert [name for name in namespaces() if name.startswith(MARK)] == []
    assert not folder.exists()
    assert Path("/proc/self/mounts").read_text().count(str(folder)) == mounts


def test_ending_what_has_ended_is_no_error() -> None:
    gone = subprocess.Popen(["true"])
    gone.wait()
    end([gone.pid])

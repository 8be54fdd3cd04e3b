"""One host of the real pair: namespaces of network, mounts and host name, libvirtd and Open vSwitch in them.

Everything of the host lies in one folder: bound over /run, /var/lib, /var/cache, /var/log and /etc/libvirt, so the
machine's own folders, users and groups stay as they are.  How [obs] of docs/facts/README.md was made.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
import uuid
from pathlib import Path
from typing import Any

from contract.lab import Unfit, run

ENTER = """set -e
for part in run var/lib var/cache var/log etc/libvirt; do mount --bind "$1/$part" "/$part"; done
mount --bind "$1/etc/passwd" /etc/passwd
mount --bind "$1/etc/group" /etc/group
hostname "$2"
shift 2
exec "$@"
"""
"""Inside the new namespaces: the host's folders instead of the machine's, then the program."""

QEMU_CONF = """user = "root"
group = "root"
dynamic_ownership = 0
remember_owner = 0
security_driver = "none"
cgroup_controllers = []
namespaces = []
stdio_handler = "file"
keepalive_interval = 2
keepalive_count = 3
"""

LIBVIRTD_CONF = """host_uuid = "{uuid}"
listen_tls = 0
auth_unix_ro = "none"
auth_unix_rw = "none"
keepalive_interval = 2
keepalive_count = 3
log_level = 3
log_outputs = "3:file:/var/log/libvirtd.log"
"""

OVS_SCHEMA = "/usr/share/openvswitch/vswitch.ovsschema"


class Host:
    """One host.

    Args:
        folder: empty; everything of the host goes there.
        netns: the name of its network namespace, which exists.
        name: its host name.
    """

    def __init__(self, folder: Path, netns: str, name: str) -> None:
        self.folder, self.netns, self.name = folder, netns, name
        self.daemons: dict[str, subprocess.Popen[bytes]] = {}
        self.libvirtd_wanted = False
        for part in ("run/openvswitch", "run/lock", "var/lib", "var/cache", "var/log/openvswitch", "etc/libvirt"):
            (folder / part).mkdir(parents=True)
        self._accounts()
        (folder / "etc/libvirt/qemu.conf").write_text(QEMU_CONF)
        (folder / "etc/libvirt/libvirtd.conf").write_text(LIBVIRTD_CONF.format(uuid=uuid.uuid4()))

    def _accounts(self) -> None:
        """libvirtd asks for the user libvirt-qemu and the group kvm: here only, not on the machine."""
        passwd, group = Path("/etc/passwd").read_text(), Path("/etc/group").read_text()
        if "libvirt-qemu:" not in passwd:
            passwd += "libvirt-qemu:x:64055:64055::/nonexistent:/usr/sbin/nologin\n"
        for name, number in (("kvm", 64054), ("libvirt-qemu", 64055)):
            if f"\n{name}:" not in group:
                group += f"{name}:x:{number}:\n"
        (self.folder / "etc/passwd").write_text(passwd)
        (self.folder / "etc/group").write_text(group)

    # --- programs ------------------------------------------------------------------------------

    def command(self, *command: str) -> list[str]:
        """The command as it runs inside the host."""
        enter = ("unshare", "--mount", "--uts", "--propagation", "private", "sh", "-c", ENTER, "sh")
        return ["ip", "netns", "exec", self.netns, *enter, str(self.folder), self.name, *command]

    def spawn(self, name: str, *command: str) -> None:
        """Start a daemon of the host, in the foreground of nobody."""
        log = (self.folder / f"{name}.out").open("ab")
        self.daemons[name] = subprocess.Popen(
            self.command(*command), stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )
        log.close()

    def inside(self, *command: str) -> str:
        """A command's output, run inside the host."""
        return run(*self.command(*command)).out

    @property
    def socket(self) -> Path:
        """libvirtd's, as seen from outside."""
        return self.folder / "run/libvirt/libvirt-sock"

    def start_libvirtd(self) -> None:
        """Start libvirtd and wait for its socket."""
        self.libvirtd_wanted = True
        self.socket.unlink(missing_ok=True)
        self.spawn("libvirtd", "libvirtd", "--config", "/etc/libvirt/libvirtd.conf")
        self._wait(self.socket.exists, "libvirtd")

    def start_openvswitch(self) -> None:
        """Start both daemons of Open vSwitch with an empty database."""
        database = self.folder / "var/lib/conf.db"
        run("ovsdb-tool", "create", str(database), OVS_SCHEMA)
        self.restart_dead()

    def restart_dead(self) -> None:
        """Start those daemons that were killed; libvirtd only if it was ever started."""
        if "ovsdb-server" not in self.daemons:
            self.start_ovsdb()
            self.vsctl("--no-wait", "init")
        if "ovs-vswitchd" not in self.daemons:
            self.spawn("ovs-vswitchd", "ovs-vswitchd", "--disable-system", "unix:/run/openvswitch/db.sock")
        if self.libvirtd_wanted and "libvirtd" not in self.daemons:
            self.start_libvirtd()

    def start_ovsdb(self) -> None:
        """Start the database's daemon and wait for its socket."""
        socket = self.folder / "run/openvswitch/db.sock"
        socket.unlink(missing_ok=True)
        self.spawn("ovsdb-server", "ovsdb-server", "--remote=punix:/run/openvswitch/db.sock", "/var/lib/conf.db")
        self._wait(socket.exists, "ovsdb-server")

    def _wait(self, ready: Any, name: str, seconds: float = 30) -> None:
        end = time.monotonic() + seconds
        while not ready():
            if time.monotonic() > end or self.daemons[name].poll() is not None:
                raise Unfit(f"{name} does not start on {self.name}: {self.said(name)}")
            time.sleep(0.02)

    def said(self, name: str) -> str:
        """The last line that a daemon has said, to its output or to its log."""
        files = (self.folder / f"{name}.out", self.folder / f"var/log/{name}.log")
        lines = [line for file in files if file.exists() for line in file.read_text(errors="replace").splitlines()]
        return next((line.strip() for line in reversed(lines) if line.strip()), "nothing said")

    def kill(self, name: str) -> None:
        """SIGKILL for a daemon."""
        daemon = self.daemons.pop(name)
        daemon.kill()
        daemon.wait()

    # --- looking -------------------------------------------------------------------------------

    def vsctl(self, *args: str) -> str:
        """ovs-vsctl's answer."""
        database = f"--db=unix:{self.folder}/run/openvswitch/db.sock"
        return run("ovs-vsctl", "--timeout=5", database, *args).out

    def taps(self) -> list[dict[str, Any]]:
        """The host's taps: name, master, up, MAC."""
        links = json.loads(run("ip", "-n", self.netns, "-d", "-j", "link").out or "[]")
        kinds = [(one, one.get("linkinfo", {}).get("info_kind")) for one in links]
        return [one for one, kind in kinds if kind == "tun" and one["ifname"].startswith(("vnet", "tap"))]

    def records(self) -> list[dict[str, str]]:
        """Open vSwitch's records of VMs' ports: name, iface-id, MAC."""
        table = json.loads(
            self.vsctl("--format=json", "--columns=name,external_ids", "list", "Interface") or '{"data": []}'
        )
        rows = [{"name": name, **dict(ids[1])} for name, ids in table["data"]]
        return [row for row in rows if "iface-id" in row]

    def qemu(self, vm: str) -> int:
        """The process of a VM's qemu, 0 for none."""
        for pid in run("ip", "netns", "pids", self.netns).out.split():
            try:
                words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if f"guest={vm},debug-threads=on".encode() in words:
                return int(pid)
        return 0

    def kill_qemu(self, vm: str, number: int = signal.SIGKILL) -> None:
        """A signal for a VM's qemu."""
        pid = self.qemu(vm)
        if pid:
            os.kill(pid, number)

"""Linux as the contract's host: a network namespace."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from contract.behaviours import NotHere
from contract.lab import Done, Lab, Unfit, end, first_line, run
from contract.words import word

HOLDER = Path(__file__).parents[1] / "holder.py"


class Namespace:
    """A host that is a network namespace, and the processes in it that hold taps."""

    def __init__(self, lab: Lab, name: str = "linux") -> None:
        self.lab = lab
        self.name = name
        self.holders: dict[str, subprocess.Popen[str]] = {}

    def __enter__(self) -> Any:
        self.namespace = self.lab.namespace(self.name)
        return self

    def __exit__(self, *_: object) -> None:
        self.lab.drop(self.namespace)

    def within(self, *command: str) -> Done:
        """A command in the namespace."""
        return self.lab.within(self.namespace, *command)

    def hold(self, name: str) -> None:
        """A process opens the tap, and it is there as long as the process.

        Raises:
            Unfit: it cannot be opened.
        """
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        command = (sys.executable, str(HOLDER), name)
        holder = self.lab.start(self.namespace, f"holder-{name}", *command, **pipes)
        assert holder.stdout is not None
        if holder.stdout.readline() != "open\n":
            raise Unfit(f"tap {name} cannot be opened: see what /dev/net/tun allows")
        self.holders[name] = holder

    def kill_holder(self, name: str) -> None:
        """SIGKILL for the process that has opened it."""
        end([self.holders.pop(name).pid])

    def reboot(self) -> None:
        """The namespace goes with all in it, and comes anew."""
        self.lab.drop(self.namespace)
        self.holders.clear()
        self.lab.namespace(self.name)

    def devices(self) -> dict[str, str]:
        """Masters by name."""
        rows = json.loads(self.within("ip", "-json", "link").out or "[]")
        return dict(sorted((row["ifname"], row.get("master", "")) for row in rows if row["ifname"] != "lo"))


class RealHost(Namespace):
    """`ip` and `brctl`."""

    def _told(self, *command: str) -> str:
        return told(self.within(*command))

    def tap(self, name: str) -> str:
        """``ip tuntap add``"""
        return self._told("ip", "tuntap", "add", "dev", name, "mode", "tap")

    def bridge(self, name: str) -> str:
        """``brctl addbr``, and set up, as agents do"""
        said = self._told("brctl", "addbr", name)
        if not said:
            self.within("ip", "link", "set", name, "up")
        return said

    def delete(self, name: str) -> str:
        """``ip link delete``"""
        return self._told("ip", "link", "delete", name)

    def delete_bridge(self, name: str) -> str:
        """Set down, ``brctl delbr``"""
        self.within("ip", "link", "set", name, "down")
        return self._told("brctl", "delbr", name)

    def enslave(self, bridge: str, name: str) -> str:
        """``brctl addif``"""
        return self._told("brctl", "addif", bridge, name)

    def release(self, bridge: str, name: str) -> str:
        """``brctl delif``"""
        return self._told("brctl", "delif", bridge, name)

    def vlan(self, nic: str, vlan: int) -> str:
        """``ip link add type vlan``, on an interface that is there.

        Raises:
            NotHere: this kernel has none.
        """
        self.veth(nic, f"{nic}-peer")
        done = self.within("ip", "link", "add", "link", nic, "name", f"{nic}.{vlan}", "type", "vlan", "id", str(vlan))
        if "Unknown device type" in done.err:
            raise NotHere("this kernel has no VLAN devices (8021q)")
        return told(done)

    def veth(self, name: str, peer: str) -> str:
        """``ip link add type veth``"""
        return self._told("ip", "link", "add", name, "type", "veth", "peer", "name", peer)

    def macvtap(self, nic: str, name: str) -> str:
        """``ip link add type macvtap``"""
        return self._told("ip", "link", "add", "link", nic, "name", name, "type", "macvtap")


def told(done: Done) -> str:
    """``N word``, or "" for a command that succeeded."""
    return f"{done.status} {word(first_line(done.err or done.out))}" if done.status else ""


def version() -> str:
    """Of kernel and `ip`."""
    kernel = re.match(r"[\d.]+", run("uname", "-r").out)
    ip = re.search(r"iproute2-([\d.]+)", run("ip", "-V").out)
    return f"{kernel[0] if kernel else '?'}, iproute2 {ip[1] if ip else '?'}"

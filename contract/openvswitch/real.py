"""Open vSwitch as the contract's host: its two daemons in a network namespace, with the userspace datapath."""

from __future__ import annotations

import json
import os
import re
import select
import time
from typing import Any

from contract.lab import Done, Lab, Unfit, end, first_line, run
from contract.linux.real import Namespace, told
from contract.openvswitch.behaviours import ARRIVES, NOTHING, TAGGED

PACKAGES = ("iproute2", "openvswitch-switch")
SCHEMA = "/usr/share/openvswitch/vswitch.ovsschema"
DEAD_VLAN = 4095
SECONDS_OF_A_FRAME = 1.0
BRIDGES = ("br-int", "br-eth1")


class RealHost(Namespace):
    """`ovs-vsctl` and `ovs-ofctl`."""

    def __init__(self, lab: Lab) -> None:
        super().__init__(lab, "openvswitch")
        self.folder = lab.folder / "openvswitch"
        self._numbers: dict[str, int] = {}
        self._sent = 0

    def __enter__(self) -> Any:
        super().__enter__()
        self.folder.mkdir()
        self._daemon("ovsdb-tool", "create", str(self.folder / "conf.db"), SCHEMA)
        self._start_database()
        self._vsctl("--no-wait", "init")
        self._start_switch()
        for name in BRIDGES:
            self._vsctl("add-br", name, "--", "set", "Bridge", name, "datapath_type=netdev")
        return self

    def __exit__(self, *_: object) -> None:
        super().__exit__()
        for path in self.folder.iterdir():
            path.unlink()
        self.folder.rmdir()

    # --- daemons -------------------------------------------------------------------------------

    @property
    def _database(self) -> str:
        return f"unix:{self.folder}/db.sock"

    def _files(self, name: str) -> tuple[str, ...]:
        log = f"--log-file={self.folder}/{name}.log"
        return (f"--pidfile={self.folder}/{name}.pid", f"--unixctl={self.folder}/{name}.ctl", log, "--detach")

    def _daemon(self, *command: str) -> None:
        done = self.within("env", f"OVS_RUNDIR={self.folder}", *command)
        if done.status:
            raise Unfit(f"{command[0]} does not start: {first_line(done.err)}")

    def _start_database(self) -> None:
        remote = f"--remote=p{self._database}"
        self._daemon("ovsdb-server", str(self.folder / "conf.db"), remote, *self._files("ovsdb-server"))

    def _start_switch(self) -> None:
        self._daemon("ovs-vswitchd", self._database, "--disable-system", *self._files("ovs-vswitchd"))
        self._vsctl("list", "Bridge")

    def _stop(self, name: str) -> None:
        path = self.folder / f"{name}.pid"
        end([int(path.read_text())])
        path.unlink()

    def restart_switch(self) -> None:
        """SIGKILL, and started again; returns when it has read its configuration."""
        self._stop("ovs-vswitchd")
        self._start_switch()
        self._settle()

    def restart_database(self) -> None:
        """SIGKILL, and started again; returns when the switch has found it."""
        self._stop("ovsdb-server")
        self._start_database()
        self._settle()

    def _settle(self) -> None:
        """A change that the switch takes note of has it read its whole configuration."""
        self._vsctl("--timeout=20", "set", "Open_vSwitch", ".", f"external-ids:seen={time.monotonic_ns()}")

    def reboot(self) -> None:
        """All processes and devices go; the database stays."""
        super().reboot()
        for path in self.folder.iterdir():
            if path.suffix != ".db":
                path.unlink()
        self._start_database()
        self._start_switch()
        self._settle()

    # --- commands ------------------------------------------------------------------------------

    def _vsctl(self, *command: str) -> Done:
        return self.within("ovs-vsctl", f"--db={self._database}", "--timeout=10", *command)

    def _ofctl(self, command: str, bridge: str, *rest: str) -> Done:
        return self.within("ovs-ofctl", command, f"unix:{self.folder}/{bridge}.mgmt", *rest)

    def tap(self, name: str) -> None:
        """Held by a process, up."""
        self.hold(name)
        self.within("ip", "link", "set", name, "up")

    def untap(self, name: str) -> None:
        """The process is killed."""
        self.kill_holder(name)

    def add_port(self, bridge: str, name: str, iface_id: str) -> str:
        """As libvirt does it; that the device is absent is a warning."""
        ids = f'external-ids:iface-id="{iface_id}"'
        return told(self._vsctl("--may-exist", "add-port", bridge, name, "--", "set", "Interface", name, ids))

    def del_port(self, name: str) -> str:
        """As libvirt does it."""
        return told(self._vsctl("--if-exists", "del-port", name))

    def wire(self, name: str, tag: int) -> str:
        """As the agent does it."""
        said = told(self._vsctl("set", "Port", name, f"tag={tag}"))
        if not said:
            self._ofctl("del-flows", "br-int", f"in_port={self._ofport(name)}")
        return said

    def deaden(self, name: str) -> str:
        """As the agent does it."""
        said = told(self._vsctl("set", "Port", name, f"tag={DEAD_VLAN}"))
        if not said:
            self._ofctl("add-flow", "br-int", f"in_port={self._ofport(name)},priority=2,actions=drop")
        return said

    def clear_flows(self) -> None:
        """As the agent does it at its start: all flows go, and the normal rule is set."""
        self._ofctl("del-flows", "br-int")
        self._ofctl("add-flow", "br-int", "priority=1,actions=normal")

    def add_tunnel(self, name: str, remote: str) -> None:
        """As the tunnel agent does it."""
        self._vsctl("add-br", "br-tun", "--", "set", "Bridge", "br-tun", "datapath_type=netdev")
        self._ofctl("del-flows", "br-tun")
        self._ofctl("add-flow", "br-tun", "priority=1,actions=drop")
        kind = ("type=gre", f"options:remote_ip={remote}", "options:in_key=flow", "options:out_key=flow")
        self._vsctl("add-port", "br-tun", name, "--", "set", "Interface", name, *kind)

    def bind_tunnel(self, vlan: int, key: int) -> None:
        """As the tunnel agent does it."""
        self._ofctl("add-flow", "br-tun", f"priority=4,dl_vlan={vlan},actions=set_tunnel:{key:#x},normal")
        self._ofctl("add-flow", "br-tun", f"priority=3,tun_id={key:#x},actions=mod_vlan_vid:{vlan},normal")

    # --- looks ---------------------------------------------------------------------------------

    def _rows(self, table: str, *columns: str) -> list[dict[str, Any]]:
        said = self._vsctl("--format=json", f"--columns={','.join(columns)}", "list", table).out
        return [dict(zip(columns, row, strict=True)) for row in json.loads(said)["data"]]

    def _ofport(self, name: str) -> int:
        found = [row["ofport"] for row in self._rows("Interface", "name", "ofport") if row["name"] == name]
        return found[0] if found and isinstance(found[0], int) else -1

    def record(self, name: str) -> dict[str, Any] | None:
        """Number, bridge, iface-id, tag."""
        uuids = {row["name"]: row["_uuid"][1] for row in self._rows("Port", "name", "_uuid")}
        if name not in uuids:
            return None
        number = self._numbers.setdefault(uuids[name], len(self._numbers) + 1)
        tag = self._vsctl("get", "Port", name, "tag").out.strip()
        iface_id = self._vsctl("get", "Interface", name, "external-ids:iface-id").out.strip().strip('"')
        bridge = self._vsctl("port-to-br", name).out.strip()
        return {"number": number, "bridge": bridge, "iface_id": iface_id, "tag": int(tag) if tag != "[]" else None}

    def has_device(self, name: str) -> bool:
        """Its number is not -1."""
        return self._ofport(name) > 0

    def dropped(self) -> list[str]:
        """The ports that now bear the numbers in flows that drop."""
        flows = self._ofctl("dump-flows", "br-int").out
        numbers = {int(found) for found in re.findall(r"in_port=(\d+) actions=drop", flows)}
        ports = {row["ofport"]: row["name"] for row in self._rows("Interface", "name", "ofport") if row["ofport"]}
        return sorted(ports[number] for number in numbers if number in ports)

    def tunnels(self) -> dict[str, list[str]]:
        """GRE ports, and what flows match; the rule that every new bridge has is none of the agent's."""
        flows = self._ofctl("dump-flows", "br-tun").out
        found = re.findall(r"priority=[34],(dl_vlan=\d+|tun_id=0x[0-9a-f]+)", flows)
        matches = [f"tun_id={int(one[7:], 16)}" if one.startswith("tun_id") else one for one in found]
        matches += ["default"] if "priority=1 actions=drop" in flows else []
        return {"ports": sorted(self._vsctl("list-ports", "br-tun").out.split()), "flows": sorted(matches)}

    def frame(self, one: str, other: str) -> str:
        """Send a frame that was never sent before, and see whether it comes."""
        self._sent += 1
        text = f"frame {self._sent}"
        pipe = self.holders[one].stdin
        assert pipe is not None
        pipe.write(f"{text}\n")
        pipe.flush()
        limit = time.monotonic() + SECONDS_OF_A_FRAME
        while time.monotonic() < limit:
            for line in self._heard(other):
                if line.endswith(text):
                    return TAGGED if line.startswith("tagged") else ARRIVES
        return NOTHING

    def _heard(self, name: str) -> list[str]:
        pipe = self.holders[name].stdout
        assert pipe is not None
        ready, _, _ = select.select([pipe], [], [], 0.05)
        return os.read(pipe.fileno(), 4096).decode().splitlines() if ready else []


def version() -> str:
    """Of the daemon."""
    found = re.search(r"Open vSwitch\) ([\d.]+)", run("ovs-vswitchd", "--version").out)
    return f"{found[1] if found else '?'}, userspace datapath"

"""The names of one scenario: hosts, networks, VMs, and what refers to one that does not exist."""

from __future__ import annotations

import re
from typing import Any

from fakes.topology import AGENT, Topology
from scenarios.nearest import nearest
from scenarios.programs import PROGRAMS, QEMU, program
from scenarios.tree import Node, shown

STORAGE, POWER = "storage", "power"
"""The names of the nodes that no topology names."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*\Z")


class Names:
    """What may be named, by kind; steps add what they make."""

    def __init__(self, topology: Topology) -> None:
        hosts = {name: host for cluster in topology.clusters.values() for name, host in cluster.hosts.items()}
        self.known: dict[str, dict[str, None]] = {
            "server": dict.fromkeys(topology.quantum),
            "data center": dict.fromkeys(topology.centers()),
            "cluster": dict.fromkeys(topology.clusters),
            "host": dict.fromkeys(hosts),
            "network": dict.fromkeys(topology.networks),
            "vm": {},
        }
        self.nics: dict[str, dict[str, None]] = {}
        self.by_kind: dict[str, list[str]] = {
            "engine": topology.engines(),
            "server": list(topology.quantum),
            "host": list(hosts),
            "fabric host": [name for name, host in hosts.items() if host.agents()],
            "network host": [name for name, host in hosts.items() if host.networks],
            "lease host": list(hosts) if topology.leases else [],
            "storage": [STORAGE] if topology.leases else [],
            "fence device": [POWER] if any(host.power for host in hosts.values()) else [],
        }
        self.agents: dict[str, list[str]] = {}
        for name, host in hosts.items():
            for process in host.agents().values():
                self.agents.setdefault(process, []).append(name)

    def nodes(self) -> list[str]:
        """Every node."""
        return [name for kind in ("engine", "server", "host", "storage", "fence device") for name in self.by_kind[kind]]

    def processes(self) -> list[str]:
        """Every process that a trigger may name."""
        daemons = [name for name, one in PROGRAMS.items() if self.by_kind[one.node] and name != AGENT]
        return [*daemons, *self.agents, *(QEMU + vm for vm in self.known["vm"])]

    def places(self, process: str) -> list[str]:
        """The nodes on which a process of that name may run."""
        if process in self.agents:
            return self.agents[process]
        return self.by_kind[program(process).node]

    def refer(self, kind: str, value: Any, node: Node, vm: str = "") -> None:
        """Refuse a reference to what does not exist; a mapping refers by its values, a vNIC is one of `vm`."""
        known = self._known(kind, vm)
        if isinstance(value, dict):
            for key, one in value.items():
                self.refer(kind, one, node.at(key))
        elif value not in known:
            where = f"of {vm}" if kind == "nic" else "here"
            node.fail(f"there is no {_KINDS[kind]} {shown(value)} {where}", nearest(value, known))

    def make(self, kind: str, value: str, node: Node, vm: str = "") -> None:
        """Something of that name exists from now on."""
        check_name(value, node, _KINDS[kind])
        self._known(kind, vm)[value] = None

    def _known(self, kind: str, vm: str) -> dict[str, None]:
        return self.nics.setdefault(vm, {}) if kind == "nic" else self.known[kind]

    def check_node(self, value: str, node: Node) -> None:
        """Refuse a node that does not exist."""
        if value not in self.nodes():
            node.fail(f"there is no node {shown(value)}", nearest(value, self.nodes()))

    def check_process(self, process: str, on: str, node: Node) -> None:
        """Refuse a process that does not exist, or that never runs on that node ("*": any)."""
        if process not in self.processes():
            node.fail(f"there is no process {shown(process)}", nearest(process, self.processes()))
        if on == "*":
            return
        self.check_node(on, node)
        if on not in self.places(process):
            node.fail(
                f"no {process} runs on {on!r}",
                f"it runs on: {', '.join(self.places(process)) or 'no node here'}",
            )


_KINDS = {
    "server": "Quantum server", "data center": "data centre", "cluster": "cluster",
    "host": "host", "network": "network", "vm": "VM", "nic": "vNIC",
}  # fmt: skip


def check_name(name: str, node: Node, what: str) -> None:
    """Refuse a name that a trigger could not spell."""
    if _NAME.match(name) is None:
        article = "an" if what[0] in "aeiou" else "a"
        node.fail(f"{shown(name)} is no name for {article} {what}", "use letters, digits, dashes, dots and underscores")

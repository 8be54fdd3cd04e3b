"""The processes that a trigger may name: where each runs, what it may be asked, what can befall messages."""

from __future__ import annotations

from functools import cache
from typing import Literal, NamedTuple

from fakes import links
from fakes.engine.service import Engine
from fakes.host.bridges import Network
from fakes.host.fence_device import FenceDevice
from fakes.host.kernel import Ip
from fakes.host.openvswitch import OpenVSwitch
from fakes.host.sanlock import Leases, Sanlock
from fakes.libvirt.qemu import QemuProcess
from fakes.libvirt.service import Libvirt
from fakes.quantum.agent import OvsAgent
from fakes.quantum.api import QuantumServer
from fakes.quantum.database import Database
from fakes.topology import AGENT
from fakes.vdsm.service import Vdsm
from sim.links import LinkKind
from sim.nodes import Service

QEMU = "qemu-"
"""The process of a VM is named by this and the VM's name."""

AGENT_OF = f"{AGENT}-"
"""An agent of a host with several fabrics is named by this and the Quantum server's name."""

Kind = Literal["engine", "server", "host", "fabric host", "network host", "lease host", "storage", "fence device"]


class Program(NamedTuple):
    """A kind of process: the kind of node that it runs on, its code, and the links that lead to it."""

    node: Kind
    service: type[Service]
    links: tuple[LinkKind, ...]


PROGRAMS: dict[str, Program] = {
    "engine": Program("engine", Engine, (links.REST,)),
    "quantum": Program("server", QuantumServer, (links.ENGINE_QUANTUM,)),
    "db": Program("server", Database, (links.AGENT_DATABASE,)),
    "vdsm": Program("host", Vdsm, (links.ENGINE_VDSM, links.VDSM_PEER, links.LIBVIRT_EVENT)),
    "libvirt": Program("host", Libvirt, (links.VDSM_LIBVIRT, *links.LIBVIRT_PEER.values(), links.QEMU_EVENT)),
    AGENT: Program("fabric host", OvsAgent, ()),
    "ovs": Program("host", OpenVSwitch, (links.OVS_COMMAND,)),
    "ip": Program("host", Ip, (links.LOCAL_COMMAND,)),
    "network": Program("network host", Network, ()),
    "sanlock": Program("lease host", Sanlock, (links.SANLOCK,)),
    "bmc": Program("fence device", FenceDevice, (links.FENCE,)),
    "leases": Program("storage", Leases, (links.SANLOCK,)),
}

_QEMU = Program("host", QemuProcess, (links.QEMU_MONITOR, links.QEMU_STREAM, links.GUEST))


def program(process: str) -> Program:
    """The program that a process runs."""
    return PROGRAMS.get(AGENT if process.startswith(AGENT_OF) else process, _QEMU)


@cache
def verbs(process: str) -> tuple[str, ...]:
    """What the process may be asked."""
    handlers = [name for name in dir(program(process).service) if name.startswith("on_")]
    return ("*", *(name.removeprefix("on_").replace("_", "-") for name in handlers), "connect")


@cache
def message_fates(process: str) -> tuple[str, ...]:
    """What can become of a message to the process, by the table of links."""
    found = {fate: None for link in program(process).links for fate in link.fates}
    return tuple(found)

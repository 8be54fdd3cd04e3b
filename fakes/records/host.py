"""What a host's kernel and Open vSwitch hold.  Facts: docs/facts/libvirt.md 8, quantum.md 3.1, 3.2, ovirt.md 4.5."""

from __future__ import annotations

import msgspec

from sim.tables import Lifetime, Schema


class Tap(msgspec.Struct, frozen=True, gc=False):
    """A tap device.  `holder` is the process that opened it and with which it dies; "" if it persists.

    `bridge` is its master, a Linux bridge; "" none.  It belongs to the device, and goes with it.
    """

    name: str
    ifindex: int
    mac: str
    holder: str
    maker: str  # ip, libvirt, qemu
    vm: str = ""
    bridge: str = ""


class LinuxBridge(msgspec.Struct, frozen=True, gc=False):
    """A bridge of the kernel, up.  `maker`: vdsm (from its configuration at boot) or agent."""

    name: str
    ifindex: int
    maker: str


class VlanDevice(msgspec.Struct, frozen=True, gc=False):
    """A VLAN of a physical interface (``eth1.100``) as a device; `bridge` is its master, "" none."""

    name: str
    ifindex: int
    nic: str
    vlan: int
    maker: str
    bridge: str = ""


class Links(msgspec.Struct, frozen=True, gc=False):
    """The devices of a host, as ``/sys/class/net`` shows them."""

    taps: tuple[Tap, ...]
    bridges: tuple[LinuxBridge, ...]
    vlans: tuple[VlanDevice, ...]


class BridgedNic(msgspec.Struct, frozen=True, gc=False):
    """A physical interface whose master is a Linux bridge: what leaves there is untagged."""

    nic: str
    bridge: str


class HostNetwork(msgspec.Struct, frozen=True, gc=False):
    """A network of VDSM's own fabric, as its ``ifcfg`` files say: a bridge of that name; `vlan` None: untagged."""

    name: str
    nic: str
    vlan: int | None = None


class Qemu(msgspec.Struct, frozen=True, gc=False):
    """A qemu process: whether its CPUs run, and its part in a migration.

    `migration`: "", incoming, received, active, cancelled, broken, completed; `attempt` counts those out of it,
    `stream` names the connection of the present one, and `switched` says that it stopped running CPUs.  `nics`
    are the MACs of the NICs that the guest has.  Ours: `since`, when it was forked, for checks alone.
    """

    vm: str
    process: str
    running: bool
    migration: str = ""
    stream: str = ""
    attempt: int = 0
    switched: bool = False
    since: int = 0
    nics: tuple[str, ...] = ()


class OvsBridge(msgspec.Struct, frozen=True, gc=False):
    """An Open vSwitch bridge: it is in the database, so it outlives a reboot.  `patch`: the bridge it is patched to.

    Without flows it is a plain switch; if `secure` (its fail mode), it then drops everything.
    """

    name: str
    patch: str = ""
    secure: bool = False


class Trunk(msgspec.Struct, frozen=True, gc=False):
    """A physical interface, the Open vSwitch bridge that it is in ("" none), and the physical network it leads to."""

    nic: str
    bridge: str
    physical: str


class OvsPort(msgspec.Struct, frozen=True, gc=False):
    """A port record of the Open vSwitch database: it outlives its device and a reboot.

    `row` is its identity; `device` the ifindex of the tap that it was made for, 0 when that was absent;
    `tag` its VLAN, None for none.
    """

    name: str
    row: int
    bridge: str
    iface_id: str
    attached_mac: str
    vm: str
    device: int
    tag: int | None = None


class Flow(msgspec.Struct, frozen=True, gc=False):
    """A drop flow of an in_port (by port name): gone when the host reboots."""

    bridge: str
    in_port: str


class Switch(msgspec.Struct, frozen=True, gc=False):
    """A physical switch: the physical networks that it joins, the VLANs that it carries ("" all)."""

    name: str
    joins: tuple[str, ...]
    vlans: str = ""


TAPS = Schema("taps", Tap, "name", Lifetime.HOST, ("holder", "mac", "bridge"))
LINUX_BRIDGES = Schema("linux_bridges", LinuxBridge, "name", Lifetime.HOST)
VLAN_DEVICES = Schema("vlan_devices", VlanDevice, "name", Lifetime.HOST, ("bridge", "vlan"))
BRIDGED_NICS = Schema("bridged_nics", BridgedNic, "nic", Lifetime.HOST, ("bridge",))
HOST_NETWORKS = Schema("host_networks", HostNetwork, "name", Lifetime.DURABLE)
QEMUS = Schema("qemus", Qemu, "vm", Lifetime.HOST, ("vm", "process", "stream"), noise=("since",))
BRIDGES = Schema("bridges", OvsBridge, "name", Lifetime.DURABLE)
TRUNKS = Schema("trunks", Trunk, "nic", Lifetime.DURABLE)
OVS_PORTS = Schema("ovs_ports", OvsPort, "name", Lifetime.DURABLE, ("iface_id", "tag"))
FLOWS = Schema("flows", Flow, ("bridge", "in_port"), Lifetime.HOST, ("in_port",))
SWITCHES = Schema("switches", Switch, "name", Lifetime.DURABLE)

SCHEMAS = (
    SWITCHES, TAPS, QEMUS, BRIDGES, TRUNKS, OVS_PORTS, FLOWS, LINUX_BRIDGES, VLAN_DEVICES, BRIDGED_NICS,
    HOST_NETWORKS,
)  # fmt: skip

"""What VDSM keeps: VM entries in memory, recovery files in its run directory.

Facts: docs/facts/ovirt.md 5.1, 5.6, 5.8, 5.9, 6.4.
"""

from __future__ import annotations

import msgspec

from sim.tables import Lifetime, Schema


class NicConf(msgspec.Struct, frozen=True, gc=False):
    """A vNIC as the engine describes it to VDSM; the four ids are the proposal's (`q_*`).

    `driver` is who wires it: ``ethernet`` (VDSM makes tap and Open vSwitch port, the proposal),
    ``virtualport`` (libvirt does), ``target`` (libvirt makes the tap, the linuxbridge agent finds it by its
    name), or ``bridge`` (no Quantum: the bridge `network`).
    """

    id: str
    mac: str
    network: str
    driver: str
    model: str = "pv"
    q_plugin: str = ""
    q_network_id: str = ""
    q_port_id: str = ""
    q_attachment_id: str = ""


class VmConf(msgspec.Struct, frozen=True, gc=False):
    """A VM as the engine describes it to VDSM; `owner` is a custom property naming the engine."""

    id: str
    name: str
    memory: int
    nics: tuple[NicConf, ...]
    owner: str = ""


class VdsmVm(msgspec.Struct, frozen=True, gc=False):
    """An entry of VDSM's list.  Status as in ovirt.md 5.1; a Down entry stays until `destroy`.

    `wired`: VDSM's own wiring of it exists on this host.  `told` is the last life-cycle event heard.
    """

    id: str
    conf: VmConf
    status: str
    exit_code: int = 0
    exit_message: str = ""
    wired: bool = False
    destroyed: bool = False
    told: str = ""
    migration: str = ""  # the source thread's status code, "" for none
    peer: str = ""  # the target of its migration
    step: str = ""  # the source thread's: queued, preparing, copying; "" for none
    cancelled: bool = False  # the source thread was told to stop
    changing: tuple[str, ...] = ()  # MACs that a hot plug or unplug is at
    attempt: str = ""  # the migration by which it leaves, or came; both ends name it alike


class RecoveryFile(msgspec.Struct, frozen=True, gc=False):
    """`<vmId>.recovery`: outlives VDSM, not the host's reboot."""

    id: str
    conf: VmConf
    status: str
    wired: bool
    peer: str = ""
    attempt: str = ""


class Report(msgspec.Struct, frozen=True, gc=False):
    """A VM as `list` and `getVmStats` report it; `nics` are the MACs of its NICs, as VDSM has them."""

    vm: str
    status: str
    exit_code: int
    exit_message: str
    owner: str
    nics: tuple[str, ...] = ()


class Opened(msgspec.Struct, frozen=True, gc=False):
    """VDSM's verbs are open: recovery is over.  Until then every verb answers 99."""

    name: str


OPENED = Schema("opened", Opened, "name", Lifetime.VOLATILE)
VDSM_VMS = Schema("vdsm_vms", VdsmVm, "id", Lifetime.VOLATILE)
RECOVERY_FILES = Schema("recovery_files", RecoveryFile, "id", Lifetime.HOST)

SCHEMAS = (OPENED, VDSM_VMS, RECOVERY_FILES)

"""What the engine keeps: its database, and its memory (locks, MAC pool, commands in flight).

Facts: docs/facts/ovirt.md 1.1, 1.2, 1.4, 1.5, 2.1, 2.5.
"""

from __future__ import annotations

import msgspec

from sim.tables import Lifetime, Schema


class DataCenter(msgspec.Struct, frozen=True, gc=False):
    """A data center (`storage_pool`)."""

    id: str


class Cluster(msgspec.Struct, frozen=True, gc=False):
    """A cluster (`vds_group`) of one data center."""

    id: str
    data_center: str


class Fabric(msgspec.Struct, frozen=True, gc=False):
    """What a host reports of one Quantum server's fabric: VDSM's driver, the agent's package, its process, its nics.

    `type` is the segmentation type that the agent is configured for.
    """

    name: str
    supported: bool
    installed: bool
    running: bool
    nics: tuple[str, ...] = ()
    type: str = "vlan"


class Capabilities(msgspec.Struct, frozen=True, gc=False):
    """What a host reports of itself: its Quantum fabrics, and the networks of VDSM's own that it carries."""

    fabrics: tuple[Fabric, ...]
    networks: tuple[str, ...] = ()


class Host(msgspec.Struct, frozen=True, gc=False):
    """A host (`vds`): status as in ovirt.md 1.2, `reason` of NonOperational; `fabrics` and `networks` (VDSM's own)
    as last reported; ours: `reported`, since when it has reported just these.

    `power`: it can be fenced; `started_at` and `stopped_at`: when the engine's log last has that it was (-1 never).
    `lacking_since`: since when an Up host has been without a required network; -1 if it has all.
    """

    id: str
    cluster: str
    status: str = "Unassigned"
    fabrics: tuple[Fabric, ...] = ()
    networks: tuple[str, ...] = ()
    failures: int = 0
    failing_since: int = -1
    power: bool = False
    started_at: int = -1
    stopped_at: int = -1
    reason: str = ""
    lacking_since: int = -1
    reported: int = 0


class LogicalNetwork(msgspec.Struct, frozen=True, gc=False):
    """A logical network: `server` is its Quantum server ("" none), `uuid` its id there ("" none yet)."""

    id: str
    name: str
    data_center: str
    server: str = ""
    uuid: str = ""
    vlan: int | None = None
    vm_network: bool = True
    status: str = "Active"  # "Removing" once its removal was asked for


class NetworkInCluster(msgspec.Struct, frozen=True, gc=False):
    """A network attached to a cluster: `Operational` or `NonOperational` there; `required` of its hosts or not."""

    network: str
    cluster: str
    status: str = "Operational"
    required: bool = False


class Vm(msgspec.Struct, frozen=True, gc=False):
    """A VM: `status` as in ovirt.md 1.4, `host` is `run_on_vds`; `wanted` is what was last asked.

    `changed`: when the row was last saved, in microseconds; ours: E12 has no such column.
    """

    id: str
    name: str
    cluster: str
    status: str = "Down"
    host: str = ""
    migrating_to: str = ""
    wanted: str = "down"
    memory: int = 512
    ha: bool = False  # highly available: started again when its host was fenced
    changed: int = 0


class Vnic(msgspec.Struct, frozen=True, gc=False):
    """A vNIC: `port` and `attachment` are its Quantum port and the id plugged into it, "" for none.

    `plugged` is what the engine holds; `wanted` what is being done about it: ``plug``, ``unplug``, ``unplug asked``
    (the guest was asked and still holds it), "" nothing.
    """

    id: str
    vm: str
    name: str
    network: str
    mac: str
    plugged: bool = True
    port: str = ""
    attachment: str = ""
    wanted: str = ""


class Job(msgspec.Struct, frozen=True, gc=False):
    """A command as the administrator sees it: STARTED, FINISHED, FAILED, UNKNOWN.

    `vnic` names the vNIC that it is about, and `asked` says what of it: ``plug`` or ``unplug``.
    """

    id: str
    action: str
    subject: str
    status: str = "STARTED"
    reason: str = ""
    vnic: str = ""
    asked: str = ""


class Compensation(msgspec.Struct, frozen=True, gc=False):
    """A row of `business_entity_snapshot`: what a command that fails must put back; None: remove it."""

    job: str
    table: str
    key: str
    before: Vm | Vnic | Host | None


class Lock(msgspec.Struct, frozen=True, gc=False):
    """An exclusive lock of the engine's memory: who holds it since when, and until when at the latest."""

    id: str
    group: str
    job: str
    since: int
    at_most: int


class MacPool(msgspec.Struct, frozen=True, gc=False):
    """The pool: the next fresh number of the range, the addresses returned (oldest first), those in use."""

    name: str
    size: int
    fresh: int
    returned: tuple[str, ...]
    used: tuple[str, ...]


class InFlight(msgspec.Struct, frozen=True, gc=False):
    """A VM whose run or migration the engine follows (`_asyncRunningVms`)."""

    vm: str
    action: str
    job: str


class Command(msgspec.Struct, frozen=True, gc=False):
    """A command that runs, in the engine's memory."""

    job: str
    action: str
    subject: str


class Uptime(msgspec.Struct, frozen=True, gc=False):
    """Since when the engine runs, for the interval at its start in which nothing is fenced."""

    name: str
    since: int


UPTIME = Schema("uptime", Uptime, "name", Lifetime.VOLATILE, noise=("since",))
MANAGEMENT = "ovirtmgmt"
"""The name of the management network (docs/facts/ovirt.md 1.1)."""

COMMANDS = Schema("commands", Command, "job", Lifetime.VOLATILE, ("subject",))
DATA_CENTERS = Schema("data_centers", DataCenter, "id", Lifetime.DURABLE)
CLUSTERS = Schema("clusters", Cluster, "id", Lifetime.DURABLE)
HOSTS = Schema(
    "hosts", Host, "id", Lifetime.DURABLE, ("cluster", "status"), noise=("failures", "failing_since", "lacking_since")
)
NETWORKS = Schema("networks", LogicalNetwork, "id", Lifetime.DURABLE, ("name", "server", "uuid"))
ATTACHED = Schema(
    "attached", NetworkInCluster, ("network", "cluster"), Lifetime.DURABLE,
    ("network", "cluster", "status", "required"),
)  # fmt: skip
VMS = Schema("vms", Vm, "id", Lifetime.DURABLE, ("name", "host", "migrating_to", "cluster"), noise=("changed",))
VNICS = Schema("vnics", Vnic, "id", Lifetime.DURABLE, ("vm", "network", "mac", "port", "attachment"))
JOBS = Schema("jobs", Job, "id", Lifetime.DURABLE, ("status", "subject"))
COMPENSATIONS = Schema("compensations", Compensation, ("job", "table", "key"), Lifetime.DURABLE, ("job",))
LOCKS = Schema("locks", Lock, ("id", "group"), Lifetime.VOLATILE, ("job",))
MAC_POOL = Schema("mac_pool", MacPool, "name", Lifetime.VOLATILE)
IN_FLIGHT = Schema("in_flight", InFlight, "vm", Lifetime.VOLATILE)

SCHEMAS = (
    DATA_CENTERS, CLUSTERS, HOSTS, NETWORKS, ATTACHED, VMS, VNICS, JOBS, COMPENSATIONS, LOCKS, MAC_POOL,
    IN_FLIGHT, COMMANDS, UPTIME,
)  # fmt: skip

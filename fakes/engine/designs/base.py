"""What a design is: a set of small strategies, so that how an engine acts is a value and not an `if`.

Each strategy's methods get the engine that acts.  The defaults here do nothing; `proposed` and
`reference` fill them in, and a defect replaces one of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from fakes.engine.designs.hosting import Hosting
from fakes.records.engine import Host, LogicalNetwork, Vm, Vnic
from fakes.records.vdsm import Report
from fakes.restarts import Restarts
from sim.outcomes import Failed

if TYPE_CHECKING:
    from fakes.engine.service import Engine


class Networks:
    """When a Quantum network is made and removed."""

    def refusal(self, engine: Engine, network: LogicalNetwork) -> Failed | None:
        """Why a network must not be made, as the error that says so; None if it may."""
        return None

    async def added(self, engine: Engine, network: LogicalNetwork) -> None:
        """A logical network was saved."""

    def unfit(self, engine: Engine, network: LogicalNetwork, cluster: str) -> Failed | None:
        """Why it must not come to that cluster; None if it may."""
        return None

    async def attached(self, engine: Engine, network: LogicalNetwork, cluster: str) -> None:
        """It is about to be attached to a cluster."""

    async def removed(self, engine: Engine, network: LogicalNetwork) -> None:
        """It is to go: Quantum's network and the row."""

    async def ensure(self, engine: Engine, network_id: str) -> None:
        """A reconciler finds that Quantum does not have the network."""

    def status(self, network: LogicalNetwork) -> str:
        """Its status in a cluster."""
        return "Operational"


class Ports:
    """When a port is made, plugged, unplugged and removed."""

    def wires(self, engine: Engine, vnic: Vnic, network: LogicalNetwork) -> bool:
        """Whether it is Quantum that wires this vNIC now; else VDSM does, in a bridge of the network's name."""
        return bool(network.server)

    async def vnic_added(self, engine: Engine, vm: Vm, vnic: Vnic, network: LogicalNetwork) -> None:
        """A vNIC on a Quantum network was saved."""

    async def plug(self, engine: Engine, vm: Vm) -> None:
        """The VM is about to start: afterwards each of its vNICs has its ids."""

    async def ensure(self, engine: Engine, vm: Vm, vnic_id: str, network: LogicalNetwork) -> None:
        """A reconciler finds a vNIC of a VM that is up without its plugged port."""

    async def start_failed(self, engine: Engine, vm: Vm) -> None:
        """The VM did not start anywhere."""

    async def unplug(self, engine: Engine, vm: Vm) -> None:
        """The VM has gone down."""

    async def vm_removed(self, engine: Engine, vm: Vm) -> None:
        """The VM is about to be removed, with its vNICs."""

    async def plug_one(self, engine: Engine, vm: Vm, vnic_id: str, network: LogicalNetwork) -> None:
        """One vNIC of a running VM is about to be plugged: afterwards it has its ids."""

    async def unplug_one(self, engine: Engine, vm: Vm, vnic_id: str, network: LogicalNetwork) -> None:
        """One vNIC of a running VM has been unplugged."""

    async def vnic_removed(self, engine: Engine, vm: Vm, vnic: Vnic, network: LogicalNetwork) -> None:
        """A vNIC that is not plugged is about to be removed."""

    async def vnic_gone(self, engine: Engine, vm: Vm, vnic: Vnic, network: LogicalNetwork) -> None:
        """Its row is gone."""


class HotPlug:
    """What plug and unplug of a vNIC of a running VM are, beyond the database."""

    def check(self, engine: Engine, vm: Vm) -> None:
        """Raise `Failed` if the VM's status allows neither; E12 looks at no status (docs/facts/ovirt.md 2.6)."""

    def begun(self, engine: Engine, vnic: Vnic) -> bool:
        """Whether a new vNIC stays when its command is undone, for its VM may have it (E12: none, ovirt.md 2.6)."""
        return False

    async def plug(self, engine: Engine, vm: Vm, vnic: Vnic) -> None:
        """Give the running VM this NIC."""

    async def unplug(self, engine: Engine, vm: Vm, vnic: Vnic) -> None:
        """Take this NIC from the running VM."""

    async def reported(self, engine: Engine, vm: Vm, report: Report) -> None:
        """The host of a VM that is Up reports its NICs."""

    async def vm_down(self, engine: Engine, vm: Vm) -> None:
        """The VM has gone down."""


class Migration:
    """Who speaks to whom in a migration, beside `migrate` to the source."""

    async def before(self, engine: Engine, vm: Vm, target: str) -> None:
        """Before `migrate`."""

    def known(self, engine: Engine, vm: Vm) -> dict[str, Any]:
        """What `migrate` says of the VM, beside its id (docs/facts/ovirt.md 4.2: nothing)."""
        return {}

    async def succeeded(self, engine: Engine, vm: Vm, source: str) -> None:
        """The VM is on its target."""

    async def cancel(self, engine: Engine, vm: Vm) -> None:
        """An administrator wants the migration ended: the source is told, once."""
        await engine.tell_to_cancel(vm)

    async def failed(self, engine: Engine, vm: Vm, target: str) -> None:
        """The VM is not on its target."""


class Placement:
    """What follows when a host reports a VM where the database does not expect it."""

    async def unknown_vm(self, engine: Engine, host: str, report: Report) -> None:
        """No VM has that id."""

    async def incoming(self, engine: Engine, host: str, vm: Vm) -> None:
        """A migration target."""

    async def elsewhere(self, engine: Engine, host: str, vm: Vm, report: Report) -> None:
        """The database has it on another host, or none."""

    async def absent(self, engine: Engine, host: str, vm: Vm) -> None:
        """The database has it there, and the host no longer reports it (docs/facts/ovirt.md 1.6)."""
        await engine.vanished(vm)

    async def unwanted(self, engine: Engine, host: str, vm: Vm) -> None:
        """It is where the database has it, but was asked to stop."""


class Fencing:
    """What follows when a host does not answer, and when it is off."""

    repeats: bool = False
    """Whether `look` is asked every minute."""
    verifies: bool = True
    """Whether the device is asked if it has done what it was told."""

    async def not_responding(self, engine: Engine, host: str) -> None:
        """The host has just become NonResponsive."""

    async def look(self, engine: Engine, host: str) -> None:
        """A host with power management, once a minute."""

    async def off(self, engine: Engine, vm: Vm) -> None:
        """The VM's host is off, or an administrator says that it was rebooted."""

    async def confirmed(self, engine: Engine, host: str) -> None:
        """An administrator says that the host was rebooted; raise what speaks against it."""


class Reports:
    """What the monitoring concludes from a host's answer (docs/facts/ovirt.md 1.6)."""

    def counts(self, vm: Vm, asked: int) -> bool:
        """Whether an answer that was asked for then says anything about the VM as it is on record now."""
        return True

    def moved(self, vm: Vm, report: Report) -> bool:
        """Whether a migrating VM that is Down at its source has moved: VDSM says so by the exit code."""
        return report.exit_code == 0

    def handed_over(self, vm: Vm) -> dict[str, Any]:
        """The columns of a VM that its source has let go."""
        return {"host": vm.migrating_to, "migrating_to": ""}

    def has_stayed(self, vm: Vm) -> bool:
        """Whether a VM that its host reports Up is still on record as migrating."""
        return vm.status == "MigratingFrom" or bool(vm.migrating_to)


class Addresses:
    """When MACs come back to the pool: of a VM or a vNIC that is removed, and of one whose making is undone."""

    def removing(self, engine: Engine, macs: tuple[str, ...]) -> None:
        """Its rows are about to be dropped."""

    def removed(self, engine: Engine, macs: tuple[str, ...]) -> None:
        """Its rows are gone, for certain."""
        engine.free_macs(macs)

    def undone(self, engine: Engine, macs: tuple[str, ...]) -> None:
        """The command that made their vNICs has failed, and its rows are gone."""
        engine.free_macs(macs)


class Scheduler:
    """Which hosts may run a VM."""

    def accepts(self, engine: Engine, vm: Vm, host: Host) -> bool:
        """Whether the host fits the VM's networks."""
        return True

    def takes(self, engine: Engine, host: Host, network: LogicalNetwork) -> bool:
        """Whether a vNIC on the network may be plugged on the host."""
        return True


class Recovery:
    """What an engine that starts again makes of what it left."""

    async def recover(self, engine: Engine) -> None:
        """Before anything else is done."""


class Design(msgspec.Struct, frozen=True):
    """One design.

    Args:
        driver: who wires a vNIC on a host (`fakes.vdsm.drivers`).
        locks: whether commands take locks.
        leases: whether VMs have a lease.
        intent_first: whether a place is saved before the call that brings it about.
        rolls_forward: whether a stop whose outcome is unknown goes on until the VM is down.
        believes_stops: whether a stop that was asked for long enough counts as done, answered or not.
        believes_errors: whether any error in answer to a start or a migration means that none has begun.
        reconcilers: names of the periodic comparisons (`fakes.engine.reconciling`).
        tenant: under what name engines use Quantum; each under its own, if that is "".
        removes_strays: whether reconcilers remove what bears this engine's key and nobody has.
        commit_tries: how often a change is committed before its command fails; a commit of the same
            rows is idempotent, so one whose outcome is unknown is simply made again.
        frees_locks: how a command can end so that its locks are freed.
        restarts: what a VDSM that starts again makes of the migrations that it finds.
    """

    name: str
    driver: str
    networks: Networks
    ports: Ports
    migration: Migration
    placement: Placement
    scheduler: Scheduler
    recovery: Recovery
    fencing: Fencing
    hot_plug: HotPlug
    hosting: Hosting
    locks: bool = False
    leases: bool = False
    intent_first: bool = False
    rolls_forward: bool = False
    believes_stops: bool = False
    believes_errors: bool = False
    reconcilers: tuple[str, ...] = ()
    tenant: str = ""
    removes_strays: bool = False
    commit_tries: int = 1
    frees_locks: tuple[str, ...] = ("FINISHED", "FAILED")
    reports: Reports = Reports()
    addresses: Addresses = Addresses()
    restarts: Restarts = Restarts()

"""Defects below the engine: a repair left out, so that a daemon does as it did in 2012."""

from __future__ import annotations

from fakes.engine.designs.base import Design
from fakes.engine.designs.fencing import FencesOnce
from fakes.records.libvirt import Domain
from fakes.records.vdsm import RecoveryFile
from fakes.repairs import Repairs
from fakes.restarts import Restarts
from scenarios.defects.base import Defect, using, without


def _incoming_left(design: Design, repairs: Repairs) -> tuple[Design, Repairs]:
    """As in the report: the engine ends at its target what it lost at its source, and no lease bars a second start."""
    return using(leases=False, fencing=FencesOnce())(*without("destroy_ends_incoming")(design, repairs))


class Unwatched(Restarts):
    """A migration from here goes on after VDSM's restart, and nobody waits for its end."""

    def follows(self, file: RecoveryFile) -> bool:
        return False


class PausedIsSource(Restarts):
    """A paused domain with a job is the source of a migration, whichever end it is."""

    def role(self, file: RecoveryFile, domain: Domain) -> str:
        return "Migration Source" if domain.state == "PAUSED" and domain.job else file.status

    def follows(self, file: RecoveryFile) -> bool:
        return bool(file.peer)


def _vlanless_is_fatal(design: Design, repairs: Repairs) -> tuple[Design, Repairs]:
    """The network without a VLAN is one mistake below the engine, the agent that dies of it another."""
    return without("linuxbridge_agent_outlives")(*without("vlan_in_one_transaction")(design, repairs))


DEFECTS = (
    Defect(
        "sweeps-nothing",
        "Agents leave Open vSwitch records of devices that are gone.",
        "clean-up that is nobody's",
        without("stale_ports_swept"),
    ),
    Defect(
        "takes-records-over",
        "A record of a device that is gone is taken over by the next device of its name, with its VLAN.",
        "clean-up by the wrong key",
        without("stale_port_made_anew"),
    ),
    Defect(
        "last-status-wins",
        "A port's op-status is what any agent wrote last, so a migration ends DOWN.",
        "acting on a stale report",
        without("op_status_after_migration"),
    ),
    Defect(
        "destroys-unseen",
        "After a failed migration VDSM destroys on its peer and says Up, without a look.",
        "rollback that undoes too much",
        without("migration_settled_by_asking"),
    ),
    Defect(
        "half-made-network",
        "A Quantum network and its VLAN are written in two transactions.",
        "effect in two halves",
        without("vlan_in_one_transaction"),
    ),
    Defect(
        "forgets-tunnel-flows",
        "The tunnel agent does not notice that Open vSwitch has lost the flows of br-tun.",
        "state lost below, unnoticed",
        without("tunnels_compared"),
    ),
    Defect(
        "keeps-local-vlans",
        "A VIF that vanishes leaves its network's local VLAN and flows on the host.",
        "clean-up that is nobody's",
        without("local_vlan_given_back"),
    ),
    Defect(
        "renumbers-local-vlans",
        "A tunnel agent that restarts numbers its networks anew while their VIFs still bear the old tags.",
        "volatile state lost at restart",
        without("local_vlans_kept"),
    ),
    Defect(
        "takes-taps-for-the-same",
        "An agent takes a tap for the one it wired when only the name and the id are the same.",
        "clean-up by the wrong key",
        without("recreated_tap_noticed"),
    ),
    Defect(
        "forgets-bridges",
        "A linuxbridge agent that starts knows only the networks that exist then, and leaves the bridges of others.",
        "volatile state lost at restart",
        without("linuxbridge_bridges_compared"),
    ),
    Defect(
        "leaves-loose-devices",
        "A linuxbridge agent that is cut off between a VLAN device and its bridge never finds the device again.",
        "effect in two halves",
        without("linuxbridge_devices_compared"),
    ),
    Defect(
        "status-written-once",
        "The linuxbridge agent writes a port's op-status when it bridges its tap, and never again.",
        "report that is lost once",
        without("linuxbridge_status_written"),
    ),
    Defect(
        "agent-dies-of-one-network",
        "A network can remain without its VLAN, and a plugged port on it ends the linuxbridge agents of all hosts.",
        "one bad row stops all",
        _vlanless_is_fatal,
    ),
    Defect(
        "destroy-says-done",
        "VDSM's destroy reports success although qemu survived.",
        "effect reported before it is done",
        without("destroy_reports_failure"),
    ),
    Defect(
        "forgets-the-awaited",
        "A VDSM that starts forgets a migration that it awaits, if its domain has not come yet.",
        "volatile state lost at restart",
        without("incoming_awaited_again", "unknown_arrival_ended"),  # the other mends what comes of this one
    ),
    Defect(
        "destroys-whatever-is-there",
        "VDSM's destroy ends what has arrived since the engine saw a migration come that nobody had asked for.",
        "acting on a stale read",
        without("destroy_of_what_was_seen"),
    ),
    Defect(
        "moves-whatever-it-is",
        "A migrate that comes late moves a VM that has got a vNIC since, to a host that does not carry its network.",
        "acting on a stale report",
        without("migrate_of_what_was_known"),
    ),
    Defect(
        "lets-the-unknown-arrive",
        "VDSM drops the events of a VM that is not in its list, so a migration that nobody awaits any more arrives.",
        "volatile state lost at restart",
        without("unknown_arrival_ended"),
    ),
    Defect(
        "destroys-the-next-migration",
        "A source that gave up ends at its target whatever entry of the VM is there when its request comes.",
        "clean-up by the wrong key",
        without("peer_destroys_its_own", "unknown_arrival_ended"),
    ),
    Defect(
        "destroy-leaves-incoming",
        "A migration that lost its source is ended at its target, where VDSM forgets it and its domain goes on.",
        "effect reported before it is done",
        _incoming_left,
    ),
    Defect(
        "recovered-migration-unwatched",
        "A VDSM that was restarted calls its VM migrating, and does not find out how that ends.",
        "volatile state lost at restart",
        using(restarts=Unwatched()),
    ),
    Defect(
        "incoming-taken-for-outgoing",
        "A VDSM that was restarted takes the incoming end of a migration for the outgoing one.",
        "role guessed from its signs",
        using(restarts=PausedIsSource()),
    ),
)

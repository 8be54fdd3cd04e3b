"""Live migration, protocol v3: Begin, Prepare, Perform, Finish, Confirm.

Peer to peer: the client sends one Perform to the source; the source daemon does Begin itself and opens its
own connection to the target, on which Prepare and Finish travel; Confirm is a call of its own.
Client-managed: the client sends all five over its own two connections.  This file holds phases,
autodestroy and keepalive; the end states follow from them.

Facts: docs/facts/libvirt.md 4, 5, 6, 7; links.md 3, 4.
"""

from __future__ import annotations

import msgspec

from fakes.libvirt.daemon import LibvirtBase
from fakes.libvirt.devices import migratable
from fakes.libvirt.lease import acquire, release
from fakes.libvirt.profiles import ABORTED
from fakes.links import LIBVIRT_PEER
from fakes.records import DOMAINS
from fakes.records.libvirt import Definition, Domain, Interface
from sim.connections import Connection
from sim.outcomes import Failed, Outcome, Refused, Unknown

replace = msgspec.structs.replace

NO_MIGRATION = "55 operation invalid"
MIGRATION_ENDED: dict[str, str] = {"job": "", "phase": "", "peer": ""}


class Migration(LibvirtBase):
    """Both ends of a live migration."""

    # --- the source ----------------------------------------------------------------------------

    async def on_begin(self, uuid: str, dxml: Definition | None = None) -> Definition:
        """Begin: take the job; the XML for the target, changed by the caller's if the ABI allows it."""
        return await self._begin(uuid, dxml, self.caller())

    async def _begin(self, uuid: str, dxml: Definition | None, client: Connection | None) -> Definition:
        domain = await self.job(uuid, "out")
        if domain.autodestroy:
            await self.end_job(uuid)
            raise Failed("55 operation invalid", "domain is marked for auto destroy")
        if dxml is not None and not abi_stable(domain.definition, dxml):
            await self.end_job(uuid)
            raise Failed("67 unsupported configuration", "the target domain differs from the source")
        peer = client.name if client else ""
        await self.become(uuid, "phase BEGIN3", phase="BEGIN3", peer=peer, stood=domain.state == "PAUSED")
        return migratable(dxml or domain.definition)

    async def on_perform(self, uuid: str, host: str, peer2peer: bool = True, dxml: Definition | None = None) -> str:
        """Perform; peer to peer, the whole migration.  Returns how it ended: ``migrated`` or ``performed``."""
        if not peer2peer:
            await self._perform(uuid, host)
            return "performed"
        xml = await self._begin(uuid, dxml, None)
        try:
            peer = await self._reach(host)
        except Failed:
            await self._forget(uuid)
            raise
        try:
            await self._peer_to_peer(uuid, host, xml, peer)
        finally:
            self.world.network.close(peer)
        return "migrated"

    async def _reach(self, host: str) -> Connection:
        """A connection to the target's daemon.

        Raises:
            Failed: it cannot be had; 1 when the target is this host.
        """
        if host == self.node:
            raise Failed("1 internal error", f"attempt to migrate to the same host {host}")
        try:
            return await self.connect(LIBVIRT_PEER[self.profile.name], host, "libvirt")
        except Outcome as error:
            raise Failed(f"{self.profile.refused} system error", f"cannot connect to {host}: {error}") from error

    async def _forget(self, uuid: str) -> None:
        """The migration ends before anything was done to the domain."""
        if self.table(DOMAINS).get(uuid) is not None:
            await self.become(uuid, "migration forgotten", **MIGRATION_ENDED)

    async def _peer_to_peer(self, uuid: str, host: str, xml: Definition, peer: Connection) -> None:
        paused = self.domain(uuid).state == "PAUSED"  # seen now: who pauses it later does not pause the target
        await self.become(uuid, "peer connected", peer=peer.name)
        link, name = LIBVIRT_PEER[self.profile.name], xml.name
        try:
            await self.call(link, host, "libvirt", "prepare", name, {"definition": xml}, connection=peer)
        except Outcome as error:
            await self._forget(uuid)
            raise self._told(error) from error
        cancelled: Outcome | None = None
        try:
            await self._copy(uuid, host)
        except Outcome as error:
            cancelled = error
        try:
            args = {"uuid": uuid, "cancelled": cancelled is not None, "paused": paused}
            arrived = await self.call(link, host, "libvirt", "finish", name, args, connection=peer)
        except Outcome as error:
            arrived, cancelled = False, cancelled or error
        await self._confirm(uuid, not arrived)
        if cancelled is not None or not arrived:
            raise self._told(cancelled or Failed("9 operation failed", "the target did not start"))

    async def _perform(self, uuid: str, host: str) -> None:
        """Perform of a client-managed migration: one that fails ends the job, and the source goes on."""
        domain = self.domain(uuid)
        if domain.job != "out" or not domain.phase.startswith("BEGIN3"):
            raise Failed(NO_MIGRATION, "domain is not processing outgoing migration")
        try:
            await self._copy(uuid, host)
        except Outcome:
            await self._go_on(uuid)
            raise

    async def _copy(self, uuid: str, host: str) -> None:
        """Perform proper: the memory travels; at the end the source's CPUs have stopped."""
        domain = self.domain(uuid)
        if domain.phase == "BEGIN3_ABORTED":
            raise self._aborted()
        await self.become(uuid, "phase PERFORM3", phase="PERFORM3")
        try:
            await self.monitor(domain, "migrate", host=host, memory=domain.definition.memory)
        except Failed as error:
            raise self._why(uuid, error.code) from error
        except Unknown as error:
            raise Failed("9 operation failed", "domain is not running") from error
        await self._switched_over(uuid)
        if domain.definition.lease:
            await release(self, domain)

    async def _switched_over(self, uuid: str) -> None:
        """The CPUs have stopped; a domain that somebody had paused already stays as it was."""
        domain = self.domain(uuid)
        if domain.state != "RUNNING":
            await self.become(uuid, "phase PERFORM3_DONE", phase="PERFORM3_DONE")
            return
        reason, event = self.profile.switch_over
        await self.become(uuid, "phase PERFORM3_DONE", phase="PERFORM3_DONE", state="PAUSED", reason=reason)
        await self.emit(domain, event)

    def _why(self, uuid: str, code: str) -> Failed:
        """The error of a copy that qemu gave up: aborted, the other daemon lost, or broken."""
        domain = self.table(DOMAINS).get(uuid)
        if domain is not None and domain.phase == ABORTED:
            return self._aborted()
        if domain is not None and domain.phase == "PEER_LOST":
            return self._told(Unknown("cut"))
        return Failed("9 operation failed", f"migration job: {code}")

    def _aborted(self) -> Failed:
        return Failed(f"{self.profile.aborted} operation aborted", "job 'migration out' canceled by client")

    def _told(self, error: Outcome) -> Failed:
        """What the migrating client is told: a broken connection to the target is error 1 (libvirt.md 6)."""
        if isinstance(error, Refused):
            return Failed(f"{self.profile.refused} system error", str(error))
        if isinstance(error, Failed):
            return Failed(error.code, error.detail)
        return Failed("1 internal error", "client socket is closed")

    async def on_confirm(self, uuid: str, cancelled: bool) -> None:
        """Confirm (client-managed)."""
        if self.domain(uuid).job != "out":
            raise Failed(NO_MIGRATION, "domain is not processing outgoing migration")
        await self._confirm(uuid, cancelled)

    async def _confirm(self, uuid: str, cancelled: bool) -> None:
        """The source's end: its qemu is killed, or goes on."""
        domain = self.table(DOMAINS).get(uuid)
        if domain is None or domain.ending:
            return
        if not cancelled:
            await self.become(uuid, "phase CONFIRM3", phase="CONFIRM3")
            await self.stop(uuid, "MIGRATED", ("STOPPED", "MIGRATED"))
            return
        await self.become(uuid, "phase CONFIRM3_CANCELLED", phase="CONFIRM3_CANCELLED")
        await self.resume_source(uuid)

    async def _go_on(self, uuid: str) -> None:
        domain = self.table(DOMAINS).get(uuid)
        if domain is not None and not domain.ending:
            await self.resume_source(uuid)

    async def resume_source(self, uuid: str) -> None:
        """Go on at the source; without its lease (links.md 3), or if qemu fails (libvirt.md 6), it stays paused."""
        domain = self.domain(uuid)
        if domain.stood or domain.state != "PAUSED" or domain.reason != self.profile.switch_over[0]:
            await self.become(uuid, "migration ended", **MIGRATION_ENDED)
            return
        if domain.definition.lease and not await acquire(self, domain):
            await self.become(uuid, "stays paused: no lease", **MIGRATION_ENDED)
            return
        try:
            await self.monitor(domain, "cont")
        except Outcome:
            if self.table(DOMAINS).get(uuid) is not None:
                await self.become(uuid, "stays paused: qemu does not obey", **MIGRATION_ENDED)
            return
        await self.become(
            uuid, "resumed at the source", state="RUNNING", reason=self.profile.canceled, **MIGRATION_ENDED
        )
        await self.emit(domain, ("RESUMED", "MIGRATED"))

    async def on_abort(self, uuid: str) -> None:
        """abortJob: returns at once; the migrating call fails later."""
        domain = self.domain(uuid)
        if domain.job not in ("out", "save"):
            raise Failed("55 operation invalid", "no job is active on the domain")
        if domain.job == "save":
            await self.become(uuid, "save aborted", phase=ABORTED)
        elif domain.phase == "BEGIN3" and self.profile.remembers_abort:
            await self.become(uuid, "abort remembered", phase="BEGIN3_ABORTED")
        elif domain.phase == "PERFORM3":
            await self.become(uuid, "job aborted", phase=ABORTED)
            await self.monitor(domain, "cancel")

    # --- the target ----------------------------------------------------------------------------

    async def on_prepare(self, definition: Definition) -> None:
        """Prepare: taps, and qemu waiting for the stream; it ends with the connection that asked."""
        client = self.caller()
        self.is_new(definition)
        name = client.name if client is not None else ""
        domain = await self.launch(definition, "", job="in", phase="PREPARE", autodestroy=name)
        await self.emit(domain, ("STARTED", "MIGRATED"))
        if client is not None and not client.open:
            await self._autodestroy(domain)

    async def on_finish(self, uuid: str, cancelled: bool, paused: bool = False) -> bool:
        """Finish: start the CPUs (unless the VM was paused), or kill the target; whether it has arrived."""
        domain = self.domain(uuid)
        if domain.job != "in":
            raise Failed(NO_MIGRATION, "domain is not processing incoming migration")
        if cancelled or domain.ending:
            return await self._not_arrived(uuid)
        await self.become(uuid, "phase FINISH3", phase="FINISH3")
        if paused:
            await self._arrived(uuid, "PAUSED", "USER", ("SUSPENDED", "PAUSED"))
            return True
        if domain.definition.lease and not await acquire(self, domain):
            return await self._not_arrived(uuid)
        try:
            await self.monitor(domain, "cont")
        except Outcome:
            return await self._not_arrived(uuid)
        if self.domain(uuid).ending:
            return await self._not_arrived(uuid)
        await self._arrived(uuid, "RUNNING", "MIGRATED", ("RESUMED", "MIGRATED"))
        return True

    async def _arrived(self, uuid: str, state: str, reason: str, event: tuple[str, str]) -> None:
        await self.become(uuid, "arrived", state=state, reason=reason, job="", phase="", autodestroy="")
        await self.emit(self.domain(uuid), event)

    async def _not_arrived(self, uuid: str) -> bool:
        await self.stop(uuid, "FAILED", ("STOPPED", "FAILED"))
        return False

    async def _autodestroy(self, domain: Domain) -> None:
        """The connection is gone to which the incoming domain is bound."""
        now = self.table(DOMAINS).get(domain.uuid)
        if now is not None and now.autodestroy and now.phase in self.profile.autodestroyed:
            await self.stop(domain.uuid, "DESTROYED", *self.profile.destroyed)

    # --- connections ---------------------------------------------------------------------------

    async def peer_closed(self, connection: Connection) -> None:
        """A connection of a migration has closed: autodestroy at the target, cancel at the source."""
        domains = self.table(DOMAINS)
        for domain in domains.where("autodestroy", connection.name):
            if domain.reason != "STARTING_UP":  # else Prepare looks at its end
                await self._autodestroy(domain)
        for domain in domains.where("peer", connection.name):
            await self._source_alone(domain, client_managed=connection.client is not self.process)

    async def _source_alone(self, domain: Domain, client_managed: bool) -> None:
        if domain.phase == "PERFORM3":
            await self.become(domain.uuid, "peer lost", phase="PEER_LOST")
            await self.monitor(domain, "cancel")
        elif client_managed and domain.phase.startswith("BEGIN3"):
            await self._forget(domain.uuid)
        elif client_managed and domain.phase == "PERFORM3_DONE":
            await self.become(domain.uuid, "client lost", **MIGRATION_ENDED)


def _abi(interface: Interface) -> tuple[str, str, int, int]:
    return (interface.mac, interface.model, interface.slot, interface.mtu)


def abi_stable(source: Definition, target: Definition) -> bool:
    """libvirt's check: MAC, model, slot and MTU, by index; never type, bridge or port (libvirt.md 7)."""
    return (
        source.uuid == target.uuid
        and source.name == target.name
        and source.memory == target.memory
        and [_abi(one) for one in source.interfaces] == [_abi(one) for one in target.interfaces]
    )

"""Live migration, protocol v3: Begin, Prepare, Perform, Finish, Confirm.

Peer to peer: the client sends one Perform to the source; the source daemon does Begin itself and opens its
own connection to the target, on which Prepare and Finish travel; Confirm is a call of its own.
Client-managed: the client sends all five over its own two connections.  This file holds phases,
autodestroy and keepalive; the end states follow from them.

Facts: docs/facts/libvirt.md 5, 6, 7; links.md 3, 4.
"""

from __future__ import annotations

import msgspec

from fakes.libvirt.daemon import LibvirtBase
from fakes.libvirt.lease import acquire, release
from fakes.links import LIBVIRT_PEER
from fakes.records import DOMAINS
from fakes.records.libvirt import Definition, Domain, Interface
from sim.connections import Connection
from sim.outcomes import Failed, Outcome, Unknown

replace = msgspec.structs.replace


class Migration(LibvirtBase):
    """Both ends of a live migration."""

    # --- the source ----------------------------------------------------------------------------

    async def on_begin(self, uuid: str, dxml: Definition | None = None) -> Definition:
        """Begin: take the job; the XML for the target, changed by the caller's if the ABI allows it."""
        return await self._begin(uuid, dxml, self.caller())

    async def _begin(self, uuid: str, dxml: Definition | None, client: Connection | None) -> Definition:
        domain = await self.job(uuid, "out")
        if domain.autodestroy:
            await self.become(uuid, "job ends", job="")
            raise Failed("55 operation invalid", "domain is marked for auto destroy")
        if dxml is not None and not abi_stable(domain.definition, dxml):
            await self.become(uuid, "job ends", job="")
            raise Failed("67 unsupported configuration", "the target domain differs from the source")
        await self.become(uuid, "phase BEGIN3", phase="BEGIN3", peer=client.name if client else "")
        return migratable(dxml or domain.definition)

    async def on_perform(
        self, uuid: str, host: str, peer2peer: bool = True, dxml: Definition | None = None
    ) -> str:
        """Perform; peer to peer, the whole migration.  Returns how it ended: ``migrated`` or ``performed``."""
        if not peer2peer:
            await self._copy(uuid, host)
            return "performed"
        xml = await self._begin(uuid, dxml, None)
        try:
            peer = await self.connect(LIBVIRT_PEER[self.profile.name], host, "libvirt")
        except Outcome as error:
            await self._forget(uuid)
            raise Failed(f"{self.profile.refused} system error", f"cannot connect to {host}: {error}") from error
        try:
            await self._peer_to_peer(uuid, host, xml, peer)
        finally:
            self.world.network.close(peer)
        return "migrated"

    async def _forget(self, uuid: str) -> None:
        """The migration ends before anything was done to the domain."""
        if self.table(DOMAINS).get(uuid) is not None:
            await self.become(uuid, "migration forgotten", job="", phase="", peer="")

    async def _peer_to_peer(self, uuid: str, host: str, xml: Definition, peer: Connection) -> None:
        await self.become(uuid, "peer connected", peer=peer.name)
        link, name = LIBVIRT_PEER[self.profile.name], xml.name
        try:
            await self.call(link, host, "libvirt", "prepare", name, {"definition": xml}, connection=peer)
        except Outcome as error:
            await self._forget(uuid)
            raise failure(error) from error
        cancelled: Outcome | None = None
        try:
            await self._copy(uuid, host)
        except Outcome as error:
            cancelled = error
        try:
            args = {"uuid": uuid, "cancelled": cancelled is not None}
            running = await self.call(link, host, "libvirt", "finish", name, args, connection=peer)
        except Outcome as error:
            running, cancelled = False, cancelled or error
        await self._confirm(uuid, not running)
        if cancelled is not None or not running:
            raise failure(cancelled or Failed("9 operation failed", "the target did not start"))

    async def _copy(self, uuid: str, host: str) -> None:
        """Perform proper: the memory travels; at the end the source's CPUs have stopped."""
        domain = self.domain(uuid)
        await self.become(uuid, "phase PERFORM3", phase="PERFORM3")
        try:
            await self.monitor(domain, "migrate", host=host, memory=domain.definition.memory)
        except Failed as error:
            raise self._why(uuid, error.code) from error
        except Unknown as error:
            raise Failed("9 operation failed", "domain is not running") from error
        reason, event = self.profile.switch_over
        await self.become(uuid, "phase PERFORM3_DONE", phase="PERFORM3_DONE", state="PAUSED", reason=reason)
        await self.emit(domain, event)
        if domain.definition.lease:
            await release(self, domain)

    def _why(self, uuid: str, code: str) -> Failed:
        """The error of a copy that qemu gave up: aborted, the other daemon lost, or broken."""
        phase = self.domain(uuid).phase
        if phase == "ABORTED":
            return Failed(f"{self.profile.aborted} operation aborted", "job 'migration out' canceled by client")
        if phase == "PEER_LOST":
            return failure(Unknown("cut"))
        return Failed("9 operation failed", f"migration job: {code}")

    async def on_confirm(self, uuid: str, cancelled: bool) -> None:
        """Confirm (client-managed)."""
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

    async def resume_source(self, uuid: str) -> None:
        """Go on at the source; without its lease it stays paused (links.md 3)."""
        domain = self.domain(uuid)
        if domain.state == "PAUSED" and domain.reason == self.profile.switch_over[0]:
            if domain.definition.lease and not await acquire(self, domain):
                await self.become(uuid, "stays paused: no lease", job="", phase="", peer="")
                return
            await self.monitor(domain, "cont")
            await self.become(
                uuid, "resumed at the source", state="RUNNING", reason=self.profile.canceled, job="", phase="", peer=""
            )
            await self.emit(domain, ("RESUMED", "MIGRATED"))
        else:
            await self.become(uuid, "migration ended", job="", phase="", peer="")

    async def on_abort(self, uuid: str) -> None:
        """abortJob: returns at once; the migrating call fails later."""
        domain = self.domain(uuid)
        if domain.job != "out" or domain.phase != "PERFORM3":
            raise Failed("55 operation invalid", "no job is active on the domain")
        await self.become(uuid, "job aborted", phase="ABORTED")
        await self.monitor(domain, "cancel")

    # --- the target ----------------------------------------------------------------------------

    async def on_prepare(self, definition: Definition) -> None:
        """Prepare: taps, and qemu waiting for the stream; it ends with the connection that asked."""
        client = self.caller()
        if self.table(DOMAINS).get(definition.uuid) is not None:
            raise Failed("55 operation invalid", "domain is already active")
        name = client.name if client is not None else ""
        domain = await self.launch(definition, job="in", phase="PREPARE", autodestroy=name)
        await self.become(domain.uuid, "prepared", reason="MIGRATION")
        await self.emit(domain, ("STARTED", "MIGRATED"))
        if client is not None and not client.open:
            await self._autodestroy(domain)

    async def on_finish(self, uuid: str, cancelled: bool) -> bool:
        """Finish: start the CPUs, or kill the target; whether it runs."""
        domain = self.domain(uuid)
        if cancelled:
            await self.stop(uuid, "FAILED", ("STOPPED", "FAILED"))
            return False
        await self.become(uuid, "phase FINISH3", phase="FINISH3")
        if domain.definition.lease and not await acquire(self, domain):
            await self.stop(uuid, "FAILED", ("STOPPED", "FAILED"))
            return False
        await self.monitor(domain, "cont")
        await self.become(
            uuid, "runs on the target", state="RUNNING", reason="MIGRATED", job="", phase="", autodestroy=""
        )
        await self.emit(domain, ("RESUMED", "MIGRATED"))
        return True

    async def _autodestroy(self, domain: Domain) -> None:
        """The connection is gone that the incoming domain was bound to; during Finish it is too late."""
        if self.domain(domain.uuid).phase == "PREPARE":
            await self.stop(domain.uuid, "DESTROYED", *self.profile.destroyed)

    # --- connections ---------------------------------------------------------------------------

    async def peer_closed(self, connection: Connection) -> None:
        """A connection of a migration has closed: autodestroy at the target, cancel at the source."""
        domains = self.table(DOMAINS)
        for domain in domains.where("autodestroy", connection.name):
            if domain.phase == "PREPARE" and domain.reason == "MIGRATION":
                await self._autodestroy(domain)
        for domain in domains.where("peer", connection.name):
            await self._source_alone(domain, client_managed=connection.client is not self.process)

    async def _source_alone(self, domain: Domain, client_managed: bool) -> None:
        if domain.phase == "PERFORM3":
            await self.become(domain.uuid, "peer lost", phase="PEER_LOST")
            await self.monitor(domain, "cancel")
        elif client_managed and domain.phase == "BEGIN3":
            await self._forget(domain.uuid)
        elif client_managed and domain.phase == "PERFORM3_DONE":
            await self.become(domain.uuid, "client lost", job="", phase="", peer="")


def migratable(definition: Definition) -> Definition:
    """The XML as it travels: names that libvirt chose are left out (libvirt.md 8)."""
    interfaces = tuple(
        replace(one, target="" if one.target.startswith("vnet") else one.target) for one in definition.interfaces
    )
    return replace(definition, interfaces=interfaces)


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


def failure(error: Outcome) -> Failed:
    """What the migrating client is told: a broken connection to the target is error 1 (libvirt.md 6)."""
    if isinstance(error, Failed):
        return Failed(error.code, error.detail)
    return Failed("1 internal error", "client socket is closed")

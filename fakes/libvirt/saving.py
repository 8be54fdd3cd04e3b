"""Save and restore: a domain goes to a file, and comes back with taps and records made anew.

Facts: docs/facts/libvirt.md 2.1, 3 (numbers), 4 (jobs), 8 (names of taps).  An image is a file of the host that wrote
it (ours: storage that hosts share for images is not modelled).
"""

from __future__ import annotations

from fakes.libvirt.daemon import LibvirtBase
from fakes.libvirt.devices import migratable
from fakes.libvirt.lease import acquire, release
from fakes.libvirt.profiles import ABORTED, WRITE
from fakes.records import DOMAINS, SAVED_IMAGES
from fakes.records.libvirt import Domain, SavedImage
from sim.outcomes import Failed, Outcome


class Saving(LibvirtBase):
    """Domains that are saved to a file."""

    async def on_save(self, uuid: str, path: str) -> None:
        """save: the CPUs stop, the image is written, the domain is gone.

        Raises:
            Failed: 42, 68; 38 when the image cannot be written, and the domain goes on; as a migration when it is
                aborted or its qemu dies.
        """
        domain = await self.job(uuid, "save")
        runs = domain.state == "RUNNING"
        try:
            if runs:
                await self._stop_cpus(domain)
            await self.sleep(WRITE)
            self._lives(uuid)
            await self._write(SavedImage(path, migratable(domain.definition), runs))
        except Outcome:
            await self.give_up_save(uuid)
            raise
        await self.stop(uuid, "SAVED", ("STOPPED", "SAVED"))

    async def _stop_cpus(self, domain: Domain) -> None:
        try:
            await self.monitor(domain, "stop")
        except Outcome as error:
            raise Failed("9 operation failed", "domain is not running") from error
        await self.become(domain.uuid, "stopped to be saved", state="PAUSED", reason="SAVE")
        await self.emit(domain, *self.profile.saved)
        if domain.definition.lease:
            await release(self, domain)

    def _lives(self, uuid: str) -> None:
        domain = self.table(DOMAINS).get(uuid)
        if domain is None or domain.ending:
            raise Failed("9 operation failed", "domain is not running")
        if domain.phase == ABORTED:
            raise Failed(f"{self.profile.aborted} operation aborted", "job 'save' canceled by client")

    async def _write(self, image: SavedImage) -> None:
        try:
            await self.commit(f"{image.definition.name} saved to {image.path}", self.table(SAVED_IMAGES).put(image))
        except Outcome as error:
            raise Failed("38 system error", f"cannot write {image.path}") from error

    async def give_up_save(self, uuid: str) -> None:
        """The domain goes on, if it is there; without its lease it stays paused (links.md 3)."""
        domain = self.table(DOMAINS).get(uuid)
        if domain is None or domain.ending:
            return
        await self.become(uuid, "save ends", job="", phase="")
        if domain.reason != "SAVE" or (domain.definition.lease and not await acquire(self, domain)):
            return
        await self.monitor(domain, "cont")
        await self.become(uuid, "save cancelled", state="RUNNING", reason="SAVE_CANCELED")
        await self.emit(domain, ("RESUMED", "UNPAUSED"))

    async def on_restore(self, path: str) -> None:
        """restore: the image stays, so it can be restored again once the domain has gone.

        Raises:
            Failed: 38 no such image; 55, 9 and what `launch` raises, as at a start.
        """
        image = self.table(SAVED_IMAGES).get(path)
        if image is None:
            raise Failed("38 system error", f"cannot open {path}")
        self.is_new(image.definition)
        domain = await self.launch(image.definition, "RESTORED" if image.running else "", job="modify")
        await self.end_job(domain.uuid)
        await self.emit(domain, *(self.profile.restored if image.running else self.profile.restored_paused))

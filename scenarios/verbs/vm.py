"""Verbs of virtual machines: add, start, stop, migrate, remove."""

from __future__ import annotations

from typing import ClassVar

from fakes.records import HOSTS, VMS
from scenarios.verbs.base import FINISHED, Administrator, Verb

MEMORY = range(1, 1 << 20)
"""The MiB that a VM can have."""


class VmAdd(Verb, frozen=True):
    """Make a VM, down, with vNICs by name on networks; it may be started on any host of the cluster."""

    word: ClassVar[str] = "vm.add"
    example: ClassVar[str] = "vm.add: {vm: web1, cluster: blue, nics: {nic1: red}}"
    refers: ClassVar[dict[str, str]] = {"cluster": "cluster", "nics": "network"}
    makes: ClassVar[dict[str, str]] = {"vm": "vm"}
    bounds: ClassVar[dict[str, range]] = {"memory": MEMORY}

    vm: str
    cluster: str = ""
    nics: dict[str, str] = {}
    memory: int = 512
    ha: bool = False

    async def act(self, administrator: Administrator) -> str:
        what = {"vm": self.vm, "cluster": self.cluster, "memory": self.memory, "ha": self.ha}
        came_to = await administrator.command("AddVm", self.vm, **what)
        for nic, network in self.nics.items():
            if came_to == FINISHED:
                came_to = await administrator.command("AddVmInterface", self.vm, vm=self.vm, nic=nic, network=network)
        return came_to


class VmStart(Verb, frozen=True):
    """Start a VM on a host; it is made first, in that host's cluster and with these vNICs, if none has its name."""

    word: ClassVar[str] = "vm.start"
    example: ClassVar[str] = "vm.start: {vm: web1, host: h1, nics: {nic1: red}}"
    refers: ClassVar[dict[str, str]] = {"host": "host", "cluster": "cluster", "nics": "network"}
    makes: ClassVar[dict[str, str]] = {"vm": "vm"}
    bounds: ClassVar[dict[str, range]] = {"memory": MEMORY}

    vm: str
    host: str = ""
    cluster: str = ""
    nics: dict[str, str] = {}
    memory: int = 512
    ha: bool = False

    async def act(self, administrator: Administrator) -> str:
        if administrator.of_engine(VMS, vm=self.vm).first("name", self.vm) is None:
            cluster = self.cluster or _cluster_of(administrator, self.host)
            made = await VmAdd(self.vm, cluster, self.nics, self.memory, self.ha).act(administrator)
            if made != FINISHED:
                return made
        return await administrator.command("RunVm", self.vm, vm=self.vm, host=self.host)


def _cluster_of(administrator: Administrator, host: str) -> str:
    """The cluster that the host is in; "" for none."""
    row = administrator.of_engine(HOSTS, host=host).get(host)
    return row.cluster if row is not None else ""


class VmStop(Verb, frozen=True):
    """Stop a VM at once."""

    word: ClassVar[str] = "vm.stop"
    example: ClassVar[str] = "vm.stop: {vm: web1}"
    refers: ClassVar[dict[str, str]] = {"vm": "vm"}

    vm: str

    async def act(self, administrator: Administrator) -> str:
        return await administrator.command("StopVm", self.vm, vm=self.vm)


class VmMigrate(Verb, frozen=True):
    """Migrate a running VM, to that host or to any other of its cluster."""

    word: ClassVar[str] = "vm.migrate"
    example: ClassVar[str] = "vm.migrate: {vm: web1, to: h2}"
    refers: ClassVar[dict[str, str]] = {"vm": "vm", "to": "host"}

    vm: str
    to: str = ""

    async def act(self, administrator: Administrator) -> str:
        return await administrator.command("MigrateVm", self.vm, vm=self.vm, host=self.to)


class VmCancelMigration(Verb, frozen=True):
    """Cancel the migration of a VM."""

    word: ClassVar[str] = "vm.cancel-migration"
    example: ClassVar[str] = "vm.cancel-migration: {vm: web1}"
    refers: ClassVar[dict[str, str]] = {"vm": "vm"}

    vm: str

    async def act(self, administrator: Administrator) -> str:
        return await administrator.command("CancelMigrateVm", self.vm, vm=self.vm)


class VmRemove(Verb, frozen=True):
    """Remove a VM that is down, with its vNICs."""

    word: ClassVar[str] = "vm.remove"
    example: ClassVar[str] = "vm.remove: {vm: web1}"
    refers: ClassVar[dict[str, str]] = {"vm": "vm"}

    vm: str

    async def act(self, administrator: Administrator) -> str:
        return await administrator.command("RemoveVm", self.vm, vm=self.vm)


VERBS: tuple[type[Verb], ...] = (VmAdd, VmStart, VmStop, VmMigrate, VmCancelMigration, VmRemove)

"""Verbs of hosts: maintenance, activation, move to another cluster."""

from __future__ import annotations

from typing import ClassVar

from scenarios.verbs.base import Administrator, Verb


class HostMaintenance(Verb, frozen=True):
    """Put a host into maintenance: its VMs migrate away first."""

    word: ClassVar[str] = "host.maintenance"
    example: ClassVar[str] = "host.maintenance: {host: h1}"
    refers: ClassVar[dict[str, str]] = {"host": "host"}

    host: str

    async def act(self, administrator: Administrator) -> str:
        return await administrator.command("MaintananceNumberOfVdss", self.host, host=self.host)


class HostActivate(Verb, frozen=True):
    """Bring a host up from maintenance, or try again one that is not operational."""

    word: ClassVar[str] = "host.activate"
    example: ClassVar[str] = "host.activate: {host: h1}"
    refers: ClassVar[dict[str, str]] = {"host": "host"}

    host: str

    async def act(self, administrator: Administrator) -> str:
        return await administrator.command("ActivateVds", self.host, host=self.host)


class HostMove(Verb, frozen=True):
    """Move a host that is in maintenance, or does not answer, to another cluster."""

    word: ClassVar[str] = "host.move"
    example: ClassVar[str] = "host.move: {host: h1, cluster: blue}"
    refers: ClassVar[dict[str, str]] = {"host": "host", "cluster": "cluster"}

    host: str
    cluster: str

    async def act(self, administrator: Administrator) -> str:
        return await administrator.command("ChangeVDSCluster", self.host, host=self.host, cluster=self.cluster)


VERBS: tuple[type[Verb], ...] = (HostMaintenance, HostActivate, HostMove)

"""Verbs of a host's power management."""

from __future__ import annotations

from typing import ClassVar

from scenarios.verbs.base import Administrator, Verb


class _OfHost(Verb, frozen=True):
    """A command about a host."""

    refers: ClassVar[dict[str, str]] = {"host": "host"}
    action: ClassVar[str]

    host: str

    async def act(self, administrator: Administrator) -> str:
        return await administrator.command(self.action, self.host, host=self.host)


class HostRestart(_OfHost, frozen=True):
    """Restart a host with power management through its fence device."""

    word: ClassVar[str] = "host.restart"
    example: ClassVar[str] = "host.restart: {host: h1}"
    action: ClassVar[str] = "RestartVds"


class HostPowerOff(_OfHost, frozen=True):
    """Switch off a host that is in maintenance."""

    word: ClassVar[str] = "host.power-off"
    example: ClassVar[str] = "host.power-off: {host: h1}"
    action: ClassVar[str] = "StopVds"


class HostPowerOn(_OfHost, frozen=True):
    """Switch on a host that is down, or does not answer."""

    word: ClassVar[str] = "host.power-on"
    example: ClassVar[str] = "host.power-on: {host: h1}"
    action: ClassVar[str] = "StartVds"


class HostConfirmRebooted(_OfHost, frozen=True):
    """Say that a host which does not answer was rebooted, so that none of its VMs runs."""

    word: ClassVar[str] = "host.confirm-rebooted"
    example: ClassVar[str] = "host.confirm-rebooted: {host: h1}"
    action: ClassVar[str] = "FenceVdsManualy"


VERBS: tuple[type[Verb], ...] = (HostRestart, HostPowerOff, HostPowerOn, HostConfirmRebooted)

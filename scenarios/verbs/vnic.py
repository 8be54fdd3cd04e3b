"""Verbs of vNICs: add, plug, unplug, remove."""

from __future__ import annotations

from typing import ClassVar

from scenarios.verbs.base import Administrator, Verb


class VnicAdd(Verb, frozen=True):
    """Add a vNIC to a VM; one that runs has it plugged at once, unless it is to be unplugged (`plugged: false`)."""

    word: ClassVar[str] = "vnic.add"
    example: ClassVar[str] = "vnic.add: {vm: web1, nic: nic2, network: red}"
    refers: ClassVar[dict[str, str]] = {"vm": "vm", "network": "network"}
    makes: ClassVar[dict[str, str]] = {"nic": "nic"}

    vm: str
    nic: str
    network: str
    plugged: bool = True

    async def act(self, administrator: Administrator) -> str:
        args = {"vm": self.vm, "nic": self.nic, "network": self.network, "plugged": self.plugged}
        return await administrator.command("AddVmInterface", self.vm, **args)


class VnicPlug(Verb, frozen=True):
    """Plug a vNIC of a VM, hot if it runs."""

    word: ClassVar[str] = "vnic.plug"
    example: ClassVar[str] = "vnic.plug: {vm: web1, nic: nic2}"
    refers: ClassVar[dict[str, str]] = {"vm": "vm", "nic": "nic"}

    vm: str
    nic: str

    async def act(self, administrator: Administrator) -> str:
        return await administrator.command("HotPlugUnplugVmNic", self.vm, vm=self.vm, nic=self.nic, plug=True)


class VnicUnplug(Verb, frozen=True):
    """Unplug a vNIC of a VM, hot if it runs."""

    word: ClassVar[str] = "vnic.unplug"
    example: ClassVar[str] = "vnic.unplug: {vm: web1, nic: nic2}"
    refers: ClassVar[dict[str, str]] = {"vm": "vm", "nic": "nic"}

    vm: str
    nic: str

    async def act(self, administrator: Administrator) -> str:
        return await administrator.command("HotPlugUnplugVmNic", self.vm, vm=self.vm, nic=self.nic, plug=False)


class VnicRemove(Verb, frozen=True):
    """Remove a vNIC that is unplugged, or whose VM is down."""

    word: ClassVar[str] = "vnic.remove"
    example: ClassVar[str] = "vnic.remove: {vm: web1, nic: nic2}"
    refers: ClassVar[dict[str, str]] = {"vm": "vm", "nic": "nic"}

    vm: str
    nic: str

    async def act(self, administrator: Administrator) -> str:
        return await administrator.command("RemoveVmInterface", self.vm, vm=self.vm, nic=self.nic)


VERBS: tuple[type[Verb], ...] = (VnicAdd, VnicPlug, VnicUnplug, VnicRemove)

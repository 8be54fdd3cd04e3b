"""Plug and unplug of a vNIC of a running VM, as designs do it.

`OneByOne` is the engine of 2012 with the proposal's calls (docs/facts/ovirt.md 2.6, proposal.md, and requirements'
"hot plug is make and plug, unplug is unplug and delete").  `ComparedWithReports` is ours (docs/design.md).
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import suppress
from typing import TYPE_CHECKING

from fakes.engine.designs.base import HotPlug
from fakes.records.engine import Vm, Vnic
from fakes.records.vdsm import Report
from sim.clock import SECOND
from sim.outcomes import Failed, Outcome

if TYPE_CHECKING:
    from fakes.engine.service import Engine

TRIES = 3
TRY_FOR = 60 * SECOND
LOOK_AGAIN = 5 * SECOND
RELEASE_WITHIN = 30 * SECOND
"""How long a command waits for the guest to release a NIC (ours)."""
AT_MOST = 1_800 * SECOND
NO_VM = "1 noVM"


class OneByOne(HotPlug):
    """Call after call; whatever fails is an error, and nothing is undone."""

    async def plug(self, engine: Engine, vm: Vm, vnic: Vnic) -> None:
        network = engine.quantum_network(vnic)
        if network is not None:
            await engine.design.ports.plug_one(engine, vm, vnic.id, network)
        await engine.hotplug(vm, vnic.id)
        await engine.save_vnic(vnic.id, "is plugged in", plugged=True)

    async def unplug(self, engine: Engine, vm: Vm, vnic: Vnic) -> None:
        await engine.hotunplug(vm, vnic)
        network = engine.quantum_network(vnic)
        if network is not None:
            await engine.design.ports.unplug_one(engine, vm, vnic.id, network)
        await engine.save_vnic(vnic.id, "is unplugged from the VM", plugged=False)


class ComparedWithReports(HotPlug):
    """The intent is saved first; what a call came to is seen in the host's report; rounds finish what is undone."""

    def check(self, engine: Engine, vm: Vm) -> None:
        if vm.status not in ("Up", "Down"):
            raise Failed("ACTION_TYPE_FAILED_VM_STATUS_ILLEGAL", vm.status)

    # --- plug ----------------------------------------------------------------------------------

    def begun(self, engine: Engine, vnic: Vnic) -> bool:
        """Its plug is finished by rounds: without the row, its MAC would be another's while the VM has the NIC."""
        return bool(vnic.wanted) or (vnic.plugged and engine.vms[vnic.vm].status != "Down")

    async def plug(self, engine: Engine, vm: Vm, vnic: Vnic) -> None:
        if vnic.plugged and not vnic.wanted:
            return
        network = engine.quantum_network(vnic)
        self._fits(engine, vm, vnic)
        if not vnic.plugged:
            await self.intend(engine, vnic, "plug")
        try:
            if network is not None:
                await engine.design.ports.plug_one(engine, vm, vnic.id, network)
            await self._attached(engine, vm, vnic)
        except Outcome as error:
            if self._settled(engine, vm, vnic, True):
                return
            await self._give_up(engine, vnic)
            raise Failed("49 ACTIVATE_NIC_FAILED", str(error)) from error
        await engine.save_vnic(vnic.id, "is plugged in", plugged=True, wanted="")

    @staticmethod
    def _fits(engine: Engine, vm: Vm, vnic: Vnic) -> None:
        """Ask of the VM's host what a start there would be asked, as far as this vNIC goes.

        Raises:
            Failed: the host does not carry the network, or this is not operational there.
        """
        host, network = engine.hosts.get(vm.host), engine.networks[vnic.network]
        if host is None or not engine.design.scheduler.takes(engine, host, network):
            raise Failed("ACTION_TYPE_FAILED_VDS_VM_NETWORKS", f"{vm.host} does not carry {network.name}")

    async def intend(self, engine: Engine, vnic: Vnic, wanted: str) -> None:
        """Save what is to be done before it is begun."""
        await engine.save_vnic(vnic.id, f"to {wanted}", wanted=wanted)

    async def _attached(self, engine: Engine, vm: Vm, vnic: Vnic) -> None:
        """Ask until the VM is seen to have the NIC.

        Raises:
            Failed, Unknown: it does not, or nobody says.
        """
        last: Outcome = Failed("49 hotplugNic", "the VM does not have it")
        async for _ in self._tries(engine):
            try:
                self._fits(engine, vm, vnic)  # it may not be so any more since the last try
                if vnic.mac in await engine.hotplug(vm, vnic.id):
                    return
            except Outcome as error:
                last = error
            with suppress(Outcome):
                if vnic.mac in (await engine.nics_of(vm) or ()):
                    return
        raise last

    @staticmethod
    async def _tries(engine: Engine) -> AsyncIterator[int]:
        """Three tries at least, and a minute at least: a daemon that restarts is there again by then."""
        give_up, tries = engine.now + TRY_FOR, 0
        while tries < TRIES or engine.now < give_up:
            if tries:
                await engine.sleep(LOOK_AGAIN)
            tries += 1
            yield tries

    @staticmethod
    def _settled(engine: Engine, vm: Vm, vnic: Vnic, plugged: bool) -> bool:
        """Whether the VM has gone down meanwhile, and with it the vNIC became what was asked."""
        now = engine.vnics.get(vnic.id)
        return now is not None and not now.wanted and now.plugged == plugged and engine.vms[vm.id].status == "Down"

    @staticmethod
    async def _give_up(engine: Engine, vnic: Vnic) -> None:
        await engine.save_vnic(vnic.id, "stays as it was", wanted="")

    # --- unplug --------------------------------------------------------------------------------

    async def unplug(self, engine: Engine, vm: Vm, vnic: Vnic) -> None:
        if not vnic.plugged and not vnic.wanted:
            return
        await self.intend(engine, vnic, "unplug")
        try:
            released = await self._detached(engine, vm, vnic)
        except Outcome as error:
            if self._settled(engine, vm, vnic, False):
                return
            await self._give_up(engine, vnic)
            raise Failed("50 DEACTIVATE_NIC_FAILED", str(error)) from error
        if not released and not self._settled(engine, vm, vnic, False):
            raise Failed("50 DEACTIVATE_NIC_FAILED", "the guest was asked, and still holds the NIC")
        await self._unplugged(engine, vm, vnic)

    async def _detached(self, engine: Engine, vm: Vm, vnic: Vnic) -> bool:
        """Ask until the guest is known to have been asked; whether it has let go within a while.

        Raises:
            Failed, Unknown: nobody says that it was asked, and it has the NIC.
        """
        last: Outcome = Failed("50 hotunplugNic", "the VM has it")
        async for _ in self._tries(engine):
            try:
                if vnic.mac not in await engine.hotunplug(vm, vnic):
                    return True
                await engine.save_vnic(vnic.id, "the guest was asked", wanted="unplug asked")
                return await self._released(engine, vm, vnic)
            except Outcome as error:
                last = error
            if await self._has_let_go(engine, vm, vnic):
                return True
        raise last

    async def _released(self, engine: Engine, vm: Vm, vnic: Vnic) -> bool:
        for _ in range(RELEASE_WITHIN // LOOK_AGAIN):
            await engine.sleep(LOOK_AGAIN)
            if await self._has_let_go(engine, vm, vnic):
                return True
        return False

    @staticmethod
    async def _has_let_go(engine: Engine, vm: Vm, vnic: Vnic) -> bool:
        """Whether the VM's host says that it has the NIC no longer; False if it cannot be asked."""
        with suppress(Outcome):
            nics = await engine.nics_of(vm)
            return nics is not None and vnic.mac not in nics
        return False

    @staticmethod
    async def _unplugged(engine: Engine, vm: Vm, vnic: Vnic) -> None:
        await engine.save_vnic(vnic.id, "is unplugged from the VM", plugged=False, wanted="")
        network = engine.quantum_network(vnic)
        if network is not None:
            with suppress(Outcome):  # the ports' reconciler goes on
                await engine.design.ports.unplug_one(engine, vm, vnic.id, network)

    # --- reports -------------------------------------------------------------------------------

    async def vm_down(self, engine: Engine, vm: Vm) -> None:
        for vnic in engine.vnics.where("vm", vm.id):
            if vnic.wanted:
                await engine.save_vnic(vnic.id, "settled: the VM is down", plugged=vnic.wanted == "plug", wanted="")

    async def reported(self, engine: Engine, vm: Vm, report: Report) -> None:
        vnics = engine.vnics.where("vm", vm.id)
        acts = [vnic.id for vnic in vnics if self._differs(vnic, vnic.mac in report.nics)]
        known = {vnic.mac for vnic in vnics}
        strangers = [mac for mac in report.nics if mac not in known]
        if acts or strangers:
            await engine.locked_vm(vm, lambda: self._make_equal(engine, vm, acts, strangers, report), AT_MOST)

    @staticmethod
    def _differs(vnic: Vnic, present: bool) -> bool:
        if vnic.wanted == "unplug asked":
            return not present
        return bool(vnic.wanted) or vnic.plugged != present

    async def _make_equal(self, engine: Engine, vm: Vm, acts: list[str], strangers: list[str], report: Report) -> None:
        for vnic_id in acts:
            vnic = engine.vnics.get(vnic_id)
            if vnic is not None:
                await self._finish(engine, vm, vnic, vnic.mac in report.nics)
        for mac in strangers:
            await engine.vdsm(vm.host, "hotunplugNic", vm.name, vm_id=vm.id, nic=engine.stranger(mac))

    async def _finish(self, engine: Engine, vm: Vm, vnic: Vnic, present: bool) -> None:
        """One vNIC whose report is not what the database says."""
        if vnic.wanted == "plug" or (vnic.plugged and not vnic.wanted):
            await self._plug_again(engine, vm, vnic)
        elif not present or vnic.mac not in await engine.hotunplug(vm, vnic):
            await self._unplugged(engine, vm, vnic)
        else:  # it was asked and holds on: then it is plugged, and reads so
            await engine.save_vnic(vnic.id, "is held by the guest", plugged=True, wanted="unplug asked")

    async def _plug_again(self, engine: Engine, vm: Vm, vnic: Vnic) -> None:
        """A plug that was interrupted, or a NIC that a late unplug took away."""
        network = engine.quantum_network(vnic)
        try:
            self._fits(engine, vm, vnic)
            if network is not None:
                await engine.design.ports.plug_one(engine, vm, vnic.id, network)
            await self._attached(engine, vm, vnic)
        except Outcome:
            if vnic.wanted:
                await self._give_up(engine, vnic)
            raise
        await engine.save_vnic(vnic.id, "is plugged at last", plugged=True, wanted="")

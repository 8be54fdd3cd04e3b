"""The fake kernel as the contract's host."""

from __future__ import annotations

from contract.behaviours import NotHere
from contract.simulated import SimulatedHost
from contract.words import word
from fakes.records import LINUX_BRIDGES, TAPS, TRUNKS, VLAN_DEVICES
from fakes.records.host import Trunk


class FakeHost(SimulatedHost):
    """`ip` and `brctl`."""

    def _told(self, verb: str, /, **args: object) -> str:
        return told(self.tried("ip", verb, **args))

    def tap(self, name: str) -> str:
        """``ip tuntap add``"""
        return self._told("tuntap-add", name=name, mac="", vm="")

    def bridge(self, name: str) -> str:
        """``brctl addbr``"""
        return self._told("bridge-add", name=name)

    def delete(self, name: str) -> str:
        """``ip link delete``"""
        return self._told("link-delete", name=name)

    def delete_bridge(self, name: str) -> str:
        """Set down, ``brctl delbr``"""
        return self._told("bridge-delete", name=name)

    def enslave(self, bridge: str, name: str) -> str:
        """``brctl addif``"""
        return self._told("enslave", bridge=bridge, name=name)

    def release(self, bridge: str, name: str) -> str:
        """``brctl delif``"""
        return self._told("release", bridge=bridge, name=name)

    def vlan(self, nic: str, vlan: int) -> str:
        """``ip link add type vlan``, on a physical interface that is there."""
        if nic not in self.table(TRUNKS):
            self.world.store.apply([self.table(TRUNKS).put(Trunk(nic, "", "physnet1"))])
        return self._told("vlan-add", nic=nic, vlan=vlan)

    def veth(self, name: str, peer: str) -> str:
        """None.

        Raises:
            NotHere: always.
        """
        raise NotHere("the fakes have no veth pairs: no host of the period has one")

    def macvtap(self, nic: str, name: str) -> str:
        """None.

        Raises:
            NotHere: always.
        """
        raise NotHere("the fakes have no macvtaps: no plugin of the period plugs into one")

    def devices(self) -> dict[str, str]:
        """Masters by name."""
        taps, vlans = self.table(TAPS).rows.values(), self.table(VLAN_DEVICES).rows.values()
        found = {one.name: one.bridge for one in (*taps, *vlans)}
        return dict(sorted({**found, **{row.name: "" for row in self.table(LINUX_BRIDGES).rows.values()}}.items()))


def told(text: str) -> str:
    """``exit status N: text`` as ``N word``."""
    code, _, rest = text.partition(": ")
    return f"{code.split()[-1]} {word(rest)}" if text else ""

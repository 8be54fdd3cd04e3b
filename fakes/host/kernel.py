"""The host's kernel: tap devices, and what it closes when a process has gone.

Facts: docs/facts/libvirt.md 8 (a tap that qemu holds dies with it; a persistent one, made by
``ip tuntap``, dies by deletion or with the host), 8.1 (refusals) and ovirt.md 6.4.
"""

from __future__ import annotations

from fakes.host.bridges import LONGEST_NAME, Bridging
from fakes.records import FLOWS, QEMUS, TAPS, TUNNEL_FLOWS, VLAN_DEVICES
from fakes.records.host import Tap
from sim.outcomes import Failed
from sim.store import Store
from sim.tables import Change


class Ip(Bridging):
    """The ``ip`` command, and its like."""

    async def on_tuntap_add(self, name: str, mac: str, vm: str) -> None:
        """Make a persistent tap and set it up."""
        taps = self.table(TAPS)
        if len(name) > LONGEST_NAME:
            raise Failed("exit status 255", f'argument "{name}" is wrong: "dev" not a valid ifname')
        if self.device(name):
            raise Failed("exit status 1", "ioctl(TUNSETIFF): device or resource busy")
        tap = Tap(name, self.world.number(f"ifindex {self.node}"), mac, "", "ip", vm)
        await self.commit(f"tap {name} made", taps.put(tap))

    async def on_link_delete(self, name: str) -> None:
        """Delete a tap or a VLAN device; its place in a bridge goes with it."""
        taps, vlans = self.table(TAPS), self.table(VLAN_DEVICES)
        if name in vlans:
            await self.commit(f"device {name} deleted", vlans.drop(name))
            return
        if name not in taps:
            raise Failed("exit status 1", f"cannot find device {name}")
        await self.commit(f"tap {name} deleted", taps.drop(name))


def reap(store: Store, node: str, process: str) -> list[Change]:
    """What goes with that process: its row if it is a qemu, the taps it holds, the flows if it is the switch.

    Flows are in the memory of Open vSwitch's daemon (docs/facts/quantum.md 5.2, 8e9f00a19d).
    """
    if process == "ovs":
        flows, tunnel_flows = store.table(FLOWS, node), store.table(TUNNEL_FLOWS, node)
        rows = [flows.drop((flow.bridge, flow.in_port)) for flow in flows]
        return rows + [tunnel_flows.drop(flow.match) for flow in tunnel_flows]
    qemus, taps = store.table(QEMUS, node), store.table(TAPS, node)
    changes = [qemus.drop(row.vm) for row in qemus.where("process", process)]
    return changes + [taps.drop(tap.name) for tap in taps.where("holder", process)]

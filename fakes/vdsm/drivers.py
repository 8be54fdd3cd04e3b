"""Who wires a vNIC on the host: a row a driver.

``ethernet`` is the proposal's code (docs/facts/ovirt.md 6.4, proposal.md): VDSM makes the tap itself, and the
Open vSwitch port if `q_plugin` says so; results of its commands are ignored.  ``virtualport`` leaves both to
libvirt (libvirt.md 8), ``target`` the tap alone, by the name that the linuxbridge agent looks for; it dies with
qemu (quantum.md 1.5).  ``bridge`` is a vNIC without Quantum: a bridge named like the network.
"""

from __future__ import annotations

import msgspec

from fakes.links import LOCAL_COMMAND, OVS_COMMAND
from fakes.plugins import PLUGINS
from fakes.records.libvirt import Definition, Interface
from fakes.records.vdsm import NicConf, VmConf
from fakes.wiring import tap_name
from sim.nodes import Service
from sim.outcomes import Outcome

BRIDGE = "br-int"


def interface(number: int, nic: NicConf) -> Interface:
    """The `<interface>` of a vNIC."""
    slot = number + 3
    match nic.driver:
        case "ethernet" | "target":
            return Interface(nic.mac, nic.model, slot, 0, "ethernet", target=tap_name(nic.q_attachment_id))
        case "virtualport":
            return Interface(nic.mac, nic.model, slot, 0, "bridge", bridge=BRIDGE, interfaceid=nic.q_attachment_id)
        case _:
            return Interface(nic.mac, nic.model, slot, 0, "bridge", bridge=nic.network)


def recovered(interface: Interface) -> NicConf:
    """What the live XML tells of a vNIC that VDSM does not know (ovirt.md 5.6, 5.8): its four ids are lost."""
    if interface.type == "ethernet":
        attachment = interface.target.removeprefix("tap")
        return NicConf("", interface.mac, "", "ethernet", interface.model, q_attachment_id=attachment)
    if interface.interfaceid:
        return NicConf("", interface.mac, "", "virtualport", interface.model, q_attachment_id=interface.interfaceid)
    return NicConf("", interface.mac, interface.bridge, "bridge", interface.model)


def with_unknown(conf: VmConf, found: Definition) -> VmConf:
    """The VM with the vNICs that only libvirt knows, as a start finds them."""
    known = {nic.mac for nic in conf.nics}
    more = tuple(recovered(one) for one in found.interfaces if one.mac not in known)
    return msgspec.structs.replace(conf, nics=(*conf.nics, *more)) if more else conf


def definition(conf: VmConf, lease: bool) -> Definition:
    """The domain XML of a VM."""
    interfaces = tuple(interface(number, nic) for number, nic in enumerate(conf.nics))
    return Definition(conf.id, conf.name, conf.memory, interfaces, lease)


async def _try(service: Service, process: str, verb: str, subject: str, /, **args: object) -> None:
    """A command whose result the proposal's code ignores."""
    link = OVS_COMMAND if process == "ovs" else LOCAL_COMMAND
    try:
        await service.call(link, service.node, process, verb, subject, args)
    except Outcome:
        return


async def plug(service: Service, conf: VmConf) -> None:
    """`vifAdd` of each ``ethernet`` vNIC."""
    for nic in conf.nics:
        if nic.driver == "ethernet":
            tap = tap_name(nic.q_attachment_id)
            await _try(service, "ip", "tuntap-add", conf.name, name=tap, mac=nic.mac, vm=conf.id)
            if _on_open_vswitch(nic):
                await _try(
                    service, "ovs", "add-port", conf.name,
                    bridge=BRIDGE, name=tap, iface_id=nic.q_attachment_id, mac=nic.mac, vm=conf.id,
                )  # fmt: skip


async def unplug(service: Service, conf: VmConf) -> None:
    """`vifDelete` of each ``ethernet`` vNIC."""
    for nic in conf.nics:
        if nic.driver == "ethernet":
            tap = tap_name(nic.q_attachment_id)
            if _on_open_vswitch(nic):
                await _try(service, "ovs", "del-port", conf.name, name=tap)
            await _try(service, "ip", "link-delete", conf.name, name=tap)


def _on_open_vswitch(nic: NicConf) -> bool:
    """What the proposal's `q_plugin` is for (docs/facts/proposal.md): which commands follow the tap.

    A vNIC that was taken from the live XML has none (`recovered`): the tap is all that VDSM knows of it.
    """
    return nic.q_plugin in PLUGINS and bool(PLUGINS[nic.q_plugin].bridge)

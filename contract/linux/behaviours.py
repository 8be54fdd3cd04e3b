"""What Linux does with devices.  An error is the exit status of the command and a word for what it says."""

from __future__ import annotations

from typing import Protocol

from contract.behaviours import Behaviours, Seen

BEHAVIOURS = Behaviours("linux")
FIFTEEN = "tap345678901234"
SIXTEEN = FIFTEEN + "5"


class Host(Protocol):
    """A host's devices.  Commands return "" or ``status word``."""

    def tap(self, name: str) -> str: ...
    def bridge(self, name: str) -> str: ...
    def delete(self, name: str) -> str: ...
    def delete_bridge(self, name: str) -> str: ...
    def enslave(self, bridge: str, name: str) -> str: ...
    def release(self, bridge: str, name: str) -> str: ...
    def vlan(self, nic: str, vlan: int) -> str:
        """The VLAN device of an interface, which is there."""

    def hold(self, name: str) -> None: ...
    def kill_holder(self, name: str) -> None: ...
    def veth(self, name: str, peer: str) -> str: ...
    def macvtap(self, nic: str, name: str) -> str: ...
    def reboot(self) -> None: ...
    def devices(self) -> dict[str, str]:
        """The master of each device by its name, "" for none; without the loopback device."""


@BEHAVIOURS("libvirt.md 8.1", {"made": "", "devices": {"tap1": ""}})
def a_persistent_tap_stays_without_a_process(host: Host) -> Seen:
    return {"made": host.tap("tap1"), "devices": host.devices()}


@BEHAVIOURS("libvirt.md 8.1", {"again": "1 exists", "devices": {"tap1": ""}})
def a_second_tap_of_one_name_is_refused(host: Host) -> Seen:
    host.tap("tap1")
    return {"again": host.tap("tap1"), "devices": host.devices()}


@BEHAVIOURS("libvirt.md 8.1", {"again": "1 exists", "devices": {"tap1": ""}})
def a_tap_by_the_name_of_one_that_a_process_holds_is_refused(host: Host) -> Seen:
    host.hold("tap1")
    return {"again": host.tap("tap1"), "devices": host.devices()}


@BEHAVIOURS("libvirt.md 8.1", {"held": {"tap1": ""}, "after": {}})
def a_tap_held_by_a_process_dies_with_it(host: Host) -> Seen:
    host.hold("tap1")
    held = host.devices()
    host.kill_holder("tap1")
    return {"held": held, "after": host.devices()}


@BEHAVIOURS(
    "libvirt.md 8.1", {"held": {"br1": "", "tap1": "br1"}, "after": {"br1": ""}, "anew": {"br1": "", "tap1": ""}}
)
def the_membership_of_a_held_tap_dies_with_it(host: Host) -> Seen:
    host.hold("tap1")
    host.bridge("br1")
    host.enslave("br1", "tap1")
    held = host.devices()
    host.kill_holder("tap1")
    after = host.devices()
    host.hold("tap1")
    return {"held": held, "after": after, "anew": host.devices()}


@BEHAVIOURS("libvirt.md 8.1", {"said": "", "devices": {"br1": ""}})
def deleting_a_persistent_tap_takes_it_out_of_its_bridge(host: Host) -> Seen:
    host.tap("tap1")
    host.bridge("br1")
    host.enslave("br1", "tap1")
    return {"said": host.delete("tap1"), "devices": host.devices()}


@BEHAVIOURS("libvirt.md 8.1", {"said": "", "devices": {}})
def a_tap_that_a_process_holds_can_be_deleted(host: Host) -> Seen:
    host.hold("tap1")
    return {"said": host.delete("tap1"), "devices": host.devices()}


@BEHAVIOURS("libvirt.md 8.1", {"said": "1 absent"})
def deleting_what_is_not_there_is_refused(host: Host) -> Seen:
    return {"said": host.delete("tap1")}


@BEHAVIOURS("libvirt.md 8.1", {"said": ["", "255 bad name"], "devices": {FIFTEEN: ""}})
def the_name_of_a_tap_has_fifteen_characters_at_most(host: Host) -> Seen:
    return {"said": [host.tap(FIFTEEN), host.tap(SIXTEEN)], "devices": host.devices()}


@BEHAVIOURS("libvirt.md 8.1", {"said": "", "devices": {FIFTEEN: ""}})
def brctl_cuts_the_name_of_a_bridge_to_fifteen_characters(host: Host) -> Seen:
    return {"said": host.bridge(SIXTEEN), "devices": host.devices()}


@BEHAVIOURS("libvirt.md 8.1", {"said": ["", "1 exists"], "devices": {"br1": ""}})
def a_second_bridge_of_one_name_is_refused(host: Host) -> Seen:
    return {"said": [host.bridge("br1"), host.bridge("br1")], "devices": host.devices()}


@BEHAVIOURS("libvirt.md 8.1", {"said": "1 exists", "devices": {"tap1": ""}})
def a_bridge_by_the_name_of_a_tap_is_refused(host: Host) -> Seen:
    host.tap("tap1")
    return {"said": host.bridge("tap1"), "devices": host.devices()}


@BEHAVIOURS("libvirt.md 8.1", {"said": "1 exists", "devices": {"br1": ""}})
def a_tap_by_the_name_of_a_bridge_is_refused(host: Host) -> Seen:
    host.bridge("br1")
    return {"said": host.tap("br1"), "devices": host.devices()}


@BEHAVIOURS("libvirt.md 8.1", {"said": "", "devices": {"tap1": "", "tap2": ""}})
def a_bridge_that_is_deleted_leaves_its_members_without_a_master(host: Host) -> Seen:
    host.bridge("br1")
    host.tap("tap1")
    host.hold("tap2")
    host.enslave("br1", "tap1")
    host.enslave("br1", "tap2")
    return {"said": host.delete_bridge("br1"), "devices": host.devices()}


@BEHAVIOURS("libvirt.md 8.1", {"said": "1 absent"})
def deleting_a_bridge_that_is_not_there_is_refused(host: Host) -> Seen:
    return {"said": host.delete_bridge("br1")}


@BEHAVIOURS("libvirt.md 8.1", {"said": ["", "1 has a master"], "devices": {"br1": "", "br2": "", "tap1": "br1"}})
def a_device_that_has_a_master_is_refused_by_another_bridge(host: Host) -> Seen:
    host.bridge("br1")
    host.bridge("br2")
    host.tap("tap1")
    return {"said": [host.enslave("br1", "tap1"), host.enslave("br2", "tap1")], "devices": host.devices()}


@BEHAVIOURS("libvirt.md 8.1", {"said": ["", "1 has a master"]})
def a_device_is_refused_by_the_bridge_that_it_is_in(host: Host) -> Seen:
    host.bridge("br1")
    host.tap("tap1")
    return {"said": [host.enslave("br1", "tap1"), host.enslave("br1", "tap1")]}


@BEHAVIOURS("libvirt.md 8.1", {"no bridge": "1 absent", "no device": "1 absent"})
def a_bridge_takes_only_what_is_there(host: Host) -> Seen:
    host.tap("tap1")
    no_bridge = host.enslave("br1", "tap1")
    host.bridge("br1")
    return {"no bridge": no_bridge, "no device": host.enslave("br1", "tap2")}


@BEHAVIOURS("libvirt.md 8.1", {"said": ["", "1 has another master"], "devices": {"br1": "", "tap1": ""}})
def a_device_is_taken_out_of_its_bridge_once(host: Host) -> Seen:
    host.bridge("br1")
    host.tap("tap1")
    host.enslave("br1", "tap1")
    return {"said": [host.release("br1", "tap1"), host.release("br1", "tap1")], "devices": host.devices()}


@BEHAVIOURS("libvirt.md 8.1", {"devices": {}})
def nothing_of_this_outlives_a_reboot(host: Host) -> Seen:
    host.bridge("br1")
    host.tap("tap1")
    host.hold("tap2")
    host.enslave("br1", "tap1")
    host.reboot()
    return {"devices": host.devices()}


@BEHAVIOURS("libvirt.md 8.1", {"said": ["", "2 exists"], "devices": {"eth1.100": ""}})
def a_vlan_device_is_made_once(host: Host) -> Seen:
    said = [host.vlan("eth1", 100), host.vlan("eth1", 100)]
    return {"said": said, "devices": {name: one for name, one in host.devices().items() if name.startswith("eth1.")}}


@BEHAVIOURS("libvirt.md 8.1", {"said": "", "made": {"veth1": "br1", "veth2": ""}, "after": {}})
def a_veth_goes_with_its_peer(host: Host) -> Seen:
    said = host.veth("veth1", "veth2")
    host.bridge("br1")
    host.enslave("br1", "veth1")
    made = host.devices()
    host.delete("veth2")
    return {"said": said, "made": {name: made[name] for name in ("veth1", "veth2")}, "after": _less(host, "br1")}


@BEHAVIOURS("libvirt.md 8.1", {"said": "", "made": ["macvtap1", "tap1"], "after": []})
def a_macvtap_goes_with_its_device(host: Host) -> Seen:
    host.tap("tap1")
    said = host.macvtap("tap1", "macvtap1")
    made = sorted(host.devices())
    host.delete("tap1")
    return {"said": said, "made": made, "after": sorted(host.devices())}


def _less(host: Host, name: str) -> dict[str, str]:
    return {one: master for one, master in host.devices().items() if one != name}

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
    def vlan(self, nic: str, vlan: int) -> str: ...
    def hold(self, name: str) -> None: ...
    def kill_holder(self, name: str) -> None: ...
    def reboot(self) -> None: ...
    def devices(self) -> dict[str, str]:
        """The master of each device by its name, "" for none; without the loopback device."""


@BEHAVIOURS("libvirt.md 8", {"made": "", "devices": {"tap1": ""}})
def a_persistent_tap_stays_without_a_process(host: Host) -> Seen:
    return {"made": host.tap("tap1"), "devices": host.devices()}


@BEHAVIOURS("libvirt.md 8", {"held": {"tap1": ""}, "after": {}})
def a_tap_held_by_a_process_dies_with_it(host: Host) -> Seen:
    host.hold("tap1")
    held = host.devices()
    host.kill_holder("tap1")
    return {"held": held, "after": host.devices()}

"""What Open vSwitch keeps and forwards.  A record is named by its number: the first one seen is 1.

`libvirt.md 8.2` has the life of a record, `quantum.md 3.1` what the agents do to tags and flows.
"""

from __future__ import annotations

from typing import Any, Protocol

from contract.behaviours import Behaviours, Seen

BEHAVIOURS = Behaviours("openvswitch")
ARRIVES, TAGGED, NOTHING = "arrives", "arrives tagged", "nothing"


class Host(Protocol):
    """A host with Open vSwitch and its bridges `br-int` and `br-eth1`.  Commands return "" or ``status word``."""

    def tap(self, name: str) -> None:
        """A tap that a process holds."""

    def untap(self, name: str) -> None:
        """That process is killed, and the tap is gone."""

    def add_port(self, bridge: str, name: str, iface_id: str) -> str: ...
    def del_port(self, name: str) -> str: ...
    def wire(self, name: str, tag: int) -> str:
        """The agent's: the tag is set and the drop flow of the port goes."""

    def deaden(self, name: str) -> str:
        """The agent's: the dead tag is set and what comes from the port is dropped."""

    def clear_flows(self) -> None: ...
    def restart_switch(self) -> None: ...
    def restart_database(self) -> None: ...
    def reboot(self) -> None: ...
    def record(self, name: str) -> dict[str, Any] | None:
        """Number, bridge, iface-id and tag of the record; None for none."""

    def has_device(self, name: str) -> bool:
        """Whether the record has a device: a port number, not -1."""

    def dropped(self) -> list[str]:
        """The ports whose frames a flow drops."""

    def frame(self, one: str, other: str) -> str:
        """What becomes of a broadcast frame from one tap at another."""

    def add_tunnel(self, name: str, remote: str) -> None: ...
    def bind_tunnel(self, vlan: int, key: int) -> None: ...
    def tunnels(self) -> dict[str, list[str]]:
        """The GRE ports of `br-tun`, and what its flows match."""


def _plugged(host: Host, tags: dict[str, int | None]) -> None:
    for name, tag in tags.items():
        host.tap(name)
        host.add_port("br-int", name, f"port of {name}")
        if tag is not None:
            host.wire(name, tag)


FIRST = {"number": 1, "bridge": "br-int", "iface_id": "port-1", "tag": None}


@BEHAVIOURS("libvirt.md 8.2", {"said": "", "record": FIRST, "device": True})
def a_port_is_added_with_its_external_ids(host: Host) -> Seen:
    host.tap("tap1")
    said = host.add_port("br-int", "tap1", "port-1")
    return {"said": said, "record": host.record("tap1"), "device": host.has_device("tap1")}


@BEHAVIOURS("libvirt.md 8.2", {"said": "1 no bridge", "record": None})
def a_port_is_not_added_to_a_bridge_that_is_not_there(host: Host) -> Seen:
    host.tap("tap1")
    return {"said": host.add_port("br-none", "tap1", "port-1"), "record": host.record("tap1")}


@BEHAVIOURS("libvirt.md 8.2", {"said": "", "record": FIRST, "device": False})
def a_port_without_a_device_is_recorded_all_the_same(host: Host) -> Seen:
    said = host.add_port("br-int", "tap1", "port-1")
    return {"said": said, "record": host.record("tap1"), "device": host.has_device("tap1")}


@BEHAVIOURS("libvirt.md 8.2", {"said": "", "record": {**FIRST, "iface_id": "port-2"}})
def adding_a_port_again_takes_its_record_over(host: Host) -> Seen:
    host.tap("tap1")
    host.add_port("br-int", "tap1", "port-1")
    host.record("tap1")
    return {"said": host.add_port("br-int", "tap1", "port-2"), "record": host.record("tap1")}


@BEHAVIOURS("libvirt.md 8.2", {"said": "1 in another bridge", "record": FIRST})
def adding_a_port_again_to_another_bridge_is_refused(host: Host) -> Seen:
    host.tap("tap1")
    host.add_port("br-int", "tap1", "port-1")
    return {"said": host.add_port("br-eth1", "tap1", "port-2"), "record": host.record("tap1")}


@BEHAVIOURS("libvirt.md 8.2", {"said": "", "record": None})
def deleting_a_port_removes_its_record(host: Host) -> Seen:
    host.tap("tap1")
    host.add_port("br-int", "tap1", "port-1")
    return {"said": host.del_port("tap1"), "record": host.record("tap1")}


@BEHAVIOURS("libvirt.md 8.2", {"said": ""})
def deleting_a_port_that_is_not_there_is_no_error(host: Host) -> Seen:
    return {"said": host.del_port("tap1")}


@BEHAVIOURS("libvirt.md 8.2", {"first": 1, "then": 2})
def a_port_deleted_and_added_has_another_record(host: Host) -> Seen:
    host.tap("tap1")
    host.add_port("br-int", "tap1", "port-1")
    first = host.record("tap1")
    host.del_port("tap1")
    host.add_port("br-int", "tap1", "port-1")
    then = host.record("tap1")
    return {"first": (first or {}).get("number"), "then": (then or {}).get("number")}


@BEHAVIOURS("quantum.md 3.1", {"wired": "1 absent", "deadened": "1 absent"})
def a_port_that_is_not_there_takes_no_tag(host: Host) -> Seen:
    return {"wired": host.wire("tap1", 5), "deadened": host.deaden("tap1")}


@BEHAVIOURS("libvirt.md 8.2", {"record": {**FIRST, "tag": 5}})
def a_record_outlives_its_device(host: Host) -> Seen:
    _stale(host)
    return {"record": host.record("tap1")}


def _stale(host: Host) -> None:
    """A record with a tag, whose device is gone."""
    host.tap("tap1")
    host.add_port("br-int", "tap1", "port-1")
    host.wire("tap1", 5)
    host.record("tap1")
    host.untap("tap1")


@BEHAVIOURS("libvirt.md 8.2", {"record": {**FIRST, "tag": 5}, "device": False})
def a_record_that_lost_its_device_has_none_after_the_switch_restarts(host: Host) -> Seen:
    _stale(host)
    host.restart_switch()
    return {"record": host.record("tap1"), "device": host.has_device("tap1")}


@BEHAVIOURS("libvirt.md 8.2", {"record": {**FIRST, "tag": 5}, "device": False})
def a_record_outlives_a_reboot(host: Host) -> Seen:
    _stale(host)
    host.reboot()
    return {"record": host.record("tap1"), "device": host.has_device("tap1")}


@BEHAVIOURS("libvirt.md 8.2", {"record": {**FIRST, "iface_id": "port-2", "tag": 5}, "device": True})
def a_stale_record_is_taken_over_with_its_tag(host: Host) -> Seen:
    _stale(host)
    host.reboot()
    host.tap("tap1")
    host.add_port("br-int", "tap1", "port-2")
    return {"record": host.record("tap1"), "device": host.has_device("tap1")}


@BEHAVIOURS("libvirt.md 8.2", {"frame": ARRIVES})
def the_taker_of_a_stale_record_is_on_the_network_of_the_one_before(host: Host) -> Seen:
    _stale(host)
    host.reboot()
    _plugged(host, {"tap2": 5})
    host.tap("tap1")
    host.add_port("br-int", "tap1", "port-2")
    return {"frame": host.frame("tap1", "tap2")}


@BEHAVIOURS("libvirt.md 8.2", {"device": True, "iface_id": "port-1", "frame": ARRIVES})
def a_device_that_bears_the_name_of_a_stale_record_is_plugged_at_the_next_start(host: Host) -> Seen:
    _stale(host)
    _plugged(host, {"tap2": 5})
    host.tap("tap1")
    host.restart_switch()
    record = host.record("tap1") or {}
    return {"device": host.has_device("tap1"), "iface_id": record.get("iface_id"), "frame": host.frame("tap1", "tap2")}


@BEHAVIOURS("libvirt.md 8.2", {"frames": [NOTHING, NOTHING]})
def a_device_that_bears_the_name_of_a_stale_record_is_not_plugged_before(host: Host) -> Seen:
    """Neither at once nor when another port is added."""
    _stale(host)
    _plugged(host, {"tap2": 5})
    host.tap("tap1")
    at_once = host.frame("tap1", "tap2")
    host.add_port("br-int", "tap3", "port of tap3")
    return {"frames": [at_once, host.frame("tap1", "tap2")]}


@BEHAVIOURS("quantum.md 3.1", {"record": {**FIRST, "tag": 5}, "device": True})
def tag_and_external_ids_outlive_a_restart_of_the_switch(host: Host) -> Seen:
    host.tap("tap1")
    host.add_port("br-int", "tap1", "port-1")
    host.wire("tap1", 5)
    host.restart_switch()
    return {"record": host.record("tap1"), "device": host.has_device("tap1")}


@BEHAVIOURS("libvirt.md 8.2", {"record": {**FIRST, "tag": 4095}, "dropped": ["tap1"]})
def records_and_flows_outlive_a_restart_of_the_database(host: Host) -> Seen:
    host.tap("tap1")
    host.add_port("br-int", "tap1", "port-1")
    host.deaden("tap1")
    host.record("tap1")
    host.restart_database()
    return {"record": host.record("tap1"), "dropped": host.dropped()}

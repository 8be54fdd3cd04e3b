"""What a migrating VM's XML may change on the way: the mapping to the host, never what the guest sees.

Facts: docs/facts/libvirt.md 7 (what the ABI check compares, and what it does not).
"""

from __future__ import annotations

import pytest

from contract.libvirt.world import NIC, WEB1, Hosts, replace, running
from fakes.records import BRIDGES, LINUX_BRIDGES
from fakes.records.host import LinuxBridge, OvsBridge
from fakes.records.libvirt import Definition

SECOND_NIC = replace(NIC, mac="00:1a:4a:00:00:02", slot=4, interfaceid="port-2")
TWO = replace(WEB1, interfaces=(NIC, SECOND_NIC))


def with_nic(**columns: object) -> Definition:
    """web1 with another interface."""
    return replace(WEB1, interfaces=(replace(NIC, **columns),))


REFUSED = {
    "MAC": (WEB1, with_nic(mac="00:1a:4a:00:00:09")),
    "model": (WEB1, with_nic(model="e1000")),
    "device address": (WEB1, with_nic(slot=9)),
    "MTU": (WEB1, with_nic(mtu=9_000)),
    "one NIC more": (WEB1, TWO),
    "one NIC less": (TWO, WEB1),
    "order of the NICs": (TWO, replace(WEB1, interfaces=(SECOND_NIC, NIC))),
    "name": (WEB1, replace(WEB1, name="web9")),
    "uuid": (WEB1, replace(WEB1, uuid="uuid-web9")),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_change_of_this_is_refused_with_67_and_nothing_changes(what: str) -> None:
    before, after = REFUSED[what]
    hosts = Hosts()
    hosts.create(definition=before)
    hosts.arm()
    answer = hosts.migrate(dxml=after)
    hosts.run(0.02)
    assert answer.error == "67"
    hosts.run(5)
    domain = hosts.domain("h1")
    assert domain is not None
    assert (domain.state, domain.job, domain.phase) == ("RUNNING", "", "")
    assert (hosts.events("h1"), hosts.events("h2"), hosts.state("h2")) == ([], [], "")
    assert hosts.taps("h2") == []


@pytest.mark.parametrize(
    ("columns", "tap", "record"),
    [
        ({"type": "ethernet", "bridge": "", "interfaceid": ""}, "vnet0", None),
        ({"bridge": "br-other"}, "vnet0", ("br-other", "port-1")),
        ({"bridge": "br-other", "interfaceid": "port-9"}, "vnet0", ("br-other", "port-9")),
        ({"bridge": "storage", "interfaceid": ""}, "vnet0", None),
        ({"interfaceid": "port-9"}, "vnet0", ("br-int", "port-9")),
        ({"target": "tap-a"}, "tap-a", ("br-int", "port-1")),
    ],
    ids=["type", "bridge", "bridge and interfaceid", "no virtualport", "interfaceid", "target name"],
)
def test_a_change_of_the_mapping_is_allowed_and_is_what_the_target_gets(
    columns: dict[str, str], tap: str, record: tuple[str, str] | None
) -> None:
    hosts = running()
    hosts.apply(hosts.table(BRIDGES, "h2").put(OvsBridge("br-other")))
    hosts.apply(hosts.table(LINUX_BRIDGES, "h2").put(LinuxBridge("storage", 9, "vdsm")))
    answer = hosts.migrate(dxml=with_nic(**columns))
    hosts.run(10)
    assert answer.error == ""
    assert hosts.state("h2") == "RUNNING/MIGRATED"
    assert [one.name for one in hosts.taps("h2")] == [tap]
    assert [(port.bridge, port.iface_id) for port in hosts.ovs("h2")] == ([record] if record else [])
    assert (hosts.taps("h1"), hosts.ovs("h1")) == ([], [])


def test_a_vm_goes_to_ethernet_and_back_to_a_bridge() -> None:
    hosts = running()
    hosts.migrate(dxml=with_nic(type="ethernet", bridge="", interfaceid=""))
    hosts.run(10)
    assert (hosts.state("h2"), hosts.ovs("h2")) == ("RUNNING/MIGRATED", [])
    hosts.migrate("h2", "h1", dxml=WEB1)
    hosts.run(10)
    assert hosts.state("h1") == "RUNNING/MIGRATED"
    assert [port.iface_id for port in hosts.ovs("h1")] == ["port-1"]


def test_libvirt_does_not_see_that_the_target_lacks_the_network_until_prepare() -> None:
    hosts = running()
    answer = hosts.migrate(dxml=with_nic(bridge="br-none"))
    hosts.run(5)
    assert answer.error == "38"
    assert (hosts.state("h1"), hosts.state("h2"), hosts.taps("h2")) == ("RUNNING/BOOTED", "", [])

"""How long taps and Open vSwitch records live, and what they are called.

Facts: docs/facts/libvirt.md 8 (who makes, who removes; names; the table of Open vSwitch cases).
"""

from __future__ import annotations

import pytest

from contract.libvirt.world import NIC, WEB1, Hosts, fault, replace, running
from fakes.records.libvirt import Definition
from sim.clock import SECOND


def vm(number: int, **columns: object) -> Definition:
    """Another VM."""
    nic = replace(NIC, mac=f"00:1a:4a:00:00:{number:02}", interfaceid=f"port-{number}", **columns)
    return replace(WEB1, uuid=f"uuid-web{number}", name=f"web{number}", interfaces=(nic,))


def names(hosts: Hosts, host: str = "h1") -> list[str]:
    """Its taps."""
    return [tap.name for tap in hosts.taps(host)]


# --- lifetimes ---------------------------------------------------------------------------------------


def test_a_tap_is_held_by_its_qemu_and_dies_with_it() -> None:
    hosts = running()
    assert [(tap.holder, tap.maker) for tap in hosts.taps("h1")] == [("qemu-web1", "libvirt")]
    hosts.kill("h1", "qemu-web1")
    assert hosts.taps("h1") == []


def test_with_the_daemon_alive_the_record_follows_its_tap_in_about_a_second() -> None:
    hosts = running()
    killed = hosts.kernel.now
    hosts.kill("h1", "qemu-web1")
    assert len(hosts.ovs("h1")) == 1
    hosts.run(2)
    gone = hosts.removed_at("ovs_ports", "h1")
    assert gone is not None
    assert (gone - killed) / SECOND <= 1.5


def test_a_daemon_that_dies_takes_no_running_vm_along() -> None:
    hosts = running()
    hosts.kill("h1", "libvirt", back_after=5)
    hosts.run(3)
    assert (hosts.runs_on(), names(hosts), len(hosts.ovs("h1"))) == (["h1"], ["vnet0"], 1)
    hosts.run(5)
    assert hosts.state("h1") == "RUNNING/BOOTED"
    assert (hosts.runs_on(), names(hosts), len(hosts.ovs("h1"))) == (["h1"], ["vnet0"], 1)


def test_without_the_daemon_the_tap_dies_and_the_record_stays_until_it_is_back() -> None:
    hosts = running()
    hosts.kill("h1", "libvirt", back_after=30)
    hosts.kill("h1", "qemu-web1")
    hosts.run(20)
    assert (hosts.taps("h1"), len(hosts.ovs("h1"))) == ([], 1)
    hosts.run(20)
    assert (hosts.ovs("h1"), hosts.state("h1")) == ([], "")


def lose_power(hosts: Hosts) -> None:
    """The host reboots: its status files are gone, its Open vSwitch database is not."""
    hosts.strike("power-loss", node="h1", back_after=5 * SECOND)
    hosts.run(60)


def test_after_a_reboot_the_record_stays_for_ever() -> None:
    hosts = running()
    lose_power(hosts)
    hosts.run(3_600)
    assert (hosts.taps("h1"), hosts.state("h1")) == ([], "")
    assert [port.iface_id for port in hosts.ovs("h1")] == ["port-1"]


@pytest.mark.parametrize("profile", ["9.0", "2012-05"])
def test_after_a_reboot_the_next_vm_takes_the_stale_record_over(profile: str) -> None:
    hosts = running(profile)
    stale = hosts.ovs("h1")[0]
    lose_power(hosts)
    hosts.create(definition=vm(2))
    assert names(hosts) == ["vnet0"]
    [port] = hosts.ovs("h1")
    assert (port.name, port.row, port.iface_id) == ("vnet0", stale.row, "port-2")
    assert port.device == hosts.taps("h1")[0].ifindex


def test_a_record_stays_when_open_vswitch_is_away_at_the_clean_up() -> None:
    hosts = running()
    hosts.kill("h1", "ovs", back_after=10)
    answer = hosts.ask("h1", "destroy")
    assert answer.error == "", "errors of the clean-up are ignored"
    hosts.run(30)
    assert (hosts.taps("h1"), len(hosts.ovs("h1"))) == ([], 1)


def test_a_persistent_tap_outlives_the_qemu_that_opens_it() -> None:
    hosts = Hosts("2012-05")
    hosts.make_tap("h1", "tap-a")
    nic = replace(NIC, type="ethernet", target="tap-a", bridge="", interfaceid="")
    hosts.create(definition=replace(WEB1, interfaces=(nic,)))
    before = hosts.taps("h1")
    hosts.ask("h1", "destroy")
    hosts.run(3)
    assert hosts.taps("h1") == before
    hosts.delete_tap("h1", "tap-a")
    assert hosts.taps("h1") == []


def test_a_persistent_tap_dies_with_the_host() -> None:
    hosts = Hosts()
    hosts.make_tap("h1", "tap-a")
    lose_power(hosts)
    assert hosts.taps("h1") == []


@pytest.mark.parametrize(("profile", "maker"), [("2012-05", "qemu"), ("9.0", "libvirt")])
def test_an_ethernet_tap_that_nobody_made_before_dies_with_its_qemu(profile: str, maker: str) -> None:
    hosts = Hosts(profile)
    nic = replace(NIC, type="ethernet", target="tap-a", bridge="", interfaceid="")
    hosts.create(definition=replace(WEB1, interfaces=(nic,)))
    assert [(tap.name, tap.maker) for tap in hosts.taps("h1")] == [("tap-a", maker)]
    assert hosts.ovs("h1") == []
    hosts.kill("h1", "qemu-web1")
    assert hosts.taps("h1") == []


def test_a_daemon_that_dies_before_qemu_has_its_taps_takes_them_along() -> None:
    hosts = Hosts(faults=[fault("ovs[h1] add-port web1", "crash", node="h1", process="libvirt", back_after=-1)])
    hosts.arm()
    hosts.ask("h1", "create", definition=WEB1)
    assert hosts.taps("h1") == []


# --- names -------------------------------------------------------------------------------------------


def test_in_2012_the_lowest_free_number_is_used_again_at_once() -> None:
    hosts = Hosts("2012-05")
    for number in (2, 3):
        hosts.create(definition=vm(number))
    assert names(hosts) == ["vnet0", "vnet1"]
    hosts.ask("h1", "destroy", uuid="uuid-web2")
    hosts.create(definition=vm(4))
    assert sorted(names(hosts)) == ["vnet0", "vnet1"]


def test_in_9_0_numbers_only_grow_and_failed_starts_use_them_up() -> None:
    hosts = Hosts("9.0")
    hosts.create(definition=vm(2))
    hosts.ask("h1", "destroy", uuid="uuid-web2")
    hosts.create(definition=vm(3))
    assert names(hosts) == ["vnet1"]
    hosts.kill("h1", "ovs", back_after=1)
    assert hosts.ask("h1", "create", definition=vm(4)).error == "1"
    hosts.run(2)
    hosts.create(definition=vm(5))
    assert names(hosts) == ["vnet1", "vnet3"]


def test_in_9_0_the_counter_starts_again_behind_what_exists_when_the_daemon_does() -> None:
    hosts = Hosts("9.0")
    for number in (2, 3, 4):
        hosts.create(definition=vm(number))
    hosts.ask("h1", "destroy", uuid="uuid-web4")
    hosts.kill("h1", "libvirt", back_after=1)
    hosts.run(3)
    hosts.create(definition=vm(5))
    assert names(hosts) == ["vnet0", "vnet1", "vnet2"]


@pytest.mark.parametrize("given", ["vnet7", "vif7", "macvtap7", "macvlan7"])
def test_a_given_name_of_libvirts_own_kind_is_ignored(given: str) -> None:
    hosts = Hosts()
    hosts.create(definition=vm(2, target=given))
    assert names(hosts) == ["vnet0"]


def test_another_given_name_is_kept() -> None:
    hosts = Hosts()
    hosts.create(definition=vm(2, target="tap-a"))
    assert names(hosts) == ["tap-a"]


def test_in_2012_the_late_clean_up_of_an_old_vm_hits_the_new_ones_record() -> None:
    at = "ovs[h1] del-port web1"
    hosts = running("2012-05", fault(at, "late", delay=4 * SECOND))
    hosts.kill("h1", "qemu-web1")
    hosts.run(0.1)
    hosts.create(definition=vm(2))
    assert [port.iface_id for port in hosts.ovs("h1")] == ["port-2"]
    hosts.run(10)
    assert (names(hosts), hosts.ovs("h1")) == (["vnet0"], [])
    modern = running("9.0", fault(at, "late", delay=4 * SECOND))
    modern.kill("h1", "qemu-web1")
    modern.run(0.1)
    modern.create(definition=vm(2))
    modern.run(10)
    assert [port.iface_id for port in modern.ovs("h1")] == ["port-2"]

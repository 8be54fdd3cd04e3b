"""attachDevice and detachDevice: what they answer, what the guest does, and what stays until it has done it.

Facts: docs/facts/libvirt.md 3 (numbers), 4 (jobs), 9.
"""

from __future__ import annotations

import pytest

from contract.libvirt.world import WEB1, Hosts, fault, replace, running
from fakes.records import QEMUS
from fakes.records.libvirt import Interface

SECOND_NIC = Interface("00:1a:4a:16:01:52", "pv", 0, 0, "bridge", bridge="br-int", interfaceid="vnic-2")
MAC = SECOND_NIC.mac


def with_two(profile: str = "9.0", *faults: object) -> Hosts:
    """web1 runs on h1 with a second NIC that was attached, and the faults are armed."""
    hosts = running(profile, *faults)  # type: ignore[arg-type]
    assert hosts.ask("h1", "attachDevice", interface=SECOND_NIC).error == ""
    return hosts


def macs(hosts: Hosts, host: str = "h1") -> list[str]:
    """The MACs of web1's live XML."""
    domain = hosts.domain(host)
    return [one.mac for one in domain.definition.interfaces] if domain is not None else []


def guest(hosts: Hosts, host: str = "h1") -> tuple[str, ...]:
    """The MACs of the NICs that web1's guest has."""
    row = hosts.table(QEMUS, host).rows.get(WEB1.uuid)
    return row.nics if row is not None else ()


@pytest.mark.parametrize("profile", ["2012-05", "9.0"])
def test_an_attached_nic_has_tap_record_and_place_in_the_xml(profile: str) -> None:
    hosts = with_two(profile)
    assert MAC in macs(hosts)
    assert MAC in guest(hosts)
    tap = next(tap for tap in hosts.taps("h1") if tap.mac == MAC)
    assert tap.holder == "qemu-web1"
    assert [port.name for port in hosts.ovs("h1") if port.iface_id == "vnic-2"] == [tap.name]
    domain = hosts.domain("h1")
    assert domain is not None
    assert (domain.job, domain.half) == ("", ())
    slots = [one.slot for one in domain.definition.interfaces]
    assert len(set(slots)) == len(slots)


def test_an_attach_to_a_bridge_that_is_missing_is_38_and_leaves_no_tap() -> None:
    hosts = running()
    before = hosts.taps("h1")
    nowhere = replace(SECOND_NIC, bridge="brq0", interfaceid="")
    assert hosts.ask("h1", "attachDevice", interface=nowhere).error == "38"
    assert hosts.taps("h1") == before
    assert MAC not in macs(hosts)


def test_an_attach_whose_port_is_refused_is_1_and_leaves_nothing() -> None:
    hosts = running("9.0", fault("ovs[h1] add-port web1", "error-before"))
    before = hosts.taps("h1")
    assert hosts.ask("h1", "attachDevice", interface=SECOND_NIC).error == "1"
    assert hosts.taps("h1") == before
    assert [port for port in hosts.ovs("h1") if port.iface_id == "vnic-2"] == []


def test_an_attach_during_a_migration_waits_and_meets_42_when_the_vm_has_left() -> None:
    hosts = running()
    hosts.migrate()
    hosts.run(1)
    waiting = hosts.call("h1", "attachDevice", interface=SECOND_NIC)
    hosts.run(10)
    assert waiting.error == "42"
    assert [tap for tap in hosts.taps("h1") if tap.mac == MAC] == []


def test_an_attach_during_a_migration_that_fails_succeeds_late() -> None:
    hosts = running()
    hosts.migrate()
    hosts.run(1)
    waiting = hosts.call("h1", "attachDevice", interface=SECOND_NIC)
    hosts.ask("h1", "abort")
    hosts.run(10)
    assert waiting.error == ""
    assert MAC in macs(hosts)


@pytest.mark.parametrize("verb", ["attachDevice", "detachDevice"])
def test_neither_works_within_30_s_of_a_long_migration(verb: str) -> None:
    hosts = Hosts()
    hosts.create(definition=replace(WEB1, memory=512 * 100))
    hosts.run(1)
    hosts.migrate()
    hosts.run(1)
    args = {"interface": SECOND_NIC} if verb == "attachDevice" else {"mac": WEB1.interfaces[0].mac}
    waiting = hosts.call("h1", verb, **args)
    hosts.run(29)
    assert waiting.open
    hosts.run(2)
    assert waiting.error == "68"


@pytest.mark.parametrize(("profile", "number"), [("9.0", "99"), ("2012-05", "9")])
def test_a_detach_of_a_nic_that_is_not_there(profile: str, number: str) -> None:
    assert running(profile).ask("h1", "detachDevice", mac="00:00:00:00:00:00").error == number


def test_a_guest_that_lets_go_loses_tap_record_and_interface_and_today_an_event_says_so() -> None:
    hosts = with_two()
    assert hosts.ask("h1", "detachDevice", mac=MAC).error == ""
    hosts.run(1)
    assert MAC not in (*macs(hosts), *guest(hosts))
    assert [tap for tap in hosts.taps("h1") if tap.mac == MAC] == []
    assert [port for port in hosts.ovs("h1") if port.iface_id == "vnic-2"] == []
    assert hosts.events("h1") == [f"REMOVED/{MAC}"]


def test_in_2012_no_event_says_that_a_nic_is_gone() -> None:
    hosts = with_two("2012-05")
    hosts.ask("h1", "detachDevice", mac=MAC)
    hosts.run(1)
    assert MAC not in macs(hosts)
    assert hosts.events("h1") == []


def test_a_guest_that_holds_on_keeps_all_of_it_and_detach_says_0_after_5_s() -> None:
    hosts = with_two("9.0", fault("qemu-web1[h1] eject web1", "lost"))
    asked = hosts.kernel.now
    answer = hosts.ask("h1", "detachDevice", mac=MAC)
    assert answer.error == ""
    assert answer.time is not None
    assert 5_000_000 <= answer.time - asked < 5_100_000
    hosts.run(600)
    assert MAC in macs(hosts)
    assert MAC in guest(hosts)
    assert [tap.mac for tap in hosts.taps("h1")].count(MAC) == 1
    assert hosts.events("h1") == []


def test_a_guest_that_lets_go_late_is_heard_late() -> None:
    hosts = with_two("9.0", fault("qemu-web1[h1] eject web1", "late", delay=60_000_000))
    assert hosts.ask("h1", "detachDevice", mac=MAC).error == ""
    hosts.run(50)
    assert MAC in macs(hosts)
    hosts.run(20)
    assert MAC not in macs(hosts)
    assert hosts.events("h1") == [f"REMOVED/{MAC}"]


def test_a_daemon_that_was_down_when_the_guest_let_go_sees_it_at_its_start_and_tells_nobody() -> None:
    hosts = with_two("9.0", fault("qemu-web1[h1] eject web1", "late", delay=10_000_000))
    hosts.call("h1", "detachDevice", mac=MAC)
    hosts.run(6)
    hosts.kill("h1", "libvirt", back_after=20)
    hosts.run(40)
    assert MAC not in (*macs(hosts), *guest(hosts))
    assert [tap for tap in hosts.taps("h1") if tap.mac == MAC] == []
    assert hosts.events("h1") == []


def test_a_request_to_the_guest_of_a_qemu_that_has_ended_reaches_no_later_one() -> None:
    hosts = with_two("9.0", fault("qemu-web1[h1] eject web1", "late", delay=60_000_000))
    hosts.ask("h1", "detachDevice", mac=MAC)
    hosts.ask("h1", "destroy")
    hosts.create()
    assert hosts.ask("h1", "attachDevice", interface=SECOND_NIC).error == ""
    hosts.run(120)
    assert MAC in macs(hosts)


def test_a_nic_that_was_attached_travels_with_the_vm() -> None:
    hosts = with_two()
    answer = hosts.migrate()
    hosts.run(10)
    assert answer.error == ""
    assert MAC in macs(hosts, "h2")
    assert MAC in guest(hosts, "h2")

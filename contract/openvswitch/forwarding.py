"""What Open vSwitch forwards: tags, drop flows, and the flows of the tunnel bridge."""

from __future__ import annotations

from contract.behaviours import Seen
from contract.openvswitch.behaviours import ARRIVES, BEHAVIOURS, NOTHING, TAGGED, Host, _plugged


@BEHAVIOURS("quantum.md 3.1", {"there": ARRIVES, "back": ARRIVES})
def ports_of_one_tag_reach_each_other(host: Host) -> Seen:
    _plugged(host, {"tap1": 5, "tap2": 5})
    return {"there": host.frame("tap1", "tap2"), "back": host.frame("tap2", "tap1")}


@BEHAVIOURS("quantum.md 3.1", {"there": NOTHING, "back": NOTHING})
def ports_of_two_tags_do_not_reach_each_other(host: Host) -> Seen:
    _plugged(host, {"tap1": 5, "tap2": 6})
    return {"there": host.frame("tap1", "tap2"), "back": host.frame("tap2", "tap1")}


@BEHAVIOURS("quantum.md 3.1", {"there": ARRIVES, "back": ARRIVES})
def ports_without_tag_reach_each_other(host: Host) -> Seen:
    _plugged(host, {"tap1": None, "tap2": None})
    return {"there": host.frame("tap1", "tap2"), "back": host.frame("tap2", "tap1")}


@BEHAVIOURS("libvirt.md 8.2", {"there": NOTHING, "back": TAGGED})
def a_port_without_tag_hears_those_with_one_and_is_not_heard(host: Host) -> Seen:
    _plugged(host, {"tap1": None, "tap2": 5})
    return {"there": host.frame("tap1", "tap2"), "back": host.frame("tap2", "tap1")}


@BEHAVIOURS("quantum.md 3.1", {"before": ARRIVES, "after": NOTHING})
def a_port_whose_tag_is_changed_has_moved_at_once(host: Host) -> Seen:
    _plugged(host, {"tap1": 5, "tap2": 5})
    before = host.frame("tap1", "tap2")
    host.wire("tap1", 6)
    return {"before": before, "after": host.frame("tap1", "tap2")}


@BEHAVIOURS("quantum.md 3.1", {"dropped": ["tap1"], "from it": NOTHING})
def what_comes_from_a_dead_port_is_dropped(host: Host) -> Seen:
    _plugged(host, {"tap1": 5, "tap2": 5})
    host.deaden("tap1")
    return {"dropped": host.dropped(), "from it": host.frame("tap1", "tap2")}


@BEHAVIOURS("quantum.md 3.1", {"dropped": [], "frame": ARRIVES})
def wiring_a_dead_port_brings_it_back(host: Host) -> Seen:
    _plugged(host, {"tap1": 5, "tap2": 5})
    host.deaden("tap1")
    host.wire("tap1", 5)
    return {"dropped": host.dropped(), "frame": host.frame("tap1", "tap2")}


@BEHAVIOURS("quantum.md 3.1", {"dropped": [], "frame": NOTHING})
def clearing_the_flows_of_a_dead_port_leaves_its_tag(host: Host) -> Seen:
    _plugged(host, {"tap1": 5, "tap2": 5})
    host.deaden("tap1")
    host.clear_flows()
    return {"dropped": host.dropped(), "frame": host.frame("tap1", "tap2")}


@BEHAVIOURS("quantum.md 3.1", {"before": ["tap1"], "after": []})
def flows_are_lost_when_the_switch_restarts(host: Host) -> Seen:
    _plugged(host, {"tap1": 5})
    host.deaden("tap1")
    before = host.dropped()
    host.restart_switch()
    return {"before": before, "after": host.dropped()}


@BEHAVIOURS("quantum.md 3.1", {"dropped": []})
def flows_are_lost_in_a_reboot(host: Host) -> Seen:
    _plugged(host, {"tap1": 5})
    host.deaden("tap1")
    host.reboot()
    return {"dropped": host.dropped()}


@BEHAVIOURS("libvirt.md 8.2", {"dropped": []})
def a_port_deleted_and_added_is_not_met_by_the_flows_of_the_one_before(host: Host) -> Seen:
    _plugged(host, {"tap1": 5})
    host.deaden("tap1")
    host.del_port("tap1")
    host.add_port("br-int", "tap1", "port-2")
    return {"dropped": host.dropped()}


@BEHAVIOURS("libvirt.md 8.2", {"dropped": ["tap1"]})
def the_taker_of_a_record_is_met_by_the_flows_of_the_one_before(host: Host) -> Seen:
    _plugged(host, {"tap1": 5})
    host.deaden("tap1")
    host.untap("tap1")
    host.tap("tap1")
    host.add_port("br-int", "tap1", "port-2")
    return {"dropped": host.dropped()}


@BEHAVIOURS("quantum.md 3.1", {"frames": [ARRIVES, NOTHING]})
def isolation_by_tag_outlives_a_restart_of_the_switch(host: Host) -> Seen:
    _plugged(host, {"tap1": 5, "tap2": 5, "tap3": 6})
    host.restart_switch()
    return {"frames": [host.frame("tap1", "tap2"), host.frame("tap1", "tap3")]}


_PORTS, _FLOWS = ["gre-h2"], ["default", "dl_vlan=1", "tun_id=7"]


def _tunnelled(host: Host) -> None:
    host.add_tunnel("gre-h2", "192.0.2.2")
    host.bind_tunnel(1, 7)


@BEHAVIOURS("quantum.md 3.1", {"ports": _PORTS, "flows": _FLOWS})
def the_tunnel_bridge_has_ports_and_flows(host: Host) -> Seen:
    _tunnelled(host)
    return host.tunnels()


@BEHAVIOURS("quantum.md 3.1", {"ports": _PORTS, "flows": []})
def the_tunnel_bridge_keeps_its_ports_and_loses_its_flows_when_the_switch_restarts(host: Host) -> Seen:
    _tunnelled(host)
    host.restart_switch()
    return host.tunnels()


@BEHAVIOURS("quantum.md 3.1", {"ports": _PORTS, "flows": []})
def the_tunnel_bridge_keeps_its_ports_and_loses_its_flows_in_a_reboot(host: Host) -> Seen:
    _tunnelled(host)
    host.reboot()
    return host.tunnels()

"""The loader refuses worlds that contradict themselves."""

from __future__ import annotations

import pytest

from tests.refusals import GOOD, changed, check_refused

SEVERAL = "data-centers: {dc: {}, dc2: {}}\n  networks:"

TOPOLOGIES = [
    (changed("vlan: 100", "vlan: 4095"), "7:38: 4095 is no VLAN id; write one of 1 to 4094"),
    (changed("type: vlan", 'type: vlan, vlans: "200-100"'), "5:58: '200-100' ends before it begins; write 100-200"),
    (
        changed("type: vlan", 'type: vlan, vlans: "0-4095"'),
        "5:58: '0-4095' goes beyond the VLAN ids; stay within 1 to 4094",
    ),
    (changed("type: vlan", "type: vlan, vlans: all"), "5:58: 'all' is no range of VLAN ids; write it as 1-4094"),
    (
        changed("}, bare: {}}}}", "}}}, green: {hosts: {h1: {}}}}"),
        "6:83: the host 'h1' is in two clusters, blue and green; keep it",
    ),
    (changed("bare: {}", "engine: {}"), "6:65: the host 'engine' has the name of another node; rename it"),
    (changed("bare: {}", "q1: {}"), "6:65: the host 'q1' has the name of another node; rename it"),
    (changed("bare: {}", "a b: {}"), "6:65: 'a b' is no name for a host; use letters, digits"),
    (
        changed("{blue: {", "{red: {}, blue: {").replace("[blue]", "[red]"),
        "7:54: the network 'red' is attached to 'red', which has no host",
    ),
    (changed("[blue]", "[blue], required: [bleu]"), "7:72: the network 'red' is required in 'bleu', and not attached"),
    (changed("[blue]", "[blue], required: [blue, blue]"), "7:78: the cluster 'blue' is given twice; keep one"),
    (changed("[blue]", "[blue], required: true"), "7:71: 'required' must be a list, not 'true'; write"),
    (changed("[blue]", "[blue], vm: no"), "7:65: 'vm' must be true or false, not 'no'; write true or false"),
    (changed("[blue]", "[blue], wm: true"), "7:61: 'red' of 'networks' has no key 'wm'; did you mean 'vm'?"),
    (changed("vlan: 100", "vlan: 0"), "7:38: 0 is no VLAN id; write one of 1 to 4094"),
    (changed("type: vlan", "type: vxlan"), "5:45: unknown 'type' 'vxlan'; did you mean 'vlan'?"),
    (changed("type: vlan", 'type: gre, vlans: "0"'), "5:57: '0' goes beyond the VLAN ids; stay within 1 to 4094"),
    (
        changed("openvswitch, type: vlan", "linuxbridge, type: gre"),
        "5:45: the plugin linuxbridge has no networks of",
    ),
    (changed("networks:", "switches: {s1: {joins: []}}\n  networks:"), "7:26: a switch that joins nothing carries"),
    (changed("networks:", "switches: {s1: {joins: [physnet1], vlans: 5-1}}\n  networks:"), "7:45: '5-1' ends before"),
    (changed("networks:", "fabrics: {}\n  networks:"), "7:3: the topology has no key 'fabrics'; did you mean"),
    (changed("[blue]", "[blue, blue]"), "7:60: the cluster 'blue' is given twice; keep one"),
    (
        changed("{red: {", "{green: {server: q1, vlan: 100}, red: {"),
        "7:70: the networks 'green' and 'red' both have VLAN 100 on q1",
    ),
    (
        changed("networks:", "switches: {s1: {joins: [physnet2]}}\n  networks:"),
        "7:27: no host has the physical network 'physnet2'",
    ),
    (changed("networks:", "macs: 0\n  networks:"), "7:9: a pool of 0 MACs is none; write 1 or more"),
    (
        changed("networks:", "data-centers: {dc: {engine: q1}}\n  networks:"),
        "7:31: an engine cannot be named 'q1'",
    ),
    (changed("networks:", "data-centers: {dc: {engine: storage}}\n  networks:"), "7:31: an engine cannot be named"),
    (changed("networks:", "data-centers: {dc: {engin: e}}\n  networks:"), "7:23: 'dc' of 'data-centers' has no key"),
    (changed("networks:", "data-centers: {a b: {}}\n  networks:"), "7:18: 'a b' is no name for a data centre; use"),
    (
        changed("networks:", "data-centers: {dc: {engine: h1}}\n  networks:"),
        "7:31: an engine cannot be named 'h1'",
    ),
    (changed("{blue: {", "{blue: {data-center: dx, "), "6:34: there is no data centre 'dx' here; did you mean 'dc'?"),
    (changed("[blue]", "[blue], data-center: dc2"), "7:74: there is no data centre 'dc2' here; did you mean 'dc'?"),
    (
        changed("networks:", "data-centers: {dc: {}, dc2: {}}\n  networks:").replace(
            "[blue]", "[blue], data-center: dc2"
        ),
        "8:54: the network 'red' is of dc2, and 'blue' of dc; give each data centre its own",
    ),
    (GOOD.replace("topology:\n", "topology: 3\nx:\n", 1), "5:1: a scenario has no key 'x'"),
]


@pytest.mark.parametrize(("text", "says"), TOPOLOGIES)
def test_a_wrong_topology_is_refused_in_one_line_with_its_place_and_remedy(text: str, says: str) -> None:
    check_refused(text, says)

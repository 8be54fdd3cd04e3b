"""Fabrics in a topology: both forms of a host, and what contradicts itself."""

from __future__ import annotations

import pytest

from scenarios.loader import load_text
from scenarios.names import Names
from scenarios.playing import play
from sim.outcomes import InputError

GOOD = """\
scenario: a/b
about: Something.
topology:
  quantum: {q1: {vlans: 100-199}, q3: {plugin: linuxbridge, vlans: 1000-1099}}
  clusters:
    blue:
      hosts:
        h1: {fabric: q1}
        h2:
          fabrics: {q1: {nic: eth1}, q3: {nic: eth2, physical: physnet2}}
          networks: {storage: {nic: eth3, vlan: 30}}
        h3: {fabrics: {q1: {nic: eth1, installed: false}, q3: {nic: eth2, running: false}}}
  networks: {red: {server: q1, clusters: [blue]}, storage: {vlan: 30, clusters: [blue]}}
when:
  - network.remove: {network: red}
"""

H1 = "h1: {fabric: q1}"
OWN = "storage: {nic: eth3, vlan: 30}"

WRONG = [
    ("vlans: 100-199", "type: gra", "unknown 'type' 'gra'"),
    ("{plugin: linuxbridge, vlans", "{plugin: linuxbridge, type: gre, vlans", "linuxbridge has no networks of type g"),
    (H1, "h1: {fabrics: {q2: {nic: eth1}}}", "8:24: there is no Quantum server 'q2' here; did you mean"),
    (H1, "h1: {fabrics: {q1: {}}}", "has no 'nic'; add"),
    (H1, "h1: {fabric: q1, fabrics: {q1: {nic: eth1}}}", "8:14: 'fabric' and 'fabrics' are two forms of one thing"),
    (H1, "h1: {physical: p, fabrics: {q1: {nic: eth1}}}", "8:14: 'physical' and 'fabrics' are two forms"),
    (H1, "h1: {fabrics: {q1: {nic: eth1}, q3: {nic: eth1}}}", "q1 and q3 both use eth1, and an agent has an interface"),
    (H1, "h1: {fabrics: {q1: {nic: eth1.7}}}", "'eth1.7' is no name for an interface"),
    (H1, "h1: {fabrics: {q1: {nic: abcdefghijk}}}", "'abcdefghijk' is no name for an interface"),
    (H1, "h1: {fabrics: {q1: {nic: eth1, installed: false, running: true}}}", "is not installed cannot run"),
    (H1, "h1: {fabrics: {q1: {nic: eth 1}}}", "8:34: 'eth 1' is no name for an interface; write one such as eth1"),
    (H1, "h1: {fabrics: {q1: {nic: a/b}}}", "'a/b' is no name for an interface"),
    (H1, "h1: {fabrics: {q1: {nic: ''}}}", "'' is no name for an interface"),
    (H1, "h1: {fabrics: {q1: {nic: 1}}}", "'nic' must be text, and 1 is read as a number; quote it"),
    (H1, "h1: {fabrics: {q1: {nic: eth1, mode: vxlan}}}", "unknown 'mode' 'vxlan'; did you mean 'vlan'?"),
    (H1, "h1: {fabrics: {q1: {nic: eth1, modes: gre}}}", "has no key 'modes'; did you mean 'mode'?"),
    (H1, "h1: {fabrics: {q3: {nic: eth1, mode: gre}}}", "the agent of linuxbridge has no mode gre; write vlan"),
    (H1, "h1: {fabrics: {q1: {nic: eth1, physical: ''}}}", "an interface leads somewhere; name its physical network"),
    (H1, "h1: {fabric: q1, physical: ''}", "an interface leads somewhere; name its physical network"),
    (H1, "h1: {fabrics: [q1]}", "'fabrics' must be a mapping, not a list; write `key: value`"),
    (H1, "h1: {fabric: [q1]}", "'fabric' must be text, not a list; write a word"),
    (H1, "h1: {fabric: q1, power: yes}", "'power' must be true or false, not 'yes'; write true or false"),
    (H1, "h1: {fabric: q1, power: ipmi}", "'power' must be true or false, not 'ipmi'; write true or false"),
    (H1, "h1: {fabric: q1, max-outgoing-migrations: 0}", "a host with 0 migration slots never migrates; write 1 or"),
    (H1, "h1: {fabric: q1, max-outgoing-migrations: x}", "'max-outgoing-migrations' must be a whole number, not 'x'"),
    (H1, "h1: {fabric: q1, max_outgoing_migrations: 1}", "did you mean 'max-outgoing-migrations'?"),
    (OWN, "storage: {nic: eth3, vlan: 0}", "0 is no VLAN id; write one of 1 to 4094"),
    (OWN, "storage: {nic: eth3, vlan: 30, bond: x}", "has no key 'bond'; it can be: nic, physical, vlan"),
    (OWN, "storage: {nic: eth3, vlan: 30, physical: ''}", "an interface leads somewhere; name its physical network"),
    (OWN, "storag: {nic: eth3}", "there is no network 'storag' here; did you mean 'storage'?"),
    (OWN, "red: {nic: eth3}", "the network 'red' is of q1, and a host's own networks are of no server"),
    (OWN, "storage: {nic: eth3, vlan: 31}", "the network 'storage' has VLAN 30, and VLAN 31 here; write the same"),
    (OWN, "storage: {nic: eth3}", "the network 'storage' has VLAN 30, and no VLAN here"),
    (OWN, "storage: {nic: eth3, vlan: 4095}", "4095 is no VLAN id; write one of 1 to 4094"),
    (OWN, "storage: {nic: eth2, vlan: 30}", "eth2 is the interface of q3's agent; use another"),
    ("storage: {vlan: 30, c", "dmz: {clusters: [blue]}, storage: {vlan: 30, c", ""),
    (f"networks: {{{OWN}}}", "networks: {}", ""),
]  # fmt: skip


def test_both_forms_of_a_host_are_read() -> None:
    hosts = load_text(GOOD, "f.yaml").topology.clusters["blue"].hosts
    assert list(hosts["h1"].carried()) == ["q1"]
    assert hosts["h1"].agents() == {"q1": "agent"}
    assert hosts["h2"].agents() == {"q1": "agent-q1", "q3": "agent-q3"}
    assert hosts["h3"].agents() == {"q3": "agent-q3"}
    assert hosts["h2"].nics() == {"eth1": "physnet1", "eth2": "physnet2", "eth3": "physnet1"}


def test_agents_are_processes_where_they_are_installed() -> None:
    names = Names(load_text(GOOD, "f.yaml").topology)
    assert [name for name in names.processes() if name.startswith("agent")] == ["agent", "agent-q1", "agent-q3"]
    assert names.places("agent") == ["h1"]
    assert names.places("agent-q1") == ["h2"]
    assert names.places("agent-q3") == ["h2", "h3"]


def test_a_host_reports_what_it_has_and_what_of_it_runs() -> None:
    run = play(load_text(GOOD, "f.yaml"), "reference")
    hosts = {row["id"]: row for row in run.snapshot["hosts"]["engine"]}
    found = {one["name"]: (one["installed"], one["running"], one["nics"]) for one in hosts["h3"]["fabrics"]}
    assert found == {"q1": (False, False, ("eth1",)), "q3": (True, False, ("eth2",))}
    assert all(fabric["running"] for fabric in hosts["h2"]["fabrics"])
    assert hosts["h2"]["networks"] == ("storage",)
    assert hosts["h1"]["networks"] == ()


@pytest.mark.parametrize(("old", "new", "words"), WRONG, ids=[new[:40] for _, new, _ in WRONG])
def test_a_contradiction_is_refused_with_its_place(old: str, new: str, words: str) -> None:
    assert old in GOOD
    text = GOOD.replace(old, new, 1)
    if not words:
        load_text(text, "f.yaml")
        return
    with pytest.raises(InputError) as error:
        load_text(text, "f.yaml")
    assert words in str(error.value)


def test_a_network_that_no_host_carries_is_refused() -> None:
    text = GOOD.replace("blue:\n", "plain: {hosts: {p1: {}}}\n    blue:\n", 1)
    text = text.replace("storage: {vlan: 30, c", "dmz: {clusters: [plain]}, storage: {vlan: 30, c", 1)
    with pytest.raises(InputError, match="no host of plain carries the network 'dmz'; give it a 'server'"):
        load_text(text, "f.yaml")

"""The flows that tests play as a whole: a VM starts, migrates, stops and is removed, with and without faults."""

from __future__ import annotations

from scenarios.loader import load_text
from scenarios.model import Scenario

DESIGNS = ("reference", "proposed")

_FLOW = """\
scenario: tests/{name}
about: A VM starts, migrates, stops and is removed.
topology:
  quantum: {{q1: {{plugin: openvswitch, type: vlan}}}}
  clusters: {{blue: {{hosts: {{h1: {{fabric: q1}}, h2: {{fabric: q1}}}}}}}}
  networks: {{red: {{server: q1, vlan: 100, clusters: [blue]}}}}
given:
  - vm.start: {{vm: web1, host: h1, nics: {{nic1: red}}}}
when:
  - vm.migrate: {{vm: web1, to: h2}}
  - vm.stop: {{vm: web1}}
  - vm.remove: {{vm: web1}}
"""

FAULTS = {
    "plain": "",
    "target-loses-power": '{at: "libvirt[h1] perform web1", fate: power-loss, node: h2, back-after: 60s}',
    "source-loses-power": '{at: "libvirt[h1] perform web1", fate: power-loss, node: h1}',
    "lost-reply": '{at: "vdsm[h1] migrate web1", fate: reply-lost}',
    "daemon-dies": '{at: "libvirt[h2] finish web1 reply", fate: crash, process: libvirt, node: h2, back-after: 5s}',
    "engine-dies": (
        '{at: "engine[engine] commits *", nth: 2, moment: after, '
        "fate: crash, process: engine, node: engine, back-after: 30s}"
    ),
    "partition": '{at: "libvirt[h2] prepare web1", fate: partition, between: [h1, h2], back-after: 20s}',
    "server-dies": '{at: "quantum[q1] unplug web1", fate: crash, process: quantum, node: q1, back-after: 90s}',
}
"""Each at a point that a command reaches, so that it strikes at the same label whatever rounds are skipped."""


def flow(name: str) -> Scenario:
    """The flow with that fault."""
    text = _FLOW.format(name=name)
    return load_text(text + (f"faults:\n  - {FAULTS[name]}\n" if FAULTS[name] else ""), f"{name}.yaml")

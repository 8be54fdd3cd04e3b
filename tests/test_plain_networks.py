"""Networks of VDSM's own, played: they are back after a reboot, collide where they share a wire, and go at once."""

from __future__ import annotations

from typing import Any

import pytest

from scenarios.builder import expect, network, scenario, step, vm
from scenarios.playing import play

OWN = {"storage": {"nic": "eth3", "vlan": 30}}


def world(vlans: str = "100-199") -> dict[str, Any]:
    """A cluster with a Quantum fabric, and one with plain bridges; both on one physical network."""
    plain = {"p1": {"networks": OWN}, "p2": {"networks": OWN}}
    return {
        "quantum": {"q1": {"vlans": vlans}},
        "clusters": {"blue": {"hosts": {"h1": {"fabric": "q1"}}}, "plain": {"hosts": plain}},
        "networks": {"red": {"server": "q1", "clusters": ["blue"]}, "storage": {"vlan": 30, "clusters": ["plain"]}},
    }


BASE = scenario("plain/any", about="Plain bridges.")


@pytest.mark.parametrize("design", ["proposed", "reference"])
def test_the_bridge_of_a_host_is_back_after_its_power(design: str) -> None:
    one = (
        BASE.topology(world())
        .given(
            vm.add(vm="db1", cluster="plain", nics={"nic1": "storage"}),
            vm.add(vm="db2", cluster="plain", nics={"nic1": "storage"}),
            vm.start(vm="db1", host="p1"),
        )
        .when(vm.stop(vm="db1"), step(vm.start(vm="db1", host="p1"), wait="rest"), vm.start(vm="db2", host="p2"))
        .fault(at="vdsm[p1] destroy db1", fate="power-loss", node="p1", back_after="60s")
        .eventually(expect.vm_runs(vm="db1", host="p1"), expect.vm_runs(vm="db2", host="p2"))
        .reached("node-booted")
    )
    assert play(one.build(), design).result.verdict == "passed"


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_plain_network_goes_with_its_attachments_or_not_at_all(moment: str) -> None:
    one = (
        BASE.topology(world())
        .when(network.remove(network="storage"))
        .fault(
            at="engine[engine] commits network storage removed",
            fate="crash", process="engine", node="engine", moment=moment, back_after="20s",
        )
    )  # fmt: skip
    assert play(one.build(), "reference").result.verdict == "passed"


def test_a_vlan_that_quantum_gives_out_too_is_found() -> None:
    one = BASE.topology(world("30-30")).when(vm.start(vm="web1", host="h1", nics={"nic1": "red"})).build()
    assert "segment-collision" in {finding.check for finding in play(one, "proposed").result.findings}

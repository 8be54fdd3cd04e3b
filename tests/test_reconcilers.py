"""Reconcilers, whose answers come late: what was removed meanwhile is not made."""

from __future__ import annotations

from scenarios.builder import expect, network, scenario, vm
from scenarios.playing import play


def test_a_network_that_was_removed_while_quantum_was_asked_is_not_made() -> None:
    one = (
        scenario("network/removed-while-its-reconciler-asks", about="The answer comes when the network is gone.")
        .topology({"quantum": {"q1": {}}, "clusters": {"blue": {"hosts": {"h1": {"fabric": "q1"}}}}})
        .when(network.add(network="red", server="q1"), vm.start(vm="web1", host="h1"), network.remove(network="red"))
        .fault(at="quantum[q1] create-network red", fate="refused", for_="20s")
        .fault(at="vdsm[h1] create web1", fate="late", delay="10s")
        .fault(at="quantum[q1] list-networks reply", fate="late", delay="10s", nth=2)
        .eventually(expect.network_gone(network="red"))
        .reached("vm-started", "network-removed")
        .build()
    )
    result = play(one, "reference").result
    assert result.verdict == "passed"
    assert len(result.struck) == 3

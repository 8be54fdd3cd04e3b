"""Several data centres and engines in one world: whose a command is, whose a name, an address, a proxy."""

from __future__ import annotations

from typing import Any

import pytest

from fakes.topology import Topology
from scenarios.builder import expect, host, network, scenario, together, vm
from scenarios.model import Scenario
from scenarios.playing import play
from sim.outcomes import InputError
from sim.run import Run

FABRIC = {"fabric": "q1"}


def world(second: str = "engine2") -> dict[str, Any]:
    """Two data centres on one Quantum server; the second is of that engine."""
    return {
        "quantum": {"q1": {}},
        "data-centers": {"dc": {}, "dc2": {"engine": second}},
        "clusters": {
            "blue": {"hosts": {"h1": FABRIC, "h2": FABRIC}},
            "green": {"data-center": "dc2", "hosts": {"h3": FABRIC}},
        },
        "networks": {"red": {"server": "q1", "clusters": ["blue"]}, "white": {"server": "q1", "clusters": ["green"]}},
    }


BASE = scenario("engines/any", about="Several engines.")


def rows(run: Run, schema: str) -> list[tuple[str, Any]]:
    """The rows of that schema at the end, each with its node."""
    return [(node, row) for name, node, found in run.rows if name == schema for row in found]


def asked(run: Run) -> list[str]:
    """What the administrator asked of which engine."""
    events = [event for event in run.trace.events if event.kind == "call" and event.where.startswith("administrator")]
    return [event.what.partition(" #")[0] for event in events]


def of_both() -> Scenario:
    """Each engine has a VM, stops it, and makes another network."""
    return (
        BASE.topology(world())
        .given(
            vm.start(vm="web1", host="h1", nics={"nic1": "red"}), vm.start(vm="web2", host="h3", nics={"nic1": "white"})
        )
        .when(
            vm.migrate(vm="web1", to="h2"),
            vm.stop(vm="web2"),
            network.add(network="black", server="q1", data_center="dc2"),
            network.attach(network="black", cluster="green"),
            host.maintenance(host="h3"),
        )
        .eventually(expect.vm_runs(vm="web1", host="h2"), expect.vm_down(vm="web2"))
        .build()
    )


def test_a_command_goes_to_the_engine_that_has_what_it_is_about() -> None:
    run = play(of_both(), "reference")
    assert run.result.verdict == "passed"
    assert [call for call in asked(run) if "engine[engine2]" in call] == [
        "engine[engine2] AddNetwork white",
        "engine[engine2] AttachNetworkToVdsGroup white",
        "engine[engine2] AddVm web2",
        "engine[engine2] AddVmInterface web2",
        "engine[engine2] RunVm web2",
        "engine[engine2] StopVm web2",
        "engine[engine2] AddNetwork black",
        "engine[engine2] AttachNetworkToVdsGroup black",
        "engine[engine2] MaintananceNumberOfVdss h3",
    ]


def test_what_an_engine_does_not_have_it_refuses() -> None:
    one = BASE.topology(world()).when(
        network.attach(network="red", cluster="green"),
        host.maintenance(host="h1"),
        host.move(host="h1", cluster="green"),
    )
    steps = play(one.build(), "reference").result.steps
    assert steps[-3:] == [
        "network.attach red: refused (VDS_CLUSTER_IS_NOT_VALID: green)",
        "host.maintenance h1: finished",
        "host.move h1: refused (VDS_CLUSTER_IS_NOT_VALID: green)",
    ]


def test_each_engine_gives_out_addresses_of_a_range_of_its_own() -> None:
    run = play(of_both(), "reference")
    pools = {node: pool.used for node, pool in rows(run, "mac_pool")}
    assert pools == {"engine": ("00:1a:4a:16:01:51",), "engine2": ("00:1a:4a:16:01:e7",)}


def test_what_an_engine_makes_in_quantum_bears_its_name() -> None:
    made = {row.name: row.tenant for _, row in rows(play(of_both(), "reference"), "quantum_networks")}
    assert {name.partition(".")[0] for name in made} == {"engine", "engine2"}
    assert all(name.startswith(f"{tenant}.") for name, tenant in made.items())


@pytest.mark.parametrize("design", ["proposed", "reference"])
def test_one_engine_dies_and_the_other_goes_on(design: str) -> None:
    one = (
        BASE.topology(world())
        .given(vm.start(vm="web1", host="h1", nics={"nic1": "red"}))
        .when(vm.migrate(vm="web1", to="h2"))
        .fault(at="libvirt[h1] perform web1", fate="crash", node="engine2", process="engine", standing=True)
        .eventually(expect.vm_runs(vm="web1", host="h2"))
        .build()
    )
    result = play(one, design).result
    assert not [finding.id for finding in result.findings if "web1" in finding.remains]
    assert "migration-arrived" in result.reached


def test_one_vlan_in_two_data_centres_is_refused_where_a_wire_carries_both() -> None:
    def own(name: str, physical: str) -> dict[str, Any]:
        return {"networks": {name: {"nic": "eth2", "physical": physical, "vlan": 50}}}

    topology = world("engine") | {
        "clusters": {
            "blue": {"hosts": {"h1": own("white", "physnet2")}},
            "green": {"data-center": "dc2", "hosts": {"h2": own("black", "physnet3")}},
        },
        "networks": {"white": {"vlan": 50, "clusters": ["blue"]}, "black": {"vlan": 50, "clusters": ["green"]}},
    }
    BASE.topology(topology).when(vm.add(vm="web1")).build()
    with pytest.raises(InputError, match="both have VLAN 50, and physnet3 carries both; give each its own VLAN"):
        switch = {"switches": {"s1": {"joins": ["physnet2", "physnet3"]}}}
        BASE.topology(topology | switch).when(vm.add(vm="web1")).build()


# --- data centres --------------------------------------------------------------------------------


@pytest.mark.parametrize(("center", "came_to"), [("dc", "refused (NETWROK_VLAN_IN_USE: 7)"), ("dc2", "finished")])
def test_a_vlan_is_taken_in_one_data_centre_and_free_in_another(center: str, came_to: str) -> None:
    one = BASE.topology(world("engine") | {"quantum": {"q1": {"vlans": "100-199"}}}).when(
        network.add(network="pink", vlan=7, data_center="dc"), network.add(network="gold", vlan=7, data_center=center)
    )
    assert play(one.build(), "reference").result.steps[-1] == f"network.add gold: {came_to}"


def test_a_name_is_given_once_in_all_data_centres_of_an_engine() -> None:
    one = BASE.topology(world("engine")).when(
        network.add(network="pink", data_center="dc"), network.add(network="pink", data_center="dc2")
    )
    result = play(one.build(), "reference").result
    assert result.steps[-1] == "network.add pink: refused (NETWROK_NAME_ALREADY_EXISTS: pink)"
    assert result.verdict == "passed"


def test_a_name_is_of_the_engine_whose_step_names_it_first() -> None:
    """The second is refused there, as it is where there is one engine."""
    one = (
        BASE.topology(world())
        .when(
            together(
                vm.start(vm="web1", host="h3", nics={"nic1": "white"}),
                vm.start(vm="web1", host="h1", nics={"nic1": "red"}),
            ),
            vm.stop(vm="web1"),
        )
        .build()
    )
    run = play(one, "reference")
    assert run.result.verdict == "passed"
    assert [(node, row.status) for node, row in rows(run, "vms")] == [("engine2", "Down")]
    assert all("engine[engine]" not in call for call in asked(run) if call.endswith(" web1"))


def test_a_command_about_what_is_still_being_made_goes_to_its_engine() -> None:
    one = (
        BASE.topology(world())
        .when(together(vm.start(vm="web1", host="h3", nics={"nic1": "white"}), vm.stop(vm="web1")))
        .build()
    )
    assert "engine[engine2] StopVm web1" in asked(play(one, "reference"))


def test_a_host_of_another_engine_is_refused() -> None:
    one = BASE.topology(world()).when(vm.add(vm="web1", cluster="blue"), vm.start(vm="web1", host="h3"))
    assert play(one.build(), "reference").result.steps[-1] == "vm.start web1: refused (VDS_INVALID_SERVER_ID: h3)"


def test_a_network_without_a_data_centre_is_of_the_first_as_written() -> None:
    centers = {"zeta": {}, "alpha": {}}
    clusters = {"blue": {"data-center": "zeta", "hosts": {"h1": FABRIC}}, "green": {"data-center": "alpha"}}
    topology = {"quantum": {"q1": {}}, "data-centers": centers, "clusters": clusters}
    one = BASE.topology(topology).when(
        network.add(network="red", server="q1"), network.attach(network="red", cluster="blue")
    )
    assert play(one.build(), "reference").result.steps[-1] == "network.attach red: finished"


@pytest.mark.parametrize(("design", "came_to"), [("proposed", "finished"), ("reference", "refused")])
def test_a_network_comes_to_another_data_centre_only_where_nobody_looks(design: str, came_to: str) -> None:
    one = BASE.topology(world("engine")).when(network.attach(network="red", cluster="green"))
    assert came_to in play(one.build(), design).result.steps[-1]


@pytest.mark.parametrize(("center", "came_to"), [("dc", "finished"), ("dc2", "failed")])
def test_a_host_is_fenced_through_one_of_its_own_data_centre(center: str, came_to: str) -> None:
    """docs/facts/ovirt.md 1.7, row 4."""
    topology = world("engine") | {
        "clusters": {
            "blue": {"hosts": {"h1": FABRIC | {"power": True}}},
            "pink": {"data-center": center, "hosts": {"h2": FABRIC}},
            "green": {"data-center": "dc2", "hosts": {"h3": FABRIC}},
        }
    }
    one = BASE.topology(topology).when(host.restart(host="h1"))
    run = play(one.build(), "reference")
    assert came_to in run.result.steps[-1]
    proxies = {
        event.what.split()[0] for event in run.trace.events if event.kind == "call" and "fenceNode" in event.what
    }
    assert proxies == ({"vdsm[h2]"} if center == "dc" else set())


def test_a_world_that_names_no_data_centre_has_one_of_one_engine() -> None:
    topology = Topology()
    assert list(topology.centers()) == ["dc"]
    assert topology.engines() == ["engine"]

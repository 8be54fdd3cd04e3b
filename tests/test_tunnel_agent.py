"""The tunnel agent as it was in 2012, and repaired: what no scenario can bring about from outside.

Facts: docs/facts/quantum.md 3.1.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from fakes.assembly import build
from fakes.engine.designs import DESIGNS
from fakes.records import (
    AGENT_VIFS,
    LOCAL_VLANS,
    OVS_PORTS,
    QUANTUM_PORTS,
    TAPS,
    TUNNEL_FLOWS,
    TUNNEL_PORTS,
    VLAN_BINDINGS,
)
from fakes.records.host import OvsPort, Tap
from fakes.records.quantum import QuantumPort, VlanBinding
from fakes.repairs import REPAIRED, Repairs
from fakes.topology import ClusterModel, FabricModel, HostModel, QuantumModel, Topology
from fakes.wiring import DEAD_VLAN
from sim.clock import SECOND
from sim.decisions import Decisions
from sim.world import World

LATE = HostModel(fabrics={"q2": FabricModel("eth1", running=False)})
WORLD = Topology(
    quantum={"q2": QuantumModel(type="gre")},
    clusters={"blue": ClusterModel(hosts={"h1": HostModel("q2"), "h2": HostModel("q2"), "h3": LATE})},
)


def after(seconds: int, repairs: Repairs, *events: tuple[int, Callable[[World], Any]]) -> World:
    """The world at that time, in which each event happens at its second."""
    world = World(Decisions())
    build(world, WORLD, DESIGNS["proposed"], repairs)
    for time, act in events:
        world.kernel.at(time * SECOND, act, world)
    world.kernel.advance(seconds * SECOND, 100_000)
    return world


def plugged(world: World, name: str = "tap1", network: str = "red", key: int = 100) -> None:
    """A VIF on h1 whose port is plugged."""
    store = world.store
    store.apply(
        [
            store.table(VLAN_BINDINGS, "q2").put(VlanBinding(key, network)),
            store.table(QUANTUM_PORTS, "q2").put(QuantumPort(f"port-{name}", network, attachment=name)),
            store.table(TAPS, "h1").put(Tap(name, 7 if name == "tap1" else 8, "", "", "ip")),
            store.table(OVS_PORTS, "h1").put(OvsPort(name, 1, "br-int", name, "", "", 7 if name == "tap1" else 8)),
        ]
    )


def unplugged(world: World) -> None:
    """Its port is unplugged while the VIF is there."""
    ports = world.store.table(QUANTUM_PORTS, "q2")
    world.store.apply([ports.put(msgspec.structs.replace(ports["port-tap1"], attachment=""))])


def moved(world: World) -> None:
    """The same attachment is plugged into a port of another network."""
    ports = world.store.table(QUANTUM_PORTS, "q2")
    world.store.apply(
        [
            world.store.table(VLAN_BINDINGS, "q2").put(VlanBinding(200, "green")),
            ports.drop("port-tap1"),
            ports.put(QuantumPort("port-2", "green", attachment="tap1")),
        ]
    )


def joined(world: World) -> None:
    """The agent of h3 starts for the first time."""
    world.start("h3", "agent")


def other(world: World) -> None:
    """A second VIF appears."""
    plugged(world, "tap2", "green", 200)


def matches(world: World, host: str = "h1") -> set[str]:
    """The flows of the host's tunnel bridge."""
    return set(world.store.table(TUNNEL_FLOWS, host).rows)


def tag(world: World, name: str = "tap1") -> int | None:
    """The tag of a VIF on h1."""
    return world.store.table(OVS_PORTS, "h1")[name].tag


def test_a_vif_gets_a_local_vlan_and_its_flows() -> None:
    world = after(10, REPAIRED, (5, plugged))
    assert tag(world) == 1
    assert matches(world) == {"default", "dl_vlan=1", "tun_id=100"}
    assert [row.remote for row in world.store.table(TUNNEL_PORTS, "h1")] == ["h2"]


def test_the_last_vif_gives_the_local_vlan_back() -> None:
    world = after(20, REPAIRED, (5, plugged), (10, unplugged))
    assert tag(world) == DEAD_VLAN
    assert matches(world) == {"default"}
    assert not world.store.table(LOCAL_VLANS, "h1", "agent").rows


def test_a_new_end_gets_a_port() -> None:
    world = after(30, REPAIRED, (5, plugged), (10, joined))
    assert [row.remote for row in world.store.table(TUNNEL_PORTS, "h1")] == ["h2", "h3"]
    assert matches(world) == {"default", "dl_vlan=1", "tun_id=100"}


def test_as_it_was_a_new_end_wipes_the_flows_and_a_port_is_added_in_each_pass() -> None:
    as_it_was = Repairs(tunnel_helper_there=False, tunnels_compared=False)
    world = after(30, as_it_was, (5, plugged), (10, joined))
    assert matches(world) == set()
    assert len(world.store.table(TUNNEL_PORTS, "h1").rows) > 5
    assert [row.remote for row in world.store.table(TUNNEL_PORTS, "h2")] == ["h1", "h3"]  # it had no networks


def test_as_it_was_an_unplug_stalls_every_later_pass() -> None:
    as_it_was = Repairs(tunnel_unbind_guarded=False)
    world = after(30, as_it_was, (5, plugged), (10, unplugged), (15, other))
    assert tag(world) == DEAD_VLAN
    assert tag(world, "tap2") is None
    assert tag(after(30, REPAIRED, (5, plugged), (10, unplugged), (15, other)), "tap2") == 1


def test_as_it_was_a_move_to_another_network_is_not_noticed() -> None:
    world = after(20, Repairs(replug_noticed=False), (5, plugged), (10, moved))
    assert world.store.table(AGENT_VIFS, "h1", "agent")["tap1"].network == "red"
    assert matches(world) == {"default", "dl_vlan=1", "tun_id=100"}
    repaired = after(20, REPAIRED, (5, plugged), (10, moved))
    assert repaired.store.table(AGENT_VIFS, "h1", "agent")["tap1"].network == "green"
    assert matches(repaired) == {"default", "dl_vlan=1", "tun_id=200"}

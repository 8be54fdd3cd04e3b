"""The worlds that the other tests start from are legal: no check fires on them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from claims import judge
from worlds import World

from scenarios import checks


def _nothing(world: World) -> None:
    """As it is."""


def _second_host(world: World) -> None:
    world.add_vm("web2")
    world.run_vm("web2", "h2")


def _other_network(world: World) -> None:
    world.add_network("green", 200)
    world.add_vm("web2", "green")
    world.run_vm("web2", "h1")


def _other_server(world: World) -> None:
    world.add_server("q2")
    world.add_host("h3", fabric="q2", physical="physnet2")
    world.add_network("green", 100, server="q2")
    world.add_vm("web2", "green")
    world.run_vm("web2", "h3")


def _no_server(world: World) -> None:
    world.add_plain_network("plain")
    world.add_vm("web2", "plain")
    world.run_vm("web2", "h2")


def _no_server_and_untagged(world: World) -> None:
    world.add_plain_network("plain", vlan=None)
    world.add_vm("web2", "plain")
    world.run_vm("web2", "h2")


def _bridged(world: World) -> None:
    world.add_bridging("h1", "h2")
    world.add_network("yellow", 1000, server="q3")
    for name, host in (("web2", "h1"), ("web3", "h2")):
        world.add_vm(name, "yellow")
        world.run_vm(name, host)


def _plugged_by_libvirt(world: World) -> None:
    world.plug_by_libvirt("web1", "h1")


def _stopped(world: World) -> None:
    world.stop_vm("web1")


LEGAL = [
    _nothing,
    _second_host,
    _other_network,
    _other_server,
    _no_server,
    _no_server_and_untagged,
    _bridged,
    _plugged_by_libvirt,
    _stopped,
]


@pytest.mark.parametrize("change", LEGAL, ids=lambda change: change.__name__.strip("_"))
def test_no_check_fires_on_a_legal_world(world: World, change: Callable[[World], None]) -> None:
    change(world)
    assert {check.id: broken for check in checks.ALL.values() if (broken := judge(world, check))} == {}


def test_nothing_that_must_always_hold_is_broken_while_a_vm_migrates(world: World) -> None:
    world.prepare("web1", "h2")
    always = [check for check in checks.ALL.values() if check.expectation.value == "always"]
    assert {check.id: broken for check in always if (broken := judge(world, check))} == {}


def test_the_legal_world_has_keys_for_the_checks_to_judge(world: World) -> None:
    empty = {check.id for check in checks.ALL.values() if not list(check.every(world.view))}
    assert empty == {
        "kept", "placement-plugin", "placement-fabric", "placement-cluster", "placement-migration",
        "leftover-bridge", "held", "commands-end", "all-or-nothing", "told-truth",
    }  # fmt: skip

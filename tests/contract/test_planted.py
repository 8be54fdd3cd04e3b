"""A fake that is changed on purpose is seen by the contract: by the behaviours that are about the change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from contract import recorded, simulated
from contract.playing import verdicts
from contract.verdicts import DIFFERENT, exceptions
from fakes.host.kernel import reap
from fakes.host.openvswitch import OpenVSwitch
from fakes.records import OVS_PORTS
from sim.tables import Change

Plant = Callable[[pytest.MonkeyPatch], None]


def a_tap_outlives_its_process(patch: pytest.MonkeyPatch) -> None:
    def kept(store: Any, node: str, process: str) -> list[Change]:
        return [change for change in reap(store, node, process) if change.table.schema.name != "taps"]

    patch.setattr(simulated, "reap", kept)


def a_record_is_made_anew_when_its_port_is_added_again(patch: pytest.MonkeyPatch) -> None:
    add_port = OpenVSwitch.on_add_port

    async def anew(self: OpenVSwitch, bridge: str, name: str, iface_id: str, mac: str, vm: str) -> None:
        await self.on_del_port(name)
        await add_port(self, bridge, name, iface_id, mac, vm)

    patch.setattr(OpenVSwitch, "on_add_port", anew)


def a_record_loses_its_tag_when_the_switch_starts(patch: pytest.MonkeyPatch) -> None:
    async def started(self: OpenVSwitch) -> None:
        for port in self.table(OVS_PORTS).all():
            await self.on_wire(port.name, 1)

    patch.setattr(OpenVSwitch, "started", started)


@pytest.mark.parametrize(
    ("part", "plant", "behaviour"),
    [
        ("linux", a_tap_outlives_its_process, "a tap held by a process dies with it"),
        (
            "openvswitch",
            a_record_is_made_anew_when_its_port_is_added_again,
            "adding a port again takes its record over",
        ),
        ("openvswitch", a_record_loses_its_tag_when_the_switch_starts, "a record outlives a reboot"),
    ],
)
def test_a_deliberate_change_fails_the_contract(
    monkeypatch: pytest.MonkeyPatch, part: str, plant: Plant, behaviour: str
) -> None:
    plant(monkeypatch)
    found = verdicts(recorded.load(part), exceptions())
    assert behaviour in [one.behaviour.name for one in found if one.kind == DIFFERENT]
    assert len([one for one in found if one.kind == DIFFERENT]) < len(found) / 2

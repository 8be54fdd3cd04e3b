"""A fake that is changed on purpose is seen by the contract: by the behaviours that are about the change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from contract import recorded, simulated
from contract.playing import verdicts
from contract.verdicts import DIFFERENT, reviewed
from fakes.host.kernel import reap
from fakes.host.openvswitch import OpenVSwitch
from fakes.libvirt.profiles import PROFILES
from fakes.records import OVS_PORTS
from sim.tables import Change

Plant = Callable[[pytest.MonkeyPatch], None]


def a_tap_outlives_its_process(patch: pytest.MonkeyPatch) -> None:
    def kept(store: Any, node: str, process: str) -> list[Change]:
        return [change for change in reap(store, node, process) if change[0].schema.name != "taps"]

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


def profile(patch: pytest.MonkeyPatch, **columns: Any) -> None:
    """libvirt 9.0 with another character."""
    patch.setitem(PROFILES, "9.0", msgspec.structs.replace(PROFILES["9.0"], **columns))


def a_start_tells_its_events_in_another_order(patch: pytest.MonkeyPatch) -> None:
    profile(patch, started=PROFILES["9.0"].started[::-1])


def a_target_outlives_its_source(patch: pytest.MonkeyPatch) -> None:
    profile(patch, autodestroyed=())


def an_abort_has_another_number(patch: pytest.MonkeyPatch) -> None:
    profile(patch, aborted="9")


@pytest.mark.parametrize(
    ("part", "plant", "behaviour"),
    [
        ("libvirt", a_start_tells_its_events_in_another_order, "a start tells resumed then started"),
        ("libvirt", a_target_outlives_its_source, "migration: Prepare's reply lost"),
        ("libvirt", an_abort_has_another_number, "migration: abortJob in Perform"),
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
    found = verdicts(recorded.load(part), reviewed())
    assert behaviour in [one.behaviour.name for one in found if one.kind == DIFFERENT]
    assert len([one for one in found if one.kind == DIFFERENT]) < len(found) / 2

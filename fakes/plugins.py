"""The plugins of a Quantum server, a row a plugin: what each can do, and how it differs from the others.

Facts: docs/facts/quantum.md 3.1, 3.2 (plugins and agents), 4.3 (types), 6.2 (repeated calls), 6.3 (orders).
"""

from __future__ import annotations

from typing import NamedTuple


class Plugin(NamedTuple):
    """What sets a plugin apart.

    Args:
        types: the segmentation types that its networks can have; a server is configured for one of them.
        bridge: the bridge of the host that its agent looks at; "" when each network has one of its own.
        drivers: who wires a vNIC, by what the design leaves it to (`fakes.vdsm.drivers`): `ethernet` is
            VDSM's own code, as proposed; `virtualport` is libvirt.
        unplugged_twice: the code answered to the unplugging of a port that is not plugged; "" for success.
    """

    types: tuple[str, ...]
    bridge: str
    drivers: dict[str, str]
    unplugged_twice: str


PLUGINS: dict[str, Plugin] = {
    "openvswitch": Plugin(
        types=("vlan", "gre"),
        bridge="br-int",
        drivers={"ethernet": "ethernet", "virtualport": "virtualport"},
        unplugged_twice="",
    ),
    "linuxbridge": Plugin(
        types=("vlan",),
        bridge="",
        drivers={"ethernet": "ethernet", "virtualport": "target"},
        unplugged_twice="500 QuantumServiceFault",
    ),
}
"""By the name that the topology gives them."""

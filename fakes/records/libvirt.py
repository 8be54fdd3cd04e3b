"""What libvirtd knows: domains with their live XML, kept in its status files.

Facts: docs/facts/libvirt.md 1, 4, 5, 8.
"""

from __future__ import annotations

import msgspec

from sim.tables import Lifetime, Schema


class Interface(msgspec.Struct, frozen=True, gc=False):
    """An `<interface>`: the first four are what the ABI check compares, the rest is its mapping to the host."""

    mac: str
    model: str
    slot: int
    mtu: int
    type: str  # ethernet, bridge
    target: str = ""  # the tap's name; "" lets libvirt choose
    bridge: str = ""
    interfaceid: str = ""  # of <virtualport type='openvswitch'>


class Definition(msgspec.Struct, frozen=True, gc=False):
    """A domain's XML, as far as it matters here."""

    uuid: str
    name: str
    memory: int
    interfaces: tuple[Interface, ...]
    lease: bool = False


class Domain(msgspec.Struct, frozen=True, gc=False):
    """An active domain.

    `state` and `reason` as in libvirt.md 1; `job` is ``out``, ``in``, ``save``, ``modify`` or ""; `phase` the
    migration phase reached; `monitor`, `peer`, `autodestroy` name connections: to qemu, to the other
    daemon (or the migrating client), and the one with whose end the domain ends; `ending`: being stopped;
    `half`: interfaces that are being attached or taken out; `stood`: its CPUs stood when its migration began.
    """

    uuid: str
    definition: Definition
    state: str
    reason: str
    job: str = ""
    phase: str = ""
    monitor: str = ""
    peer: str = ""
    autodestroy: str = ""
    ending: str = ""
    half: tuple[Interface, ...] = ()
    stood: bool = False


class SavedImage(msgspec.Struct, frozen=True, gc=False):
    """A domain that was saved to that file; `running`: its CPUs ran until then."""

    path: str
    definition: Definition
    running: bool


DOMAINS = Schema("domains", Domain, "uuid", Lifetime.HOST, ("uuid", "monitor", "peer", "autodestroy"))
SAVED_IMAGES = Schema("saved_images", SavedImage, "path", Lifetime.DURABLE)

SCHEMAS = (DOMAINS, SAVED_IMAGES)

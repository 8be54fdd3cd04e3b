"""The fake's definitions as libvirt's XML: a VM without disk and operating system."""

from __future__ import annotations

import re
import uuid

from fakes.records.libvirt import Definition, Interface

_SPACE = uuid.UUID("6f767173-696d-4000-8000-000000000000")
_NAMES: dict[str, str] = {}
SMALL = 64
"""MiB of a VM of the usual memory; of more, each MiB counts, and the migration is slowed down."""


def uuid_of(name: str) -> str:
    """The UUID that stands for that name."""
    found = str(uuid.uuid5(_SPACE, name))
    _NAMES[found] = name
    return found


def name_of(found: str) -> str:
    """The name for which that UUID stands."""
    return _NAMES.get(found, found)


def domain(definition: Definition) -> str:
    """`<domain>`"""
    memory = SMALL if definition.memory <= 512 else definition.memory
    return f"""<domain type='qemu'><name>{definition.name}</name><uuid>{uuid_of(definition.uuid)}</uuid>
<memory unit='MiB'>{memory}</memory><vcpu>1</vcpu><os><type arch='x86_64' machine='pc'>hvm</type></os>
<features><acpi/></features><devices>
<emulator>/usr/bin/qemu-system-x86_64</emulator><controller type='usb' model='none'/><memballoon model='none'/>
{"".join(interface(one) for one in definition.interfaces)}</devices></domain>"""


def interface(one: Interface) -> str:
    """`<interface>`"""
    parts = [f"<mac address='{one.mac}'/>", f"<model type='{'virtio' if one.model == 'pv' else one.model}'/>"]
    if one.type == "bridge":
        parts.append(f"<source bridge='{one.bridge}'/>")
    if one.interfaceid:
        parameters = f"<parameters interfaceid='{uuid_of(one.interfaceid)}'/>"
        parts.append(f"<virtualport type='openvswitch'>{parameters}</virtualport>")
    if one.target:
        parts.append(f"<target dev='{one.target}'/>")
    if one.mtu:
        parts.append(f"<mtu size='{one.mtu}'/>")
    if one.slot:
        parts.append(f"<address type='pci' domain='0' bus='0' slot='{one.slot:#x}' function='0'/>")
    return f"<interface type='{one.type}'>{''.join(parts)}</interface>"


def destination(live: str, definition: Definition) -> str:
    """The live XML with the name, UUID and interfaces of the definition."""
    without = re.sub(r"<interface .*?</interface>\s*", "", live, flags=re.S)
    named = re.sub(r"<name>.*?</name>", f"<name>{definition.name}</name>", without, count=1)
    named = re.sub(r"<uuid>.*?</uuid>", f"<uuid>{uuid_of(definition.uuid)}</uuid>", named, count=1)
    return named.replace("</devices>", "".join(interface(one) for one in definition.interfaces) + "</devices>")


def macs(live: str) -> list[str]:
    """MACs of a live XML."""
    return re.findall(r"<mac address='(.*?)'", live)

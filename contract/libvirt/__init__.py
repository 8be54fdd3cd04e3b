"""libvirt and QEMU: two hosts in namespaces, a proxy between them, beside profile 9.0 of `fakes.libvirt`."""

from contract.libvirt import moves, orders, saves  # noqa: F401  each adds its behaviours
from contract.libvirt.behaviours import BEHAVIOURS
from contract.libvirt.fake import FakePair
from contract.libvirt.real import RealPair, version

PACKAGES = (
    "libvirt-daemon",
    "libvirt-daemon-driver-qemu",
    "libvirt-clients",
    "python3-libvirt",
    "qemu-system-x86",
    "openvswitch-switch",
    "iproute2",
)

__all__ = ["BEHAVIOURS", "PACKAGES", "FakePair", "RealPair", "version"]

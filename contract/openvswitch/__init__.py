"""Open vSwitch: records, tags and flows, in a network namespace, beside `fakes.host.openvswitch` and its wiring."""

from contract.openvswitch import forwarding as forwarding
from contract.openvswitch.behaviours import BEHAVIOURS
from contract.openvswitch.fake import FakeHost
from contract.openvswitch.real import PACKAGES, RealHost, version

__all__ = ["BEHAVIOURS", "PACKAGES", "FakeHost", "RealHost", "version"]

"""Linux: bridges, taps and their kin, in a network namespace, beside `fakes.host.kernel` and `fakes.host.bridges`."""

from contract.linux.behaviours import BEHAVIOURS
from contract.linux.fake import FakeHost
from contract.linux.real import RealHost, version

__all__ = ["BEHAVIOURS", "FakeHost", "RealHost", "version"]

"""What a machine must have for the real parts, and how it gets it: one clear line for each thing that lacks."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from contract.lab import Unfit, first_line, run

RELEASE = Path("/etc/os-release")
TUN = Path("/dev/net/tun")
WAIT = ("-o", "DPkg::Lock::Timeout=120")
"""apt-get waits so many seconds for another that is at work."""
POLICY = Path("/usr/sbin/policy-rc.d")
_POLICY_TEXT = "#!/bin/sh\n# ovqsim-contract: packages are installed, their daemons are not started\nexit 101\n"


def fit() -> None:
    """Root, on Debian 12, with a tun device.

    Raises:
        Unfit: it is not.
    """
    if os.geteuid() != 0:
        raise Unfit("the real parts need root: run `make contract` as root (`make test` needs none)")
    text = RELEASE.read_text() if RELEASE.exists() else ""
    if "ID=debian\n" not in text or 'VERSION_ID="12"' not in text:
        raise Unfit("the real parts are those of Debian 12: this is another system")
    if not TUN.exists():
        raise Unfit(f"no {TUN}: taps cannot be made; `modprobe tun`, or give the container the device")


def install(packages: Iterable[str]) -> None:
    """Install those packages that lack, without starting their daemons.

    Raises:
        Unfit: they cannot be had.
    """
    lacking = [name for name in packages if not _installed(name)]
    if not lacking:
        return
    os.environ["DEBIAN_FRONTEND"] = "noninteractive"
    ours = not POLICY.exists()
    if ours:
        POLICY.write_text(_POLICY_TEXT)
        POLICY.chmod(0o755)
    try:
        run("apt-get", "update", "-q", timeout=300)
        done = run("apt-get", "install", "-y", "-q", "--no-install-recommends", *WAIT, *lacking, timeout=900)
    finally:
        sweep()
    if done.status:
        raise Unfit(f"packages lack and cannot be installed ({first_line(done.err)}): {' '.join(lacking)}")


def sweep() -> None:
    """Take away the policy, if it is ours, that kept daemons of new packages from starting."""
    if POLICY.exists() and POLICY.read_text() == _POLICY_TEXT:
        POLICY.unlink()


def _installed(package: str) -> bool:
    return run("dpkg-query", "-W", "-f", "${db:Status-Status}", package).out == "installed"

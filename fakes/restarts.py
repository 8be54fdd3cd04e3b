"""What a VDSM that starts again makes of the migrations that it finds: a value, so that a mistake in it can be one too.

Facts: docs/facts/ovirt.md 5.5 (either side dies in the copy), 5.6.
"""

from __future__ import annotations

from fakes.records.libvirt import Domain
from fakes.records.vdsm import RecoveryFile


class Restarts:
    """As its recovery file says."""

    def role(self, file: RecoveryFile, domain: Domain) -> str:
        """The status under which a running domain is taken over."""
        return file.status

    def follows(self, file: RecoveryFile) -> bool:
        """Whether it finds out how a migration from here ends, of which no event will tell."""
        return bool(file.peer)

"""What a host must carry, and what that makes of its status and of its networks'.

Facts: docs/facts/ovirt.md 1.1 (network status in a cluster), 1.2, 1.3 (bringing a host up); what a network with a
Quantum server asks of a host is the design's.
"""

from __future__ import annotations

from fakes.engine.base import EngineBase, replace
from fakes.records.engine import Host, LogicalNetwork, NetworkInCluster
from sim.clock import SECOND
from sim.tables import Change

GRACE = 60 * SECOND
"""`NicDHCPDelayGraceInMS`: how long an Up host may be without a required network."""
COMING = ("Unassigned", "Connecting", "NonResponsive", "Initializing")
"""Host statuses from which a report leads to Up or NonOperational."""


class Compliance(EngineBase):
    """The judgement."""

    # --- hosts ---------------------------------------------------------------------------------

    def judged(self, host: Host) -> Host:
        """The host that has just reported, with the status that follows (ovirt.md 1.3)."""
        if host.status in COMING:
            status, reason = (
                ("NonOperational", "NETWORK_UNREACHABLE")
                if self.design.hosting.lacks(self.engine, host)
                else ("Up", "")
            )
            return replace(host, status=status, reason=reason, lacking_since=-1)
        if host.status != "Up" or not self.design.hosting.judges_while_up:
            return host
        lacks = self.design.hosting.lacks(self.engine, host)
        since = -1 if not lacks else self.now if host.lacking_since < 0 else host.lacking_since
        if not lacks or self.now < since + GRACE:
            if lacks:
                self.not_later_than(since + GRACE)
            return replace(host, lacking_since=since)
        return replace(host, status="NonOperational", reason="NETWORK_UNREACHABLE", lacking_since=-1)

    # --- networks ------------------------------------------------------------------------------

    def network_status(self, network: LogicalNetwork, cluster: str, required: bool) -> str:
        """The status of a network in a cluster: Quantum must have it, and hosts must carry what is required."""
        status = self.design.networks.status(network)
        if status != "Operational" or not required:
            return status
        return self.design.hosting.required_status(self.engine, network, cluster)

    async def judge_networks(self, rows: list[NetworkInCluster]) -> None:
        """`SetNetworkStatus`: bring their statuses up to date."""
        for row in rows:
            network = self.networks.get(row.network)
            if network is not None:
                await self.amend(
                    f"network {network.name} in {row.cluster} judged",
                    lambda key=(row.network, row.cluster): self._judged_row(key),  # type: ignore[misc]
                )

    def _judged_row(self, key: tuple[str, str]) -> list[Change]:
        row, network = self.attached.get(key), self.networks.get(key[0])
        if row is None or network is None:
            return []
        status = self.network_status(network, row.cluster, row.required)
        return [self.attached.put(replace(row, status=status))] if status != row.status else []

    def offers(self, host: Host, network: LogicalNetwork) -> bool:
        """Whether the network is attached to the host's cluster and operational there."""
        row = self.attached.get((network.id, host.cluster))
        return row is not None and row.status == "Operational"

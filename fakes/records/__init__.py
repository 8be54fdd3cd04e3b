"""The nouns of the domain, as rows: a file a system.  Checks import these and nothing else of the fakes."""

from __future__ import annotations

from typing import Any

from fakes.records import agent, engine, host, libvirt, quantum, storage, tunnels, vdsm
from fakes.records.agent import AGENT_NETWORKS as AGENT_NETWORKS
from fakes.records.agent import AGENT_VIFS as AGENT_VIFS
from fakes.records.engine import ATTACHED as ATTACHED
from fakes.records.engine import CLUSTERS as CLUSTERS
from fakes.records.engine import COMMANDS as COMMANDS
from fakes.records.engine import COMPENSATIONS as COMPENSATIONS
from fakes.records.engine import DATA_CENTERS as DATA_CENTERS
from fakes.records.engine import HOSTS as HOSTS
from fakes.records.engine import IN_FLIGHT as IN_FLIGHT
from fakes.records.engine import JOBS as JOBS
from fakes.records.engine import LOCKS as LOCKS
from fakes.records.engine import MAC_POOL as MAC_POOL
from fakes.records.engine import NETWORKS as NETWORKS
from fakes.records.engine import UPTIME as UPTIME
from fakes.records.engine import VMS as VMS
from fakes.records.engine import VNICS as VNICS
from fakes.records.host import BRIDGED_NICS as BRIDGED_NICS
from fakes.records.host import BRIDGES as BRIDGES
from fakes.records.host import FLOWS as FLOWS
from fakes.records.host import HOST_NETWORKS as HOST_NETWORKS
from fakes.records.host import LINUX_BRIDGES as LINUX_BRIDGES
from fakes.records.host import OVS_PORTS as OVS_PORTS
from fakes.records.host import QEMUS as QEMUS
from fakes.records.host import SWITCHES as SWITCHES
from fakes.records.host import TAPS as TAPS
from fakes.records.host import TRUNKS as TRUNKS
from fakes.records.host import VLAN_DEVICES as VLAN_DEVICES
from fakes.records.libvirt import DOMAINS as DOMAINS
from fakes.records.libvirt import SAVED_IMAGES as SAVED_IMAGES
from fakes.records.quantum import QUANTUM_NETWORKS as QUANTUM_NETWORKS
from fakes.records.quantum import QUANTUM_PORTS as QUANTUM_PORTS
from fakes.records.quantum import SERVERS as SERVERS
from fakes.records.quantum import VLAN_BINDINGS as VLAN_BINDINGS
from fakes.records.quantum import VLAN_IDS as VLAN_IDS
from fakes.records.quantum import VLAN_MAP as VLAN_MAP
from fakes.records.storage import HOLDERS as HOLDERS
from fakes.records.storage import LAPSED as LAPSED
from fakes.records.storage import LEASES as LEASES
from fakes.records.storage import OWED as OWED
from fakes.records.storage import SILENT as SILENT
from fakes.records.tunnels import AGENT_TUNNELS as AGENT_TUNNELS
from fakes.records.tunnels import LOCAL_VLANS as LOCAL_VLANS
from fakes.records.tunnels import TUNNEL_FLOWS as TUNNEL_FLOWS
from fakes.records.tunnels import TUNNEL_IPS as TUNNEL_IPS
from fakes.records.tunnels import TUNNEL_PORTS as TUNNEL_PORTS
from fakes.records.vdsm import OPENED as OPENED
from fakes.records.vdsm import RECOVERY_FILES as RECOVERY_FILES
from fakes.records.vdsm import VDSM_VMS as VDSM_VMS
from sim.messages import CUTS
from sim.nodes import MACHINES, PROGRAMS
from sim.tables import Schema

SCHEMAS: dict[str, Schema[Any]] = {
    schema.name: schema
    for schema in (
        *engine.SCHEMAS, *quantum.SCHEMAS, *vdsm.SCHEMAS, *libvirt.SCHEMAS, *host.SCHEMAS,
        *agent.SCHEMAS, *tunnels.SCHEMAS, *storage.SCHEMAS, MACHINES, PROGRAMS, CUTS,
    )
}  # fmt: skip
"""Every schema of a world, by name."""

"""The systems in memory: engine, Quantum, VDSM, libvirt, the host.  They meet only in messages."""

"""VDSM on a host: verbs, the life of a VM, migration threads, wiring by driver, recovery."""

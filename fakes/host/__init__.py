"""A host's kernel and Open vSwitch: devices, bridges and records, each with its true lifetime."""

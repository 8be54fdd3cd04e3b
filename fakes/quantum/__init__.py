"""Quantum: the server with API v1.1 and one plugin, its database, and its agents on the hosts."""

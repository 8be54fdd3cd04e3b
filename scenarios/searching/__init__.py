"""Searches of flows: which units of work they are made of, how these are played, and what is kept of them."""

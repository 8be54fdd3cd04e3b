"""Searching: what can go wrong at each point of a run, and playing all of it.

Every search calls the one `run` with another source of decisions; nothing here plays anything by itself.
"""

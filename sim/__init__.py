"""The simulator: virtual time, tasks, nodes, links, the gate, stores, decisions, checks.

It knows nothing of oVirt.  Read in this order: `outcomes`, `tables`, `store`, `kernel`, `nodes`,
`messages`, `gate`, `faults`, `decisions/`, `trace`, `checks`, `run`.
"""

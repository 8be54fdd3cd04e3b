"""Makes a scenario that fails smaller: fewer faults, then steps, then machines, then times, with the same finding.

`case` is what is made smaller and how it is played, `tidying` takes away what refers to something that is gone, and
`parts`, `machines` and `plainer` make the candidates; `minimum` puts them together.
"""

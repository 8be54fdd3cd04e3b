"""Whole histories that nobody wrote: topology, steps and faults, drawn from a source of numbers.

They are written once, against `draw.Draw`; the source is a seed (`seeded`) or Hypothesis (`strategies`).  What is
drawn is a `Scenario` like any other: it writes out as a file that the strict loader takes.
"""

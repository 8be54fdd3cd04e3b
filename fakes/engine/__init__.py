"""The engine: commands, monitoring, recovery, and the designs by which it acts."""

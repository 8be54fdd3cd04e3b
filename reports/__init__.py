"""What people read of results: terminal, JSON, stories.  Imports `sim` alone."""

"""Named defects."""
ALL: dict = {}

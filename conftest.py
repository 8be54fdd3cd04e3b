"""pytest's entry point: scenario files are tests; how thoroughly generated histories are tried.

``ci`` is small and the same each time; ``--hypothesis-profile=nightly`` is large, draws anew each time, and keeps what
failed in ``.hypothesis/examples`` to try it first the next time.
"""

from hypothesis import settings
from hypothesis.database import DirectoryBasedExampleDatabase

pytest_plugins = ["scenarios.pytest_plugin"]

settings.register_profile("ci", max_examples=40, derandomize=True, deadline=None, database=None)
settings.register_profile(
    "nightly",
    max_examples=4_000,
    derandomize=False,
    deadline=None,
    print_blob=True,
    database=DirectoryBasedExampleDatabase(".hypothesis/examples"),
)
settings.load_profile("ci")

"""pytest's entry point: scenario files are tests."""

pytest_plugins = ["scenarios.pytest_plugin"]

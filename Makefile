# Everything here works on a machine with git, make and Python 3.11; `make run` and `make test` set up all they need.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.made

.PHONY: run test check contract bench venv clean

run: $(STAMP)  ## play the whole library under the reference design
	$(BIN)/ovqsim run

test: $(STAMP)  ## all tests, on every core
	$(BIN)/python -m pytest -n auto -q

check: $(STAMP)  ## style, types, house rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q -p no:randomly tests/test_house_rules.py

contract: $(STAMP)  ## fakes beside the real parts: as root, on Debian 12
	$(BIN)/python -m contract

bench: $(STAMP)  ## figures, beside a yardstick in the same run
	$(BIN)/python -m benchmarks.migration
	$(BIN)/python -m benchmarks.scale
	$(BIN)/python -m benchmarks.searching

venv: $(STAMP)  ## .venv with ovqsim and the tools of its developers in it

$(STAMP): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "ovqsim needs Python 3.11 or newer; set PYTHON=/path/to/python3.11")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	touch $@

clean:  ## remove what these targets made
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage build *.egg-info

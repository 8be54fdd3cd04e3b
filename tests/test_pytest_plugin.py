"""pytest runs scenario files: each is a test, a failure reads as a finding, bad input as one line."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import scenarios
from tests.samples import FINDS, NOWHERE, PASSES

PLUGINS = ("-p", "scenarios.pytest_plugin", "-p", "no:cacheprovider")
ENVIRONMENT = os.environ | {"PYTHONPATH": str(Path(scenarios.__file__).parent.parent)}


def played(folder: Path, *arguments: str) -> tuple[int, str]:
    """pytest's exit code and output for these arguments, in that folder."""
    came = subprocess.run(
        [sys.executable, "-m", "pytest", *PLUGINS, "-rs", *arguments],
        cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    return came.returncode, came.stdout + came.stderr


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with scenarios of every kind, and a YAML file that is none."""
    for name, text in {"passes": PASSES, "finds": FINDS, "nowhere": NOWHERE, "other": "a: b\n"}.items():
        (tmp_path / f"{name}.yaml").write_text(text)
    (tmp_path / "bad.yaml").write_text(PASSES.replace("vm.start", "vm.strat"))
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    return tmp_path


def test_each_named_file_is_a_test_and_a_failure_reads_as_a_finding(folder: Path) -> None:
    code, out = played(folder, "-v", "passes.yaml", "finds.yaml")
    assert code == 1
    assert "passes.yaml::start/plain PASSED" in out
    assert "finds.yaml::start/never-removed FAILED" in out
    assert "vm-removed was never reached" in out
    assert "Traceback" not in out
    assert "reproducer: .ovqsim/reproducers/start--never-removed.reference.json" in out
    assert (folder / ".ovqsim/reproducers/start--never-removed.reference.json").exists()


def test_bad_input_is_a_collection_error_of_one_line(folder: Path) -> None:
    code, out = played(folder, "bad.yaml")
    assert code == 2
    assert "bad.yaml:6:5: unknown verb 'vm.strat'; did you mean 'vm.start'?" in out
    assert "Traceback" not in out


def test_a_design_that_does_not_apply_is_skipped_with_the_reason(folder: Path) -> None:
    code, out = played(folder, "nowhere.yaml", "--ovqsim-design", "proposed")
    assert code == 0
    assert "not applicable under proposed: no such call" in out


def test_an_unknown_design_is_wrong_usage(folder: Path) -> None:
    code, out = played(folder, "passes.yaml", "--ovqsim-design", "refrence")
    assert code == 4
    assert "unknown design 'refrence'; did you mean 'reference'?" in out


def test_other_yaml_files_are_left_alone(folder: Path) -> None:
    code, out = played(folder, ".")
    assert code == 5
    assert "no tests ran" in out


def test_it_works_in_several_processes(folder: Path) -> None:
    code, out = played(folder, "-n", "1", "passes.yaml", "finds.yaml", "nowhere.yaml")
    assert code == 1
    assert "2 failed, 1 passed" in out


def test_a_setting_names_the_files_that_are_collected_without_being_named(folder: Path) -> None:
    (folder / "pytest.ini").write_text("[pytest]\novqsim_scenarios = pass*.yaml\n")
    code, out = played(folder, "-v")
    assert code == 0
    assert "passes.yaml::start/plain PASSED" in out
    assert "1 passed" in out


def test_loading_it_is_cheap_and_twice_is_once(folder: Path) -> None:
    """It is loaded wherever ovqsim is installed: nothing is imported before a scenario is collected."""
    (folder / "conftest.py").write_text('pytest_plugins = ["scenarios.pytest_plugin"]\n')
    (folder / "test_loaded.py").write_text(
        "import sys\n\n\ndef test_loaded(pytestconfig):\n"
        "    loaded = [one for one in sys.modules if one.partition('.')[0] in ('sim', 'fakes', 'scenarios')]\n"
        "    assert loaded == ['scenarios', 'scenarios.pytest_plugin']\n"
        "    assert pytestconfig.pluginmanager.has_plugin('scenarios.pytest_plugin')\n"
    )
    code, out = played(folder, "test_loaded.py")
    assert (code, "1 passed" in out) == (0, True), out

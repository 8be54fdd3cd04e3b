"""Every check has a test in which it fires and one in which it is quiet."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest
from claims import EVENT_SHAPED, FIRING, QUIET, fires, quiet
from worlds import World, base

from fakes.records import QUANTUM_PORTS, SCHEMAS
from fakes.records.quantum import QuantumPort
from scenarios import checks, expectations
from sim.checks import Check

EVERY = [*checks.ALL, *(f"then-{word}" for word in expectations.ALL)]


@pytest.fixture(scope="module", autouse=True)
def _all_claims() -> None:
    """However few of the tests are run: all of them are known."""
    for path in sorted(Path(__file__).parent.glob("test_check_*.py")):
        import_module(path.stem)


@pytest.mark.parametrize("name", EVERY)
def test_every_check_has_a_test_in_which_it_fires(name: str) -> None:
    assert name in FIRING, f"no test claims @fires({name!r})"


@pytest.mark.parametrize("name", EVERY)
def test_every_check_has_a_test_in_which_it_is_quiet(name: str) -> None:
    assert name in QUIET, f"no test claims @quiet({name!r})"


@pytest.mark.parametrize("check", checks.ALL.values(), ids=list(checks.ALL))
def test_a_check_watches_schemas_that_exist(check: Check) -> None:
    assert check.watches
    assert set(check.watches) <= set(SCHEMAS)
    assert check.statement
    assert check.id == check.id.lower()


def test_the_event_shaped_checks_have_no_keys_at_rest() -> None:
    world = base()
    world.prepare("web1", "h2")
    assert set(EVENT_SHAPED) <= set(checks.ALL)
    assert [name for name in EVENT_SHAPED if list(checks.ALL[name].every(world.view))] == []


# --- a false claim is seen --------------------------------------------------------------------------


@pytest.fixture
def _unregistered(monkeypatch: pytest.MonkeyPatch) -> None:
    """These claims are no tests of a check."""
    monkeypatch.setattr("claims.FIRING", set())
    monkeypatch.setattr("claims.QUIET", set())


def _spoil(world: World) -> None:
    world.put("q1", QUANTUM_PORTS, QuantumPort("p2", "q-red"))


def _nothing(world: World) -> None:
    """As it is."""


@pytest.mark.usefixtures("_unregistered")
def test_a_false_claim_that_a_check_fires_fails() -> None:
    with pytest.raises(AssertionError, match="leftover-port: quiet"):
        fires("leftover-port", "no vNIC has it")(_nothing)(base())
    with pytest.raises(AssertionError, match="what does the breach say"):
        fires("leftover-port")(_spoil)(base())
    with pytest.raises(AssertionError):
        fires("leftover-port", "other words")(_spoil)(base())
    with pytest.raises(AssertionError):
        fires("leftover-port", "no vNIC has it", allowed=5)(_spoil)(base())
    with pytest.raises(AssertionError):
        fires("leftover-port", "no vNIC has it", times=2)(_spoil)(base())
    fires("leftover-port", "no vNIC has it")(_spoil)(base())


@pytest.mark.usefixtures("_unregistered")
def test_a_false_claim_that_a_check_is_quiet_fails() -> None:
    with pytest.raises(AssertionError, match="no vNIC has it"):
        quiet("leftover-port")(_spoil)(base())
    quiet("leftover-port")(_nothing)(base())

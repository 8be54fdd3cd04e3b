"""What a test claims of a check: that it fires, or that it is quiet, on the rows that the test has made.

A test changes a world of legal rows; the decorator then asks the check.  It notes which checks have
such tests, so that a check without them is seen.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from worlds import World

from scenarios import checks, expectations
from scenarios.expecting import expected
from scenarios.model import ExpectModel
from sim.checks import Breach, Check
from sim.tables import Key

Test = Callable[..., None]

EVENT_SHAPED = ("kept", "placement-plugin", "placement-fabric", "placement-cluster", "placement-migration")
"""Checks of a change and not of a state: they have no keys at rest."""

FIRING: set[str] = set()
QUIET: set[str] = set()


def check_of(claim: str | expectations.Expectation) -> Check:
    """The check of that id, or the one made of an expectation."""
    return checks.ALL[claim] if isinstance(claim, str) else expected(ExpectModel(claim.word, claim))


def touched(world: World, check: Check) -> dict[Key, None]:
    """The keys that the changes since `settle` may have broken or mended."""
    watched = [delta for delta in world.deltas if delta.schema in check.watches]
    return dict.fromkeys(key for delta in watched for key in check.touched(delta, world.view))


def judge(world: World, check: Check) -> dict[Key, Breach]:
    """What is broken now; of an event-shaped check, what the changes since `settle` broke."""
    keys = touched(world, check) if check.id in EVENT_SHAPED else dict.fromkeys(check.every(world.view))
    verdicts = {key: check.judge(world.view, key) for key in keys}
    return {key: breach for key, breach in verdicts.items() if breach is not None}


def fires(
    claim: str | expectations.Expectation, words: str = "", *, allowed: int = 0, times: int = 1
) -> Callable[[Test], Test]:
    """The check fires on what the test has made of its world.

    A parameter of the test named `words` or `allowed` stands for the argument of that name.

    Args:
        words: they occur in what the breach says.
        allowed: the microseconds for which it may be so.
        times: how many keys are broken.
    """

    def claimed(test: Test) -> Test:
        @wraps(test)
        def run(world: World, **parameters: object) -> None:
            test(world, **parameters)
            check = check_of(claim)
            said = str(parameters.get("words", words))
            assert said, "what does the breach say?"
            broken = judge(world, check)
            assert len(broken) == times, f"{check.id}: {broken or 'quiet'}"
            for breach in broken.values():
                assert breach.role
                assert said in breach.remains
                assert breach.allowed == parameters.get("allowed", allowed)
                _points_to_a_row(world, breach)
            assert set(broken) & set(touched(world, check)), f"{check.id}: no change touches {list(broken)}"

        FIRING.add(check_of(claim).id)
        return run

    return claimed


def _points_to_a_row(world: World, breach: Breach) -> None:
    """The subject of a breach is a row that exists; an expectation's is the scenario."""
    schema, node, key = breach.subject
    if schema != "scenario":
        assert any(key in table.rows for table in world.store.by_place.get(schema, {}).get(node, ())), breach


def quiet(claim: str | expectations.Expectation) -> Callable[[Test], Test]:
    """The check has nothing to say of what the test has made of its world."""

    def claimed(test: Test) -> Test:
        @wraps(test)
        def run(world: World, **parameters: object) -> None:
            test(world, **parameters)
            assert judge(world, check_of(claim)) == {}

        QUIET.add(check_of(claim).id)
        return run

    return claimed

"""Law 7: judging what a change touches, and remembering the rest, agrees with judging everything.

The event-shaped checks (kept, the placements) are left out by design: they judge a change, have no
keys at rest, and so nothing to agree with.
"""

from __future__ import annotations

import pytest
from changes import Edit, Saved, crowded, edits
from claims import EVENT_SHAPED, touched
from hypothesis import given, settings
from hypothesis import strategies as st
from worlds import World

from scenarios import checks
from sim.checks import Breach, Check
from sim.tables import Key

Verdicts = dict[Key, Breach]

OF_WIRING = ("isolated", "segment-collision")
"""They read the physical wiring and what hosts report, and do not watch these: both are judged at rest."""
WIRING = ("hosts", "trunks", "switches")
OF_STATE = [check for check in checks.ALL.values() if check.id not in (*EVENT_SHAPED, *OF_WIRING)]
ISOLATED, COLLISION = (checks.ALL[name] for name in OF_WIRING)

ANY = edits()
NO_WIRING = edits(lambda schema: schema not in WIRING)
PORTS = edits(lambda schema: schema in ("ovs_ports", "flows", "taps", "vnics"))

PROPERTY = settings(max_examples=300, deadline=None, derandomize=True, database=None)


KINDS: dict[str, list[Edit]] = {"nothing": []}
"""Edits of the same kind, of every row of a schema."""
for _edit in ANY:
    KINDS.setdefault(f"{_edit.schema} {_edit.columns}", []).append(_edit)


def histories(pool: list[Edit]) -> st.SearchStrategy[list[list[Edit]]]:
    """Steps of one to three edits."""
    return st.lists(st.lists(st.sampled_from(pool), min_size=1, max_size=3), min_size=1, max_size=8)


def everything(world: World, check: Check) -> Verdicts:
    """Every key judged from scratch."""
    verdicts = {key: check.judge(world.view, key) for key in check.every(world.view)}
    return {key: breach for key, breach in verdicts.items() if breach is not None}


def everything_of(world: World) -> dict[str, Verdicts]:
    """`everything` of each check of states."""
    return {check.id: everything(world, check) for check in OF_STATE}


def take(world: World, step: list[Edit]) -> None:
    """One step."""
    world.settle()
    for edit in step:
        edit.make(world)


def learn(world: World, check: Check, known: Verdicts) -> None:
    """What the last step touched is judged again, and only that."""
    for key in touched(world, check):
        breach = check.judge(world.view, key)
        if breach is None:
            known.pop(key, None)
        else:
            known[key] = breach


@pytest.mark.parametrize("ruin", KINDS.values(), ids=KINDS)
def test_any_change_of_a_ruined_world_leaves_what_is_known_what_is(ruin: list[Edit]) -> None:
    """All rows of a schema were edited alike: each check that this broke; nothing was: every check."""
    world = crowded()
    before = everything_of(world)
    take(world, ruin)
    ruined = everything_of(world)
    concerned = [check for check in OF_STATE if not ruin or ruined[check.id] != before[check.id]]
    saved = Saved(world)
    for edit in ANY if concerned else ():
        take(saved.again(), [edit])
        for check in concerned:
            known = dict(ruined[check.id])
            learn(world, check, known)
            assert known == everything(world, check), (check.id, edit)


@PROPERTY
@given(histories(ANY))
def test_after_any_history_what_is_known_is_what_is(history: list[list[Edit]]) -> None:
    world = crowded()
    known = everything_of(world)
    for step in history:
        take(world, step)
        for check in OF_STATE:
            learn(world, check, known[check.id])
            assert known[check.id] == everything(world, check), check.id


@PROPERTY
@given(histories([edit for edit in NO_WIRING if edit.schema == "vlan_bindings"]))
def test_after_any_history_the_known_collisions_are_what_is(history: list[list[Edit]]) -> None:
    world = crowded()
    known = everything(world, COLLISION)
    for step in history:
        take(world, step)
        learn(world, COLLISION, known)
        assert known == everything(world, COLLISION)


@PROPERTY
@given(histories(PORTS))
def test_no_step_connects_two_networks_unseen(history: list[list[Edit]]) -> None:
    """Of the two vNICs that now reach each other, the one that the step touched is found broken.

    The other's verdict is left as it was: to judge every port of a VLAN at each change of one would cost
    the square of their number.
    """
    world = crowded()
    before = everything(world, ISOLATED)
    for step in history:
        take(world, step)
        seen: Verdicts = {}
        learn(world, ISOLATED, seen)
        now = everything(world, ISOLATED)
        assert seen.items() <= now.items()
        assert seen or not set(now) - set(before)
        before = now


def test_the_histories_break_every_check() -> None:
    """Else the tests above would prove nothing of it: some edit, after at most one other, breaks each."""
    broken = {check.id for check in (*OF_STATE, ISOLATED, COLLISION) if everything(crowded(), check)}
    for edit in ANY:
        world = crowded()
        edit.make(world)
        broken |= {check.id for check in (*OF_STATE, ISOLATED, COLLISION) if everything(world, check)}
    assert broken == {check.id for check in (*OF_STATE, ISOLATED, COLLISION)}

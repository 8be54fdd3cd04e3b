"""The loader refuses faults that cannot strike."""

from __future__ import annotations

import pytest

from tests.refusals import STATE, check_refused, fault

FAULTS = [
    (fault('{at: "libvirt[h1] perform web1", fate: power-loss}'), "13:44: 'power-loss' has no 'node'; add `node: ...`"),
    (
        fault('{at: "libvirt[h1] perform web1", fate: crash, node: h2}'),
        "13:44: 'crash' has no 'process'; add `process: ...`",
    ),
    (fault('{at: "libvirt[h1] perform web1", fate: partition}'), "13:44: 'partition' has no 'between'; add"),
    (fault('{at: "libvirt[h1] perform web1", fate: held}'), "13:44: 'held' has no 'until'; add `until: ...`"),
    (
        fault('{at: "vdsm create reply", fate: lost}'),
        "13:37: 'lost' cannot strike at a reply; it can be: reply-lost, late",
    ),
    (
        fault('{at: "vdsm create", fate: commit-refused}'),
        "13:31: 'commit-refused' cannot strike at a request; it can be",
    ),
    (
        fault('{at: "engine commits VM", fate: lost}'),
        "13:37: 'lost' cannot strike at a commit; it can be: commit-refused",
    ),
    (fault(f"{{at: {STATE}, fate: lost}}"), "13:59: 'lost' cannot strike at a row's state; it can be: crash"),
    (
        fault('{at: "libvirt[h1] perform", fate: late}'),
        "13:39: no message to libvirt can be 'late'; it can be: refused",
    ),
    (
        fault('{at: "vdsm[h1] commits web1 file", fate: commit-unknown}'),
        "13:46: no durable write of vdsm can be 'commit-unknown'; it can befall those of: engine, db, quantum;",
    ),
    (
        fault('{at: "engine AddVm", fate: lost}'),
        "13:32: no message to engine can be 'lost'; it can be: held",
    ),
    (fault('{at: "vdsm", fate: lost}'), "13:10: 'vdsm' is no trigger; write `process[node] verb subject`"),
    (fault('{at: "engine commits", fate: commit-refused}'), "13:10: 'engine commits' does not say what is committed"),
    (fault('{at: "vdsm reply", fate: late}'), "13:10: 'vdsm reply' does not say to what it replies"),
    (fault('{at: "vdsm create", fate: late, delay: soon}'), "13:44: 'soon' is no duration; write a number with a unit"),
    (fault('{at: "vdsm create", fate: late, delay: 10}'), "13:44: 'delay' must be text, and 10 is read as a number"),
    (
        fault('{at: "vdsm create", fate: lost, node: h1}'),
        "13:37: 'node' says nothing about 'lost'; it goes with: crash, power-loss",
    ),
    (fault('{at: "vdsm create", fate: lost, nth: 0}'), "13:42: there is no point number 0; write 1 for the first"),
    (
        fault('{at: "vdsm create", fate: power-loss, node: h1, moment: after}'),
        "13:53: `moment` says nothing at a request",
    ),
    (
        fault('{at: "vdsm create", fate: power-loss, node: h1, back-after: 0s}'),
        "13:65: a fault that heals at once is none",
    ),
    (
        fault('{at: "vdsm create", fate: power-loss, node: h1, back-after: 1s, standing: true}'),
        "13:69: a standing fault never",
    ),
    (fault('{at: "vdsm create", fate: partition, between: [h1, h1]}'), "13:51: a partition lies between two nodes"),
    (fault('{at: "vdsm create", fate: partition, between: [h1]}'), "13:51: 'between' must have 2 items, not 1"),
    (
        fault('{at: "vdsm create", fate: crash, process: quantum, node: h1}'),
        "13:62: no quantum runs on 'h1'; it runs on: q1",
    ),
    (
        fault('{at: "vdsm create", fate: crash, process: qemu-web9, node: h1}'),
        "13:47: there is no process 'qemu-web9'; did you",
    ),
    (
        fault('{at: "vdsm create", fate: held, until: "vdsm create reply"}'),
        "13:44: a held message goes on at a request, and",
    ),
    (
        fault('{at: {table: programs, where: {up: "true"}}, fate: power-loss, node: h1}'),
        "13:40: the column 'up' is never 'true'",
    ),
    (fault('{at: "vdsm create wbe1", fate: lost}'), "13:10: nothing here is called 'wbe1'; did you mean 'web1'?"),
    (fault('{at: "engine RunVm wbe1", fate: power-loss, node: h1}'), "13:10: nothing here is called 'wbe1'; did"),
    (
        fault("{at: {table: vms, where: {name: wbe1}}, fate: power-loss, node: h1}"),
        "13:37: the column 'name' of vms is never 'wbe1'; did you mean 'web1'?",
    ),
    (
        fault("{at: {table: vms, where: {status: Migrating}}, fate: power-loss, node: h1}"),
        "13:39: the column 'status' of vms is never 'Migrating'; did you mean 'MigratingTo'?",
    ),
    (
        fault("{at: {table: programs, where: {}}, fate: power-loss, node: h1}"),
        "13:35: the state names no column; write",
    ),
    (
        fault("{at: {table: programs, where: {up: on}}, fate: power-loss, node: h1}"),
        "13:40: 'up' of 'where' 'on' is read by some",
    ),
]


@pytest.mark.parametrize(("text", "says"), FAULTS)
def test_a_wrong_fault_is_refused_in_one_line_with_its_place_and_remedy(text: str, says: str) -> None:
    check_refused(text, says)

"""Loads scenarios, strictly: from YAML files and text, and from the plain data of a reproducer.

Every refusal is an `InputError` of one line: file, line, column, what is wrong, and the remedy.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from scenarios.expectations import ALL as EXPECTATIONS
from scenarios.model import BugModel, ExpectModel, FailsUnder, NotApplicable, Scenario, ThenModel
from scenarios.names import Names
from scenarios.nearest import nearest
from scenarios.reading import check_keys, fields, items, mapping, one_of, read, read_struct, text
from scenarios.reading_faults import read_faults
from scenarios.reading_steps import read_args, read_steps
from scenarios.reading_topology import read_topology
from scenarios.tree import Node, from_plain, shown
from scenarios.words import vocabulary
from scenarios.yaml_text import MOST_BYTES, decode, parse
from sim.outcomes import InputError

_BUG = re.compile(r"B[0-9]{3}\Z")
ID = re.compile(r"[a-z0-9][a-z0-9.-]*(/[a-z0-9][a-z0-9.-]*)*\Z")
"""What a scenario may be named."""

BUGS = "bugs"
"""The tag of every scenario that shows a bug."""


def load(path: Path) -> Scenario:
    """The scenario of a YAML file.

    Raises:
        InputError: it cannot be read, or is no scenario.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); name a YAML file") from None
    return load_text(decode(data, str(path)), str(path))


def load_text(text: str, name: str) -> Scenario:
    """The scenario of YAML text; `name` is how errors call it.

    Raises:
        InputError: it is no scenario.
    """
    if len(text) > MOST_BYTES:
        decode(text.encode(), name)
    return read_scenario(parse(text, name))


def from_data(data: Any, where: str) -> Scenario:
    """The scenario of plain data in the shape of the YAML; `where` is how errors call it.

    Raises:
        InputError: it is no scenario.
    """
    return read_scenario(from_plain(data, where))


def read_scenario(node: Node) -> Scenario:
    """The scenario of a tree: every word of it is known, and every name exists."""
    mapping(node, "a scenario")
    check_keys(node, fields(Scenario), "a scenario")
    for key in ("scenario", "about", "topology", "when"):
        if key not in node:
            node.fail(f"the scenario has no {key!r}", f"add `{key}: ...`")
    topology = read_topology(node.at("topology"))
    names = Names(topology)
    given = read_steps(node.at("given"), names, "given") if "given" in node else []
    when = read_steps(node.at("when"), names, "when")
    if not when:
        node.at("when").fail("the scenario has no step", "add one, such as `- vm.start: {vm: web1}`")
    known = fields(Scenario)
    return Scenario(
        scenario=_identity(node.at("scenario")),
        about=_sentence(node.at("about"), "about"),
        topology=topology,
        given=given,
        when=when,
        faults=read_faults(node.at("faults"), names) if "faults" in node else [],
        then=_read_then(node.at("then"), names) if "then" in node else ThenModel(),
        tags=[_tag(tag) for tag in items(node.at("tags"), "`tags`")] if "tags" in node else [],
        period=read(node.at("period"), known["period"].type, "period") if "period" in node else "2012-05",
        fails_under=_read_fails_under(node.at("fails-under")) if "fails-under" in node else [],
        not_applicable=_read_not_applicable(node.at("not-applicable")) if "not-applicable" in node else [],
        bug=_read_bug(node) if "bug" in node else None,
    )


def _identity(node: Node) -> str:
    name = text(node, "the scenario's name")
    if ID.match(name) is None:
        node.fail(f"{shown(name)} is no name for a scenario", "write it as flow/what-happens, in lower case")
    return name


def _sentence(node: Node, what: str) -> str:
    words = text(node, f"`{what}`").strip()
    if not words:
        node.fail(f"`{what}` is empty", "say in a sentence what happens and what must hold")
    return words


def _tag(node: Node) -> str:
    tag = text(node, "a tag")
    if not tag or tag.split() != [tag]:
        node.fail(f"{shown(tag)} is no tag", "write one word, such as R-3.11")
    return tag


def _read_then(node: Node, names: Names) -> ThenModel:
    entries = mapping(node, "`then`")
    check_keys(node, fields(ThenModel), "`then`")
    eventually = items(entries["eventually"], "`eventually`") if "eventually" in entries else []
    reached = items(entries["reached"], "`reached`") if "reached" in entries else []
    return ThenModel(
        eventually=[_read_expectation(item, names) for item in eventually],
        reached=[one_of(item, vocabulary().marks, "state to reach") for item in reached],
    )


def _read_expectation(node: Node, names: Names) -> ExpectModel:
    entries = mapping(node, "an expectation")
    for word, place in node.keys.items():
        if word not in EXPECTATIONS:
            place.fail(f"unknown expectation {shown(word)}", nearest(word, EXPECTATIONS))
    if len(entries) != 1:
        node.fail(f"an expectation is one word with its arguments, not {len(entries)}", "write each as its own item")
    word = next(iter(entries))
    return ExpectModel(word, read_args(node.at(word), EXPECTATIONS[word], word, names))


def _read_fails_under(node: Node) -> list[FailsUnder]:
    return [_read_failing(item) for item in items(node, "`fails-under`")]


def _read_failing(node: Node) -> FailsUnder:
    failing = read_struct(node, FailsUnder, "an item of `fails-under`")
    words = vocabulary()
    if bool(failing.design) == bool(failing.defect):
        node.fail("it fails under one design or one defect", "give `design: ...` or `defect: ...`")
    if failing.design:
        one_of(node.at("design"), words.designs, "design")
    else:
        one_of(node.at("defect"), words.defects, "defect")
    one_of(node.at("finding"), words.checks, "check")
    return failing


def _read_not_applicable(node: Node) -> list[NotApplicable]:
    found: list[NotApplicable] = []
    for item in items(node, "`not-applicable`"):
        read_struct(item, NotApplicable, "an item of `not-applicable`")
        design = one_of(item.at("design"), vocabulary().designs, "design")
        found.append(NotApplicable(design, _sentence(item.at("because"), "because")))
    return found


def _read_bug(scenario: Node) -> BugModel:
    """The bug that a scenario shows; it must be found somewhere, and be chosen by its tag."""
    node = scenario.at("bug")
    bug = read_struct(node, BugModel, "`bug`")
    if _BUG.match(bug.id) is None:
        node.at("id").fail(f"{shown(bug.id)} is no number of a bug", "write B and three digits, such as B033")
    _sentence(node.at("reference"), "reference")
    if "fails-under" not in scenario or not items(scenario.at("fails-under"), "`fails-under`"):
        node.fail("a bug must be found somewhere", "add `fails-under` with a design or a defect that has it")
    if "tags" not in scenario or BUGS not in [tag.value for tag in items(scenario.at("tags"), "`tags`")]:
        node.fail("the scenario of a bug is chosen by its tag", f"add {BUGS!r} to `tags`")
    return bug

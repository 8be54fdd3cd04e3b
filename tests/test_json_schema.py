"""The JSON Schema: it accepts what the loader accepts, and refuses unknown words and shapes."""

from __future__ import annotations

from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
from ruamel.yaml import YAML

from scenarios.expectations import ALL as EXPECTATIONS
from scenarios.json_schema import schema
from scenarios.selection import LIBRARY
from scenarios.verbs import ALL as VERBS
from sim.fates import ALL as FATES

SCHEMA = schema()
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)

GOOD = """\
scenario: a/b
about: Something.
topology: pair
when:
  - vm.start: {vm: web1, host: h1, nics: {nic1: red}}
  - together:
      - vm.migrate: {vm: web1}
      - {vm.stop: {vm: web1}, until: {table: domains, where: {phase: PREPARE}}}
faults:
  - {at: "vdsm[h1] create", fate: power-loss, node: h1, back-after: 60s, for: 1s}
  - {at: {table: vms, where: {status: Up}}, fate: partition, between: [h1, h2], standing: true}
then: {eventually: [{vm-down: {vm: web1}}], reached: [vm-stopped]}
fails-under: [{design: proposed, finding: reached}]
tags: [bugs]
bug: {id: B033, reference: "rhbz#987814"}
"""


def data(text: str) -> Any:
    """The text as plain data, as an editor's validator sees it."""
    return YAML(typ="safe", pure=True).load(text)


def test_it_is_a_schema_of_draft_2020_12() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_it_accepts_a_good_scenario() -> None:
    VALIDATOR.validate(data(GOOD))


def test_it_accepts_every_scenario_of_the_library() -> None:
    for path in sorted(LIBRARY.rglob("*.yaml")):
        VALIDATOR.validate(data(path.read_text()))


@pytest.mark.parametrize("word", VERBS)
def test_it_accepts_the_example_of_each_verb(word: str) -> None:
    VALIDATOR.validate(data(GOOD) | {"when": [data(VERBS[word].example)]})


@pytest.mark.parametrize("word", EXPECTATIONS)
def test_it_accepts_the_example_of_each_expectation(word: str) -> None:
    VALIDATOR.validate(data(GOOD) | {"then": {"eventually": [data(EXPECTATIONS[word].example)]}})


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("about:", "abuot:"),
        ("topology: pair", "topology: par"),
        ("vm.start:", "vm.strat:"),
        ("host: h1", "hots: h1"),
        ("{vm: web1}\n", "{}\n"),
        ("power-loss", "power-los"),
        ("power-loss, node: h1", "power-loss"),
        ("fate: power-loss", "fate: lost"),
        ("table: domains", "table: domain"),
        ("vm-down", "vm-dwon"),
        ("[vm-stopped]", "[vm-stoped]"),
        ("design: proposed", "design: proposd"),
        ("finding: reached", "finding: reachd"),
        ("for: 1s", "for: 1"),
        ("between: [h1, h2]", "between: [h1]"),
        ("id: B033", "id: 33"),
        ("id: B033", "id: B33"),
        ("reference:", "refrence:"),
        ("tags: [bugs]\n", ""),
    ],
)
def test_it_refuses_unknown_words_and_shapes(old: str, new: str) -> None:
    assert old in GOOD
    with pytest.raises(jsonschema.ValidationError):
        VALIDATOR.validate(data(GOOD.replace(old, new, 1)))


def test_each_fate_is_explained() -> None:
    alternatives = SCHEMA["$defs"]["Fault"]["properties"]["fate"]["oneOf"]
    assert {one["const"]: one["description"] for one in alternatives} == FATES

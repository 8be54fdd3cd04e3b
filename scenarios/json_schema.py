"""The JSON Schema of a scenario file, for editors; made from the structs that the loader reads.

It knows words and shapes.  Whether a name exists, and whether a fate can strike at a trigger, only the
loader says.
"""

from __future__ import annotations

from typing import Any

import msgspec

from fakes.topology import Topology
from scenarios.expectations import ALL as EXPECTATIONS
from scenarios.model import FaultModel, Scenario, StateModel
from scenarios.reading_faults import BELONGS, NEEDS
from scenarios.reading_topology import stock_names
from scenarios.verbs import ALL as VERBS
from scenarios.words import vocabulary
from sim.fates import ALL as FATES

DRAFT = "https://json-schema.org/draft/2020-12/schema"

Schema = dict[str, Any]


def schema() -> Schema:
    """The whole schema."""
    definitions = _definitions()
    root = definitions.pop("Scenario")
    properties = root["properties"] | _properties()
    return {
        "$schema": DRAFT,
        "title": "ovqsim scenario",
        "description": "A topology, steps, faults and expectations.",
        "type": "object",
        "properties": {key: properties[key] for key in root["properties"]},
        "required": root["required"],
        "dependentRequired": {"bug": ["tags", "fails-under"]},
        "additionalProperties": False,
        "$defs": definitions | {"Step": _step(), "Fault": _fault(definitions.pop("FaultModel"))},
    }


def _definitions() -> dict[str, Schema]:
    """The structs' own schemas, by name."""
    structs = [Scenario, Topology, FaultModel, StateModel, *VERBS.values(), *EXPECTATIONS.values()]
    _, found = msgspec.json.schema_components(structs, ref_template="#/$defs/{name}")
    for unused in ("StepModel", "ExpectModel", "ThenModel"):
        found.pop(unused, None)
    found["StateModel"]["properties"]["table"] = {"enum": sorted(vocabulary().columns)}
    found["FailsUnder"]["properties"] = _failing()
    found["BugModel"]["properties"]["id"] = {"type": "string", "pattern": "^B[0-9]{3}$"}
    found["NotApplicable"]["properties"]["design"] = {"enum": list(vocabulary().designs)}
    return found


def _properties() -> dict[str, Schema]:
    """Those of a scenario that YAML spells in another way than the model."""
    steps = {"type": "array", "items": {"$ref": "#/$defs/Step"}}
    return {
        "topology": {
            "description": "The world that is given: written out, or a stock topology's name.",
            "oneOf": [{"enum": stock_names()}, {"$ref": "#/$defs/Topology"}],
        },
        "given": steps | {"description": "Steps taken in peace, before the history under test."},
        "when": steps | {"description": "The steps of the history under test.", "minItems": 1},
        "faults": {"type": "array", "items": {"$ref": "#/$defs/Fault"}},
        "then": _then(),
        "bug": {"$ref": "#/$defs/BugModel"},
    }


def _words(words: Any) -> Schema:
    """Words as alternatives, each with what it means."""
    return {"oneOf": [{"const": word, "description": meaning} for word, meaning in words.items()]}


def _alternatives(structs: Any) -> dict[str, Schema]:
    return {
        word: {
            "$ref": f"#/$defs/{struct.__name__}",
            "description": f"{_first_line(struct)}  {struct.example}",
        }
        for word, struct in structs.items()
    }


def _first_line(struct: type) -> str:
    return (struct.__doc__ or "").partition("\n")[0]


def _one_key(alternatives: dict[str, Schema], more: dict[str, Schema]) -> Schema:
    """A mapping with exactly one of these keys, and any of those."""
    return {
        "type": "object",
        "properties": alternatives | more,
        "additionalProperties": False,
        "oneOf": [{"required": [word]} for word in alternatives],
    }


def _step() -> Schema:
    modifiers = {
        "wait": {"const": "rest", "description": "Begin once the world is at rest."},
        "after": {
            "type": "string",
            "description": "Begin when this request crosses: `libvirt[h1] perform web1`.",
        },
        "until": {"$ref": "#/$defs/StateModel", "description": "Begin once a row is in this state."},
    }
    plain = _one_key(_alternatives(VERBS), modifiers)
    together = {
        "type": "object",
        "properties": {"together": {"type": "array", "minItems": 2, "items": plain}},
        "required": ["together"],
        "additionalProperties": False,
    }
    return {"oneOf": [plain, together]}


def _fault(fault: Schema) -> Schema:
    properties = fault["properties"] | {
        "at": {
            "description": "Where it strikes: a request, a reply, a commit, or a row's state.",
            "oneOf": [{"type": "string"}, {"$ref": "#/$defs/StateModel"}],
        },
        "fate": _words(FATES),
        "nth": {"type": "integer", "minimum": 1, "default": 1},
    }
    rules = [_when(fate, {"required": list(keys)}) for fate, keys in NEEDS.items()]
    rules += [_only_with(key, list(fates)) for key, fates in BELONGS.items()]
    return fault | {"properties": properties, "allOf": rules}


def _when(fate: str, then: Schema) -> Schema:
    return {"if": {"properties": {"fate": {"const": fate}}, "required": ["fate"]}, "then": then}


def _only_with(key: str, fates: list[str]) -> Schema:
    return {"if": {"required": [key]}, "then": {"properties": {"fate": {"enum": fates}}}}


def _then() -> Schema:
    return {
        "type": "object",
        "description": "What this history must come to, beside all checks.",
        "properties": {
            "eventually": {"type": "array", "items": _one_key(_alternatives(EXPECTATIONS), {})},
            "reached": {"type": "array", "items": {"enum": list(vocabulary().marks)}},
        },
        "additionalProperties": False,
    }


def _failing() -> dict[str, Schema]:
    words = vocabulary()
    return {
        "finding": {"enum": list(words.checks)},
        "design": {"enum": list(words.designs)},
        "defect": {"enum": list(words.defects)},
    }

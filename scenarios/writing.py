"""From a scenario back to plain data in the shape of the YAML; `loader.from_data` reads it again."""

from __future__ import annotations

from functools import cache
from typing import Any

import msgspec

from scenarios.model import ExpectModel, Scenario, StepModel, ThenModel


def to_data(scenario: Scenario) -> dict[str, Any]:
    """The scenario as mappings, lists and scalars; what is at its default is left out."""
    data = {"scenario": "", "about": "", "topology": {}, **plain(scenario)}
    for part, steps in (("given", scenario.given), ("when", scenario.when)):
        if steps:
            data[part] = _steps(steps)
    if scenario.then != ThenModel():
        data["then"] = _then(scenario.then)
    return data


def plain(value: Any) -> Any:
    """A value as plain data; of structs, what differs from the default, by the keys of the YAML."""
    if isinstance(value, msgspec.Struct):
        found: dict[str, Any] = {}
        for field in _fields(type(value)):
            one = getattr(value, field.name)
            if field.required or one != _default(field):
                found[field.encode_name] = plain(one)
        return found
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    return value


@cache
def _fields(struct: type[msgspec.Struct]) -> tuple[msgspec.structs.FieldInfo, ...]:
    return msgspec.structs.fields(struct)


def _default(field: msgspec.structs.FieldInfo) -> Any:
    return field.default_factory() if field.default_factory is not msgspec.NODEFAULT else field.default


def _steps(steps: list[StepModel]) -> list[dict[str, Any]]:
    """Steps as items; those that run together stand in one."""
    groups: list[list[dict[str, Any]]] = []
    for step in steps:
        if step.together and groups:
            groups[-1].append(step_data(step))
        else:
            groups.append([step_data(step)])
    return [group[0] if len(group) == 1 else {"together": group} for group in groups]


def step_data(step: StepModel) -> dict[str, Any]:
    """One step: its verb with arguments, then when it begins."""
    data: dict[str, Any] = {step.verb: plain(step.args)}
    if step.wait:
        data["wait"] = "rest"
    if step.after:
        data["after"] = step.after
    if step.until is not None:
        data["until"] = plain(step.until)
    return data


def expectation_data(expectation: ExpectModel) -> dict[str, Any]:
    """One expectation: its word with arguments."""
    return {expectation.word: plain(expectation.args)}


def _then(then: ThenModel) -> dict[str, Any]:
    data: dict[str, Any] = {}
    if then.eventually:
        data["eventually"] = [expectation_data(one) for one in then.eventually]
    if then.reached:
        data["reached"] = list(then.reached)
    return data

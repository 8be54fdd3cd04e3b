"""Scenarios built in Python, checked by the same code as YAML files.

    from scenarios.builder import scenario, vm

    one = (
        scenario("migration/target-dies", about="The target host loses power while memory is copied.")
        .topology("pair")
        .given(vm.start(vm="web1", host="h1", nics={"nic1": "red"}))
        .when(vm.migrate(vm="web1", to="h2"))
        .fault(at="libvirt[h1] perform web1", fate="power-loss", node="h2", back_after="60s")
        .eventually(expect.vm_runs(vm="web1", host="h1"))
        .build()
    )

Each family of verbs is a name of this module (`vm`, `network`, ...), and `expect` has the expectations.
"""

from __future__ import annotations

from typing import Any

from fakes.topology import Topology
from scenarios.expectations import ALL as EXPECTATIONS
from scenarios.expectations import Expectation
from scenarios.loader import from_data
from scenarios.model import Scenario
from scenarios.nearest import nearest
from scenarios.verbs import ALL as VERBS
from scenarios.verbs.base import Verb
from scenarios.writing import plain

Item = dict[str, Any]


class Family:
    """The verbs (or expectations) of one family as functions that make them."""

    def __init__(self, prefix: str, words: dict[str, Any]) -> None:
        self._prefix = prefix
        self._words = {word.removeprefix(prefix).replace("-", "_"): made for word, made in words.items()}

    def __getattr__(self, name: str) -> Any:
        try:
            return self._words[name]
        except KeyError:
            raise AttributeError(f"there is no {self._prefix}{name}; {nearest(name, self._words)}") from None

    def __dir__(self) -> list[str]:
        return list(self._words)


expect = Family("", EXPECTATIONS)


def __getattr__(name: str) -> Family:
    """The family of verbs of that name."""
    words = {word: verb for word, verb in VERBS.items() if word.startswith(f"{name}.")}
    if not words:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return Family(f"{name}.", words)


def state(table: str, node: str = "*", **columns: Any) -> Item:
    """A row's state, as a trigger or to wait for."""
    return {"table": table, "where": columns, "node": node}


def step(verb: Verb, *, wait: str = "", after: str = "", until: Item | None = None) -> Item:
    """A step that begins at rest, after a request, or in a state."""
    given = {"wait": wait, "after": after, "until": until}
    return {verb.word: plain(verb), **{key: value for key, value in given.items() if value}}


def together(*steps: Verb | Item) -> Item:
    """Steps that run at the same time."""
    return {"together": [_item(one) for one in steps]}


def _item(one: Verb | Item) -> Item:
    return step(one) if isinstance(one, Verb) else one


class Builder:
    """A scenario in the making; each method returns a new one, so a common part can be shared."""

    def __init__(self, data: Item) -> None:
        self._data = data

    def _with(self, **parts: Any) -> Builder:
        return Builder(self._data | {key.replace("_", "-"): value for key, value in parts.items()})

    def _more(self, key: str, values: list[Any]) -> Builder:
        return Builder(self._data | {key: [*self._data.get(key, []), *values]})

    def _then(self, key: str, values: list[Any]) -> Builder:
        then = self._data.get("then", {})
        return self._with(then=then | {key: [*then.get(key, []), *values]})

    def topology(self, topology: str | Topology | Item) -> Builder:
        """The world that is given: a stock topology's name, or one written out."""
        return self._with(topology=plain(topology))

    def given(self, *steps: Verb | Item) -> Builder:
        """Steps that are taken in peace, before the history under test."""
        return self._more("given", [_item(one) for one in steps])

    def when(self, *steps: Verb | Item) -> Builder:
        """The steps of the history under test."""
        return self._more("when", [_item(one) for one in steps])

    def fault(self, at: str | Item, fate: str, **keys: Any) -> Builder:
        """A fault; keys as in YAML, with underscores (`for_` for `for`)."""
        words = {key.rstrip("_").replace("_", "-"): value for key, value in keys.items()}
        return self._more("faults", [{"at": at, "fate": fate, **words}])

    def eventually(self, *expectations: Expectation) -> Builder:
        """What this history must come to."""
        return self._then("eventually", [{one.word: plain(one)} for one in expectations])

    def reached(self, *marks: str) -> Builder:
        """States that must have been reached."""
        return self._then("reached", list(marks))

    def tags(self, *tags: str) -> Builder:
        """Review points, bug references."""
        return self._more("tags", list(tags))

    def period(self, period: str) -> Builder:
        """The period of the systems."""
        return self._with(period=period)

    def fails_under(self, finding: str, *, design: str = "", defect: str = "") -> Builder:
        """A design or defect under which it fails, and the check that says so."""
        keys = {"design": design, "defect": defect, "finding": finding}
        return self._more("fails-under", [{key: value for key, value in keys.items() if value}])

    def not_applicable(self, design: str, because: str) -> Builder:
        """A design under which its triggers cannot strike."""
        return self._more("not-applicable", [{"design": design, "because": because}])

    def bug(self, number: str, reference: str) -> Builder:
        """The public bug that it shows."""
        return self._with(bug={"id": number, "reference": reference})

    def data(self) -> Item:
        """The scenario as plain data, unchecked."""
        return self._data

    def build(self) -> Scenario:
        """The scenario.

        Raises:
            InputError: a word in it is unknown, or a name does not exist.
        """
        return from_data(self._data, f"scenario {self._data['scenario']}")


def scenario(name: str, *, about: str) -> Builder:
    """Begin a scenario."""
    return Builder({"scenario": name, "about": about})

"""The rules of the house: who imports whom, what a deterministic simulator must not use, sizes, words."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import tomllib
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from statistics import median
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
FOLDERS = ("sim", "fakes", "scenarios", "reports")
SIZED = (*FOLDERS, "contract")
COMPONENTS = ("engine", "quantum", "vdsm", "libvirt", "host")
SHARED = ("records", "links", "topology", "wiring", "repairs", "restarts")
ENTRY_POINTS = ("scenarios/__main__.py", "scenarios/pytest_plugin.py", "scenarios/commands/")

MOST_LINES_OF_A_FILE = 400
MOST_LINES_OF_A_FUNCTION = 39
MEDIAN_OF_FUNCTIONS = 10

BANNED_MODULES = {
    "asyncio", "concurrent", "datetime", "multiprocessing", "random", "secrets", "socket", "threading", "time", "uuid",
    "_thread",
}  # fmt: skip
BANNED_CALLS = {"id", "hash", "input", "eval", "exec"}
BANNED_ATTRIBUTES = {("os", "urandom"), ("os", "getpid"), ("os", "environ"), ("os", "listdir"), ("os", "times")}


def sources(*folders: str) -> list[Path]:
    """Every source file of these folders."""
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


@cache
def tree_of(path: Path) -> ast.Module:
    """The syntax tree of a file."""
    return ast.parse(path.read_text(), str(path))


def name(path: Path) -> str:
    """A file as it is named in messages."""
    return str(path.relative_to(ROOT))


def imports(tree: ast.AST, package: str = "") -> Iterator[str]:
    """The full names of all modules that are imported anywhere, for types too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package.split(".")[: len(package.split(".")) - node.level + 1]) + "." if node.level else ""
            module = base + (node.module or "")
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)


def within(module: str, *packages: str) -> bool:
    """Whether the module is one of these or inside one."""
    return any(module == package or module.startswith(package + ".") for package in packages)


# --- who imports whom ----------------------------------------------------------------------------


def forbidden(path: str) -> list[str]:
    """The packages of this project that a file of that path must not import."""
    first, _, rest = path.partition("/")
    if first == "sim":
        return ["fakes", "scenarios", "reports"]
    if first == "reports":
        return ["fakes", "scenarios"]
    if first == "fakes":
        component = rest.partition("/")[0]
        others = [f"fakes.{one}" for one in (*COMPONENTS, "doors", "assembly") if one != component]
        if component in COMPONENTS:
            return ["scenarios", "reports", *others]
        if component.removesuffix(".py") in SHARED:
            return ["scenarios", "reports", "fakes.assembly", "fakes.doors", *(f"fakes.{one}" for one in COMPONENTS)]
        return ["scenarios", "reports"]
    if rest.startswith("checks/"):
        return [
            "reports",
            *(f"fakes.{one}" for one in (*COMPONENTS, "doors", "assembly", "links", "topology", "repairs")),
        ]
    return [] if path.startswith(ENTRY_POINTS) else ["reports"]


def wrong_imports(path: str, tree: ast.AST) -> list[str]:
    """What that file must not import and does."""
    package = path.removesuffix(".py").replace("/", ".").rpartition(".")[0]
    return sorted({module for module in imports(tree, package) if within(module, *forbidden(path))})


def test_imports_go_one_way() -> None:
    """scenarios -> fakes -> sim; reports -> sim; components meet only in messages; checks know the records alone."""
    found = {name(path): wrong for path in sources(*FOLDERS) if (wrong := wrong_imports(name(path), tree_of(path)))}
    assert found == {}


@pytest.mark.parametrize(
    ("path", "line", "wrong"),
    [
        ("sim/gate.py", "from fakes.links import REST", True),
        ("sim/gate.py", "import sim.kernel", False),
        ("reports/text.py", "import fakes", True),
        ("reports/text.py", "def f():\n    from scenarios import words", True),
        ("fakes/vdsm/life.py", "from fakes.libvirt.daemon import X", True),
        ("fakes/vdsm/life.py", "from fakes import libvirt", True),
        ("fakes/vdsm/life.py", "from ..libvirt import daemon", True),
        ("fakes/vdsm/life.py", "from fakes.vdsm.base import X\nfrom fakes.records import Y", False),
        ("fakes/engine/base.py", "from fakes.assembly import build", True),
        ("fakes/records/host.py", "from fakes.host import kernel", True),
        ("fakes/assembly.py", "from fakes.host import kernel", False),
        ("fakes/assembly.py", "from scenarios import model", True),
        ("scenarios/checks/hosts.py", "from fakes.engine import base", True),
        ("scenarios/checks/hosts.py", "from fakes.records import TAPS\nfrom fakes.wiring import reach", False),
        ("scenarios/playing.py", "from reports import text", True),
        ("scenarios/commands/run.py", "from reports import text", False),
    ],
)
def test_the_rule_of_imports_sees_what_is_wrong(path: str, line: str, wrong: bool) -> None:
    assert bool(wrong_imports(path, ast.parse(line))) is wrong


def test_nothing_in_a_fake_knows_of_fates() -> None:
    """Behaviour and misbehaviour never share a file."""
    words = ("sim.fates", "sim.gate", "sim.faults", "sim.decisions", "sim.triggers", "sim.checks", "sim.run")
    allowed = {"fakes/wiring.py": {"sim.checks", "sim.checks.View"}}
    found = {
        name(path): wrong
        for path in sources("fakes")
        if (wrong := {one for one in imports(tree_of(path)) if within(one, *words)} - allowed.get(name(path), set()))
    }
    assert found == {}


def test_the_simulator_knows_nothing_of_ovirt() -> None:
    """Words of its documentation may: they give examples."""
    domain = re.compile(r"vdsm|libvirt|quantum|engine|vnic|\bvm\b", re.IGNORECASE)
    found = [
        f"{name(path)}:{node.lineno} {node.id if isinstance(node, ast.Name) else node.attr}"
        for path in sources("sim")
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Name | ast.Attribute)
        if domain.search(node.id if isinstance(node, ast.Name) else node.attr)
    ]
    assert found == []


def test_every_package_is_shipped() -> None:
    stated = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]
    there = {".".join(path.parent.relative_to(ROOT).parts) for path in sources(*FOLDERS)}
    assert set(stated) == there


# --- what a deterministic simulator must not use -------------------------------------------------


def is_set(node: ast.expr, names: set[str]) -> bool:
    """Whether the expression is, as far as can be seen, a set; `names` are variables that are."""
    if isinstance(node, ast.Set | ast.SetComp):
        return True
    if isinstance(node, ast.Name):
        return node.id in names
    if isinstance(node, ast.BinOp):
        return any(is_set(side, names) or _is_keys(side) for side in (node.left, node.right))
    if not isinstance(node, ast.Call):
        return False
    function = node.func
    if isinstance(function, ast.Name):
        return function.id in ("set", "frozenset")
    methods = ("union", "intersection", "difference", "symmetric_difference", "copy")
    return isinstance(function, ast.Attribute) and function.attr in methods and is_set(function.value, names)


def _is_keys(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "keys"


ORDERED = (
    "list",
    "tuple",
    "enumerate",
    "iter",
    "next",
    "zip",
    "map",
    "filter",
    "reversed",
    "join",
    "fromkeys",
    "extend",
)


def set_orders(tree: ast.AST) -> list[int]:
    """The lines at which the order of a set becomes the order of something else."""
    lines: list[int] = []
    scopes = [tree, *(node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))]
    for scope in scopes:
        names = _set_names(scope)
        for node in ast.walk(scope):
            lines += [at.lineno for at in _iterated(node) if is_set(at, names)]
    return sorted(set(lines))


def _set_names(scope: ast.AST) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(scope):
        if isinstance(node, ast.Assign) and is_set(node.value, names):
            names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
        elif isinstance(node, ast.AnnAssign | ast.arg) and node.annotation is not None:
            target = node.target if isinstance(node, ast.AnnAssign) else node
            if re.match(r"(frozen)?set\b", ast.unparse(node.annotation)):
                names |= (
                    {target.id}
                    if isinstance(target, ast.Name)
                    else {target.arg}
                    if isinstance(target, ast.arg)
                    else set()
                )
    return names


def _iterated(node: ast.AST) -> Iterable[ast.expr]:
    if isinstance(node, ast.For | ast.AsyncFor | ast.comprehension):
        return [node.iter]
    if isinstance(node, ast.Starred):
        return [node.value]
    if isinstance(node, ast.Call):
        called = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        if called in ORDERED:
            return node.args
        if called == "pop" and isinstance(node.func, ast.Attribute) and not node.args:
            return [node.func.value]
    return []


def banned(tree: ast.AST) -> list[str]:
    """What makes a run depend on more than its scenario, design and decisions."""
    found = [f"import {module}" for module in imports(tree) if module.partition(".")[0] in BANNED_MODULES]
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in BANNED_CALLS:
            found.append(f"{node.lineno}: {node.func.id}()")
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            if (node.value.id, node.attr) in BANNED_ATTRIBUTES:
                found.append(f"{node.lineno}: {node.value.id}.{node.attr}")
    found += [f"import {module}" for module in imports(tree) if tuple(module.rpartition(".")[::2]) in BANNED_ATTRIBUTES]
    return found + [f"{line}: the order of a set" for line in set_orders(tree)]


def test_sim_and_fakes_use_no_clock_no_chance_no_threads_and_no_set_order() -> None:
    found = {name(path): wrong for path in sources("sim", "fakes") if (wrong := banned(tree_of(path)))}
    assert found == {}


def test_nothing_takes_its_order_from_a_set() -> None:
    """Reports, too, are compared byte for byte."""
    found = {name(path): wrong for path in sources(*FOLDERS) if (wrong := set_orders(tree_of(path)))}
    assert found == {}


@pytest.mark.parametrize(
    "code",
    [
        "import time",
        "from datetime import datetime",
        "import random as r",
        "def f():\n    import uuid",
        "import os\nos.urandom(4)",
        "from os import urandom",
        "import threading",
        "import asyncio.events",
        "import secrets",
        "x = id(y)",
        "x = f'{id(y)}'",
        "hash('x')",
        "for x in {1, 2}: pass",
        "for x in set(y): pass",
        "[x for x in frozenset(y)]",
        "{x: 1 for x in {a for a in b}}",
        "list({1, 2})",
        "tuple(set(y))",
        "','.join({str(a) for a in b})",
        "x = set(y)\nfor z in x: pass",
        "for x in set(a) | set(b): pass",
        "for x in a.keys() - b: pass",
        "for x in a.keys() & b.keys(): pass",
        "next(iter({1}))",
        "f(*{1, 2})",
        "[*{1, 2}]",
        "def f(x: set[str]):\n    for y in x: pass",
        "x: set[str] = set()\nlist(x)",
        "set(a).union(b).pop()",
        "x = {1}\nx.pop()",
    ],
)
def test_the_bans_see_what_is_wrong(code: str) -> None:
    assert banned(ast.parse(code)) != []


@pytest.mark.parametrize(
    "code",
    [
        "from sim.clock import show",
        "for x in sorted({1, 2}): pass",
        "x in {1, 2}",
        "len(set(y))",
        "set(a) == set(b)",
        "x = sorted(set(y))",
        "for x in {1: 2}: pass",
        "for x in a | b: pass",
        "self.id",
        "row.hash",
        "any(x in y for x in z)",
        "{f(x) for x in [1]}",
        "y = {1}\nx = y",
    ],
)
def test_the_bans_leave_alone_what_is_right(code: str) -> None:
    assert banned(ast.parse(code)) == []


def too_broad(tree: ast.AST) -> list[int]:
    """The lines of clauses that would swallow a harness error."""
    broad = {"Exception", "BaseException", "HarnessError", ""}
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.ExceptHandler)
        if broad & {one.strip("() ") for one in (ast.unparse(node.type) if node.type else "").split(",")}
    ]


def test_a_fake_catches_outcomes_and_nothing_wider() -> None:
    found = {name(path): lines for path in sources("fakes") if (lines := too_broad(tree_of(path)))}
    assert found == {}
    assert too_broad(ast.parse("try:\n    x\nexcept (Failed, Exception):\n    pass")) == [3]


def attributes_kept(tree: ast.AST) -> list[str]:
    """The attributes of `self` that can change: set outside `__init__`, or to a container or literal in it."""
    found: list[str] = []
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            first = function.name == "__init__"
            for node in ast.walk(function):
                if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign) and (
                    not first or _changeable(node.value)
                ):
                    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                    found += [one.attr for one in targets if isinstance(one, ast.Attribute) and _is_self(one.value)]
    return sorted(dict.fromkeys(found))


def _changeable(value: ast.expr | None) -> bool:
    if isinstance(value, ast.Call):
        return isinstance(value.func, ast.Name) and value.func.id in ("set", "dict", "list", "deque", "defaultdict")
    return isinstance(value, ast.Constant | ast.Dict | ast.List | ast.Set | ast.ListComp | ast.DictComp | ast.SetComp)


def _is_self(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "self"


def test_a_fake_keeps_its_state_in_rows() -> None:
    """What a crash loses, what time travel shows and what a snapshot holds is rows alone."""
    found = {name(path): names for path in sources("fakes") if (names := attributes_kept(tree_of(path)))}
    assert found == {}


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("async def f(self):\n    self.x: int = 1\n    self.y += 1", ["x", "y"]),
        ("def __init__(self):\n    self.x = {}\n    self.y: set[str] = set()\n    self.z = False", ["x", "y", "z"]),
        ("def __init__(self, process):\n    self.rows = self.table(ROWS)\n    self.process = process", []),
    ],
)
def test_the_rule_of_state_sees_what_is_kept(code: str, names: list[str]) -> None:
    assert attributes_kept(ast.parse(code)) == names


def test_nothing_outlives_its_run_in_a_global() -> None:
    found = [
        f"{name(path)}:{node.lineno}"
        for path in sources("sim", "fakes")
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Global)
    ]
    assert found == []


# --- sizes ---------------------------------------------------------------------------------------


def functions() -> dict[str, int]:
    """Every function with its number of lines."""
    return {
        f"{name(path)}:{node.lineno} {node.name}": (node.end_lineno or 0) - node.lineno + 1
        for path in sources(*SIZED)
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }


def test_files_are_short() -> None:
    sizes = {name(path): len(path.read_text().splitlines()) for path in sources(*SIZED)}
    assert {path: lines for path, lines in sizes.items() if lines > MOST_LINES_OF_A_FILE} == {}


def test_functions_are_short() -> None:
    sizes = functions()
    assert {place: lines for place, lines in sizes.items() if lines > MOST_LINES_OF_A_FUNCTION} == {}
    assert median(sizes.values()) < MEDIAN_OF_FUNCTIONS


# --- words ---------------------------------------------------------------------------------------


def undocumented(module: Any) -> Iterator[str]:
    """The module's public classes, functions and methods without words; an override has those of what it overrides."""
    if not module.__doc__:
        yield module.__name__
    for name_, value in vars(module).items():
        if name_.startswith("_") or getattr(value, "__module__", None) != module.__name__:
            continue
        if inspect.isclass(value):
            yield from (f"{module.__name__}.{one}" for one in _undocumented_class(value))
        elif inspect.isfunction(value) and not value.__doc__:
            yield f"{module.__name__}.{name_}"


def _undocumented_class(owner: type) -> Iterator[str]:
    if not vars(owner).get("__doc__"):
        yield owner.__name__
    for name_, value in vars(owner).items():
        method = value.__func__ if isinstance(value, classmethod | staticmethod) else value
        if not name_.startswith("_") and (inspect.isfunction(method) or isinstance(method, property)):
            if not inspect.getdoc(getattr(owner, name_)):
                yield f"{owner.__name__}.{name_}"


def modules(*folders: str) -> list[Any]:
    """Every module of these folders."""
    names = [name(path).removesuffix(".py").removesuffix("/__init__").replace("/", ".") for path in sources(*folders)]
    return [importlib.import_module(one) for one in names]


def test_everything_public_has_its_words() -> None:
    """Handlers of verbs too: they are what a protocol offers."""
    assert [one for module in modules("sim", "fakes") for one in undocumented(module)] == []


def test_nothing_is_left_to_be_done_in_a_comment() -> None:
    wanted = re.compile(r"#\s*(TODO|FIXME|XXX|HACK)\b", re.IGNORECASE)
    found = [
        f"{name(path)}:{number}"
        for path in sources(*FOLDERS)
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if wanted.search(line)
    ]
    assert found == []

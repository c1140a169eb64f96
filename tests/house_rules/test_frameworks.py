"""Frameworks are used as their makers ship them: no private name is imported, read or replaced.

Private names change without notice and no first-day knowledge covers them. The rule reads the
syntax tree of every module outside `tests/`.
"""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from register.settings import PROJECT_ROOT

FOLDERS = (
    "register",
    "official_statistics",
    "simulation",
    "expectations",
    "engines",
    "orchestration",
    "interfaces",
    "suppression_attack",
    "benchmarks",
)
FRAMEWORKS = frozenset(
    {"dbt", "dbt_common", "dagster", "dagster_dbt", "great_expectations", "splink", "highspy"}
)
# At most four, each with its files and its reason.
EXCEPTIONS = {
    "Splink": (
        {"register/identity/score/estimation.py", "engines/spark/pair_scores.py"},
        "It leaves its settings without comparisons after a failed EM run and has no way to put"
        " them back; it also publishes no count of the iterations of a run. Its dialect of Spark"
        " needs an sqlglot that is not compiled, and it keeps on Spark what is read once.",
    ),
    "Great Expectations": (
        {"expectations/validate/scoped_expectations.py"},
        "Its guide to custom expectations has authors write `_validate` and the template method.",
    ),
    "HiGHS": (
        {
            "official_statistics/protection/linear_programme.py",
            "suppression_attack/attack_programme.py",
        },
        "It prints a banner in its constructor. `enableCallbacks` is the only call before it that"
        " can turn the output off. The attack shares no code with the protection.",
    ),
}
EXCEPTED = frozenset().union(*(files for files, _ in EXCEPTIONS.values()))
# Public methods of named tuples.
OF_NAMED_TUPLES = frozenset({"_replace", "_asdict", "_fields"})
# Public methods that a constructor of a framework calls, and that are not made to be replaced.
NOT_TO_REPLACE = frozenset({"enableCallbacks"})


@dataclass
class Names:
    """What a module calls things that it imports from frameworks: name to dotted path."""

    paths: dict[str, str] = field(default_factory=dict)

    def path(self, node: ast.expr) -> str | None:
        """Return the dotted path of an expression that begins with such a name, or None."""
        if isinstance(node, ast.Name):
            return self.paths.get(node.id)
        if isinstance(node, ast.Attribute):
            base = self.path(node.value)
            return base and f"{base}.{node.attr}"
        return None


def is_private(name: str) -> bool:
    """Return whether a name has a leading underscore and is no dunder."""
    return name.startswith("_") and not name.endswith("__")


def private_uses(text: str) -> list[str]:
    """Return the private names of frameworks that the code of a module uses, and where."""
    tree = ast.parse(text)
    names = Names()
    found = list(_private_imports(tree, names))
    if not names.paths:
        return found
    own = {node.name for node in ast.walk(tree) if isinstance(node, _DEFINITIONS)} | {
        node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute) and _is_own(node)
    }
    for node in ast.walk(tree):
        found += _uses_of(node, names, own | OF_NAMED_TUPLES)
    return found


_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def _private_imports(tree: ast.Module, names: Names) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            given = [(alias.asname, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            given = [
                (each.asname or each.name, f"{node.module}.{each.name}") for each in node.names
            ]
        else:
            continue
        for name, path in given:
            root, *_ = path.split(".")
            if root not in FRAMEWORKS:
                continue
            names.paths[name or root] = path if name else root
            if any(map(is_private, path.split("."))):
                yield f"line {node.lineno}: imports {path}"


def _is_own(node: ast.Attribute) -> bool:
    return isinstance(node.value, ast.Name) and node.value.id in {"self", "cls"}


def _uses_of(node: ast.AST, names: Names, allowed: set[str]) -> Iterator[str]:
    """What one node of the tree does with private names."""
    if isinstance(node, ast.Attribute) and is_private(node.attr) and node.attr not in allowed:
        yield f"line {node.lineno}: reads {node.attr}"
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        if node.func.id == "setattr" and node.args and names.path(node.args[0]):
            yield f"line {node.lineno}: sets a name of {names.path(node.args[0])}"
        if node.func.id == "vars" and node.args and names.path(node.args[0]):
            yield f"line {node.lineno}: opens the names of {names.path(node.args[0])}"
    elif isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign | ast.Delete):
        targets = [node.target] if isinstance(node, ast.AugAssign | ast.AnnAssign) else node.targets
        for target in targets:
            if isinstance(target, ast.Attribute) and names.path(target.value):
                yield f"line {node.lineno}: sets {names.path(target)}"
    elif isinstance(node, ast.ClassDef):
        yield from _replaced_methods(node, names)


def _replaced_methods(node: ast.ClassDef, names: Names) -> Iterator[str]:
    """Private methods of a framework's class that a class of ours replaces.

    Where that class is not installed (Spark), every private method may be one.
    """
    bases = [_imported(path) for path in map(names.path, node.bases) if path]
    for member in node.body:
        if not isinstance(member, _DEFINITIONS):
            continue
        if not (is_private(member.name) or member.name in NOT_TO_REPLACE):
            continue
        if any(base is None or hasattr(base, member.name) for base in bases):
            yield f"line {member.lineno}: replaces {node.name}.{member.name}"


def _imported(path: str) -> object | None:
    """The object of a dotted path; None where its package is not installed."""
    parts = path.split(".")
    for end in range(len(parts), 0, -1):
        try:
            found: object = importlib.import_module(".".join(parts[:end]))
        except ImportError:
            continue
        for name in parts[end:]:
            try:
                found = getattr(found, name, None)
            except ImportError:  # a part of the package that was not installed
                return None
        return found
    return None


def _modules() -> Iterator[tuple[str, str]]:
    for folder in FOLDERS:
        for path in sorted((PROJECT_ROOT / folder).rglob("*.py")):
            yield path.relative_to(PROJECT_ROOT).as_posix(), path.read_text(encoding="utf-8")


def test_frameworks_are_used_by_their_public_names() -> None:
    """Prevents code that the next release of dbt or Dagster breaks and only its author knows."""
    found = {name: uses for name, text in _modules() if (uses := private_uses(text))}
    assert {name: uses for name, uses in found.items() if name not in EXCEPTED} == {}
    assert set(found) == EXCEPTED, "an exception that is not needed any more"
    assert len(EXCEPTIONS) <= 4


@pytest.mark.parametrize(
    "text",
    [
        "from dagster._core.errors import DagsterError",
        "import dagster._core.events",
        "from dbt.parser.manifest import _private",
        "import dagster as dg\nsetattr(dg.AssetSpec, 'key', None)",
        "from dbt.task import runnable\nrunnable.write_manifest = print",
        "from dbt.adapters.base import impl\nvars(impl)['x'] = 1",
        "from splink import Linker\nlinker = Linker()\nlinker._settings_obj = None",
        "from dagster_dbt import DbtCliResource\n"
        "class Own(DbtCliResource):\n    def _cli_version(self): ...",
        "import highspy\nclass Silent(highspy.Highs):\n    def enableCallbacks(self): ...",
        "from dbt.adapters.absent import Base\nclass Own(Base):\n    def _open(self): ...",
    ],
)
def test_each_way_to_a_private_name_is_found(text: str) -> None:
    """Prevents a rule that is kept because it looks nowhere."""
    assert private_uses(text)


@pytest.mark.parametrize(
    "text",
    [
        "import dagster as dg\ndg.AssetKey('a')",
        "from dagster_dbt import DagsterDbtTranslator\n"
        "class Own(DagsterDbtTranslator):\n"
        "    def get_group_name(self, props): return self._own()\n"
        "    def _own(self): ...",
        "import os\nos._exit(0)",
    ],
)
def test_public_names_and_our_own_are_free(text: str) -> None:
    """Prevents a rule that forbids ordinary code."""
    assert private_uses(text) == []

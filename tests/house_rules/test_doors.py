"""Packages have one door, and Python imports make no ring.

A door is the `__init__` of a package in `DOORS`: its `__all__` lists what others may import.
Imports are read from the syntax tree, so that those within functions and under TYPE_CHECKING count.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from register.settings import PROJECT_ROOT

ROOTS = (
    "register",
    "official_statistics",
    "simulation",
    "suppression_attack",
    "expectations",
    "engines",
    "orchestration",
    "interfaces",
    "benchmarks",
)
# Folders without code of their own, whose packages are as those beside them.
SHELVES = ("interfaces", "engines")
LAZY_MODULES = "interfaces.command_line.lazy_modules"
# Others that import our packages and are imported by none.
READERS = ("tests", "dbt_project/models")
# In the order in which they may import one another.
IDENTITY = tuple(
    f"register.identity.{name}"
    for name in ("clean", "block", "score", "cluster", "keys", "evaluate")
)
# What is inside official statistics and has a door of its own.
STATISTICS = tuple(
    f"official_statistics.{name}"
    for name in (
        "checks",
        "documents",
        "export",
        "machine_readable",
        "production",
        "protection",
        "releases",
        "screening",
    )
)
DOORS = (
    *IDENTITY,
    "register.access_record",
    "register.answers",
    "register.audit",
    "register.backup",
    "register.breaks",
    "register.conformance",
    "register.contract_documents",
    "register.episodes",
    "register.feeds",
    "register.publishing",
    "register.review",
    "register.serving",
    "official_statistics",
    *STATISTICS,
    "simulation",
    "simulation.external_validation",
    "simulation.port_city",
    "suppression_attack",
    "engines.spark",
    "expectations",
    "interfaces.command_line",
    "interfaces.documentation",
    "interfaces.quality_site",
    "interfaces.web",
)
STATISTICS_TESTS = ("tests.statistics", "tests.end_to_end", "tests.orchestration")
# Tests of what is behind a door, where their folder does not have its name.
TESTS = {
    **dict.fromkeys(("official_statistics", *STATISTICS), STATISTICS_TESTS),
    "engines.spark": ("tests.spark",),
    "interfaces.command_line": (
        "tests.orchestration",
        "tests.web",
        "tests.backup",
        "tests.test_decision_history",
    ),
    "interfaces.documentation": ("tests.docs", "tests.orchestration"),
    "interfaces.quality_site": ("tests.expectations.site", "tests.house_rules"),
    "interfaces.web": ("tests.web", "tests.publishing", "tests.backup"),
}

Graph = dict[str, set[str]]


def _module(path: Path) -> str:
    parts = path.relative_to(PROJECT_ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _modules(*folders: str) -> dict[str, Path]:
    found = (path for each in folders for path in (PROJECT_ROOT / each).rglob("*.py"))
    return {_module(path): path for path in sorted(found)}


@cache
def _imports(module: str, path: Path) -> tuple[tuple[str, str | None], ...]:
    """Each imported module, with the name taken from it or None."""
    return tuple(_read_imports(module, path))


def _read_imports(module: str, path: Path) -> Iterator[tuple[str, str | None]]:
    package = module if path.stem == "__init__" else module.rpartition(".")[0]
    tree = ast.parse(path.read_text(encoding="utf-8"))
    yield from _names_of_modules(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, None) for alias in node.names if alias.name not in DOORS)
        elif isinstance(node, ast.ImportFrom):
            origin = node.module or ""
            if node.level:
                parts = package.split(".")
                above = parts[: len(parts) - node.level + 1]
                origin = ".".join([*above, *([origin] if origin else [])])
            yield from ((origin, alias.name) for alias in node.names)


@cache
def lazy_modules() -> dict[str, str]:
    """The modules that commands import when they use them, by their names there."""
    path = PROJECT_ROOT / f"{LAZY_MODULES.replace('.', '/')}.py"
    return dict(re.findall(r'(\w+) = _LazyModule\("([\w.]+)"\)', path.read_text("utf-8")))


def _names_of_modules(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """What is taken of a door that was imported as a module: `feeds.read_ledger`."""
    doors = {
        alias.asname or alias.name: f"{node.module}.{alias.name}"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if f"{node.module}.{alias.name}" in DOORS
    }
    doors |= {
        alias.asname or alias.name: lazy_modules()[alias.name]
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == LAZY_MODULES
        for alias in node.names
        if lazy_modules()[alias.name] in DOORS
    }
    doors |= {
        alias.asname or alias.name: alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
        if alias.name in DOORS and "." not in (alias.asname or alias.name)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            door = doors.get(node.value.id)
            if door is not None:
                yield door, node.attr


def _is_within(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


def _is_inside(module: str, door: str) -> bool:
    """Say whether a module is of the package or of the folders of its tests."""
    tests = TESTS.get(door, (f"tests.{door.removeprefix('register.')}",))
    return any(_is_within(module, each) for each in (door, *tests))


@cache
def _handed_on(door: str) -> set[str]:
    tree = ast.parse((PROJECT_ROOT / door.replace(".", "/") / "__init__.py").read_text("utf-8"))
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            return set(ast.literal_eval(node.value))
    return set()


def _graph() -> Graph:
    """The modules that each module imports."""
    modules = _modules(*ROOTS)
    graph: Graph = {}
    for module, path in modules.items():
        named = {
            f"{origin}.{name}" if f"{origin}.{name}" in modules else origin
            for origin, name in _imports(module, path)
        }
        graph[module] = {each for each in named if each in modules and each != module}
    return graph


def _without_shelf(module: str) -> list[str]:
    """Return the parts of a module's name; a package on a shelf counts as one part."""
    first, *rest = module.split(".")
    return [f"{first}.{rest[0]}", *rest[1:]] if first in SHELVES and rest else [first, *rest]


def _ring(graph: Graph) -> list[str]:
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def test_a_package_is_imported_only_through_its_door() -> None:
    """Prevents a change inside a package from breaking code in other folders."""
    wrong = set()
    for module, path in _modules(*ROOTS, *READERS).items():
        for origin, name in _imports(module, path):
            for door in DOORS:
                if not _is_within(origin, door) or _is_inside(module, door):
                    continue
                if any(_is_within(origin, each) for each in DOORS if each.startswith(f"{door}.")):
                    continue
                if f"{origin}.{name}" in DOORS:
                    continue
                if origin != door or name is None or name not in _handed_on(door):
                    wrong.add(f"{module} imports {origin}" + (f": {name}" if name else ""))
    assert wrong == set()


def test_a_door_hands_on_only_what_others_import() -> None:
    """Prevents a door from growing into a list of everything behind it."""
    used = {
        (origin, name)
        for module, path in _modules(*ROOTS, *READERS).items()
        for origin, name in _imports(module, path)
        if origin in DOORS and not _is_within(module, origin)
    }
    assert all(_handed_on(door) for door in DOORS)
    unused = {f"{door}: {name}" for door in DOORS for name in _handed_on(door)} - {
        f"{door}: {name}" for door, name in used
    }
    assert unused == set()


def test_a_package_of_identity_imports_only_earlier_ones() -> None:
    """Prevents cleaning that depends on scores, or clustering that depends on its evaluation."""
    later = {door: IDENTITY[place + 1 :] for place, door in enumerate(IDENTITY)}
    wrong = {
        f"{module} imports {imported}"
        for module, others in _graph().items()
        for imported in others
        for door in IDENTITY
        if _is_within(module, door) and any(_is_within(imported, each) for each in later[door])
    }
    assert wrong == set()


def test_no_ring_of_modules() -> None:
    """Prevents modules that cannot be read, tested or imported one without the other."""
    assert _ring(_graph()) == []


def test_no_ring_of_folders() -> None:
    """Prevents folders that need each other; a folder within a folder is a part of that folder."""
    siblings: dict[str, Graph] = defaultdict(lambda: defaultdict(set))
    for module, others in _graph().items():
        for imported in others:
            parts, targets = _without_shelf(module), _without_shelf(imported)
            shared = next(
                (
                    place
                    for place, (one, other) in enumerate(zip(parts, targets, strict=False))
                    if one != other
                ),
                None,
            )
            if shared is None:
                continue
            one, other = (".".join(each[: shared + 1]) for each in (parts, targets))
            if all((PROJECT_ROOT / each.replace(".", "/")).is_dir() for each in (one, other)):
                siblings[".".join(parts[:shared])][one].add(other)
    rings = {parent or "the project": _ring(graph) for parent, graph in siblings.items()}
    assert {parent: ring for parent, ring in rings.items() if ring} == {}

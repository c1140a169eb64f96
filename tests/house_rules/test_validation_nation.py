"""The makers that linkage is held to share nothing with each other or with training."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from register.settings import PROJECT_ROOT

PACKAGES = ("simulation.external_validation", "simulation.port_city")
# The tables, which have no name, rate or rule.
SHARED = "simulation.labelled_tables"
# Where the first nation's names come from, and the register's own knowledge of names.
OF_THE_FIRST = ("register", "faker", "nicknames", "simulation")
TRAINING = {"train", "train_persons", "TrainingOptions"}


def _folder(package: str) -> Path:
    return PROJECT_ROOT.joinpath(*package.split("."))


def _imports(path: Path) -> set[tuple[str, str]]:
    """Each imported module with the name taken from it, or an empty one."""
    found: set[tuple[str, str]] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.update((node.module, alias.name) for alias in node.names)
    return found


def _is_within(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


def _reaches(path: Path) -> bool:
    return any(
        _is_within(module, package) or f"{module}.{name}" == package
        for module, name in _imports(path)
        for package in PACKAGES
    )


def _files(*folders: str) -> list[Path]:
    found = [path for folder in folders for path in (PROJECT_ROOT / folder).rglob("*.py")]
    assert found
    return sorted(found)


@pytest.mark.parametrize("package", PACKAGES)
def test_a_maker_that_judges_imports_nothing_of_another(package: str) -> None:
    """Prevents names, habits or error rates that two makers have in common."""
    files = sorted(_folder(package).rglob("*.py"))
    assert len(files) > 5
    wrong = {
        f"{path.name} imports {module}"
        for path in files
        for module, _ in _imports(path)
        if any(_is_within(module, each) for each in OF_THE_FIRST)
        and not _is_within(module, package)
        and module != SHARED
    }
    assert wrong == set()


def test_the_first_nation_imports_nothing_of_a_maker_that_judges() -> None:
    """Prevents the nation of the training set from growing like those that it is judged by."""
    folders = [_folder(package) for package in PACKAGES]
    first = [
        path
        for path in _files("simulation")
        if not any(path.is_relative_to(folder) for folder in folders)
    ]
    assert len(first) > 20
    assert [path.name for path in first if _reaches(path)] == []


def test_nothing_that_trains_imports_a_maker_that_judges() -> None:
    """Prevents a model that has seen the records by which it is judged."""
    packages = ("register", "official_statistics", "orchestration", "interfaces", "benchmarks")
    files = _files(*packages, "dbt_project/models")
    training = [
        path
        for path in files
        if TRAINING & {name for _, name in _imports(path)}
        or path.is_relative_to(PROJECT_ROOT / "register")
    ]
    assert len(training) > 50
    assert [str(path) for path in training if _reaches(path)] == []

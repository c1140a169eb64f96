"""Python packages depend one way."""

from __future__ import annotations

import ast
import tomllib
from functools import cache
from pathlib import Path
from typing import TypeGuard

import pytest

from register.settings import PROJECT_ROOT

# Folders of packages that each have rules of their own.
SHELVES = frozenset({"interfaces", "engines"})
REGISTER = {"register"}
MEASURING = REGISTER | {"official_statistics", "expectations"}
RUNNING = MEASURING | {"engines.spark", "interfaces.quality_site", "orchestration"}
# Each package, with the packages of ours that it may import.
MAY_IMPORT = {
    "register": REGISTER,
    "simulation": REGISTER | {"simulation"},
    "official_statistics": REGISTER | {"suppression_attack", "official_statistics"},
    "expectations": MEASURING,
    # For any producer of files: it knows nothing of the register, nor of how that protects.
    "suppression_attack": {"suppression_attack"},
    "engines.spark": REGISTER | {"engines.spark"},
    "interfaces.quality_site": REGISTER | {"expectations", "interfaces.quality_site"},
    "orchestration": RUNNING,
    "interfaces.web": REGISTER | {"official_statistics", "interfaces.web"},
    "interfaces.documentation": REGISTER | {"orchestration", "interfaces.documentation"},
    "interfaces.command_line": RUNNING
    | {"simulation", "interfaces.web", "interfaces.documentation", "interfaces.command_line"},
}
PACKAGES = tuple(MAY_IMPORT)
ENGINES = {"dagster", "dagster_dbt", "dbt"}
FOREIGN = {
    "register": ENGINES | {"great_expectations"},
    "simulation": ENGINES | {"great_expectations"},
    "official_statistics": ENGINES | {"great_expectations"},
    "expectations": ENGINES,
    "suppression_attack": ENGINES | {"great_expectations", "duckdb"},
    "engines.spark": {"dagster", "dagster_dbt", "great_expectations"},
    "interfaces.quality_site": ENGINES | {"great_expectations"},
    "orchestration": set(),
    "interfaces.web": ENGINES | {"great_expectations"},
    "interfaces.documentation": ENGINES | {"great_expectations"},
    "interfaces.command_line": set(),
}

# The only file of a package that may import one of its foreign packages: it reads this format.
EXCEPTED = {("suppression_attack", "duckdb"): "suppression_attack/stored_tables.py"}

# Documents, and the settings of Dagster's tool for developers.
OF_A_CHECKOUT = {".md", ".toml"}


@cache
def _nodes(path: Path) -> tuple[ast.AST, ...]:
    return tuple(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))


def _imports(path: Path) -> set[str]:
    names: set[str] = set()
    for node in _nodes(path):
        if isinstance(node, ast.Import):
            names.update(_package(alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names.update(_package(f"{node.module}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
            names.update(_package(str(each.value)) for each in node.args if _is_text(each))
    return names


def _is_text(node: ast.AST) -> TypeGuard[ast.Constant]:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _package(module: str) -> str:
    """Return the package of a module: its first name, and the second on a shelf."""
    return ".".join(module.split(".")[: 2 if module.split(".", maxsplit=1)[0] in SHELVES else 1])


def _folder(package: str) -> Path:
    return PROJECT_ROOT / package.replace(".", "/")


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_imports_only_what_lies_below_it(package: str) -> None:
    """Prevents a cycle in which the register's methods need the tools that run them."""
    files = sorted(_folder(package).rglob("*.py"))
    assert files, f"{package} holds no Python"
    forbidden = (set(PACKAGES) - MAY_IMPORT[package]) | FOREIGN[package]
    wrong = {
        f"{path.relative_to(PROJECT_ROOT)} imports {name}"
        for path in files
        for name in _imports(path) & forbidden
        if EXCEPTED.get((package, name)) != path.relative_to(PROJECT_ROOT).as_posix()
    }
    assert wrong == set()


@pytest.mark.parametrize("line", ["import duckdb", "importlib.import_module('duckdb.x')"])
def test_an_import_is_seen_however_it_is_written(tmp_path: Path, line: str) -> None:
    """Prevents a package that imports what it may not by the name of the module."""
    module = tmp_path / "module.py"
    module.write_text(f"def read():\n    {line}\n", encoding="utf-8")
    assert _imports(module) == {"duckdb"}


def test_a_model_imports_methods_alone() -> None:
    """Prevents a load that needs the simulation, or the tools that run it."""
    wrong = {
        f"{path.relative_to(PROJECT_ROOT)} imports {name}"
        for path in (PROJECT_ROOT / "dbt_project" / "models").rglob("*.py")
        for name in _imports(path) & (set(PACKAGES) - {"register", "official_statistics"})
    }
    assert wrong == set()


def test_the_wheel_has_every_package_but_the_simulation() -> None:
    """Prevents an installation with an inventor of children, or without a package it needs."""
    project = tomllib.loads((PROJECT_ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    included = project["tool"]["setuptools"]["packages"]["find"]["include"]
    needed = {package.split(".")[0] for package in PACKAGES} - {"simulation"}
    # The look-up tables belong to no package, and each check of a delivery reads them.
    assert sorted(included) == sorted([*(f"{package}*" for package in needed), "seeds"])


def test_the_wheel_has_what_its_packages_read() -> None:
    """Prevents a page of an installation without its script, or a release without its templates."""
    project = tomllib.loads((PROJECT_ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    patterns = project["tool"]["setuptools"]["package-data"]["*"]
    left_out = {
        path.relative_to(PROJECT_ROOT).as_posix()
        for package in PACKAGES
        for path in _folder(package).rglob("*.*")
        if not any(part.endswith(".egg-info") for part in path.parts)
        and path.suffix not in {".py", ".pyc", ".pyi"} | OF_A_CHECKOUT
        and not any(path.match(pattern) for pattern in patterns)
    }
    assert left_out == set()


def test_the_environment_is_read_in_one_place() -> None:
    """Prevents settings that only some parts obey."""
    readers = {
        str(path.relative_to(PROJECT_ROOT))
        for package in PACKAGES
        for path in _folder(package).rglob("*.py")
        if "os.environ.get(" in path.read_text(encoding="utf-8")
        or "os.getenv(" in path.read_text(encoding="utf-8")
    }
    assert readers == set()

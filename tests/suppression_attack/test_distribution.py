"""The attack as a distribution of its own: it is built, installed and used as its README says."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from register.settings import PROJECT_ROOT

PACKAGE = PROJECT_ROOT / "suppression_attack"
README = PACKAGE / "README.md"
# What each command of the README ends with, where that is not 0: the example is not safe.
EXIT_CODES = {"attack/bin/python -m suppression_attack release": 1}
INSTALL = "attack/bin/pip install ."


def _list_needed(names: list[str]) -> set[str]:
    """Return distributions with all that they need in turn, without extras."""
    needed: set[str] = set()
    while names:
        name = names.pop()
        if name in needed:
            continue
        needed.add(name)
        requirements = (Requirement(each) for each in distribution(name).requires or ())
        names += [
            each.name
            for each in requirements
            if each.marker is None or each.marker.evaluate({"extra": ""})
        ]
    return needed


def _link_dependencies(environment: Path) -> None:
    """Link the declared dependencies, and nothing else, into a virtual environment."""
    project = tomllib.loads((PACKAGE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    (site,) = environment.glob("lib/python*/site-packages")
    for name in _list_needed(list(project["dependencies"])):
        package = distribution(name)
        for top in {each.parts[0] for each in package.files or () if each.parts[0] != ".."}:
            if top != "__pycache__":
                (site / top).symlink_to(Path(str(package.locate_file(top))))


def _run(words: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ}
    environment["PIP_NO_INDEX"] = "1"
    return subprocess.run(
        words, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=600
    )


def test_the_readme_works_from_zero(tmp_path: Path) -> None:
    """Prevents a package that only works beside the register, or a README that nobody can follow.

    The wheel is built and installed without a network. Only declared dependencies are there.
    """
    folder = tmp_path / "suppression_attack"
    shutil.copytree(PACKAGE, folder, ignore=shutil.ignore_patterns("__pycache__", "build"))
    (block,) = re.findall(r"```sh\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    outputs = {}
    for command in block.strip().splitlines():
        words = command.replace("python3 ", f"{sys.executable} ", 1).split()
        if command == INSTALL:
            build = [sys.executable, "-m", "pip", "wheel", ".", "--no-deps", "--no-build-isolation"]
            built = _run([*build, "--wheel-dir", str(tmp_path)], folder)
            assert built.returncode == 0, built.stderr
            _link_dependencies(folder / "attack")
            (wheel,) = tmp_path.glob("*.whl")
            words = [*words[:-1], str(wheel)]
        done = _run(words, folder)
        expected = next(
            (code for start, code in EXIT_CODES.items() if command.startswith(start)), 0
        )
        assert done.returncode == expected, (command, done.stdout, done.stderr)
        outputs[command] = done.stdout
    *_, any_reader, insider = outputs.values()
    assert "insider" not in any_reader
    (sample,) = re.findall(r"```text\n(.*?)\n```", README.read_text(encoding="utf-8"), re.DOTALL)
    assert sample in insider.splitlines()
    assert insider.count("\ninsider: ") == 4
    assert (folder / "report.html").read_text(encoding="utf-8").count("<main>") == 1
    (site,) = folder.glob("attack/lib/python*/site-packages/suppression_attack")
    assert (site / "py.typed").is_file()
    assert (site / "ties.schema.json").is_file()


def test_a_release_of_the_project_has_the_distribution(tmp_path: Path) -> None:
    """Prevents a release without the attack, or a source archive that gives no wheel."""
    recipe = _run(["make", "--dry-run", "release"], PROJECT_ROOT)
    (command,) = [
        line.split() for line in recipe.stdout.splitlines() if line.endswith(f" {PACKAGE.name}")
    ]
    folder = tmp_path / PACKAGE.name
    shutil.copytree(PACKAGE, folder, ignore=shutil.ignore_patterns("__pycache__", "build"))
    (tmp_path / ".venv").symlink_to(PROJECT_ROOT / ".venv")
    built = _run(command, tmp_path)
    assert built.returncode == 0, built.stderr
    names = sorted(path.name for path in (tmp_path / "build" / "release").glob("suppression*"))
    assert names == ["suppression_attack-1.0.0-py3-none-any.whl", "suppression_attack-1.0.0.tar.gz"]


def test_the_distribution_has_the_licence_of_the_project() -> None:
    """Prevents a copy of the licence that differs from the project's."""
    assert (PACKAGE / "LICENSE").read_bytes() == (PROJECT_ROOT / "LICENSE").read_bytes()


@pytest.mark.parametrize("extra", ["spreadsheets", "parquet", "duckdb"])
def test_an_optional_library_is_one_of_the_projects(extra: str) -> None:
    """Prevents an extra that was never tried here."""
    project = tomllib.loads((PACKAGE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for name in project["optional-dependencies"][extra]:
        assert distribution(name).version

"""A home and a small dbt project for loads that take seconds, seen by the whole process."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from expectations import MeasureSummary, generation_to_measure, write_results
from interfaces.command_line import app
from orchestration import return_rules
from orchestration.return_rules import ReturnRules
from register.home import prepare_home
from register.settings import Settings, load_settings
from tests.conftest import put_postcodes
from tests.dbt.forked import forked_dbt
from tests.once import made_once, shared_folder
from tests.orchestration.small_project import write_small_project
from tests.publishing.builds import land_delivery

# Where a load asks for dbt's executable.
DBT_STARTED_FROM = ("orchestration.dbt", "orchestration.defs.dbt_project")


@dataclass(frozen=True)
class Place:
    """A home and the project that loads it."""

    settings: Settings
    project: Path


def _measure_nothing(settings: Settings) -> MeasureSummary:
    generation = generation_to_measure(settings).generation_id
    return MeasureSummary(generation, write_results(settings, generation, []), ())


def enter_place(root: Path, patch: pytest.MonkeyPatch) -> Place:
    """Point the process's environment at the home and the small project below `root`."""
    project, seeds = root / "project" / "dbt_project", root / "project" / "seeds"
    patch.setattr(Settings, "dbt_project", property(lambda _: project))
    patch.setattr(Settings, "seeds", property(lambda _: seeds))
    patch.setenv("REGISTER_HOME", str(root / "home"))
    patch.setenv("REGISTER_ENVIRONMENT", "test")
    # The small project has too few marts to be measured; the real ones are, end to end.
    patch.setattr("expectations.measure", _measure_nothing)
    patch.setattr("interfaces.quality_site.build_site", lambda _: None)
    return Place(load_settings(), project)


def make_place(root: Path, patch: pytest.MonkeyPatch, postcodes: Path) -> Place:
    """Write an empty home and the small project below `root`, and enter them."""
    write_small_project(root / "project")
    place = enter_place(root, patch)
    prepare_home(place.settings)
    land_delivery(place.settings)
    put_postcodes(postcodes, place.settings)
    return place


def _start_dbt_at_once(patch: pytest.MonkeyPatch) -> None:
    """Let loads run dbt without its imports; the first load of all runs the real command."""
    for module in DBT_STARTED_FROM:
        patch.setattr(f"{module}.dbt_executable", forked_dbt)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, postcodes: Path) -> Place:
    """An empty home and the small project, for one test."""
    _start_dbt_at_once(monkeypatch)
    return make_place(tmp_path, monkeypatch, postcodes)


@pytest.fixture(scope="module")
def shared_place(tmp_path_factory: pytest.TempPathFactory, postcodes: Path) -> Iterator[Place]:
    """The same for all tests of a module that only look."""
    with pytest.MonkeyPatch.context() as patch:
        _start_dbt_at_once(patch)
        yield make_place(tmp_path_factory.mktemp("shared"), patch, postcodes)


@pytest.fixture(scope="session")
def first_load(tmp_path_factory: pytest.TempPathFactory, postcodes: Path) -> Path:
    """A place after its first load, made once: what the command printed is in `output.txt`."""

    def make(root: Path) -> None:
        with pytest.MonkeyPatch.context() as patch:
            make_place(root, patch, postcodes)
            result = CliRunner().invoke(app, ["load"])
        assert result.exit_code == 0, result.output
        (root / "output.txt").write_text(result.output, encoding="utf-8")

    return made_once(shared_folder(tmp_path_factory) / "first_load", make)


@pytest.fixture
def loaded(first_load: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """A copy of that place, for one test that goes on from it."""
    shutil.copytree(first_load, tmp_path / "loaded", symlinks=True)
    _start_dbt_at_once(monkeypatch)
    return enter_place(tmp_path / "loaded", monkeypatch)


@pytest.fixture
def rules_folder(manifest: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for compiled rules, compiled as the tests of the models are: once a session."""
    folder = tmp_path / "kept"
    monkeypatch.setattr(return_rules, "rules_folder", lambda _: folder)
    compiled = ReturnRules.from_manifest(manifest)
    monkeypatch.setattr(return_rules, "_compile_rules", lambda _: compiled)
    monkeypatch.setenv("REGISTER_HOME", str(tmp_path / "home"))
    return folder

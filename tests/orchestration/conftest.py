"""A home and a small dbt project for loads that take seconds, seen by the whole process."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from expectations import MeasureSummary, generation_to_measure, write_results
from register.home import prepare_home
from register.settings import Settings, load_settings
from tests.orchestration.small_project import write_small_project
from tests.publishing.builds import land_delivery


@dataclass(frozen=True)
class Place:
    """A home and the project that loads it."""

    settings: Settings
    project: Path


def _measure_nothing(settings: Settings) -> MeasureSummary:
    generation = generation_to_measure(settings).generation_id
    return MeasureSummary(generation, write_results(settings, generation, []), ())


def make_place(root: Path, patch: pytest.MonkeyPatch) -> Place:
    """Point the process's environment at an empty home and the small project."""
    project, seeds = write_small_project(root / "project")
    patch.setattr(Settings, "dbt_project", property(lambda _: project))
    patch.setattr(Settings, "seeds", property(lambda _: seeds))
    patch.setenv("REGISTER_HOME", str(root / "home"))
    patch.setenv("REGISTER_ENVIRONMENT", "test")
    # The small project has too few marts to be measured; the real ones are, end to end.
    patch.setattr("expectations.measure", _measure_nothing)
    patch.setattr("expectations.site.build_site", lambda _: None)
    settings = load_settings()
    prepare_home(settings)
    land_delivery(settings)
    return Place(settings, project)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """An empty home and the small project, for one test."""
    return make_place(tmp_path, monkeypatch)


@pytest.fixture(scope="module")
def shared_place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """The same for all tests of a module that only look."""
    with pytest.MonkeyPatch.context() as patch:
        yield make_place(tmp_path_factory.mktemp("shared"), patch)

"""A home and a small dbt project for loads that take seconds, seen by the whole process."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from register.home import prepare_home
from register.settings import Settings, load_settings
from tests.orchestration.small_project import write_small_project
from tests.publishing.builds import land_delivery


@dataclass(frozen=True)
class Place:
    """A home and the project that loads it."""

    settings: Settings
    project: Path


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """The process's environment points at an empty home and the small project."""
    project, seeds = write_small_project(tmp_path / "project")
    monkeypatch.setattr(Settings, "dbt_project", property(lambda _: project))
    monkeypatch.setattr(Settings, "seeds", property(lambda _: seeds))
    monkeypatch.setenv("REGISTER_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("REGISTER_ENVIRONMENT", "test")
    settings = load_settings()
    prepare_home(settings)
    land_delivery(settings)
    return Place(settings, project)

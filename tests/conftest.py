"""What every test may ask for: a scratch home, and the dbt project as dbt understands it."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from register.feeds import land_postcodes
from register.home import prepare_home
from register.settings import Settings, load_settings
from tests.dbt.runs import dbt_target, next_folder, run_dbt
from tests.once import made_once, shared_folder
from tests.scheduling import Scheduling, places, scope

# Machines are shared and noisy: no example fails for the time it takes.
hypothesis.settings.register_profile("shared_machine", deadline=None)
hypothesis.settings.load_profile("shared_machine")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Let `tests.scheduling` say which tests run in one process."""
    return Scheduling(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what others wait for and with what takes longest, so that no process is idle."""
    order = places(items)
    items.sort(key=lambda item: order[scope(item.nodeid)])


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of an empty, prepared home that only this test sees."""
    home = str(tmp_path / "home")
    found = load_settings({"REGISTER_ENVIRONMENT": "test", "REGISTER_HOME": home})
    prepare_home(found)
    return found


@pytest.fixture(scope="session")
def postcodes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Reference postcodes as a load lands them, but only those that a demonstration draws from.

    Each load that has the whole country's reads two million places where no child of a test lives.
    """
    home = shared_folder(tmp_path_factory) / "postcodes"
    settings = replace(load_settings({"REGISTER_ENVIRONMENT": "test"}), home=home)

    def make(_: Path) -> None:
        from simulation import demonstration_postcodes

        land_postcodes(settings, read=demonstration_postcodes)

    made_once(home, make)
    return land_postcodes(settings)


def put_postcodes(postcodes: Path, settings: Settings) -> None:
    """Give a home the landed postcodes, so that its load need not land them again."""
    folder = settings.landing / "reference"
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(postcodes, folder)


@pytest.fixture(scope="session")
def shared_home(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The home of the nation that end-to-end tests share; it is empty until one asks for that."""
    home = shared_folder(tmp_path_factory) / "nation"
    return replace(load_settings({"REGISTER_ENVIRONMENT": "test"}), home=home)


@pytest.fixture(scope="session")
def manifest(shared_home: Settings) -> dict[str, Any]:
    """The dbt manifest with the compiled code of each model, made once a session.

    The nation's build goes on from what was parsed for it.
    """

    def make(folder: Path) -> None:
        prepare_home(shared_home)
        # The nation will be a simulation: its parse has the models of evaluation.
        shared_home.truth.mkdir()
        shared_home.simulation_declaration.touch()
        chosen = ("--select", "resource_type:model", "resource_type:function")
        outcome = run_dbt(shared_home, next_folder(shared_home, "first"), "compile", *chosen)
        assert outcome.returncode == 0, outcome.stdout[-4000:] + outcome.stderr[-4000:]
        # The build writes its own over this one, while other processes read.
        shutil.copy(dbt_target(shared_home) / "manifest.json", folder)

    folder = made_once(shared_home.home.with_name("manifest"), make)
    found: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return found

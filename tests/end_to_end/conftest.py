"""One small nation for all end-to-end tests: simulated and landed once a session."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from register.home import prepare_home
from register.settings import Settings, load_settings
from simulation import SimulationPlan, simulate
from tests.end_to_end.registers import build, land


@dataclass(frozen=True)
class Nation:
    """A simulated inbox, the settings of the home that landed it, and what was built from it."""

    settings: Settings
    inbox: Path
    built: Path


def copy_inbox(inbox: Path, settings: Settings) -> None:
    """Put a copy of an inbox, with its arrival times, into another home."""
    shutil.copytree(inbox, settings.inbox, dirs_exist_ok=True)


@pytest.fixture(scope="session")
def nation(tmp_path_factory: pytest.TempPathFactory) -> Nation:
    """A nation of a few suppliers, landed and built in one go."""
    home = tmp_path_factory.mktemp("nation")
    found = replace(load_settings({"REGISTER_ENVIRONMENT": "test"}), home=home)
    prepare_home(found)
    simulate(home, SimulationPlan(seed=7, authority_count=6, population_scale=0.05, year_count=2))
    land(found)
    return Nation(settings=found, inbox=found.inbox, built=build(found, "first"))

"""One small nation for all end-to-end tests: simulated, landed, built and audited once.

The build is the one that `test_audit` judges: the whole project with every rule, data test and
unit test, warnings as errors. The nation is only read: a test that loads or decides takes a copy.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration.dbt_manifest import list_coarse_levels
from register.access import COARSE_FORM, EXACT_FORM
from register.feeds import land_postcodes
from register.home import prepare_home
from register.publishing import read_generation_id, write_coarse_form
from register.recording_changes import CHANGES
from register.settings import Settings
from simulation import SimulationPlan, simulate
from tests.conftest import put_postcodes
from tests.dbt.runs import dbt_target, next_folder, run_dbt
from tests.end_to_end.registers import land
from tests.once import made_once

PLAN = SimulationPlan(seed=7, authority_count=6, population_scale=0.05, year_count=2)
GENERATION = "first"
Result = dict[str, Any]


@dataclass(frozen=True)
class Nation:
    """A simulated inbox, the settings of the home that landed it, and what was built from it."""

    settings: Settings
    inbox: Path
    built: Path

    @property
    def generation_id(self) -> str:
        """The id of the generation that was built."""
        return read_generation_id(self.built)

    def copy(self, home: Path) -> Nation:
        """The same home once more, for a test that changes it."""
        shutil.copytree(self.settings.home, home, symlinks=True)
        settings = replace(self.settings, home=home)
        return Nation(settings, settings.inbox, next_folder(settings, GENERATION))

    def attach(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Attach the warehouse and what was built, read only, under the names that dbt uses."""
        for path in [self.settings.warehouse / "warehouse.duckdb", *self.built.glob("*.duckdb")]:
            connection.execute(f"attach '{path}' as {path.stem} (read_only)")
        # Models call functions of the warehouse by their name alone.
        connection.execute("use warehouse")


def copy_inbox(inbox: Path, settings: Settings) -> None:
    """Put a copy of an inbox, with its arrival times, into another home."""
    shutil.copytree(inbox, settings.inbox, dirs_exist_ok=True)


def other_home(nation: Nation, folder: Path, known_by: str = "9999") -> Settings:
    """A prepared home with an empty inbox, the same decisions and the same truth beside it."""
    other = replace(nation.settings, home=folder)
    prepare_home(other)
    # What suppliers had announced by then is known in the other home too.
    announced = (nation.settings.decisions / CHANGES).read_text(encoding="utf-8").splitlines()
    known = [line for line in announced[1:] if line.split(",")[0] <= known_by]
    text = "\n".join([announced[0], *known]) + "\n"
    (other.decisions / CHANGES).write_text(text, encoding="utf-8")
    put_postcodes(land_postcodes(nation.settings), other)
    # What is measured against the truth is the same only beside the same truth.
    shutil.copytree(nation.settings.home / "truth", folder / "truth")
    shutil.copy(nation.settings.simulation_declaration, folder)
    return other


@pytest.fixture(scope="session")
def audit_results(shared_home: Settings, manifest: dict[str, Any], postcodes: Path) -> list[Result]:
    """What came of every node of the whole project, built and tested over the shared nation."""

    def make(_: Path) -> None:
        prepare_home(shared_home)
        simulate(shared_home.home, PLAN)
        put_postcodes(postcodes, shared_home)
        land(shared_home)
        outcome = run_dbt(shared_home, next_folder(shared_home, GENERATION), "build", is_whole=True)
        # A test that fails is for `test_audit` to say; without results there is nothing to judge.
        said = outcome.stdout[-4000:] + outcome.stderr[-4000:]
        assert (dbt_target(shared_home) / "run_results.json").exists(), said

    assert manifest, "the build goes on from this parse"
    made_once(shared_home.home.with_name("nation-built"), make)
    text = (dbt_target(shared_home) / "run_results.json").read_text(encoding="utf-8")
    return list(json.loads(text)["results"])


@pytest.fixture(scope="session")
def nation(shared_home: Settings, audit_results: list[Result]) -> Nation:
    """The shared nation, whole: a few suppliers, landed and built in one go."""
    unbuilt = [
        result["unique_id"]
        for result in audit_results
        if result["unique_id"].startswith("model.") and result["status"] != "success"
    ]
    assert unbuilt == [], "test_audit says why"
    built = next_folder(shared_home, GENERATION)
    return Nation(settings=shared_home, inbox=shared_home.inbox, built=built)


@pytest.fixture(scope="session")
def coarse(
    nation: Nation, manifest: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The coarse form of the shared nation, as its publication would write it."""
    folder = tmp_path_factory.mktemp("coarse")
    (folder / EXACT_FORM).symlink_to(nation.built / EXACT_FORM)
    write_coarse_form(nation.settings, folder, list_coarse_levels(manifest), {})
    return folder / COARSE_FORM

"""A nation of the main simulation that no training used, simulated and built up to mentions.

Only the models that linkage reads are built: no episodes, agreement or marts.
"""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import duckdb

from benchmarks.linkage.linked_nation import read_nation
from orchestration.dbt import build_environment, dbt_executable
from register.feeds import land_everything, land_postcodes
from register.home import prepare_home
from register.identity.cluster import CARE_SCHEMA
from register.identity.evaluate import LabelledSet
from register.publishing import write_generation_id
from register.settings import Settings, load_settings
from simulation import SimulationPlan, simulate, truth_file

BUILT = "+int_clean_mentions +int_mention_care +int_source_keys"
PERSONS = "select person_id, ethnicity, is_uasc from read_parquet($persons)"
ORIGIN, UNACCOMPANIED = "origin", "unaccompanied"


def labelled_home(home: Path, seed: int, share: float) -> LabelledSet:
    """Return a held-out nation with harder errors as a labelled set; make it if necessary.

    `share` is the part (0-1) of the whole nation that is simulated, for one year. The groupings are
    `origin` (the true child's ethnicity code) and `unaccompanied` (true or false).
    """
    settings = replace(load_settings(), home=home)
    if not (settings.warehouse / "warehouse.duckdb").exists():
        plan = SimulationPlan(
            seed=seed, share=share, first_year=2025, year_count=1, error_rates="harder"
        )
        prepare_home(settings)
        simulate(home, plan)
        land_postcodes(settings)
        land_everything(settings)
        _build(settings)
    return read_home(home)


def read_home(home: Path) -> LabelledSet:
    """Return the mentions of a built simulated home, with their true children and groups."""
    nation = read_nation(home)
    persons = {"persons": str(truth_file(home, "persons"))}
    with duckdb.connect(":memory:") as connection:
        groups_of = {
            person: (ethnicity, str(is_uasc).lower())
            for person, ethnicity, is_uasc in connection.execute(PERSONS, persons).fetchall()
        }
    groups = {
        name: {key: groups_of[person][place] for key, person in nation.person_of.items()}
        for place, name in enumerate((ORIGIN, UNACCOMPANIED))
    }
    child_of = {key: f"{person:08d}" for key, person in nation.person_of.items()}
    return LabelledSet(
        nation.mentions, nation.care.select(CARE_SCHEMA.names), child_of, groups=groups
    )


def _build(settings: Settings) -> None:
    """Build the models that linkage reads; raise `CalledProcessError` if dbt fails."""
    folder = settings.published / ".next-held-out"
    folder.mkdir(parents=True, exist_ok=True)
    write_generation_id(folder)
    subprocess.run(
        [dbt_executable(), "--quiet", "build", "--exclude-resource-type", "test", "unit_test",
         "--select", BUILT],
        cwd=settings.dbt_project,
        env=build_environment(settings, folder),
        check=True,
    )  # fmt: skip

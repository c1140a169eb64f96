"""Builds on Spark within a load: preparing its tables, and publishing its marts.

Spark writes its tables as Parquet into the warehouse's folder. DuckDB then writes the marts into
the files of the generation, with the types, constraints and comments of their contracts. Models
belong in `dbt_project`.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from engines.spark import check_spark
from orchestration.dbt import building_link, dbt_target, run_dbt
from orchestration.dbt_process import TARGET
from register.settings import Settings

TABLES = "spark"
# Where Spark and the Python models spill to disk (`dbt_project/profiles.yml`).
SPILL_FOLDERS = ("spark-local", "spark-driver")
PUBLISHED = "published"
# The databases of the dbt project that are published, a file each.
DATABASES = ("national_register", "case_lists")


def spark_target(settings: Settings) -> Path:
    """Return the folder for the artefacts of a build on Spark."""
    return dbt_target(settings) / "spark"


def prepare_tables(settings: Settings, refresh: bool) -> None:
    """Check that Spark can start, and remove files that a killed build spilled.

    `refresh` removes all tables too. Call with the warehouse lock held. Raises `SparkMissingError`
    where Spark cannot start.
    """
    check_spark(settings.spark_remote)
    for name in (*SPILL_FOLDERS, *([TABLES] if refresh else [])):
        shutil.rmtree(settings.warehouse / name, ignore_errors=True)


def publish_marts(settings: Settings) -> None:
    """Write the marts that Spark built into the files of the build, and create the views.

    Raises `DbtError` where a row breaks a constraint.
    """
    selected = " ".join(f"config.database:{name}" for name in DATABASES)
    arguments = ["run", "--fail-fast", "--select", selected, TARGET, PUBLISHED]
    target = str(dbt_target(settings) / PUBLISHED)
    run_dbt(settings, [*arguments, "--target-path", target], building_link(settings))

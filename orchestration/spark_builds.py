"""Steps of a load on Spark: preparing Spark's tables, and publishing the marts.

Spark writes its tables as Parquet into the warehouse's folder. DuckDB then copies the marts into
the generation's files, with the types, constraints and comments of their contracts. Models belong
in `dbt_project`.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from engines.spark import check_spark
from orchestration.dbt import building_link, dbt_target, run_dbt
from orchestration.dbt_process import TARGET
from register.settings import Settings

TABLES = "spark"
# Folders to which Spark and the Python models spill (`dbt_project/profiles.yml`).
SPILL_FOLDERS = ("spark-local", "spark-driver")
PUBLISHED = "published"
# Databases that the dbt project writes and a generation publishes, each as one file.
DATABASES = ("national_register", "case_lists")


def spark_target(settings: Settings) -> Path:
    """Return the folder for the artefacts of a build on Spark."""
    return dbt_target(settings) / "spark"


def prepare_tables(settings: Settings, refresh: bool) -> None:
    """Check that Spark can start, and remove files that a killed build spilled to disk.

    With `refresh`, all tables are removed too. The caller must hold the warehouse lock. Raises
    `SparkMissingError` if Spark cannot start.
    """
    check_spark(settings.spark_remote)
    for name in (*SPILL_FOLDERS, *([TABLES] if refresh else [])):
        shutil.rmtree(settings.warehouse / name, ignore_errors=True)


def publish_marts(settings: Settings) -> None:
    """Copy the marts that Spark built into the generation's files, and create the views.

    Raises `DbtError` if a row breaks a constraint.
    """
    selected = " ".join(f"config.database:{name}" for name in DATABASES)
    arguments = ["run", "--fail-fast", "--select", selected, TARGET, PUBLISHED]
    target = str(dbt_target(settings) / PUBLISHED)
    run_dbt(settings, [*arguments, "--target-path", target], building_link(settings))

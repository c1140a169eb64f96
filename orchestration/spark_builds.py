"""A build on Spark within a load: where its tables lie, and how its marts are published.

Spark keeps its tables as Parquet in the warehouse's folder. After the build DuckDB writes the marts
into the files of the generation by their own contracts: types, constraints and comments are those
of every load. What the tables hold is decided in `dbt_project`.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from engines.spark import check_spark
from orchestration.dbt import building_link, dbt_target, run_dbt
from orchestration.dbt_process import TARGET
from register.settings import Settings

TABLES = "spark"
# Where Spark and the models in Python put rows aside (`dbt_project/profiles.yml`).
PUT_ASIDE = ("spark-local", "spark-driver")
PUBLISHED = "published"
# The databases of the dbt project that readers get, a file each.
DATABASES = ("national_register", "case_lists")


def spark_target(settings: Settings) -> Path:
    """Where dbt puts the artefacts of a build on Spark."""
    return dbt_target(settings) / "spark"


def prepare_tables(settings: Settings, refresh: bool) -> None:
    """Check that Spark can start; `refresh` removes what it built before.

    What a build that was killed had put aside goes too: call with the warehouse lock held.

    Raises `SparkMissingError` where it cannot.
    """
    check_spark(settings.spark_remote)
    for name in (*PUT_ASIDE, *([TABLES] if refresh else [])):
        shutil.rmtree(settings.warehouse / name, ignore_errors=True)


def publish_marts(settings: Settings) -> None:
    """Write every mart that Spark built into the files of the build, and the views over them.

    Constraints are enforced here. Raises `DbtError` with what dbt said, such as the constraint that
    a row breaks.
    """
    selected = " ".join(f"config.database:{name}" for name in DATABASES)
    arguments = ["run", "--fail-fast", "--select", selected, TARGET, PUBLISHED]
    target = str(dbt_target(settings) / PUBLISHED)
    run_dbt(settings, [*arguments, "--target-path", target], building_link(settings))

"""One nation, loaded by DuckDB and by Spark: every published table is the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.engines import compare_published, copy_home, load
from register.home import prepare_home
from register.settings import load_settings
from simulation import SimulationPlan, simulate
from tests.conftest import put_postcodes
from tests.spark.servers import serving, spark_server

PLAN = SimulationPlan(seed=3, authority_count=3, population_scale=0.05, year_count=1)
# One process, and a cluster of three: two that compute, each with its own memory, and the driver.
MASTERS = ("local[2]", "local-cluster[2,1,2048]")
# What docs/how-to/run-on-spark.md says of few rows.
FOR_FEW_ROWS = {"REGISTER_SPARK_CODE": "NO_CODEGEN", "REGISTER_SPARK_PARTITIONS": "2"}


@pytest.fixture(scope="module")
def loaded_by_duckdb(tmp_path_factory: pytest.TempPathFactory, postcodes: Path) -> Path:
    """A home of its own, loaded by DuckDB."""
    home = tmp_path_factory.mktemp("engines") / "duckdb"
    settings = load_settings({"REGISTER_ENVIRONMENT": "development", "REGISTER_HOME": str(home)})
    prepare_home(settings)
    put_postcodes(postcodes, settings)
    simulate(settings.home, PLAN)
    load(home, "duckdb")
    return home


@pytest.mark.drill
@pytest.mark.timeout(5400)
@pytest.mark.parametrize("master", MASTERS)
def test_spark_publishes_what_duckdb_publishes(
    spark_runs: None,
    loaded_by_duckdb: Path,
    tmp_path: Path,
    master: str,
) -> None:
    """Prevents a register that depends on the engine, key for key, on one machine or on many."""
    home = copy_home(loaded_by_duckdb, tmp_path / "spark")
    _load_and_compare(loaded_by_duckdb, home, REGISTER_SPARK_MASTER=master)


@pytest.mark.drill
@pytest.mark.timeout(5400)
def test_a_server_of_spark_connect_publishes_it_too(
    spark_runs: None, loaded_by_duckdb: Path, tmp_path: Path
) -> None:
    """Prevents a load that only a Spark of one's own makes: no Java runs where dbt does."""
    home = copy_home(loaded_by_duckdb, tmp_path / "spark")
    with serving(spark_server, tmp_path) as address:
        _load_and_compare(loaded_by_duckdb, home, REGISTER_SPARK_REMOTE=address)


def _load_and_compare(one: Path, home: Path, **variables: str) -> None:
    for log in (home / "published" / "keys").glob("*"):
        log.unlink()
    load(home, "spark", **variables, **FOR_FEW_ROWS)
    result = compare_published(one / "published/current", home / "published/current")
    assert result.row_count > 10_000
    assert not result.differences

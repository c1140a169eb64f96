"""Tables of a home on Spark: written again, and known to a process that did not make them."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from dbt_common.exceptions import DbtRuntimeError

from engines.spark import Functions, read_statements

pytestmark = pytest.mark.drill

SCHEMA = "register"


@pytest.fixture
def folder(spark: Any, tmp_path: Path) -> Path:
    """Where the tables of an empty home lie; Spark knows its schema."""
    spark.sql(f"drop schema if exists {SCHEMA} cascade")
    spark.sql(f"create schema {SCHEMA} location '{tmp_path}/{SCHEMA}.db'")
    return tmp_path


def _run(spark: Any, folder: Path, text: str) -> Any:

    from engines.spark.spark_session import run_statement

    [statement] = read_statements(text, Functions())
    return run_statement(spark, statement, folder)


def test_a_table_is_written_again(
    spark: Any, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents a second load that stops at the folder that the first one wrote."""
    from engines.spark import spark_tables

    monkeypatch.setattr(spark_tables.CATALOGUE, "_known", set())
    for number in (1, 2):
        _run(spark, folder, f"create or replace table {SCHEMA}.numbers as (select {number} as one)")
    assert [row.one for row in spark.table(f"{SCHEMA}.numbers").collect()] == [2]


def test_a_later_process_knows_tables_and_views(
    spark: Any, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents a part of a build that cannot read what an earlier load built."""
    from engines.spark import spark_tables

    monkeypatch.setattr(spark_tables.CATALOGUE, "_known", set())
    _run(spark, folder, f"create or replace table {SCHEMA}.numbers as (select 7 as one)")
    _run(
        spark, folder, f"create or replace view {SCHEMA}.shown as (select * from {SCHEMA}.numbers)"
    )
    later = folder.rename(folder.parent / f"{folder.name}-moved")
    spark.sql(f"drop schema {SCHEMA} cascade")
    spark.sql(f"create schema {SCHEMA} location '{later}/{SCHEMA}.db'")
    monkeypatch.setattr(spark_tables.CATALOGUE, "_known", set())
    result = _run(spark, later, f"select * from {SCHEMA}.shown").collect()
    assert [row.one for row in result] == [7]
    _run(spark, later, f"create or replace table {SCHEMA}.numbers as (select 8 as one)")
    assert [row.one for row in spark.table(f"{SCHEMA}.shown").collect()] == [8]


# What dbt compiles a Python model to, in short.
COMPILED = f"""
class dbtObj:
    class this:
        pass

    def __init__(self, load):
        self.ref = load

def model(dbt, session):
    return dbt.ref("{SCHEMA}.numbers").to_arrow_table()
"""


def _driver_model(folder: Path, limit: int) -> Any:
    from engines.spark.driver_models import DriverModel

    parameters = {
        "spark.sql.warehouse.dir": str(folder),
        "spark.register.driverRows": str(limit),
        "spark.register.driverMentions": "0",
    }
    return DriverModel(
        {"schema": SCHEMA, "alias": "copied"}, SimpleNamespace(server_side_parameters=parameters)
    )


def test_a_python_model_reads_no_more_rows_than_its_limit(spark: Any, folder: Path) -> None:
    """Prevents a driver that runs out of memory after hours, and says nothing of why."""
    created = "(select * from (values (1), (2)) as numbers (one))"
    _run(spark, folder, f"create or replace table {SCHEMA}.numbers as {created}")
    with pytest.raises(DbtRuntimeError, match="2 rows, and 1 is the limit"):
        _driver_model(folder, 1).submit(COMPILED)
    _driver_model(folder, 2).submit(COMPILED)
    assert sorted(row.one for row in spark.table(f"{SCHEMA}.copied").collect()) == [1, 2]

"""What Spark is told of the tables that lie in a home: once each, and of no other home."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
import sqlglot

from engines.spark import Catalogue, OtherHomeError, check_schema


class _Spark:
    """Keeps what it is told."""

    def __init__(self, location: str = "") -> None:
        self.told: list[str] = []
        result = SimpleNamespace(locationUri=location)
        self.catalog = SimpleNamespace(getDatabase=lambda _: result)

    def sql(self, text: str) -> None:
        self.told.append(text)


def _spark(location: str = "") -> Any:
    return cast(Any, _Spark(location))


def _write(folder: Path, schema: str, table: str) -> Path:
    path = folder / f"{schema}.db" / table
    path.mkdir(parents=True)
    (path / "part-00000.parquet").touch()
    (path / "_SUCCESS").touch()
    return path


def test_a_table_of_an_earlier_process_is_told_once(tmp_path: Path) -> None:
    """Prevents a part of a build that does not find what the load before it made."""
    path = _write(tmp_path, "register", "dim_dates")
    catalogue, spark = Catalogue(), _spark()
    query = sqlglot.parse_one("with one as (select 1) select * from register.dim_dates, one, a.b")
    for _ in range(2):
        catalogue.register_relations(spark, query, tmp_path)
    assert spark.told == [
        f"create table if not exists register.dim_dates using parquet location '{path}'"
    ]


def test_a_table_that_was_not_written_to_its_end_is_not_told(tmp_path: Path) -> None:
    """Prevents the half of a table that a killed load left from being read as all of it."""
    path = _write(tmp_path, "register", "dim_dates")
    (path / "_SUCCESS").unlink()
    spark = _spark()
    Catalogue().register_relation(spark, "register.dim_dates", tmp_path)
    assert not spark.told


def test_a_view_is_told_after_its_tables(tmp_path: Path) -> None:
    """Prevents a view of an earlier process that is lost, or that names an unknown table."""
    _write(tmp_path, "register", "dim_dates")
    query = "(SELECT * FROM register.dim_dates)"
    Catalogue().note_relation("bi.dates", tmp_path, query)
    spark = _spark()
    Catalogue().register_relations(spark, sqlglot.parse_one("select * from bi.dates"), tmp_path)
    table, view = spark.told
    assert table.startswith("create table if not exists register.dim_dates ")
    assert view == f"create or replace view bi.dates as {query}"


def test_what_this_process_made_is_not_told_again(tmp_path: Path) -> None:
    """Prevents a table that is read as it lay there before it was made."""
    _write(tmp_path, "register", "dim_dates")
    catalogue, spark = Catalogue(), _spark()
    catalogue.note_relation("register.dim_dates", tmp_path)
    catalogue.register_relation(spark, "register.dim_dates", tmp_path)
    assert not spark.told


def test_a_table_that_becomes_a_view_leaves_no_rows(tmp_path: Path) -> None:
    """Prevents the rows of a table that a later process reads in place of a view, and back."""
    path = _write(tmp_path, "register", "dim_dates")
    catalogue = Catalogue()
    catalogue.note_relation("register.dim_dates", tmp_path, "(SELECT 1)")
    assert not path.exists()
    assert path.with_suffix(".sql").exists()
    catalogue.note_relation("register.dim_dates", tmp_path)
    assert not path.with_suffix(".sql").exists()


def test_a_server_with_the_tables_of_another_home_is_refused(tmp_path: Path) -> None:
    """Prevents a load that writes its rows into another home's tables."""
    check_schema(_spark(f"file:{tmp_path}/register.db"), "register", tmp_path)
    blank = tmp_path / "my home"
    check_schema(_spark(f"file:{tmp_path}/my%20home/register.db"), "register", blank)
    with pytest.raises(OtherHomeError, match="serves one home"):
        check_schema(_spark("file:/elsewhere/register.db"), "register", tmp_path)

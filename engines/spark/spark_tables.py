"""The tables and views of a home as Spark knows them: by the folder that each lies in.

Spark's catalogue lasts as long as its process, and the tables of a home last longer. What an
earlier process made is told to Spark when a query first names it, so a home can be moved and no
database of names can be left behind. What the tables hold is decided in `dbt_project`.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import sqlglot
from sqlglot import exp

from engines.spark.files import save

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

# The setting that says where the tables of a home lie.
FOLDER = "spark.sql.warehouse.dir"
PARQUET, VIEW = "*.parquet", ".sql"
# What Spark leaves in a folder once all of its files are there.
WRITTEN = "_SUCCESS"


class OtherHomeError(RuntimeError):
    """Spark has a schema of another home; the message names both folders."""


class Catalogue:
    """What this process has told Spark of the tables of a home, and had it make."""

    def __init__(self) -> None:
        self._known: set[str] = set()
        self._lock = threading.RLock()

    def place_earlier(self, spark: SparkSession, query: exp.Expr, folder: Path) -> None:
        """Tell Spark of each relation that the query names and an earlier process made."""
        for table in query.find_all(exp.Table):
            if table.db:
                self.place(spark, f"{table.db}.{table.name}", folder)

    def make_room(self, spark: SparkSession, name: str, folder: Path) -> None:
        """Remove a table of this name: Spark makes none in a folder that exists."""
        path = table_folder(folder, name)
        if path.exists():
            spark.sql(f"drop table if exists {name}")
            shutil.rmtree(path, ignore_errors=True)

    def note(self, name: str, folder: Path, query: str | None = None) -> None:
        """Note a relation that Spark has just made; `query` is that of a view, kept for later."""
        with self._lock:
            self._known.add(name)
        path = table_folder(folder, name)
        if query is None:
            path.with_suffix(VIEW).unlink(missing_ok=True)
        else:
            shutil.rmtree(path, ignore_errors=True)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.with_suffix(VIEW).write_text(query, encoding="utf-8")

    def place(self, spark: SparkSession, name: str, folder: Path) -> None:
        """Tell Spark of one relation, unless it was told."""
        with self._lock:
            if name in self._known:
                return
            self._known.add(name)
            path = table_folder(folder, name)
            kept = path.with_suffix(VIEW)
            if has_rows(path):
                spark.sql(f"create table if not exists {name} using parquet location '{path}'")
            elif kept.exists():
                query = kept.read_text(encoding="utf-8")
                self.place_earlier(spark, sqlglot.parse_one(query, read="spark"), folder)
                spark.sql(f"create or replace view {name} as {query}")


# One process has one Spark.
CATALOGUE = Catalogue()


def replace_table(spark: SparkSession, name: str, frame: DataFrame, folder: Path) -> None:
    """Write a frame as the table `schema.table` of a home."""
    CATALOGUE.make_room(spark, name, folder)
    save(frame, name)
    CATALOGUE.note(name, folder)


def folder_of_tables(parameters: Mapping[str, Any]) -> Path:
    """Where the tables of the home lie, by the settings of the target."""
    return Path(parameters[FOLDER])


def table_folder(folder: Path, name: str) -> Path:
    """Where the table `schema.table` lies."""
    schema, _, table = name.partition(".")
    return schema_folder(folder, schema) / table


def schema_folder(folder: Path, schema: str) -> Path:
    """Where the tables of a schema lie; `spark__create_schema` says the same."""
    return folder / f"{schema}.db"


def has_rows(path: Path) -> bool:
    """Whether a table was written into this folder, to its end."""
    return (path / WRITTEN).exists() and any(path.glob(PARQUET))


def check_schema(spark: SparkSession, schema: str, folder: Path) -> None:
    """Raise `OtherHomeError` where Spark knows the schema by the folder of another home."""
    found = unquote(spark.catalog.getDatabase(schema).locationUri).removeprefix("file:")
    expected = schema_folder(folder, schema)
    if Path(found) != expected:
        raise OtherHomeError(
            f"the tables of {schema} lie in {found} for this Spark, and not in {expected}:"
            " a server of Spark Connect serves one home"
        )

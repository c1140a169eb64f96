"""The tables and views of a home, registered with Spark by their folders.

Spark's catalogue ends with its process. A relation of an earlier process is registered when a query
first names it, so a home can be moved.
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

from engines.spark.files import save_table

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

# The setting for the folder that contains all tables.
FOLDER = "spark.sql.warehouse.dir"
PARQUET, VIEW = "*.parquet", ".sql"
# Spark writes this file into a folder last, when the folder is complete.
WRITTEN = "_SUCCESS"


class OtherHomeError(RuntimeError):
    """An error: Spark has this schema from another home. The message names both folders."""


class Catalogue:
    """The relations of a home that this process has registered with Spark or created."""

    def __init__(self) -> None:
        self._known: set[str] = set()
        self._lock = threading.RLock()

    def register_relations(self, spark: SparkSession, query: exp.Expr, folder: Path) -> None:
        """Register the relations of a query that an earlier process created."""
        for table in query.find_all(exp.Table):
            if table.db:
                self.register_relation(spark, f"{table.db}.{table.name}", folder)

    def remove_table(self, spark: SparkSession, name: str, folder: Path) -> None:
        """Remove a table with its folder: Spark creates no table in an existing folder."""
        path = table_folder(folder, name)
        if path.exists():
            spark.sql(f"drop table if exists {name}")
            shutil.rmtree(path, ignore_errors=True)

    def note_relation(self, name: str, folder: Path, query: str | None = None) -> None:
        """Record a relation that Spark has just created.

        A view's `query` is saved, so that later processes can register the view again.
        """
        with self._lock:
            self._known.add(name)
        path = table_folder(folder, name)
        if query is None:
            path.with_suffix(VIEW).unlink(missing_ok=True)
        else:
            shutil.rmtree(path, ignore_errors=True)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.with_suffix(VIEW).write_text(query, encoding="utf-8")

    def register_relation(self, spark: SparkSession, name: str, folder: Path) -> None:
        """Register a relation with Spark, unless this process has registered it already."""
        with self._lock:
            if name in self._known:
                return
            self._known.add(name)
            path = table_folder(folder, name)
            view = path.with_suffix(VIEW)
            if has_rows(path):
                spark.sql(f"create table if not exists {name} using parquet location '{path}'")
            elif view.exists():
                query = view.read_text(encoding="utf-8")
                self.register_relations(spark, sqlglot.parse_one(query, read="spark"), folder)
                spark.sql(f"create or replace view {name} as {query}")


# A process has one Spark session, so one catalogue is enough.
CATALOGUE = Catalogue()


def replace_table(spark: SparkSession, name: str, frame: DataFrame, folder: Path) -> None:
    """Replace the table `schema.table` of a home by the rows of a data frame."""
    CATALOGUE.remove_table(spark, name, folder)
    save_table(frame, name)
    CATALOGUE.note_relation(name, folder)


def find_tables_folder(parameters: Mapping[str, Any]) -> Path:
    """Return the folder of all tables, from the settings of the target."""
    return Path(parameters[FOLDER])


def table_folder(folder: Path, name: str) -> Path:
    """Return the folder of the table `schema.table`."""
    schema, _, table = name.partition(".")
    return schema_folder(folder, schema) / table


def schema_folder(folder: Path, schema: str) -> Path:
    """Return the folder of a schema's tables, the same as in the macro `spark__create_schema`."""
    return folder / f"{schema}.db"


def has_rows(path: Path) -> bool:
    """Return whether a folder has a table that was written completely."""
    return (path / WRITTEN).exists() and any(path.glob(PARQUET))


def check_schema(spark: SparkSession, schema: str, folder: Path) -> None:
    """Raise `OtherHomeError` if Spark has the schema in the folder of another home."""
    location = unquote(spark.catalog.getDatabase(schema).locationUri).removeprefix("file:")
    expected = schema_folder(folder, schema)
    if Path(location) != expected:
        raise OtherHomeError(
            f"the tables of {schema} lie in {location} for this Spark, and not in {expected}:"
            " a server of Spark Connect serves one home"
        )

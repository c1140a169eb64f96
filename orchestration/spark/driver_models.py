"""Python models of a build on Spark: they run in dbt's process, on Spark's driver.

Tables come from Spark through Arrow and are handed over as relations of DuckDB, as dbt-duckdb does,
so that the same code runs on both engines. What the models compute belongs in `register`.
"""

from __future__ import annotations

from typing import Any

import duckdb
from dbt.adapters.base import PythonJobHelper
from pyspark.sql import SparkSession

from orchestration.spark.files import from_frame, save, to_frame


class DriverModel(PythonJobHelper):
    """Runs one compiled Python model and writes its table."""

    def __init__(self, parsed_model: dict[str, Any], credential: Any) -> None:
        self._name = f"{parsed_model['schema']}.{parsed_model['alias']}"

    def submit(self, compiled_code: str) -> None:
        """Run the model; its refs are read once each, and only when it asks for them."""
        spark = SparkSession.active()
        module: dict[str, Any] = {"__name__": self._name}
        exec(compile(compiled_code, self._name, "exec"), module)  # noqa: S102 - a model of the project
        with duckdb.connect() as connection:
            connection.execute("set timezone = 'UTC'")
            if "dbt.this" in compiled_code:
                self._place_earlier_rows(spark, connection)
            dbt = module["dbtObj"](lambda name: _relation(spark, connection, name))
            result = module["model"](dbt, connection)
        save(to_frame(spark, result), self._name)

    def _place_earlier_rows(
        self, spark: SparkSession, connection: duckdb.DuckDBPyConnection
    ) -> None:
        """Show a model what the last load left of its table, under the table's own name."""
        if not spark.catalog.tableExists(self._name):
            return
        connection.register("earlier_rows", from_frame(spark.table(self._name)))
        connection.execute(f"create schema {self._name.split('.')[0]}")
        connection.execute(f"create table {self._name} as from earlier_rows")


def _relation(
    spark: SparkSession, connection: duckdb.DuckDBPyConnection, name: str
) -> duckdb.DuckDBPyRelation:
    return connection.from_arrow(from_frame(spark.table(name)))

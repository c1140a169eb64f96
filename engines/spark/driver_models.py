"""Python models of a build on Spark, run in dbt's process (the driver).

Models receive tables as DuckDB relations, as from dbt-duckdb, so the same code runs on both
engines. If a table has too many rows, the build stops before reading it. Large sets of pairs are
scored on Spark instead (`pair_scores`). The computations themselves are in `register`.
"""

from __future__ import annotations

from typing import Any

import duckdb
import pyarrow as pa
from dbt.adapters.base import PythonJobHelper
from dbt_common.exceptions import DbtRuntimeError
from pyarrow import parquet
from pyspark.sql import DataFrame, SparkSession

from engines.spark.files import connect_driver, create_frame, read_frame, restore_types
from engines.spark.pair_scores import SparkScores
from engines.spark.spark_tables import (
    CATALOGUE,
    find_tables_folder,
    has_rows,
    replace_table,
    table_folder,
)

# The Spark setting that limits the rows a model may read, and the environment variable for it
# (`dbt_project/profiles.yml`).
LIMIT, VARIABLE = "spark.register.driverRows", "REGISTER_SPARK_DRIVER_ROWS"
# The Spark setting that limits the mentions whose pairs are scored in this process.
MAX_COMPARED = "spark.register.driverMentions"


class DriverModel(PythonJobHelper):
    """A runner that executes one compiled Python model and writes its table."""

    def __init__(self, parsed_model: dict[str, Any], credential: Any) -> None:
        self._name = f"{parsed_model['schema']}.{parsed_model['alias']}"
        self._folder = find_tables_folder(credential.server_side_parameters)
        self._limit = int(credential.server_side_parameters[LIMIT])
        self._max_compared = int(credential.server_side_parameters[MAX_COMPARED])

    def submit(self, compiled_code: str) -> None:
        """Run the model and write its table; each `ref` is read only when the model asks for it."""
        spark = SparkSession.active()
        module: dict[str, Any] = {"__name__": self._name}
        exec(compile(compiled_code, self._name, "exec"), module)  # noqa: S102 - runs a model of this project
        with connect_driver() as connection:
            if "dbt.this" in compiled_code:
                self._register_earlier_rows(connection)
            dbt = module["dbtObj"](
                lambda name: connection.from_arrow(read_frame(self._check_size(spark, name)))
            )
            # Spark's tables have no database. In DuckDB their database is `memory`.
            dbt.this.database = "memory"
            # The model `int_pair_score_cache` uses this engine to score pairs.
            dbt.scoring_engine = SparkScores(spark, self._folder, self._max_compared)
            result = module["model"](dbt, connection)
            if isinstance(result, pa.RecordBatchReader):
                result = result.read_all()
        replace_table(spark, self._name, create_frame(spark, result), self._folder)

    def _register_earlier_rows(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Give the model access to the rows that the last load left in its table."""
        table = table_folder(self._folder, self._name)
        if not has_rows(table):
            return
        connection.register("earlier_rows", restore_types(parquet.read_table(table)))
        connection.execute(f"create schema {self._name.split('.')[0]}")
        connection.execute(f"create table {self._name} as from earlier_rows")

    def _check_size(self, spark: SparkSession, name: str) -> DataFrame:
        """Return a table; raise `DbtRuntimeError` if it has too many rows for this process."""
        CATALOGUE.register_relation(spark, name, self._folder)
        frame = spark.table(name)
        count = frame.count()
        if count > self._limit:
            raise DbtRuntimeError(
                f"{self._name} reads {name} on the driver: {count:,} rows, and {self._limit:,} is"
                f" the limit. Where the driver has the memory, set {VARIABLE} higher; else"
                " load parts of the population in homes of their own (docs/how-to/run-on-spark.md)"
            )
        return frame

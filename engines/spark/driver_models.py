"""Python models of a build on Spark: they run in dbt's process, on Spark's driver.

Tables come from Spark through Arrow and are handed over as relations of DuckDB, as dbt-duckdb does,
so that the same code runs on both engines. A table that is too large for one process stops the
build before it is read; pairs of mentions are scored on Spark before that (`pair_scores`). What
the models compute belongs in `register`.
"""

from __future__ import annotations

from typing import Any

import duckdb
import pyarrow as pa
from dbt.adapters.base import PythonJobHelper
from dbt_common.exceptions import DbtRuntimeError
from pyarrow import parquet
from pyspark.sql import DataFrame, SparkSession

from engines.spark.files import driver_connection, from_frame, seen_by_models, to_frame
from engines.spark.pair_scores import SparkScores
from engines.spark.spark_tables import (
    CATALOGUE,
    folder_of_tables,
    has_rows,
    replace_table,
    table_folder,
)

# The setting of the target (`dbt_project/profiles.yml`) that says how many rows a model may read.
LIMIT, VARIABLE = "spark.register.driverRows", "REGISTER_SPARK_DRIVER_ROWS"
# And of how many mentions the pairs are scored in this process.
MOST_COMPARED = "spark.register.driverMentions"


class DriverModel(PythonJobHelper):
    """Runs one compiled Python model and writes its table."""

    def __init__(self, parsed_model: dict[str, Any], credential: Any) -> None:
        self._name = f"{parsed_model['schema']}.{parsed_model['alias']}"
        self._folder = folder_of_tables(credential.server_side_parameters)
        self._limit = int(credential.server_side_parameters[LIMIT])
        self._most_compared = int(credential.server_side_parameters[MOST_COMPARED])

    def submit(self, compiled_code: str) -> None:
        """Run the model; its refs are read once each, and only when it asks for them."""
        spark = SparkSession.active()
        module: dict[str, Any] = {"__name__": self._name}
        exec(compile(compiled_code, self._name, "exec"), module)  # noqa: S102 - a model of the project
        with driver_connection() as connection:
            if "dbt.this" in compiled_code:
                self._place_earlier_rows(connection)
            dbt = module["dbtObj"](
                lambda name: connection.from_arrow(from_frame(self._readable(spark, name)))
            )
            # Spark's tables have no database; those that this process sees are in DuckDB's memory.
            dbt.this.database = "memory"
            # For the model that scores pairs (`int_pair_score_cache`).
            dbt.scoring_engine = SparkScores(spark, self._folder, self._most_compared)
            result = module["model"](dbt, connection)
            if isinstance(result, pa.RecordBatchReader):
                result = result.read_all()
        replace_table(spark, self._name, to_frame(spark, result), self._folder)

    def _place_earlier_rows(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Show a model what the last load left of its table, under the table's own name."""
        table = table_folder(self._folder, self._name)
        if not has_rows(table):
            return
        connection.register("earlier_rows", seen_by_models(parquet.read_table(table)))
        connection.execute(f"create schema {self._name.split('.')[0]}")
        connection.execute(f"create table {self._name} as from earlier_rows")

    def _readable(self, spark: SparkSession, name: str) -> DataFrame:
        """A table for this process. Raises `DbtRuntimeError` where it has too many rows."""
        CATALOGUE.place(spark, name, self._folder)
        frame = spark.table(name)
        count = frame.count()
        if count > self._limit:
            raise DbtRuntimeError(
                f"{self._name} reads {name} on the driver: {count:,} rows, and {self._limit:,} is"
                f" the limit. Where the driver has the memory, set {VARIABLE} higher; else"
                " load parts of the population in homes of their own (docs/how-to/run-on-spark.md)"
            )
        return frame

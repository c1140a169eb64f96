"""The Spark session of a process, and the running of statements in it: files are found first.

One session serves the whole process; its settings are those of the target `spark` in
`dbt_project/profiles.yml`. Translation belongs in `engines.spark.statements`, what dbt asks of a
connection in `dbt_adapter`.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import parquet
from pyspark.errors import PySparkException, PySparkRuntimeError
from pyspark.sql import DataFrame, SparkSession

from engines.spark.files import Variables, driver_connection, place_files, to_frame
from engines.spark.spark_tables import CATALOGUE, replace_table
from engines.spark.statements import Kind, Statement, written_for_spark

VARIABLES = Variables()
# The setting that names a server of Spark Connect; empty where Spark runs in this process.
REMOTE = "spark.remote"
# What pyspark asks a server for before it hands over rows, with Spark's own values: for servers
# that know fewer settings than Spark's (Sail 0.7).
ASKED_BY_PYSPARK = {
    "spark.sql.session.localRelationCacheThreshold": "1048576",
    "spark.sql.session.localRelationChunkSizeRows": "10000",
    "spark.sql.session.localRelationChunkSizeBytes": "16777216",
    "spark.sql.session.localRelationBatchOfChunksSizeBytes": "1073741824",
    "spark.sql.execution.pandas.inferPandasDictAsMap": "false",
    "spark.sql.pyspark.inferNestedDictAsStruct.enabled": "false",
    "spark.sql.pyspark.legacy.inferArrayTypeFromFirstElement.enabled": "false",
    "spark.sql.pyspark.legacy.inferMapTypeFromFirstPair.enabled": "false",
    "spark.sql.execution.arrow.useLargeVarTypes": "false",
}
# Threads of dbt begin together; one of them starts Spark.
STARTING = threading.Lock()


def session(parameters: Mapping[str, Any]) -> SparkSession:
    """The one Spark session of this process, with the settings of the target.

    Spark is started here or, where `spark.remote` names a server of Spark Connect, asked there: a
    server has most of its settings already, and takes those of a session alone.
    """
    with STARTING:
        try:
            return SparkSession.active()
        except PySparkRuntimeError:
            remote = str(parameters.get(REMOTE) or "")
            return _on_server(remote, parameters) if remote else _in_this_process(parameters)


def _in_this_process(parameters: Mapping[str, Any]) -> SparkSession:
    # Executors use the Python of this process, unless the operator names another.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = SparkSession.builder.appName("national register")
    for name, value in parameters.items():
        if name != REMOTE:
            builder = builder.config(name, value)
    started = builder.getOrCreate()
    started.sparkContext.setLogLevel("ERROR")
    return started


def _on_server(remote: str, parameters: Mapping[str, Any]) -> SparkSession:
    found = SparkSession.builder.remote(remote).getOrCreate()
    for name, value in parameters.items():
        if name.startswith("spark.sql.") and found.conf.isModifiable(name):
            found.conf.set(name, str(value))
    for name, value in ASKED_BY_PYSPARK.items():
        try:
            found.conf.get(name)
        except PySparkException:
            found.conf.set(name, value)
    return found


def run(spark: SparkSession, statement: Statement, folder: Path) -> DataFrame | None:
    """Run one statement on the tables that lie in `folder`; returns the rows of a query."""
    if statement.kind is Kind.OWN:
        return spark.sql(statement.text)
    if statement.kind is Kind.SEED:
        replace_table(spark, statement.name, to_frame(spark, _seed(statement)), folder)
        return None
    assert statement.query is not None
    CATALOGUE.place_earlier(spark, statement.query, folder)
    place_files(spark, statement.query, VARIABLES.values)
    text = written_for_spark(statement.query)
    if statement.kind is Kind.VIEW:
        spark.sql(f"create or replace view {statement.name} as {text}")
        CATALOGUE.note(statement.name, folder, text)
        return None
    frame = spark.sql(text)
    if statement.kind is Kind.QUERY:
        return frame
    if statement.kind is Kind.TABLE:
        replace_table(spark, statement.name, frame, folder)
    elif statement.kind is Kind.FILE:
        parquet.write_table(frame.toArrow(), statement.name)
    else:
        VARIABLES.values[statement.name] = [row[0] for row in frame.collect()]
    return None


def _seed(statement: Statement) -> pa.Table:
    """A CSV file as DuckDB reads it: the text makes the table and copies the file into it."""
    copied, made = statement.text.split(";", maxsplit=1)
    with driver_connection() as connection:
        connection.execute(f"create schema {statement.name.split('.')[0]}")
        connection.execute(made)
        connection.execute(copied)
        return connection.execute(f"select * from {statement.name}").to_arrow_table()

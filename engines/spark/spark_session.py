"""The one Spark session of a process, and the running of statements in it.

The settings are those of the target `spark` in `dbt_project/profiles.yml`.
`engines.spark.statements` translates statements; dbt's connection is in `dbt_adapter`.
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

from engines.spark.files import Variables, connect_driver, create_frame, replace_files
from engines.spark.spark_tables import CATALOGUE, replace_table
from engines.spark.statements import Kind, Statement, write_for_spark

VARIABLES = Variables()
# The setting for the address of a Spark Connect server. Empty: Spark runs in this process.
REMOTE = "spark.remote"
# pyspark reads these settings from the server, but some servers (Sail) lack them. The values are
# Spark's defaults.
PYSPARK_DEFAULTS = {
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
# dbt's threads start at the same time, but only one may start Spark.
START_LOCK = threading.Lock()


def get_session(parameters: Mapping[str, Any]) -> SparkSession:
    """Return the one Spark session of this process, with the settings of the dbt target.

    Spark starts in this process, unless `spark.remote` names a Spark Connect server. A server gets
    only the settings of a session.
    """
    with START_LOCK:
        try:
            return SparkSession.active()
        except PySparkRuntimeError:
            remote = str(parameters.get(REMOTE) or "")
            return _connect(remote, parameters) if remote else _start_spark(parameters)


def _start_spark(parameters: Mapping[str, Any]) -> SparkSession:
    # Unless set otherwise, Spark's workers use this process's Python.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = SparkSession.builder.appName("national register")
    for name, value in parameters.items():
        if name != REMOTE:
            builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    return session


def _connect(remote: str, parameters: Mapping[str, Any]) -> SparkSession:
    session = SparkSession.builder.remote(remote).getOrCreate()
    for name, value in parameters.items():
        if name.startswith("spark.sql.") and session.conf.isModifiable(name):
            session.conf.set(name, str(value))
    for name, value in PYSPARK_DEFAULTS.items():
        try:
            session.conf.get(name)
        except PySparkException:
            session.conf.set(name, value)
    return session


def run_statement(spark: SparkSession, statement: Statement, folder: Path) -> DataFrame | None:
    """Run a statement on the tables in `folder`; for a query, return its rows."""
    if statement.kind is Kind.OWN:
        return spark.sql(statement.text)
    if statement.kind is Kind.SEED:
        replace_table(spark, statement.name, create_frame(spark, _read_seed(statement)), folder)
        return None
    assert statement.query is not None
    CATALOGUE.register_relations(spark, statement.query, folder)
    replace_files(spark, statement.query, VARIABLES.values)
    text = write_for_spark(statement.query)
    if statement.kind is Kind.VIEW:
        spark.sql(f"create or replace view {statement.name} as {text}")
        CATALOGUE.note_relation(statement.name, folder, text)
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


def _read_seed(statement: Statement) -> pa.Table:
    """Read a seed's CSV file with DuckDB, given the statements that create and fill its table."""
    copy, create = statement.text.split(";", maxsplit=1)
    with connect_driver() as connection:
        connection.execute(f"create schema {statement.name.split('.')[0]}")
        connection.execute(create)
        connection.execute(copy)
        return connection.execute(f"select * from {statement.name}").to_arrow_table()

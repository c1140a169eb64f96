"""The files that a query reads, as relations of the Spark session; and frames, as tables.

Parquet is read by Spark. What people write and what landing notes (CSV, JSON, text, lists of files)
is small and is read on the driver by DuckDB, as the other engine reads it, and handed over through
Arrow. Which files a model reads is decided in `dbt_project/macros/dialect`.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeGuard

import duckdb
import pyarrow as pa
from sqlglot import exp

from register.settings import load_settings

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

# What a view of files is called: this, and a number.
FILES = "files_"
COUNTER = itertools.count()
# Spark has no unsigned numbers: hashes, up to 2^64, are kept as these.
UNSIGNED = pa.decimal128(20, 0)


class Variables(threading.local):
    """The variables of a connection: lists of files that a hook chose for its model."""

    def __init__(self) -> None:
        self.values: dict[str, list[Any]] = {}


def place_files(spark: SparkSession, query: exp.Expr, values: Mapping[str, list[Any]]) -> None:
    """Replace every function of the query that reads files by a view of what is in them."""
    for table in list(query.find_all(exp.Table)):
        if not isinstance(table.this, exp.Func):
            continue
        first = table.this.expressions[0] if table.this.expressions else None
        if isinstance(table.this, exp.ReadParquet) and isinstance(first, exp.Literal):
            _name_path(table, first.name)
            continue
        if isinstance(table.this, exp.ReadParquet) and _is_variable(first):
            frame = _parquet(spark, values[_variable_name(first)])
        else:
            frame = _on_driver(spark, table.this, values)
        name = f"{FILES}{next(COUNTER)}"
        frame.createOrReplaceTempView(name)
        table.set("this", exp.to_identifier(name))


def _name_path(table: exp.Table, path: str) -> None:
    """Have a query name a path itself, as a view must: it outlives what a session knows."""
    files = exp.table_(exp.to_identifier(path, quoted=True), db="parquet")
    options = {option.this.name.lower() for option in table.this.expressions[1:]}
    if "filename" not in options:
        table.set("this", files.this)
        table.set("db", files.args["db"])
        return
    name = exp.Anonymous(
        this="regexp_replace",
        expressions=[
            exp.Anonymous(this="input_file_name"),
            exp.Literal.string("^file:/*"),
            exp.Literal.string("/"),
        ],
    )
    rows = exp.select("*", exp.alias_(name, "filename")).from_(files)
    table.replace(rows.subquery(table.alias or None))


def _parquet(spark: SparkSession, paths: list[str]) -> DataFrame:
    """The rows of Parquet files; the first of the list is the contract's, with every column."""
    return spark.read.schema(spark.read.parquet(paths[0]).schema).parquet(*paths)


def _is_variable(node: exp.Expr | None) -> TypeGuard[exp.Anonymous]:
    return isinstance(node, exp.Anonymous) and node.name.lower() == "getvariable"


def _variable_name(call: exp.Anonymous) -> str:
    return str(call.expressions[0].name)


def _on_driver(spark: SparkSession, call: exp.Expr, values: Mapping[str, list[Any]]) -> DataFrame:
    def put(node: exp.Expr) -> exp.Expr:
        if not _is_variable(node):
            return node
        listed = values[_variable_name(node)]
        return exp.array(*(exp.Literal.string(value) for value in listed))

    text = call.copy().transform(put).sql(dialect="duckdb")
    with driver_connection() as connection:
        rows = connection.execute(f"select * from {text}").to_arrow_table()
    # One partition, so that rows have numbers in the order of their file.
    return to_frame(spark, rows).coalesce(1)


def driver_connection() -> duckdb.DuckDBPyConnection:
    """DuckDB in the driver's process, with the memory that the warehouse may take."""
    settings = load_settings()
    connection = duckdb.connect(
        config={
            "memory_limit": f"{settings.memory_gigabytes:g}GB",
            "temp_directory": str(settings.warehouse / "spark-driver"),
        }
    )
    connection.execute("set timezone = 'UTC'")
    return connection


def to_frame(spark: SparkSession, table: pa.Table) -> DataFrame:
    """An Arrow table as a frame of Spark's."""
    from pyspark.sql.pandas.types import from_arrow_schema
    from pyspark.sql.utils import is_remote

    # pyspark reads a table no further than to an empty chunk.
    kept = kept_by_spark(table.combine_chunks())
    if kept.num_rows or not is_remote():
        return spark.createDataFrame(kept)
    # For a server pyspark would guess the columns from rows, and there are none.
    schema = from_arrow_schema(kept.schema, prefer_timestamp_ntz=True)
    return spark.createDataFrame([], schema)


def from_frame(frame: DataFrame) -> pa.Table:
    """A frame of Spark's as an Arrow table."""
    return seen_by_models(frame.toArrow())


def save(frame: DataFrame, name: str) -> None:
    """Write a frame as a table, its moments without a zone (they are UTC), as DuckDB has them."""
    schema = frame.schema
    zoned = [field.name for field in schema if field.dataType.typeName() == "timestamp"]
    # Planned again only where it must be: planning is most of what a small table costs.
    if zoned:
        columns = [
            f"cast(`{name}` as timestamp_ntz) as `{name}`" if name in zoned else f"`{name}`"
            for name in schema.names
        ]
        frame = frame.selectExpr(*columns)
    frame.write.mode("overwrite").format("parquet").saveAsTable(name)


def kept_by_spark(table: pa.Table) -> pa.Table:
    """A table with the types of Spark alone: no categories, and unsigned numbers as decimals."""
    return _cast(table, _kind_of_spark)


def seen_by_models(table: pa.Table) -> pa.Table:
    """A table with the unsigned numbers that `kept_by_spark` was given."""
    return _cast(table, _kind_of_arrow)


def _cast(table: pa.Table, kind_of: Callable[[pa.DataType], pa.DataType]) -> pa.Table:
    fields = [pa.field(field.name, kind_of(field.type)) for field in table.schema]
    return table.cast(pa.schema(fields))


def _kind_of_spark(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_dictionary(kind):
        return kind.value_type
    if pa.types.is_uint64(kind):
        return UNSIGNED
    if pa.types.is_null(kind):
        return pa.string()
    if pa.types.is_list(kind):
        return pa.list_(_kind_of_spark(kind.value_type))
    return kind


def _kind_of_arrow(kind: pa.DataType) -> pa.DataType:
    if kind == UNSIGNED:
        return pa.uint64()
    if pa.types.is_list(kind):
        return pa.list_(_kind_of_arrow(kind.value_type))
    return kind

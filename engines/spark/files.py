"""Reading of the files that a query names, and conversion between Spark and Arrow tables.

Spark reads Parquet. DuckDB reads CSV, JSON, text and lists of files on the driver, since these are
small. `dbt_project/macros/dialect` decides which files a model reads.
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

# Prefix of the names of views over files; a number follows.
FILES = "files_"
COUNTER = itertools.count()
# The type of an unsigned 64-bit hash in Spark, which has no unsigned integers.
UNSIGNED = pa.decimal128(20, 0)


class Variables(threading.local):
    """The SQL variables of this thread's connection: lists of files, set by the hooks of models."""

    def __init__(self) -> None:
        self.values: dict[str, list[Any]] = {}


def replace_files(spark: SparkSession, query: exp.Expr, values: Mapping[str, list[Any]]) -> None:
    """Replace each function that reads files, such as `read_parquet`, by a view of their rows."""
    for table in list(query.find_all(exp.Table)):
        if not isinstance(table.this, exp.Func):
            continue
        first = table.this.expressions[0] if table.this.expressions else None
        if isinstance(table.this, exp.ReadParquet) and isinstance(first, exp.Literal):
            _read_path(table, first.name)
            continue
        if isinstance(table.this, exp.ReadParquet) and _is_variable(first):
            frame = _read_parquet(spark, values[_read_variable_name(first)])
        else:
            frame = _read_on_driver(spark, table.this, values)
        name = f"{FILES}{next(COUNTER)}"
        frame.createOrReplaceTempView(name)
        table.set("this", exp.to_identifier(name))


def _read_path(table: exp.Table, path: str) -> None:
    """Replace the function by the path itself, so that a view still works after this session."""
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


def _read_parquet(spark: SparkSession, paths: list[str]) -> DataFrame:
    """Read Parquet files with the columns of the first file, as the contract requires."""
    return spark.read.schema(spark.read.parquet(paths[0]).schema).parquet(*paths)


def _is_variable(node: exp.Expr | None) -> TypeGuard[exp.Anonymous]:
    return isinstance(node, exp.Anonymous) and node.name.lower() == "getvariable"


def _read_variable_name(call: exp.Anonymous) -> str:
    return str(call.expressions[0].name)


def _read_on_driver(
    spark: SparkSession, call: exp.Expr, values: Mapping[str, list[Any]]
) -> DataFrame:
    def insert_variable(node: exp.Expr) -> exp.Expr:
        if not _is_variable(node):
            return node
        paths = values[_read_variable_name(node)]
        return exp.array(*(exp.Literal.string(path) for path in paths))

    text = call.copy().transform(insert_variable).sql(dialect="duckdb")
    with connect_driver() as connection:
        rows = connection.execute(f"select * from {text}").to_arrow_table()
    # In a single partition, rows keep the order of the file.
    return create_frame(spark, rows).coalesce(1)


def connect_driver() -> duckdb.DuckDBPyConnection:
    """Open an in-memory DuckDB database with the warehouse's memory limit."""
    settings = load_settings()
    connection = duckdb.connect(
        config={
            "memory_limit": f"{settings.memory_gigabytes:g}GB",
            "temp_directory": str(settings.warehouse / "spark-driver"),
        }
    )
    connection.execute("set timezone = 'UTC'")
    return connection


def create_frame(spark: SparkSession, table: pa.Table) -> DataFrame:
    """Convert an Arrow table to a Spark data frame."""
    from pyspark.sql.pandas.types import from_arrow_schema
    from pyspark.sql.utils import is_remote

    # pyspark stops at the first empty chunk, so chunks are combined.
    converted = convert_to_spark_types(table.combine_chunks())
    if converted.num_rows or not is_remote():
        return spark.createDataFrame(converted)
    # Connected to a server, pyspark cannot infer the columns of an empty table, so the schema is
    # given.
    schema = from_arrow_schema(converted.schema, prefer_timestamp_ntz=True)
    return spark.createDataFrame([], schema)


def read_frame(frame: DataFrame) -> pa.Table:
    """Convert a Spark data frame to an Arrow table."""
    return restore_types(frame.toArrow())


def save_table(frame: DataFrame, name: str) -> None:
    """Save a data frame as a table, with timestamps in UTC without a zone, as in DuckDB."""
    schema = frame.schema
    zoned = [field.name for field in schema if field.dataType.typeName() == "timestamp"]
    # Only tables with zoned times are cast: a cast makes Spark plan the query again, which is most
    # of the cost of a small table.
    if zoned:
        columns = [
            f"cast(`{name}` as timestamp_ntz) as `{name}`" if name in zoned else f"`{name}`"
            for name in schema.names
        ]
        frame = frame.selectExpr(*columns)
    frame.write.mode("overwrite").format("parquet").saveAsTable(name)


def convert_to_spark_types(table: pa.Table) -> pa.Table:
    """Convert a table to Spark's types: categories to values, unsigned numbers to decimals."""
    return _cast_columns(table, _convert_type)


def restore_types(table: pa.Table) -> pa.Table:
    """Restore the unsigned numbers of a table that `convert_to_spark_types` converted."""
    return _cast_columns(table, _restore_type)


def _cast_columns(table: pa.Table, convert: Callable[[pa.DataType], pa.DataType]) -> pa.Table:
    fields = [pa.field(field.name, convert(field.type)) for field in table.schema]
    return table.cast(pa.schema(fields))


def _convert_type(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_dictionary(kind):
        return kind.value_type
    if pa.types.is_uint64(kind):
        return UNSIGNED
    if pa.types.is_null(kind):
        return pa.string()
    if pa.types.is_list(kind):
        return pa.list_(_convert_type(kind.value_type))
    return kind


def _restore_type(kind: pa.DataType) -> pa.DataType:
    if kind == UNSIGNED:
        return pa.uint64()
    if pa.types.is_list(kind):
        return pa.list_(_restore_type(kind.value_type))
    return kind

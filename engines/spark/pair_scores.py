"""Scoring of pairs on Spark with Splink, for more persons than the driver can compare.

This is an `Engine` of `register.identity.score`. The driver writes persons and blocking keys to
files. Spark writes files with the pairs whose match weight is high enough. Executors compute text
similarities with DuckDB, because Splink's Java library sometimes gives other numbers (decision 45).
The comparisons themselves are in `register`.
"""

from __future__ import annotations

import copy
import logging
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import sqlglot
from pyarrow import parquet
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.functions import arrow_udf
from pyspark.sql.utils import is_remote
from splink import Linker, SparkAPI
from sqlglot import ErrorLevel, exp

from register.identity.block import BlockingRule, fill_asked_keys
from register.identity.score import (
    Engine,
    Model,
    frequency_table,
    list_scored_columns,
    min_scored_weight,
    score_in_duckdb,
)
from register.queries import read_query

LOGGER = logging.getLogger(__name__)
# Folder beside the home's tables for files that are exchanged with Spark during scoring.
FOLDER = "pair_scores"
SIMILARITIES = ("jaro_winkler_similarity", "damerau_levenshtein")
# Splink's query nests long expressions four levels deep. Two optimiser rules would merge the
# levels, repeat each weight, and make code that is too long for Java, so both rules are off.
# Inferring constraints takes longer than scoring a few thousand pairs, so it is off too.
EXCLUDED_RULES = ("PushDownPredicates", "CollapseProject")
SETTINGS = {
    "spark.sql.optimizer.excludedRules": ",".join(
        f"org.apache.spark.sql.catalyst.optimizer.{rule}" for rule in EXCLUDED_RULES
    ),
    "spark.sql.constraintPropagation.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",
}

# `key` is an unsigned 64-bit hash. Spark has only signed numbers, so 2^63 is subtracted.
COMPARED_KEYS = """
select rule_place, cast(cast(key as hugeint) - 9223372036854775808 as bigint) as key, person_id,
    {is_changed} as is_changed
from asked_keys
"""
COMPARED_PERSONS = "select * from persons where person_id in (select person_id from asked_keys)"
PAIRS = read_query(__package__, "candidate_pairs")


class SparkScores(Engine):
    """A scoring engine that uses DuckDB for few compared persons, and Spark for many."""

    def __init__(self, spark: SparkSession, folder: Path, max_on_driver: int) -> None:
        self._spark = spark
        self._folder = folder / FOLDER
        self._max_on_driver = max_on_driver

    def __call__(
        self,
        connection: duckdb.DuckDBPyConnection,
        model: Model,
        rules: tuple[BlockingRule, ...],
        only_changed: bool,
    ) -> None:
        """Create the table `scored`, as described in `Engine`."""
        fill_asked_keys(connection, only_changed)
        query = "select count(distinct person_id) from asked_keys"
        count = int(connection.execute(query).fetchall()[0][0])
        LOGGER.info("%d persons are compared, on the driver up to %d", count, self._max_on_driver)
        if count <= self._max_on_driver:
            score_in_duckdb(connection, model, rules, only_changed)
            return
        with self._create_folder() as folder:
            _write_inputs(connection, model, folder, only_changed)
            _score_pairs(_open_separate_session(self._spark), model, rules, folder)
            columns = ", ".join(list_scored_columns(model))
            connection.execute(
                f"create temp table scored as select {columns} from '{folder}/scored/*.parquet'"
            )

    @contextmanager
    def _create_folder(self) -> Iterator[Path]:
        """Create a folder for files with persons, and delete it at the end of the block."""
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True)
        try:
            yield self._folder
        finally:
            shutil.rmtree(self._folder)


def _write_inputs(
    connection: duckdb.DuckDBPyConnection, model: Model, folder: Path, only_changed: bool
) -> None:
    """Write blocking keys, persons and frequencies to files for Spark; drop the keys in DuckDB."""
    is_changed = "person_id in (select person_id from changed)" if only_changed else "true"
    for name, query in (
        ("asked_keys", COMPARED_KEYS.format(is_changed=is_changed)),
        ("persons", COMPARED_PERSONS),
    ):
        connection.execute(f"copy ({query}) to '{folder}/{name}.parquet' (format parquet)")
    for column, frequencies in model.frequencies.items():
        values = connection.execute(f"select distinct {column} from '{folder}/persons.parquet'")
        shares = frequency_table(values.to_arrow_table(), column, frequencies)
        parquet.write_table(shares, folder / f"{column}.parquet")
    connection.execute("drop {} asked_keys".format("table" if only_changed else "view"))
    connection.execute("drop table blocking_keys")


def _score_pairs(
    spark: SparkSession, model: Model, rules: tuple[BlockingRule, ...], folder: Path
) -> None:
    """Score the pairs of persons in a folder's files; write the scores to its folder `scored`."""
    for setting, value in SETTINGS.items():
        spark.conf.set(setting, value)
    for name in SIMILARITIES:
        spark.udf.register(name, arrow_udf(_create_similarity(name, duckdb.__version__), "double"))
    spark.read.parquet(f"{folder}/asked_keys.parquet").createOrReplaceTempView("asked_keys")
    limits = ", ".join(f"({place}, {rule.most_holders})" for place, rule in enumerate(rules))
    database = SplinkOnSpark(
        spark_session=spark, break_lineage_method="persist", register_udfs_automatically=False
    )
    persons = spark.read.parquet(f"{folder}/persons.parquet")
    linker = Linker(
        database.register(persons, dataset_display_name="persons"),
        create_spark_settings(model, persons),
        log_level=None,
        validate_settings=False,
    )
    tables = linker.table_management
    for column in model.frequencies:
        shares = spark.read.parquet(f"{folder}/{column}.parquet")
        tables.register_term_frequency_lookup(database.register(shares), column)
    pairs = spark.sql(PAIRS.format(limits=limits))
    tables.register_blocked_pairs_for_predict(database.register(pairs))
    predicted = linker.inference.predict(
        threshold_match_weight=min_scored_weight(model), warning_mode="never"
    )
    scored = spark.table(predicted.physical_name).select(*list_scored_columns(model))
    scored.write.parquet(f"{folder}/scored")


class SplinkOnSpark(SparkAPI):
    """Splink's Spark backend, without the parts that need Java or an uncompiled sqlglot."""

    def _setup_for_execute_sql(self, sql: str, physical_name: str) -> str:
        tree = sqlglot.parse_one(sql, read="spark").transform(_write_double_literal)
        return tree.sql(dialect="spark", unsupported_level=ErrorLevel.RAISE)

    def _break_lineage_and_repartition(
        self, spark_df: DataFrame, templated_name: str, physical_name: str
    ) -> DataFrame:
        """Return the data frame unchanged: one query reads all data once, so caching is useless."""
        return spark_df


def create_spark_settings(model: Model, persons: DataFrame) -> dict[str, Any]:
    """Return the model's settings for Splink, with conditions in Spark's SQL."""
    lists = {name for name, kind in persons.dtypes if kind.startswith("array")}
    settings = copy.deepcopy(model.splink_settings())
    for comparison in settings["comparisons"]:
        for level in comparison["comparison_levels"]:
            level["sql_condition"] = translate_condition(level["sql_condition"], lists)
    return settings


def translate_condition(condition: str, lists: set[str]) -> str:
    """Translate a comparison's condition from DuckDB's SQL to Spark's.

    `lists` are the columns of persons that contain lists. Raises `sqlglot.errors.SqlglotError` for
    an expression without a translation.
    """
    if condition == "ELSE":
        return condition

    def translate_node(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.ArrayOverlaps):
            return exp.Anonymous(this="arrays_overlap", expressions=[node.this, node.expression])
        if isinstance(node, exp.JarowinklerSimilarity):
            return exp.Anonymous(this=SIMILARITIES[0], expressions=[node.this, node.expression])
        if isinstance(node, exp.Length) and node.this.name.rpartition("_")[0] in lists:
            return exp.Anonymous(this="array_size", expressions=[node.this])
        if isinstance(node, exp.Bracket) and isinstance(node.expressions[0], exp.Slice):
            return _substring(node.this, node.expressions[0])
        return node

    tree = sqlglot.parse_one(condition, read="duckdb").transform(translate_node)
    return tree.sql(dialect="spark", unsupported_level=ErrorLevel.RAISE)


def _substring(text: exp.Expr, part: exp.Slice) -> exp.Expr:
    """Return the substring between two positions, both counted from 1 and inclusive."""
    first, last = int(part.this.name), int(part.expression.name)
    return exp.func(
        "substring", text, exp.Literal.number(first), exp.Literal.number(last - first + 1)
    )


def _write_double_literal(node: exp.Expr) -> exp.Expr:
    """Write a number that Splink casts to double as a text: Spark would read it as a decimal."""
    is_number = isinstance(node, exp.Cast) and node.to.is_type(exp.DataType.Type.DOUBLE)
    if is_number and isinstance(node.this, exp.Literal) and not node.this.is_string:
        return exp.cast(exp.Literal.string(node.this.name), exp.DataType.Type.DOUBLE)
    return node


def _create_similarity(function: str, version: str) -> Callable[[pa.Array, pa.Array], pa.Array]:
    """Create a function for executors that computes a DuckDB similarity of two text columns.

    The function is nested, so that executors receive all of it and need no package of this project.
    """

    def compute_similarity(left: pa.Array, right: pa.Array) -> pa.Array:
        import duckdb
        import pyarrow as pa

        if duckdb.__version__ != version:
            raise RuntimeError(f"executors have DuckDB {duckdb.__version__}, the driver {version}")
        with duckdb.connect(config={"threads": 1}) as connection:
            connection.register("texts", pa.table({"l": left, "r": right}))
            query = f"select cast({function}(l, r) as double) as v from texts"
            return connection.execute(query).to_arrow_table()["v"].combine_chunks()

    return compute_similarity


def _open_separate_session(spark: SparkSession) -> SparkSession:
    """Open a Spark session with views, functions and settings that other queries do not see."""
    return spark.cloneSession() if is_remote() else spark.newSession()

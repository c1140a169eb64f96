"""Pairs past the driver's limit: made of the blocking keys, and scored by Splink, on Spark.

An engine of `register.identity.score` (`Engine`). Persons and their keys come from the driver, in
files; pairs above the floor go back the same way. The conditions of the comparisons are the
model's own, in Spark's words. How alike two texts are is asked of DuckDB on the executors, since
what Splink's Java library says is at times another number (decision 53). What a person is compared
by belongs in `register`.
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
# Where the files lie while pairs are scored: beside the tables of the home.
FOLDER = "pair_scores"
LIKENESSES = ("jaro_winkler_similarity", "damerau_levenshtein")
# Splink's query is one long expression over another, four deep. Put into each other, as Spark
# would, they are too long for Java, and a weight is computed as often as it is named; to follow
# what is true of them takes longer than to score a few thousand pairs.
APART = ("PushDownPredicates", "CollapseProject")
SETTINGS = {
    "spark.sql.optimizer.excludedRules": ",".join(
        f"org.apache.spark.sql.catalyst.optimizer.{rule}" for rule in APART
    ),
    "spark.sql.constraintPropagation.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",
}

# Spark has no whole numbers above 2^63.
ASKED = """
select rule_place, cast(cast(key as hugeint) - 9223372036854775808 as bigint) as key, person_id,
    {is_changed} as is_changed
from asked_keys
"""
ASKED_PERSONS = "select * from persons where person_id in (select person_id from asked_keys)"
PAIRS = read_query(__package__, "candidate_pairs")


class SparkScores(Engine):
    """The engine of a build on Spark: DuckDB up to so many compared persons, and Spark beyond."""

    def __init__(self, spark: SparkSession, folder: Path, most_here: int) -> None:
        self._spark = spark
        self._folder = folder / FOLDER
        self._most_here = most_here

    def __call__(
        self,
        connection: duckdb.DuckDBPyConnection,
        model: Model,
        rules: tuple[BlockingRule, ...],
        only_changed: bool,
    ) -> None:
        """Fill `scored`, as `Engine` says."""
        fill_asked_keys(connection, only_changed)
        count = _number(connection, "select count(distinct person_id) from asked_keys")
        LOGGER.info("%d persons are compared, on the driver up to %d", count, self._most_here)
        if count <= self._most_here:
            score_in_duckdb(connection, model, rules, only_changed)
            return
        with self._files() as folder:
            _write(connection, model, folder, only_changed)
            _score(_session_of_its_own(self._spark), model, rules, folder)
            columns = ", ".join(list_scored_columns(model))
            connection.execute(
                f"create temp table scored as select {columns} from '{folder}/scored/*.parquet'"
            )

    @contextmanager
    def _files(self) -> Iterator[Path]:
        """A folder for files of persons, which is there no longer than it must."""
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True)
        try:
            yield self._folder
        finally:
            shutil.rmtree(self._folder)


def _write(
    connection: duckdb.DuckDBPyConnection, model: Model, folder: Path, only_changed: bool
) -> None:
    """Write what Spark reads: `asked_keys`, `persons`, frequencies; drop the keys from here."""
    is_changed = "person_id in (select person_id from changed)" if only_changed else "true"
    for name, query in (
        ("asked_keys", ASKED.format(is_changed=is_changed)),
        ("persons", ASKED_PERSONS),
    ):
        connection.execute(f"copy ({query}) to '{folder}/{name}.parquet' (format parquet)")
    for column, frequencies in model.frequencies.items():
        values = connection.execute(f"select distinct {column} from '{folder}/persons.parquet'")
        shares = frequency_table(values.to_arrow_table(), column, frequencies)
        parquet.write_table(shares, folder / f"{column}.parquet")
    connection.execute("drop {} asked_keys".format("table" if only_changed else "view"))
    connection.execute("drop table blocking_keys")


def _score(
    spark: SparkSession, model: Model, rules: tuple[BlockingRule, ...], folder: Path
) -> None:
    """Write the scored pairs of the files of a folder into its folder `scored`."""
    for setting, value in SETTINGS.items():
        spark.conf.set(setting, value)
    for name in LIKENESSES:
        spark.udf.register(name, arrow_udf(_likeness(name, duckdb.__version__), "double"))
    spark.read.parquet(f"{folder}/asked_keys.parquet").createOrReplaceTempView("asked_keys")
    limits = ", ".join(f"({place}, {rule.most_holders})" for place, rule in enumerate(rules))
    database = SplinkOnSpark(
        spark_session=spark, break_lineage_method="persist", register_udfs_automatically=False
    )
    persons = spark.read.parquet(f"{folder}/persons.parquet")
    linker = Linker(
        database.register(persons, dataset_display_name="persons"),
        settings_for_spark(model, persons),
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
    """Splink's backend, without what needs a Java library or an sqlglot that is not compiled."""

    def _setup_for_execute_sql(self, sql: str, physical_name: str) -> str:
        tree = sqlglot.parse_one(sql, read="spark").transform(_double)
        return tree.sql(dialect="spark", unsupported_level=ErrorLevel.RAISE)

    def _break_lineage_and_repartition(
        self, spark_df: DataFrame, templated_name: str, physical_name: str
    ) -> DataFrame:
        """One query makes it all: nothing is read twice, so nothing is kept."""
        return spark_df


def settings_for_spark(model: Model, persons: DataFrame) -> dict[str, Any]:
    """The settings of the model for Splink, with conditions in Spark's words."""
    lists = {name for name, kind in persons.dtypes if kind.startswith("array")}
    settings = copy.deepcopy(model.splink_settings())
    for comparison in settings["comparisons"]:
        for level in comparison["comparison_levels"]:
            level["sql_condition"] = condition_for_spark(level["sql_condition"], lists)
    return settings


def condition_for_spark(condition: str, lists: set[str]) -> str:
    """A condition of a comparison, written for DuckDB, in Spark's words.

    `lists` are the columns of persons that are lists. Raises `sqlglot.errors.SqlglotError` where
    sqlglot knows no word.
    """
    if condition == "ELSE":
        return condition

    def put(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.ArrayOverlaps):
            return exp.Anonymous(this="arrays_overlap", expressions=[node.this, node.expression])
        if isinstance(node, exp.JarowinklerSimilarity):
            return exp.Anonymous(this=LIKENESSES[0], expressions=[node.this, node.expression])
        if isinstance(node, exp.Length) and node.this.name.rpartition("_")[0] in lists:
            return exp.Anonymous(this="array_size", expressions=[node.this])
        if isinstance(node, exp.Bracket) and isinstance(node.expressions[0], exp.Slice):
            return _letters(node.this, node.expressions[0])
        return node

    tree = sqlglot.parse_one(condition, read="duckdb").transform(put)
    return tree.sql(dialect="spark", unsupported_level=ErrorLevel.RAISE)


def _letters(text: exp.Expr, part: exp.Slice) -> exp.Expr:
    """The letters of a text from one place to another, both counted from 1 and both in it."""
    first, last = int(part.this.name), int(part.expression.name)
    return exp.func(
        "substring", text, exp.Literal.number(first), exp.Literal.number(last - first + 1)
    )


def _double(node: exp.Expr) -> exp.Expr:
    """A number that Splink casts to a double, written as one: Spark would read it as a decimal."""
    is_number = isinstance(node, exp.Cast) and node.to.is_type(exp.DataType.Type.DOUBLE)
    if is_number and isinstance(node.this, exp.Literal) and not node.this.is_string:
        return exp.cast(exp.Literal.string(node.this.name), exp.DataType.Type.DOUBLE)
    return node


def _likeness(function: str, version: str) -> Callable[[pa.Array, pa.Array], pa.Array]:
    """A function of DuckDB's over two columns, as executors run it.

    It is defined within this one, so that executors are sent it whole and need no package of ours.
    """

    def likeness(left: pa.Array, right: pa.Array) -> pa.Array:
        import duckdb
        import pyarrow as pa

        if duckdb.__version__ != version:
            raise RuntimeError(f"executors have DuckDB {duckdb.__version__}, the driver {version}")
        with duckdb.connect(config={"threads": 1}) as connection:
            connection.register("texts", pa.table({"l": left, "r": right}))
            found = connection.execute(f"select cast({function}(l, r) as double) as v from texts")
            return found.to_arrow_table()["v"].combine_chunks()

    return likeness


def _session_of_its_own(spark: SparkSession) -> SparkSession:
    """A session whose views, functions and settings no other query of the build sees."""
    return spark.cloneSession() if is_remote() else spark.newSession()


def _number(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    row = connection.execute(query).fetchone()
    return int(row[0]) if row else 0

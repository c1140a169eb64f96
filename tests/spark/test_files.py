"""The files of a query, as what Spark can name: a path itself, or Arrow tables that it can take."""

from __future__ import annotations

from typing import Any, cast

import pyarrow as pa
import sqlglot

from engines.spark import convert_to_spark_types, replace_files, restore_types, write_for_spark

NO_SESSION = cast(Any, None)


def _placed(text: str) -> str:
    query = sqlglot.parse_one(text, read="duckdb")
    replace_files(NO_SESSION, query, {})
    return " ".join(write_for_spark(query).split())


def test_a_view_names_the_path_itself() -> None:
    """Prevents a view over what only one session knows, which Spark refuses."""
    written = _placed("select * from read_parquet('/home/landing/reference/postcodes.parquet')")
    assert written == "( SELECT * FROM parquet.`/home/landing/reference/postcodes.parquet` )"


def test_a_row_can_name_its_file() -> None:
    """Prevents a key log whose generations, which are names of files, are lost."""
    written = _placed(
        "select logs.filename from read_parquet('/keys/*.parquet', filename = true) as logs"
    )
    assert "REGEXP_REPLACE(INPUT_FILE_NAME(), '^file:/*', '/') AS filename" in written
    assert written.endswith("FROM parquet.`/keys/*.parquet` ) AS logs )")


def test_hashes_come_back_from_spark_as_they_were() -> None:
    """Prevents scores that are all made anew because a hash above 2^63 came back as another."""
    hashes = pa.array([0, 2**63 + 5, 2**64 - 1, None], pa.uint64())
    listed = pa.array([[2**64 - 1], [], None, [1]], pa.list_(pa.uint64()))
    table = pa.table({"mention_hash": hashes, "blocking_keys": listed, "name": ["a", "b", "c", ""]})
    stored = convert_to_spark_types(table)
    assert stored.schema.field("mention_hash").type == pa.decimal128(20, 0)
    assert restore_types(stored).equals(table)


def test_columns_that_spark_does_not_know_are_given_types_that_it_does() -> None:
    """Prevents a Python model that fails for a column of categories, or for one without values."""
    coded = pa.array(["strict", "loose"]).dictionary_encode()
    table = pa.table({"linkage_code": coded, "nothing": pa.nulls(2)})
    assert convert_to_spark_types(table).schema.types == [pa.string(), pa.string()]

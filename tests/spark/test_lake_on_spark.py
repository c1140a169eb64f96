"""Spark reads the Parquet files that a lake's catalogue lists, less the rows deleted in them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from register.serving import serve_lake
from register.settings import Settings
from tests.serving.object_store import lake_in_folder, reading
from tests.serving.registers import published

FILES = """
    select data_file, delete_file
    from ducklake_list_files('lake', 'fct_episodes', schema => 'register')
"""


def test_spark_reads_a_snapshot_by_its_files(
    spark: Any, settings: Settings, tmp_path: Path
) -> None:
    """Prevents rows that a later generation deleted from being read by the documented way."""
    to_lake = replace(settings, lake=lake_in_folder(tmp_path))
    many = "insert into register.fct_episodes select episodes.* replace ('N' || number as"
    many += " episode_id_register) from register.fct_episodes as episodes, range(99) as n (number)"
    many += " where episode_id_register = 'E1'"
    change = (
        "update register.fct_episodes set note = 'new' where episode_id_register in ('E2','E3')"
    )
    serve_lake(to_lake, published(to_lake, 1, many))
    serve_lake(to_lake, published(to_lake, 1, many, change))
    query = "select episode_id_register, note from lake.register.fct_episodes order by 1"
    with reading(to_lake) as connection:
        files = connection.execute(FILES).fetchall()
        expected = connection.execute(query).fetchall()
    # As docs/reference/serving.md says.
    rows = spark.read.parquet(*(data for data, _ in files)).selectExpr(
        "*", "_metadata.file_name as file_name", "_metadata.row_index as pos"
    )
    deleted = spark.read.parquet(*(delete for _, delete in files if delete)).selectExpr(
        "element_at(split(file_path, '/'), -1) as file_name", "pos"
    )
    current = rows.join(deleted, ["file_name", "pos"], "left_anti").drop("file_name", "pos")
    found = current.select("episode_id_register", "note").orderBy("episode_id_register").collect()
    assert rows.count() == len(expected) + 2, "two rows are deleted in a file, not removed from it"
    assert [tuple(row) for row in found] == expected

"""Rows of landed files are counted from what the files say of themselves."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa
from pyarrow import parquet

from tests.dbt.functions import rendered


def _files(folder: Path) -> list[str]:
    """Files of two columns without a group of rows, of an empty one, of one and of several."""
    rows = pa.table({"person": ["a", "b", "c", "d", "e"], "place": ["x"] * 5})
    made = {"none": rows.slice(0, 0), "one_group": rows.slice(0, 3), "groups": rows}
    for name, table in made.items():
        parquet.write_table(table, folder / f"{name}.parquet", row_group_size=3)
    parquet.ParquetWriter(folder / "no_group.parquet", rows.schema).close()
    return [str(folder / f"{name}.parquet") for name in ("no_group", *made)]


def test_every_landed_file_has_its_number_of_rows(tmp_path: Path) -> None:
    """Prevents a landed file that is not accounted for: one without rows, or of many groups."""
    files = _files(tmp_path)
    connection = duckdb.connect()
    connection.execute("set variable landed_data_files = $files", {"files": files})
    found = connection.execute(
        f"select file_name, num_rows from {rendered('read_landed_row_counts()')}"
    ).fetchall()
    assert sorted(found) == sorted(zip(files, (0, 0, 3, 5), strict=True))

"""Tables in Parquet files and DuckDB databases: other forms of the published data.

Reading them needs pyarrow or duckdb, which are optional.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from suppression_attack.description import DescriptionError
from suppression_attack.json_passages import read_json
from suppression_attack.optional_libraries import require_library
from suppression_attack.passages import Passage, StoredTable, split_sentences

# Parquet's own description of the columns, which has no figures.
ARROW_SCHEMA = b"ARROW:schema"
STORED_TABLES = """
    select schema_name, table_name, comment
    from duckdb_tables() where not internal order by all
"""
# Texts of a database that are not rows: comments, and the definitions of views and macros.
STORED_TEXTS = """
    select comment from duckdb_columns() where not internal and comment is not null
    union all select sql from duckdb_views() where not internal
    union all select comment from duckdb_views() where not internal and comment is not null
    union all select macro_definition from duckdb_functions()
    where not internal and macro_definition is not null
    order by all
"""


def read_parquet(path: Path) -> tuple[list[StoredTable], list[Passage]]:
    """Return the table of a Parquet file, and its metadata as passages."""
    with require_library("pyarrow.parquet", "parquet", path.name):
        from pyarrow.parquet import ParquetFile
    file = ParquetFile(path)
    passages: list[Passage] = []
    schema = file.schema_arrow
    for metadata in (schema.metadata, *(field.metadata for field in schema)):
        for key, value in (metadata or {}).items():
            if key != ARROW_SCHEMA:
                passages += _read_metadata(value.decode("utf-8", "replace"))
    table = file.read()
    rows = zip(*(column.to_pylist() for column in table.columns), strict=True)
    return [_build_table(path.stem, table.column_names, rows)], passages


def read_duckdb(path: Path) -> tuple[list[StoredTable], list[Passage]]:
    """Return the tables of a DuckDB database, and its comments and definitions as passages."""
    with require_library("duckdb", "duckdb", path.name):
        import duckdb
    tables: list[StoredTable] = []
    passages: list[Passage] = []
    with duckdb.connect(
        str(path), read_only=True, config={"enable_external_access": "false"}
    ) as database:
        for schema, name, comment in database.execute(STORED_TABLES).fetchall():
            passages += split_sentences(comment or "")
            rows = database.execute(f'select * from "{schema}"."{name}"')
            columns = [column[0] for column in rows.description]
            tables.append(_build_table(name, columns, rows.fetchall()))
        for (text,) in database.execute(STORED_TEXTS).fetchall():
            passages += split_sentences(text)
    return tables, passages


def _read_metadata(text: str) -> list[Passage]:
    try:
        return read_json(text, "metadata")
    except DescriptionError:
        return list(split_sentences(text))


def _build_table(name: str, columns: list[str], rows: Any) -> StoredTable:
    texts = (tuple("" if value is None else str(value) for value in row) for row in rows)
    return StoredTable(name, tuple(columns), tuple(texts))

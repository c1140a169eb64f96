"""The data files of a release as Parquet: numbers as numbers, each symbol in a column beside.

Parquet was chosen over a DuckDB database for three reasons. Most tools read it, also over HTTP from
any web server, and only the columns that they need. Its format is stable, so old releases stay
readable. The same figures give the same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from official_statistics.documents import PublicFile, parse_number
from official_statistics.machine_readable.table_schemas import build_data_schema

FOLDER = "parquet"
SYMBOL_SUFFIX = "_symbol"
TYPES = {"string": pa.string(), "integer": pa.int64(), "number": pa.float64()}


def write_parquet_files(files: Mapping[str, PublicFile], public: Path) -> None:
    """Write a Parquet file for each data file of a release."""
    folder = public / FOLDER
    folder.mkdir(exist_ok=True)
    for file in files.values():
        pq.write_table(_build_table(file), folder / f"{file.name}.parquet", compression="zstd")


def find_parquet_faults(files: Mapping[str, PublicFile], public: Path) -> Iterator[str]:
    """Yield each column of a Parquet file in which any row differs from the CSV file."""
    expected_names = {f"{name}.parquet" for name in files}
    for path in sorted((public / FOLDER).glob("*")):
        if path.name not in expected_names:
            yield f"{FOLDER}/{path.name} is no file of the release"
    for file in files.values():
        name = f"{FOLDER}/{file.name}.parquet"
        path = public / name
        if not path.exists():
            yield f"{name} is missing"
            continue
        try:
            table = pq.read_table(path)
        except (pa.ArrowException, OSError):
            yield f"{name} cannot be read"
            continue
        yield from _compare_tables(name, file, table)


def read_parquet_texts(path: Path) -> Iterator[str]:
    """Yield all texts of a Parquet file: its metadata, column names and values."""
    table = pq.read_table(path)
    metadata = [table.schema.metadata, *(field.metadata for field in table.schema)]
    for entries in metadata:
        yield from (entry.decode() for pair in (entries or {}).items() for entry in pair)
    for name in table.column_names:
        yield name
        yield from (str(value) for value in table[name].unique().to_pylist() if value is not None)


def _build_table(file: PublicFile) -> pa.Table:
    schema = build_data_schema(file.data_set)
    indicators = {indicator.name for indicator in file.data_set.indicators}
    fields, columns = [], []
    for described in schema["fields"]:
        name, kind = described["name"], TYPES[described["type"]]
        words = {"title": described["title"], "description": described["description"]}
        texts = [row[name] for row in file.rows]
        if name not in indicators:
            fields.append(pa.field(name, kind, metadata=words))
            columns.append(_convert_texts(texts, kind))
            continue
        numbers = [parse_number(text) for text in texts]
        symbols = [text if parse_number(text) is None else None for text in texts]
        symbol_words = {
            "title": f"{described['title']}: symbol",
            "description": f"Why {name} has no number; empty if it has one.",
        }
        fields.append(pa.field(name, kind, metadata=words))
        fields.append(pa.field(f"{name}{SYMBOL_SUFFIX}", pa.string(), metadata=symbol_words))
        columns += [pa.array(numbers, pa.float64()).cast(kind), pa.array(symbols, pa.string())]
    metadata = {
        "title": file.data_set.title,
        "table_schema": json.dumps(schema, ensure_ascii=False),
    }
    return pa.table(columns, schema=pa.schema(fields, metadata=metadata))


def _convert_texts(texts: list[str], kind: pa.DataType) -> pa.Array:
    """Return the texts of a column of time, place or items as values; an empty text is a null."""
    return pa.array([text or None for text in texts], pa.string()).cast(kind)


def _compare_tables(name: str, file: PublicFile, table: pa.Table) -> Iterator[str]:
    """Yield the columns of a Parquet file that do not show what the CSV file shows."""
    decimals = {indicator.name: indicator.dp for indicator in file.data_set.indicators}
    expected = [
        column
        for each in file.columns
        for column in ([each, f"{each}{SYMBOL_SUFFIX}"] if each in decimals else [each])
    ]
    if table.column_names != expected:
        yield f"{name} does not have the columns of {file.name}.csv"
        return
    if table.num_rows != len(file.rows):
        yield f"{name} has {table.num_rows} rows, and {file.name}.csv has {len(file.rows)}"
        return
    for column in file.columns:
        values = table[column].to_pylist()
        if column in decimals:
            symbols = table[f"{column}{SYMBOL_SUFFIX}"].to_pylist()
            texts = [
                _format_value(value, symbol, decimals[column])
                for value, symbol in zip(values, symbols, strict=True)
            ]
        else:
            texts = ["" if value is None else str(value) for value in values]
        differing = sum(text != row[column] for text, row in zip(texts, file.rows, strict=True))
        if differing:
            yield f"{name}: {column} differs from {file.name}.csv in {differing} rows"


def _format_value(value: float | None, symbol: str | None, dp: int) -> str | None:
    """Return what the CSV file must show for a number or a symbol; None if it has both or none."""
    if (value is None) == (symbol is None):
        return None
    return symbol if value is None else f"{value:.{dp}f}"

"""Parquet files have every figure of the CSV files, as a number or as a symbol, and no other."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from official_statistics import read_data_sets
from official_statistics.documents import ReleaseFacts
from official_statistics.machine_readable import (
    find_machine_faults,
    read_parquet_texts,
    write_machine_files,
)
from tests.statistics.machine_files.conftest import change_cell

BY_AREA = "missing_children_by_area"
PARQUET = f"parquet/{BY_AREA}.parquet"


def _replace_column(path: Path, name: str, values: list[object]) -> None:
    table = pq.read_table(path)
    position = table.column_names.index(name)
    column = pa.array(values, table.schema.field(name).type)
    pq.write_table(table.set_column(position, table.schema.field(name), column), path)


def _column(path: Path, name: str) -> list[object]:
    values: list[object] = pq.read_table(path)[name].to_pylist()
    return values


@pytest.mark.parametrize("data_set", [each.name for each in read_data_sets()])
def test_every_cell_of_a_csv_file_is_in_the_parquet_file(public_once: Path, data_set: str) -> None:
    """Prevents a figure that depends on which of two files somebody reads."""
    with (public_once / "data" / f"{data_set}.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    relation = duckdb.read_parquet(str(public_once / "parquet" / f"{data_set}.parquet"))
    shown = [dict(zip(relation.columns, row, strict=True)) for row in relation.fetchall()]
    assert len(shown) == len(rows)
    for row, values in zip(rows, shown, strict=True):
        for name, text in row.items():
            symbol = values.get(f"{name}_symbol")
            if f"{name}_symbol" not in values:
                assert str(values[name] if values[name] is not None else "") == text
            elif symbol is not None:
                assert (symbol, values[name]) == (text, None)
            else:
                assert float(text) == values[name]
                assert isinstance(values[name], float if "." in text else int)


def test_a_file_says_what_its_columns_are(public_once: Path) -> None:
    """Prevents a table whose columns nobody can interpret once it was copied."""
    schema = pq.read_schema(public_once / PARQUET)
    assert schema.metadata[b"title"].decode().startswith("Children who went missing")
    fields = json.loads(schema.metadata[b"table_schema"])["fields"]
    described = {field["name"]: field["title"] for field in fields}
    titles = {field.name: field.metadata[b"title"].decode() for field in schema}
    assert described == {name: title for name, title in titles.items() if name in described}
    assert titles["child_count_symbol"] == "Number of children: symbol"
    words = "".join(map(str, duckdb.sql(
        f"select value from parquet_kv_metadata('{public_once / PARQUET}')"
    ).fetchall()))  # fmt: skip
    assert "Number of children with more than one episode" in words


def test_the_same_figures_give_the_same_bytes(public: Path, facts: ReleaseFacts) -> None:
    """Prevents a release that nobody can make again byte for byte."""

    def read() -> dict[str, bytes]:
        return {
            path.relative_to(public).as_posix(): path.read_bytes()
            for path in sorted(public.rglob("*"))
            if path.is_file()
        }

    before = read()
    for name in ("datapackage.json", "headlines.ipynb", PARQUET):
        (public / name).unlink()
    write_machine_files(facts, public)
    assert read() == before
    assert list(find_machine_faults(facts, public)) == []


def test_a_number_that_is_not_that_of_the_csv_file_is_found(
    public: Path, facts: ReleaseFacts
) -> None:
    """Prevents a Parquet file with another count from going out."""
    counts = _column(public / PARQUET, "child_count")
    _replace_column(public / PARQUET, "child_count", [int(str(counts[0])) + 1, *counts[1:]])
    first = next(find_machine_faults(facts, public))
    assert first == f"{PARQUET}: child_count differs from {BY_AREA}.csv in 1 rows"


def test_a_count_behind_a_symbol_is_found(public: Path, facts: ReleaseFacts) -> None:
    """Prevents a hidden count from being published beside its symbol, or without any."""
    counts = _column(public / PARQUET, "child_count")
    hidden = counts.index(None)
    _replace_column(public / PARQUET, "child_count", [*counts[:hidden], 3, *counts[hidden + 1 :]])
    first = next(find_machine_faults(facts, public))
    assert first == f"{PARQUET}: child_count differs from {BY_AREA}.csv in 1 rows"


@pytest.mark.parametrize(
    ("column", "value"), [("child_count_symbol", "u"), ("la_name", "Camden"), ("time_period", 2024)]
)
def test_another_symbol_place_or_year_is_found(
    public: Path, facts: ReleaseFacts, column: str, value: object
) -> None:
    """Prevents a reason, a place or a year that the CSV file does not give."""
    values = _column(public / PARQUET, column)
    _replace_column(public / PARQUET, column, [value, *values[1:]])
    first = next(find_machine_faults(facts, public))
    shown = column.removesuffix("_symbol")
    assert first == f"{PARQUET}: {shown} differs from {BY_AREA}.csv in 1 rows"


def test_a_changed_csv_file_is_found(public: Path, facts: ReleaseFacts) -> None:
    """Prevents Parquet files of an earlier draft."""
    change_cell(public, BY_AREA, "child_count", "70")
    assert f"{PARQUET}: child_count differs from {BY_AREA}.csv in 1 rows" in list(
        find_machine_faults(facts, public)
    )


def test_a_file_that_is_missing_cut_or_not_of_the_release_is_found(
    public: Path, facts: ReleaseFacts
) -> None:
    """Prevents a file that cannot be read, and one that nobody checked."""
    table = pq.read_table(public / PARQUET)
    pq.write_table(table.slice(1), public / PARQUET)
    rows = table.num_rows
    first = next(find_machine_faults(facts, public))
    assert first == f"{PARQUET} has {rows - 1} rows, and {BY_AREA}.csv has {rows}"
    pq.write_table(table.drop_columns(["child_count_symbol"]), public / PARQUET)
    first = next(find_machine_faults(facts, public))
    assert first == f"{PARQUET} does not have the columns of {BY_AREA}.csv"
    (public / PARQUET).write_bytes((public / PARQUET).read_bytes()[:-9])
    first = next(find_machine_faults(facts, public))
    assert first == f"{PARQUET} cannot be read"
    (public / PARQUET).unlink()
    (public / "parquet" / "more.parquet").write_bytes(b"")
    faults = list(find_machine_faults(facts, public))
    assert faults[:3] == [
        "parquet/more.parquet is no file of the release",
        f"{PARQUET} is missing",
        f"datapackage.json lists {BY_AREA}.parquet, which is missing",
    ]


def test_every_text_of_a_file_is_read(public_once: Path) -> None:
    """Prevents a name in a column, its title or its values that the check for names passes over."""
    texts = list(read_parquet_texts(public_once / PARQUET))
    assert {"child_count", "North Yorkshire", "c", "Number of children"} <= set(texts)

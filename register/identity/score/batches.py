"""Batches: rows of a nation handed on in parts, so that none are held twice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pyarrow as pa

BATCH_ROWS = 100_000
Rows = tuple[pa.Schema, Iterable[pa.RecordBatch]]


def in_parts(table: pa.Table) -> Iterator[pa.Table]:
    """The table in slices of `BATCH_ROWS` rows, without a copy."""
    for start in range(0, table.num_rows, BATCH_ROWS):
        yield table.slice(start, BATCH_ROWS)


def batches_of(tables: Iterable[pa.Table]) -> Iterator[pa.RecordBatch]:
    """The batches of tables, each made when it is asked for."""
    for table in tables:
        yield from table.to_batches()


def as_one(rows: list[Rows]) -> Iterator[pa.Schema | pa.RecordBatch]:
    """One schema with the columns of all, then the batches of all, null where one has no column."""
    schema = pa.unify_schemas([schema for schema, _ in rows])
    yield schema
    for _, batches in rows:
        for batch in batches:
            columns = [schema.empty_table(), pa.Table.from_batches([batch])]
            whole = pa.concat_tables(columns, promote_options="default")
            yield from whole.select(schema.names).to_batches()

"""Batches: rows of a nation handed on in parts, so that none are held twice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pyarrow as pa

BATCH_ROWS = 100_000
Rows = tuple[pa.Schema, Iterable[pa.RecordBatch]]


def as_one(rows: list[Rows]) -> Iterator[pa.Schema | pa.RecordBatch]:
    """One schema with the columns of all, then the batches of all, null where one has no column."""
    schema = pa.unify_schemas([schema for schema, _ in rows])
    yield schema
    for _, batches in rows:
        for batch in batches:
            columns = [schema.empty_table(), pa.Table.from_batches([batch])]
            whole = pa.concat_tables(columns, promote_options="default")
            yield from whole.select(schema.names).to_batches()

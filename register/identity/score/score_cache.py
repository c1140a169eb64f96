"""Score cache: a load scores only new and changed records, and gets the result of scoring all.

One table is kept between loads, with three kinds of rows:

- a pair with its weights (the columns of `score_pairs`)
- a person: the hash of the mention, the person's shape and blocking keys
- a blocking key that is too common to use

A pair's score follows from its two rows and the model alone. So a cached pair stays valid if both
persons are unchanged. A person counts as changed in three cases: the mention changed, one of its
postcodes became crowded, or one of its blocking keys became too common to use. The last two cases
also count in the opposite direction. Keys matter because they decide which pairs are candidates.
Without a cache everything is scored. `scoring` scores the pairs.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable, Iterator
from typing import TypeAlias

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from register.identity.block import (
    fill_blocking_keys,
    find_left_out_keys,
    list_blocking_rules,
    rule_place_sql,
)
from register.identity.clean import (
    count_holders,
    hash_shaping_code,
    position_persons,
    shape_mentions,
)
from register.identity.score.model import Model
from register.identity.score.scoring import KEY_NAMES, Engine, score_keys, scoring_connection
from register.queries import read_query

LOGGER = logging.getLogger(__name__)
SHAPED_AT_ONCE = 250_000
BATCH_ROWS = 100_000
# The result of an earlier call of `rescore`, as a table or batch by batch.
Cached: TypeAlias = pa.Table | pa.RecordBatchReader
Rows: TypeAlias = tuple[pa.Schema, Iterable[pa.RecordBatch]]
STATE_COLUMNS = ["person_key", "mention_hash", "shape", "blocking_keys", "left_out_key"]

# The hash of a mention covers every field that shapes its person, and a version of the model,
# blocking rules and shaping code. So a new version changes every person. The length of each list is
# hashed too, since lists are hashed item by item.
HASH_MENTIONS = read_query(__package__, "mention_hashes")
NEW_MENTIONS = """
select person_key from hashes
except
select person_key from hashes inner join cache using (person_key, mention_hash)
order by person_key
"""
# Finds a new, changed or deleted mention. If there is none, the cache is still valid.
FIND_DIFFERENCE = read_query(__package__, "changed_mentions")
READ_CACHED_PERSONS = read_query(__package__, "cached_persons")
# A mention must be shaped again if its postcode has become crowded, or is no longer crowded.
RESHAPE_RECROWDED = read_query(__package__, "recrowded_persons")
# Makes the view `persons`, with a shape for every person. Because it is a view, only the shapes of
# compared persons are read.
FILL_PERSONS = read_query(__package__, "persons")
RULE_PLACE = rule_place_sql("key")
FILL_TOUCHED_KEYS = read_query(__package__, "touched_keys", rule_place=RULE_PLACE)
FIND_CHANGED = read_query(__package__, "left_out_keys", rule_place=rule_place_sql("left_out_key"))
LIST_PERSON_KEYS = """
create temp table person_keys as
select person_id, list_sort(list(key)) as keys from blocking_keys group by person_id
"""
PERSON_ROWS = read_query(__package__, "person_rows")
# Nearly all persons and pairs are unchanged, so their rows are copied from the cache.
UNCHANGED_PERSONS = f"""
select {", ".join(STATE_COLUMNS)} from cache
where person_key in (select person_key from unchanged)
"""
UNCHANGED_PAIRS = read_query(__package__, "unchanged_pairs")


def rescore(
    mentions: pa.Table, model: Model, cache: Cached | None = None, engine: Engine | None = None
) -> pa.Table:
    """Return the scores of all candidate pairs, with the rows that the next call needs as a cache.

    `mentions` is in `MENTION_SCHEMA`. `cache` is the result of an earlier call, as a table or in
    batches; the model may have changed since. The result has the pairs with the columns of
    `score_pairs`. It also has rows about persons and blocking keys, which have no mention keys.
    Rows are in no order. `engine` scores the pairs; the default is DuckDB.
    """
    return rescore_in_batches(mentions, model, cache, engine).read_all()


def rescore_in_batches(
    mentions: pa.Table, model: Model, cache: Cached | None = None, engine: Engine | None = None
) -> pa.RecordBatchReader:
    """Return the result of `rescore` batch by batch, so that persons are in memory only once.

    A cache in batches is first read to its end; what does not fit into memory spills to disk. The
    scores stay in memory until the last batch is read or the reader is deleted.
    """
    reader = cache.to_reader() if isinstance(cache, pa.Table) else cache
    batches = _rescore(mentions, model, reader, engine)
    schema = next(batches)
    assert isinstance(schema, pa.Schema)
    return pa.RecordBatchReader.from_batches(schema, batches)


def _rescore(
    mentions: pa.Table, model: Model, cache: pa.RecordBatchReader | None, engine: Engine | None
) -> Iterator[pa.Schema | pa.RecordBatch]:
    """Yield the schema of the result of `rescore`, then its batches."""
    rules = list_blocking_rules()
    settings = f"{model.model_dump_json()}{rules!r}{duckdb.__version__}{hash_shaping_code()}"
    version = hashlib.sha256(settings.encode()).hexdigest()
    with scoring_connection() as connection:
        connection.register("mentions", mentions)
        connection.execute(HASH_MENTIONS, {"version": version})
        count_holders(connection, "mentions")
        if cache is None or not _is_usable(cache.schema, model):
            yield from _score_all(connection, mentions, model, engine)
            return
        connection.register("given", cache)
        connection.execute("create temp table cache as select * from given")
        connection.unregister("given")
        if not connection.execute(FIND_DIFFERENCE).fetchall():
            LOGGER.info("no mention is new, changed or gone")
            yield cache.schema
            yield from _read_batches(connection, "select * from cache", cache.schema)
            return
        yield from _score_changed(connection, mentions, model, engine)


def _score_all(
    connection: duckdb.DuckDBPyConnection, mentions: pa.Table, model: Model, engine: Engine | None
) -> Iterator[pa.Schema | pa.RecordBatch]:
    rules = list_blocking_rules()
    _shape_in_parts(connection, mentions)
    position_persons(connection, "persons", model.crowded_holders)
    connection.execute("drop table shaped")
    fill_blocking_keys(connection, rules)
    connection.execute(LIST_PERSON_KEYS)
    left_out = find_left_out_keys(connection, rules)
    pairs = score_keys(connection, model, rules, engine=engine)
    persons = connection.execute(PERSON_ROWS.format(table="persons")).to_arrow_reader(BATCH_ROWS)
    yield from _concatenate([
        (pairs.schema, pairs.to_batches()),
        (persons.schema, persons),
        (persons.schema, _build_left_out_rows(left_out, persons.schema).to_batches()),
    ])  # fmt: skip


def _score_changed(
    connection: duckdb.DuckDBPyConnection, mentions: pa.Table, model: Model, engine: Engine | None
) -> Iterator[pa.Schema | pa.RecordBatch]:
    rules = list_blocking_rules()
    _fill_persons(connection, mentions, model)
    fill_blocking_keys(connection, rules, "reshaped")
    connection.execute(LIST_PERSON_KEYS)
    fresh = connection.execute(PERSON_ROWS.format(table="reshaped")).to_arrow_table()
    connection.execute(FILL_TOUCHED_KEYS)
    connection.register("still_out", find_left_out_keys(connection, rules, "touched_keys"))
    connection.execute(FIND_CHANGED)
    pairs = score_keys(connection, model, rules, only_changed=True, engine=engine)
    left_out = connection.execute("select key from left_out").to_arrow_table()
    unchanged_pairs = UNCHANGED_PAIRS.format(columns=", ".join(pairs.column_names))
    yield from _concatenate([
        (pairs.schema, _read_batches(connection, unchanged_pairs, pairs.schema)),
        (pairs.schema, pairs.to_batches()),
        (fresh.schema, fresh.to_batches()),
        (fresh.schema, _read_batches(connection, UNCHANGED_PERSONS, fresh.schema)),
        (fresh.schema, _build_left_out_rows(left_out, fresh.schema).to_batches()),
    ])  # fmt: skip


def _read_batches(
    connection: duckdb.DuckDBPyConnection, query: str, schema: pa.Schema
) -> Iterator[pa.RecordBatch]:
    """Yield the rows of a query in a schema; the query runs when the first rows are read."""
    for batch in connection.execute(query).to_arrow_reader(BATCH_ROWS):
        yield batch.cast(schema)


def _concatenate(rows: list[Rows]) -> Iterator[pa.Schema | pa.RecordBatch]:
    """Yield one schema with all columns, then all batches; missing columns are null."""
    schema = pa.unify_schemas([schema for schema, _ in rows])
    yield schema
    for _, batches in rows:
        for batch in batches:
            columns = [schema.empty_table(), pa.Table.from_batches([batch])]
            filled = pa.concat_tables(columns, promote_options="default")
            yield from filled.select(schema.names).to_batches()


def _fill_persons(connection: duckdb.DuckDBPyConnection, mentions: pa.Table, model: Model) -> None:
    """Shape the new and changed mentions; fill the tables `people`, `reshaped` and `persons`."""
    changed = connection.execute(NEW_MENTIONS).to_arrow_table()
    LOGGER.info("%d of %d mentions are new or changed", changed.num_rows, mentions.num_rows)
    is_new = pc.is_in(mentions["mention_key"], changed["person_key"].combine_chunks())
    connection.execute(READ_CACHED_PERSONS)
    _shape_in_parts(connection, mentions.filter(is_new))
    connection.execute(RESHAPE_RECROWDED, {"crowded": model.crowded_holders})
    position_persons(connection, "placed", model.crowded_holders)
    connection.execute(FILL_PERSONS)


def _shape_in_parts(connection: duckdb.DuckDBPyConnection, mentions: pa.Table) -> None:
    """Fill `shaped` with the shapes of mentions, part by part, to limit memory.

    DuckDB spills to disk if the shapes do not fit into memory.
    """
    for start in range(0, max(1, mentions.num_rows), SHAPED_AT_ONCE):
        part = shape_mentions(mentions.slice(start, SHAPED_AT_ONCE))
        connection.register("shaped_part", part)
        verb = "insert into shaped" if start else "create temp table shaped as"
        connection.execute(f"{verb} select * from shaped_part")
    connection.unregister("shaped_part")


def _is_usable(cache: pa.Schema, model: Model) -> bool:
    """Say whether a cache has the columns of this model's scores."""
    columns = {*STATE_COLUMNS, *KEY_NAMES.values()}
    for name in model.comparison_names:
        columns |= {f"gamma_{name}", f"weight_{name}"}
    return columns <= set(cache.names) and cache.field("mention_hash").type == pa.uint64()


def _build_left_out_rows(left_out: pa.Table, schema: pa.Schema) -> pa.Table:
    """Return blocking keys that are too common, as rows of the cache in `schema`."""
    keys = left_out["key"].cast(pa.uint64())
    columns = [pa.nulls(len(keys), field.type) for field in schema][:-1]
    return pa.table([*columns, keys], schema=schema)

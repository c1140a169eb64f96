"""Score cache: a load scores only new and changed records, with the result of scoring all.

One table is kept between loads, with three kinds of rows: a pair with its weights (the columns of
`score_pairs`); a person with the hash of its mention, its shape and its blocking keys; a blocking
key that too many persons share. A pair's score follows from its two rows and the model alone, so a
cached pair stays valid if both persons are unchanged: same mention, postcodes as crowded as before,
and none of its blocking keys newly too common to compare by, or no longer too common, which decides
which pairs are candidates at all. Without a cache everything is scored.

How a pair is scored does not belong here (`scoring`).
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
    left_out_keys,
    rule_of_key,
    rules_for,
)
from register.identity.clean import (
    count_holders,
    hash_shaping_code,
    position_persons,
    shape_mentions,
)
from register.identity.score.model import Model
from register.identity.score.scoring import Engine, score_keys, scoring_connection
from register.queries import read_query

LOGGER = logging.getLogger(__name__)
SHAPED_AT_ONCE = 250_000
# Rows that are handed on at once: a nation's are never held twice.
BATCH_ROWS = 100_000
# What an earlier call returned.
Cached: TypeAlias = pa.Table | pa.RecordBatchReader
Rows: TypeAlias = tuple[pa.Schema, Iterable[pa.RecordBatch]]
KEY_NAMES = {"left_key": "left_mention_key", "right_key": "right_mention_key"}
STATE_COLUMNS = [
    "person_key",
    "mention_hash",
    "shape",
    "blocking_keys",
    "left_out_key",
]

# The fields that a person is shaped from, with a version of model, blocking rules and the code that
# shapes: another version changes every person. Lists are hashed item by item, so their lengths are
# hashed too.
LISTS = ("names", "birth_dates", "postcodes", "postcode_districts", "identifiers")
HASHED = f"""
create temp table hashes as
select mention_key as person_key,
    hash(
        $version, mention_key, source, primary_name, sex_code, birth_date_earliest,
        birth_date_latest, {", ".join(f"{name}, len({name})" for name in LISTS)}
    ) as mention_hash
from mentions
"""

NEW_MENTIONS = """
select person_key from hashes
except
select person_key from hashes inner join cache using (person_key, mention_hash)
order by person_key
"""

# Mentions that are new, changed or gone: without one, everything else is as it was.
DIFFERENCES = """
(
    select person_key, mention_hash from hashes
    except
    select person_key, mention_hash from cache
) union all (
    select person_key, mention_hash from cache where person_key is not null
    except
    select person_key, mention_hash from hashes
)
limit 1
"""

PEOPLE = """
create temp table people as
select cast(row_number() over (order by mention_key) - 1 as integer) as person_id,
    mention_key as person_key, source as dataset
from mentions
"""

# Views: shapes and keys of the nation are wide, and most of them are never read.
CACHED_PERSONS = """
create temp view cached_persons as
select person_key, mention_hash, shape, blocking_keys from cache where person_key is not null;
create temp table same_mentions as
select person_key from hashes inner join cached_persons using (person_key, mention_hash)
"""

# Postcodes that were crowded when the cached persons were shaped.
CROWDED_BEFORE = """
create temp view crowded_before as
select distinct unnest(shape.postcodes_crowded) as postcode from cached_persons
"""

# Unchanged mentions with a postcode that has become crowded, or is no longer.
RECROWDED = read_query(__package__, "recrowded_persons")

# The shapes of all persons; only those of compared persons are ever read.
PERSONS = read_query(__package__, "persons")

# Keys that a person gained or lost; run before the keys of unchanged persons are added.
TOUCHED_KEYS = f"""
create temp table touched_keys as
select distinct rule_place, key from blocking_keys
union
select distinct {rule_of_key("key")}, key
from (
    select unnest(blocking_keys) as key
    from cached_persons
    where person_key not in (select person_key from unchanged)
)
"""

UNCHANGED_KEYS = f"""
insert into blocking_keys
select {rule_of_key("key")}, key, person_id, dataset
from (
    select person_id, dataset, unnest(blocking_keys) as key
    from unchanged
    inner join cached_persons using (person_key)
)
"""

LEFT_OUT = read_query(__package__, "left_out_keys", rule_of_key=rule_of_key("left_out_key"))

CHANGED = """
create temp table changed as
select person_id from reshaped
union
select person_id from blocking_keys inner join flipped using (rule_place, key)
"""

# The cached rows of persons that are as they were, and of pairs of such persons: nearly all.
KEPT_PERSONS = f"""
select {", ".join(STATE_COLUMNS)} from cache
where person_key in (select person_key from unchanged)
"""
KEPT_PAIRS = """
with still as (
    select person_key from unchanged where person_id not in (select person_id from changed)
)
select {columns} from cache
where left_mention_key in (select person_key from still)
    and right_mention_key in (select person_key from still)
"""
LEFT_OUT_KEYS = "select key from left_out"

PERSON_KEYS = """
create temp table person_keys as
select person_id, list_sort(list(key)) as keys from blocking_keys group by person_id
"""

# The rows to cache for the persons of a table.
PERSON_ROWS = """
select {table}.person_key, hashes.mention_hash, shaped as shape, person_keys.keys as blocking_keys,
    cast(null as ubigint) as left_out_key
from {table}
inner join (select * exclude (person_id) from {table}) as shaped using (person_key)
inner join hashes using (person_key)
left join person_keys using (person_id)
"""


def rescore(
    mentions: pa.Table,
    model: Model,
    cache: Cached | None = None,
    engine: Engine | None = None,
) -> pa.Table:
    """Return the scores of all candidate pairs, with the rows that the next call needs as cache.

    `mentions` is in `MENTION_SCHEMA`; `cache` is the result of an earlier call, with this or
    another model, whole or batch by batch. The result has the pairs with the columns of
    `score_pairs`, and the rows about persons and blocking keys, which have no mention keys; all in
    no order. Persons are shaped here; `engine` makes pairs of them and scores these, DuckDB where
    none is named.
    """
    return rescore_in_batches(mentions, model, cache, engine).read_all()


def rescore_in_batches(
    mentions: pa.Table,
    model: Model,
    cache: Cached | None = None,
    engine: Engine | None = None,
) -> pa.RecordBatchReader:
    """Return what `rescore` does batch by batch: a nation's persons are never held twice.

    A cache in batches is read to its end first; what does not fit into memory waits on disk. What
    was scored is held until the last batch is read, or the reader is forgotten.
    """
    given = cache.to_reader() if isinstance(cache, pa.Table) else cache
    batches = _rescored(mentions, model, given, engine)
    schema = next(batches)
    assert isinstance(schema, pa.Schema)
    return pa.RecordBatchReader.from_batches(schema, batches)


def _rescored(
    mentions: pa.Table, model: Model, cache: pa.RecordBatchReader | None, engine: Engine | None
) -> Iterator[pa.Schema | pa.RecordBatch]:
    """The schema, then the batches."""
    settings = f"{model.model_dump_json()}{rules_for()!r}{duckdb.__version__}{hash_shaping_code()}"
    version = hashlib.sha256(settings.encode()).hexdigest()
    with scoring_connection() as connection:
        connection.register("mentions", mentions)
        connection.execute(HASHED, {"version": version})
        count_holders(connection, "mentions")
        if cache is None or not _is_usable(cache.schema, model):
            yield from _score_all(connection, mentions, model, engine)
            return
        connection.register("given", cache)
        connection.execute("create temp table cache as select * from given")
        connection.unregister("given")
        if not connection.execute(DIFFERENCES).fetchall():
            LOGGER.info("no mention is new, changed or gone")
            yield cache.schema
            yield from _batches(connection, "select * from cache", cache.schema)
            return
        yield from _score_changed(connection, mentions, model, engine)


def _score_all(
    connection: duckdb.DuckDBPyConnection,
    mentions: pa.Table,
    model: Model,
    engine: Engine | None,
) -> Iterator[pa.Schema | pa.RecordBatch]:
    _shape(connection, mentions)
    position_persons(connection, "persons", model.crowded_holders)
    connection.execute("drop table shaped")
    fill_blocking_keys(connection, rules_for())
    connection.execute(PERSON_KEYS)
    left_out = left_out_keys(connection, rules_for())
    pairs = _with_mention_keys(score_keys(connection, model, rules_for(), engine=engine))
    persons = connection.execute(PERSON_ROWS.format(table="persons")).to_arrow_reader(BATCH_ROWS)
    yield from _as_one([
        (pairs.schema, pairs.to_batches()),
        (persons.schema, persons),
        (persons.schema, _left_out_rows(left_out, persons.schema).to_batches()),
    ])  # fmt: skip


def _score_changed(
    connection: duckdb.DuckDBPyConnection,
    mentions: pa.Table,
    model: Model,
    engine: Engine | None,
) -> Iterator[pa.Schema | pa.RecordBatch]:
    _fill_persons(connection, mentions, model)
    fill_blocking_keys(connection, rules_for(), "reshaped")
    connection.execute(PERSON_KEYS)
    fresh = connection.execute(PERSON_ROWS.format(table="reshaped")).to_arrow_table()
    connection.execute(TOUCHED_KEYS)
    connection.execute(UNCHANGED_KEYS)
    connection.register("still_out", left_out_keys(connection, rules_for(), "touched_keys"))
    connection.execute(LEFT_OUT)
    connection.execute(CHANGED)
    pairs = score_keys(connection, model, rules_for(), only_changed=True, engine=engine)
    scored = _with_mention_keys(pairs)
    left_out = connection.execute(LEFT_OUT_KEYS).to_arrow_table()
    kept_pairs = KEPT_PAIRS.format(columns=", ".join(scored.column_names))
    yield from _as_one([
        (scored.schema, _batches(connection, kept_pairs, scored.schema)),
        (scored.schema, scored.to_batches()),
        (fresh.schema, fresh.to_batches()),
        (fresh.schema, _batches(connection, KEPT_PERSONS, fresh.schema)),
        (fresh.schema, _left_out_rows(left_out, fresh.schema).to_batches()),
    ])  # fmt: skip


def _batches(
    connection: duckdb.DuckDBPyConnection, query: str, schema: pa.Schema
) -> Iterator[pa.RecordBatch]:
    """The rows of a query in a schema, asked for with the first of them."""
    for batch in connection.execute(query).to_arrow_reader(BATCH_ROWS):
        yield batch.cast(schema)


def _as_one(rows: list[Rows]) -> Iterator[pa.Schema | pa.RecordBatch]:
    """One schema with the columns of all, then the batches of all, null where one has no column."""
    schema = pa.unify_schemas([schema for schema, _ in rows])
    yield schema
    for _, batches in rows:
        for batch in batches:
            columns = [schema.empty_table(), pa.Table.from_batches([batch])]
            whole = pa.concat_tables(columns, promote_options="default")
            yield from whole.select(schema.names).to_batches()


def _fill_persons(connection: duckdb.DuckDBPyConnection, mentions: pa.Table, model: Model) -> None:
    """Shape the mentions that are new or changed; fill `people`, `reshaped` and `persons`."""
    changed = connection.execute(NEW_MENTIONS).to_arrow_table()
    LOGGER.info("%d of %d mentions are new or changed", changed.num_rows, mentions.num_rows)
    is_new = pc.is_in(mentions["mention_key"], changed["person_key"].combine_chunks())
    for statement in (PEOPLE, CACHED_PERSONS):
        connection.execute(statement)
    _shape(connection, mentions.filter(is_new))
    connection.execute(CROWDED_BEFORE)
    connection.execute(RECROWDED, {"crowded": model.crowded_holders})
    position_persons(connection, "placed", model.crowded_holders)
    connection.execute(PERSONS)


def _shape(connection: duckdb.DuckDBPyConnection, mentions: pa.Table) -> None:
    """Fill `shaped` with the shapes of mentions, in parts, so that memory stays bounded.

    DuckDB spills the shapes of a whole nation to disk.
    """
    for start in range(0, max(1, mentions.num_rows), SHAPED_AT_ONCE):
        part = shape_mentions(mentions.slice(start, SHAPED_AT_ONCE))
        connection.register("shaped_part", part)
        verb = "insert into shaped" if start else "create temp table shaped as"
        connection.execute(f"{verb} select * from shaped_part")
    connection.unregister("shaped_part")


def _is_usable(cache: pa.Schema, model: Model) -> bool:
    """Say whether a cache has the columns of this model's scores."""
    wanted = {*STATE_COLUMNS, *KEY_NAMES.values()}
    for name in model.comparison_names:
        wanted |= {f"gamma_{name}", f"weight_{name}"}
    return wanted <= set(cache.names) and cache.field("mention_hash").type == pa.uint64()


def _with_mention_keys(pairs: pa.Table) -> pa.Table:
    return pairs.rename_columns([KEY_NAMES.get(name, name) for name in pairs.column_names])


def _left_out_rows(left_out: pa.Table, schema: pa.Schema) -> pa.Table:
    """Return keys that too many persons share as rows of the cache's `schema`."""
    keys = left_out["key"].cast(pa.uint64())
    columns = [pa.nulls(len(keys), field.type) for field in schema][:-1]
    return pa.table([*columns, keys], schema=schema)

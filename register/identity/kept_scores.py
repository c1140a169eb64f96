"""What a load leaves for the next about the pairs it scored: one table, three kinds of rows.

A pair with its weights (the columns of `scoring.score_pairs`); a person with the hash of its
mention, its shape and its blocking keys; a blocking key that too many persons share. What is done
with them is the matter of `rescoring`, in whose connection the statements below run.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from register.identity.blocking import RULE_OF_KEY
from register.identity.model import Model

KEY_NAMES = {"left_key": "left_mention_key", "right_key": "right_mention_key"}
STATE_COLUMNS = [
    "person_key",
    "mention_hash",
    "shape",
    "blocking_keys",
    "left_out_key",
]

# Of what a person is shaped from (`mention_persons`). Model and blocking rules are part of it: with
# others every person has changed. Lists are hashed item by item, so their lengths are hashed too.
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
select person_key from hashes inner join kept using (person_key, mention_hash)
order by person_key
"""

PEOPLE = """
create temp table people as
select cast(row_number() over (order by mention_key) - 1 as integer) as person_id,
    mention_key as person_key, source as dataset
from mentions
"""

# Views: shapes and keys of the nation are wide, and most of them are never looked at.
KEPT_PERSONS = """
create temp view kept_persons as
select person_key, mention_hash, shape, blocking_keys from kept where person_key is not null;
create temp table standing as
select person_key from hashes inner join kept_persons using (person_key, mention_hash)
"""

# Mentions that stand, but have a postcode that is crowded and was not, or was and is not.
RECROWDED = """
with now as (
    select postcode from holders where holder_count > $crowded
), flipped as (
    (select * from now except select * from crowded_before)
    union
    (select * from crowded_before except select * from now)
), touched as (
    select distinct person_key
    from (select mention_key as person_key, unnest(postcodes) as postcode from mentions)
    inner join flipped using (postcode)
)
insert into shaped by name
select * exclude (postcodes_private, postcodes_crowded)
from (
    select unnest(shape)
    from kept_persons
    inner join touched using (person_key)
    inner join standing using (person_key)
)
"""

# The shapes of all persons; only those that are compared are ever taken out.
PERSONS = """
create temp table reshaped as
select people.person_id, placed.* exclude (person_id)
from placed
inner join people using (person_key);
create temp table unchanged as
select person_id, person_key, dataset
from people
inner join standing using (person_key)
where person_key not in (select person_key from reshaped);
create temp view persons as
select * from reshaped
union all
select person_id, unnest(shape) from unchanged inner join kept_persons using (person_key)
"""

# Keys that somebody gained or lost; before the keys of those who stand are put beside them.
TOUCHED_KEYS = f"""
create temp table touched_keys as
select distinct rule_place, key from blocking_keys
union
select distinct {RULE_OF_KEY.format(key="key")}, key
from (
    select unnest(blocking_keys) as key
    from kept_persons
    where person_key not in (select person_key from unchanged)
)
"""

STANDING_KEYS = f"""
insert into blocking_keys
select {RULE_OF_KEY.format(key="key")}, key, person_id, dataset
from (
    select person_id, dataset, unnest(blocking_keys) as key
    from unchanged
    inner join kept_persons using (person_key)
)
"""

LEFT_OUT = f"""
create temp table left_out_before as
select {RULE_OF_KEY.format(key="left_out_key")} as rule_place, left_out_key as key
from kept
where left_out_key is not null;
create temp table left_out as
select * from still_out
union
(select * from left_out_before except select * from touched_keys);
create temp table flipped as
(select * from left_out except select * from left_out_before)
union
(select * from left_out_before except select * from left_out)
"""

CHANGED = """
create temp table changed as
select person_id from reshaped
union
select person_id from blocking_keys inner join flipped using (rule_place, key)
"""

# What is kept of these persons, and of pairs with one of them, stands no longer. They are few.
NEW_STATE = """
select person_key from kept_persons where person_key not in (select person_key from unchanged)
"""
NEW_PAIRS = """
select person_key from kept_persons
where person_key not in (
    select person_key from unchanged where person_id not in (select person_id from changed)
)
"""
OUT = "select key from left_out"

HELD_KEYS = """
create temp table held_keys as
select person_id, list_sort(list(key)) as keys from blocking_keys group by person_id
"""

# Of the persons of a table.
FRESH_STATE = """
select {table}.person_key, hashes.mention_hash, shaped as shape, held_keys.keys as blocking_keys,
    cast(null as ubigint) as left_out_key
from {table}
inner join (select * exclude (person_id) from {table}) as shaped using (person_key)
inner join hashes using (person_key)
left join held_keys using (person_id)
"""


def is_usable(kept: pa.Table, model: Model) -> bool:
    """Say whether a kept table has the columns that this model's scores have."""
    wanted = {*STATE_COLUMNS, *KEY_NAMES.values()}
    for name in model.comparison_names:
        wanted |= {f"gamma_{name}", f"weight_{name}"}
    return wanted <= set(kept.column_names) and kept["mention_hash"].type == pa.uint64()


def crowded_before(kept: pa.Table) -> pa.Table:
    """Return the postcodes that were crowded when the kept persons were shaped."""
    crowded = pc.struct_field(kept["shape"], "postcodes_crowded")
    return pa.table({"postcode": pc.unique(pc.list_flatten(crowded))})


def standing_state(kept: pa.Table, fallen: pa.Table) -> pa.Table:
    """Return what is kept of all persons but the `fallen` (person_key)."""
    return kept.select(STATE_COLUMNS).filter(_stands(kept["person_key"], fallen))


def standing_pairs(kept: pa.Table, fallen: pa.Table) -> pa.Table:
    """Return the kept pairs without a `fallen` person (person_key), without their state."""
    left, right = (_stands(kept[name], fallen) for name in KEY_NAMES.values())
    return kept.drop_columns(STATE_COLUMNS).filter(pc.and_(left, right))


def _stands(keys: pa.ChunkedArray, fallen: pa.Table) -> pa.ChunkedArray:
    is_fallen = pc.is_in(keys, fallen["person_key"])
    return pc.and_(pc.is_valid(keys), pc.invert(is_fallen))


def named(pairs: pa.Table) -> pa.Table:
    """Name the ends of scored pairs as mentions."""
    return pairs.rename_columns([KEY_NAMES.get(name, name) for name in pairs.column_names])


def left_out_rows(left_out: pa.Table, schema: pa.Schema) -> pa.Table:
    """Return keys that too many share as rows of the kept table's `schema`."""
    keys = left_out["key"].cast(pa.uint64())
    columns = [pa.nulls(len(keys), field.type) for field in schema][:-1]
    return pa.table([*columns, keys], schema=schema)


def whole(pairs: list[pa.Table], state: list[pa.Table]) -> pa.Table:
    """Put pairs and what is kept beside them into one table, in no order and without a copy."""
    return pa.concat_tables([*map(named, pairs), *state], promote_options="default")

"""What a load leaves for the next about the pairs it scored: one table, three kinds of rows.

A pair with its weights (the columns of `scoring.score_pairs`); a person with the hash of its
mention, its shape and its blocking keys; a blocking key that too many persons share. What is done
with them is the matter of `rescoring`, in whose connection the statements below run.
"""

from __future__ import annotations

import pyarrow as pa

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

# Model and blocking rules are part of the hash: with others every person has changed.
HASHED = """
create temp table hashes as
select mention_key as person_key,
    sha256($version || cast(to_json(mentions) as varchar)) as mention_hash
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
), before as (
    select distinct unnest(shape.postcodes_crowded) as postcode from kept_persons
), flipped as (
    (select * from now except select * from before)
    union
    (select * from before except select * from now)
), touched as (
    select distinct person_key
    from (select mention_key as person_key, unnest(postcodes) as postcode from mentions)
    inner join flipped using (postcode)
)
select unnest(shape)
from kept_persons
inner join touched using (person_key)
inner join standing using (person_key)
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

STANDING_PAIRS = """
with standing as (
    select person_key from people where person_id not in (select person_id from changed)
)
select kept.*
from kept
inner join standing as left_person on kept.left_mention_key = left_person.person_key
inner join standing as right_person on kept.right_mention_key = right_person.person_key
"""

# Of the persons of a table, from `blocking_keys` that holds theirs.
FRESH_STATE = """
with held as (
    select person_id, list_sort(list(key)) as keys from blocking_keys group by person_id
)
select {table}.person_key, hashes.mention_hash, shaped as shape, held.keys as blocking_keys,
    cast(null as ubigint) as left_out_key
from {table}
inner join (select * exclude (person_id) from {table}) as shaped using (person_key)
inner join hashes using (person_key)
left join held using (person_id)
"""

STATE = """
select * from fresh_state
union all
select person_key, mention_hash, shape, blocking_keys, cast(null as ubigint) as left_out_key
from kept
where person_key in (select person_key from unchanged)
union all
select null, null, null, null, key from left_out
"""


def is_usable(kept: pa.Table, model: Model) -> bool:
    """Say whether a kept table has the columns that this model's scores have."""
    wanted = {*STATE_COLUMNS, *KEY_NAMES.values()}
    for name in model.comparison_names:
        wanted |= {f"gamma_{name}", f"weight_{name}"}
    return wanted <= set(kept.column_names)


def named(pairs: pa.Table) -> pa.Table:
    """Name the ends of scored pairs as mentions."""
    return pairs.rename_columns([KEY_NAMES.get(name, name) for name in pairs.column_names])


def left_out_rows(left_out: pa.Table, schema: pa.Schema) -> pa.Table:
    """Return keys that too many share as rows of the kept table's `schema`."""
    keys = left_out["key"].cast(pa.uint64())
    columns = [pa.nulls(len(keys), field.type) for field in schema][:-1]
    return pa.table([*columns, keys], schema=schema)


def whole(pairs: pa.Table, state: pa.Table) -> pa.Table:
    """Put pairs, in order of keys, and what is kept beside them, in no order, into one table."""
    ordered = named(pairs).sort_by([(name, "ascending") for name in KEY_NAMES.values()])
    return pa.concat_tables([ordered, state], promote_options="default")

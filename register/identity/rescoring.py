"""Rescoring: a load scores only what is new or changed, and gets what scoring everything gives.

What is kept between loads is a table of scores with the hash of every person as it was scored. A
pair's score follows from its two rows and the model alone (`scoring`), so a pair whose two hashes
stand is not scored again. Whether a pair is a candidate at all also depends on how many share its
blocking keys: the keys that too many share are kept too, and whoever holds one that has become
too common, or has ceased to be, counts as changed. Without a kept table everything is scored.
"""

from __future__ import annotations

import hashlib
import logging

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from register.identity.blocking import fill_left_out_keys, holders_of_keys, rules_for
from register.identity.model import Model
from register.identity.persons import other_columns, persons_from_mentions
from register.identity.scoring import score_persons

LOGGER = logging.getLogger(__name__)
KEY_NAMES = {"left_key": "left_mention_key", "right_key": "right_mention_key"}
STATE_COLUMNS = ["person_key", "person_hash", "left_out_rule", "left_out_key"]


def rescore(mentions: pa.Table, model: Model, kept: pa.Table | None = None) -> pa.Table:
    """Return the scores of all candidate pairs, with what the next call needs to know of them.

    `mentions` is in `mentions.MENTION_SCHEMA`; `kept` is what an earlier call returned, whatever
    the model then was. A row of the result is a pair, with the columns of `scoring.score_pairs`;
    or a person, with `person_key` and `person_hash`; or a blocking key that too many share, with
    `left_out_rule` and `left_out_key`. The other columns are null. Rows are in order.
    """
    persons = persons_from_mentions(mentions, model.crowded_holders)
    with duckdb.connect(":memory:") as connection:
        state = _state(connection, persons, model)
        if kept is None or not _is_usable(kept, model):
            return _whole(_named(score_persons(persons, model).pairs), state)
        changed = _changed(connection, persons, kept)
        LOGGER.info("%d of %d persons are new or changed", len(changed), persons.num_rows)
        connection.register("changed", pa.table({"person_key": pa.array(changed, pa.string())}))
        standing = connection.execute(STANDING).to_arrow_table().drop_columns(STATE_COLUMNS)
    if changed:
        fresh = _named(score_persons(persons, model, changed_keys=changed).pairs)
        standing = pa.concat_tables([standing.select(fresh.column_names).cast(fresh.schema), fresh])
    return _whole(standing, state)


def pairs_of(scores: pa.Table) -> pa.Table:
    """Return the pairs among the rows that `rescore` returned."""
    pairs = scores.filter(pc.is_valid(scores["left_mention_key"]))
    return pairs.drop_columns(STATE_COLUMNS)


HASHED = """
create temp table hashes as
select person_key, sha256($version || cast(to_json(shaped) as varchar)) as person_hash
from (select * exclude (person_id) from persons) as shaped
"""

STATE = """
select person_key, person_hash,
    cast(null as integer) as left_out_rule, cast(null as ubigint) as left_out_key
from hashes
union all
select null, null, rule_place, key from left_out_keys
order by person_key, left_out_rule, left_out_key
"""

# Keys that were too common and are not, or are and were not.
FLIPPED = """
create temp table flipped as
with before as (
    select left_out_rule as rule_place, left_out_key as key
    from kept
    where left_out_key is not null
)
(select * from before except select * from left_out_keys)
union all
(select * from left_out_keys except select * from before)
"""

CHANGED = """
select person_key from hashes
except
select person_key from hashes inner join kept using (person_key, person_hash)
"""

STANDING = """
with standing as (
    select person_key from hashes except select person_key from changed
)
select kept.*
from kept
inner join standing as left_person on kept.left_mention_key = left_person.person_key
inner join standing as right_person on kept.right_mention_key = right_person.person_key
"""


def _state(connection: duckdb.DuckDBPyConnection, persons: pa.Table, model: Model) -> pa.Table:
    """Hash every person's row, its position aside, and find the keys that too many share.

    Model and blocking rules are part of the hash: with others every person has changed.
    """
    rules = rules_for(other_columns(persons))
    version = hashlib.sha256(f"{model.model_dump_json()}{rules!r}".encode()).hexdigest()
    connection.register("persons", persons)
    connection.execute(HASHED, {"version": version})
    fill_left_out_keys(connection, rules)
    return connection.execute(STATE).to_arrow_table()


def _changed(connection: duckdb.DuckDBPyConnection, persons: pa.Table, kept: pa.Table) -> list[str]:
    connection.register("kept", kept)
    connection.execute(FLIPPED)
    changed = {row[0] for row in connection.execute(CHANGED).fetchall()}
    changed |= set(holders_of_keys(connection, "flipped", rules_for(other_columns(persons))))
    return sorted(changed)


def _is_usable(kept: pa.Table, model: Model) -> bool:
    """Whether a kept table has the columns that this model's scores have."""
    wanted = {*STATE_COLUMNS, *KEY_NAMES.values()}
    for name in model.comparison_names:
        wanted |= {f"gamma_{name}", f"weight_{name}"}
    return wanted <= set(kept.column_names)


def _named(pairs: pa.Table) -> pa.Table:
    return pairs.rename_columns([KEY_NAMES.get(name, name) for name in pairs.column_names])


def _whole(pairs: pa.Table, state: pa.Table) -> pa.Table:
    """Put pairs, in order of keys, and what is kept beside them into one table."""
    ordered = pairs.sort_by([(name, "ascending") for name in KEY_NAMES.values()])
    return pa.concat_tables([ordered, state], promote_options="default")

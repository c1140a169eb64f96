"""Rescoring: a load scores only what is new or changed, and gets what scoring everything gives.

What is kept between loads is one table (`kept_scores` says what is in it). A pair's score follows
from its two rows and the model alone (`scoring`), so a pair whose two persons stand is not scored
again. A person stands if its mention is as it was, its postcodes are as crowded as they were, and
none of its blocking keys has become too common to compare by, or has ceased to be: that decides
which pairs are candidates at all. Without a kept table everything is scored.
"""

from __future__ import annotations

import hashlib
import logging

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from register.identity import kept_scores
from register.identity.blocking import (
    fill_blocking_keys,
    left_out_keys,
    pairs_of_keys,
    rules_for,
)
from register.identity.mention_persons import persons_from_mentions, shape_mentions
from register.identity.model import Model
from register.identity.persons import HOLDERS, PLACE
from register.identity.scoring import score_blocked, scoring_connection

LOGGER = logging.getLogger(__name__)


def rescore(mentions: pa.Table, model: Model, kept: pa.Table | None = None) -> pa.Table:
    """Return the scores of all candidate pairs, with what the next call needs to know of them.

    `mentions` is in `mentions.MENTION_SCHEMA`; `kept` is what an earlier call returned, whatever
    the model then was. The result holds the pairs with the columns of `scoring.score_pairs`
    (in order of keys) beside rows that describe what was scored, which have no mention keys.
    """
    version = hashlib.sha256(f"{model.model_dump_json()}{rules_for()!r}".encode()).hexdigest()
    with scoring_connection() as connection:
        connection.register("mentions", mentions)
        connection.execute(kept_scores.HASHED, {"version": version})
        if kept is None or not kept_scores.is_usable(kept, model):
            return _scored_whole(connection, mentions, model)
        connection.register("kept", kept)
        return _scored_part(connection, mentions, model)


def _scored_whole(
    connection: duckdb.DuckDBPyConnection, mentions: pa.Table, model: Model
) -> pa.Table:
    connection.register("placed", persons_from_mentions(mentions, model.crowded_holders))
    connection.execute("create temp table persons as select * from placed")
    fill_blocking_keys(connection, rules_for())
    persons = connection.execute(kept_scores.FRESH_STATE.format(table="persons")).to_arrow_table()
    out = left_out_keys(connection, rules_for())
    pairs_of_keys(connection, rules=rules_for())
    pairs = score_blocked(connection, model)
    state = [persons, kept_scores.left_out_rows(out, persons.schema)]
    return kept_scores.whole(pairs, pa.concat_tables(state))


def _scored_part(
    connection: duckdb.DuckDBPyConnection, mentions: pa.Table, model: Model
) -> pa.Table:
    _place_changed(connection, mentions, model)
    fill_blocking_keys(connection, rules_for(), "reshaped")
    connection.register(
        "fresh_state",
        connection.execute(kept_scores.FRESH_STATE.format(table="reshaped")).to_arrow_table(),
    )
    connection.execute(kept_scores.TOUCHED_KEYS)
    connection.execute(kept_scores.STANDING_KEYS)
    connection.register("still_out", left_out_keys(connection, rules_for(), "touched_keys"))
    connection.execute(kept_scores.LEFT_OUT)
    connection.execute(kept_scores.CHANGED)
    state = connection.execute(kept_scores.STATE).to_arrow_table()
    standing = connection.execute(kept_scores.STANDING_PAIRS).to_arrow_table()
    pairs_of_keys(connection, only_changed=True, rules=rules_for())
    fresh = kept_scores.named(score_blocked(connection, model))
    both = [standing.select(fresh.column_names).cast(fresh.schema), fresh]
    return kept_scores.whole(pa.concat_tables(both), state)


def _place_changed(connection: duckdb.DuckDBPyConnection, mentions: pa.Table, model: Model) -> None:
    """Shape the mentions that are new or changed; fill `people`, `reshaped` and `persons`."""
    crowded = {"crowded": model.crowded_holders}
    changed = connection.execute(kept_scores.NEW_MENTIONS).to_arrow_table()
    LOGGER.info("%d of %d mentions are new or changed", changed.num_rows, mentions.num_rows)
    is_new = pc.is_in(mentions["mention_key"], changed["person_key"].combine_chunks())
    for statement in (kept_scores.PEOPLE, kept_scores.KEPT_PERSONS):
        connection.execute(statement)
    connection.execute(HOLDERS.format(table="mentions"))
    shaped = shape_mentions(mentions.filter(is_new))
    recrowded = connection.execute(kept_scores.RECROWDED, crowded).to_arrow_table()
    recrowded = recrowded.select(shaped.column_names).cast(shaped.schema)
    connection.register("shaped", pa.concat_tables([shaped, recrowded]))
    connection.register("placed", connection.execute(PLACE, crowded).to_arrow_table())
    connection.execute(kept_scores.PERSONS)

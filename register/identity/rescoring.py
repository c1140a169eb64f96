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
from register.identity.mention_persons import shape_mentions
from register.identity.model import Model
from register.identity.persons import HOLDERS, PLACE
from register.identity.scoring import score_blocked, scoring_connection

LOGGER = logging.getLogger(__name__)
SHAPED_AT_ONCE = 250_000


def rescore(mentions: pa.Table, model: Model, kept: pa.Table | None = None) -> pa.Table:
    """Return the scores of all candidate pairs, with what the next call needs to know of them.

    `mentions` is in `mentions.MENTION_SCHEMA`; `kept` is what an earlier call returned, whatever
    the model then was. The result holds the pairs with the columns of `scoring.score_pairs`
    beside rows that describe what was scored, which have no mention keys; all in no order.
    """
    settings = f"{model.model_dump_json()}{rules_for()!r}{duckdb.__version__}"
    version = hashlib.sha256(settings.encode()).hexdigest()
    with scoring_connection() as connection:
        connection.register("mentions", mentions)
        connection.execute(kept_scores.HASHED, {"version": version})
        connection.execute(HOLDERS.format(table="mentions"))
        if kept is None or not kept_scores.is_usable(kept, model):
            return _scored_whole(connection, mentions, model)
        connection.register("kept", kept)
        return _scored_part(connection, mentions, model, kept)


def _scored_whole(
    connection: duckdb.DuckDBPyConnection, mentions: pa.Table, model: Model
) -> pa.Table:
    _shape(connection, mentions)
    _place(connection, model, "persons")
    connection.execute("drop table shaped")
    fill_blocking_keys(connection, rules_for())
    connection.execute(kept_scores.HELD_KEYS)
    out = left_out_keys(connection, rules_for())
    pairs_of_keys(connection, rules=rules_for())
    pairs = score_blocked(connection, model)
    persons = connection.execute(kept_scores.FRESH_STATE.format(table="persons")).to_arrow_table()
    return kept_scores.whole([pairs], [persons, kept_scores.left_out_rows(out, persons.schema)])


def _scored_part(
    connection: duckdb.DuckDBPyConnection, mentions: pa.Table, model: Model, kept: pa.Table
) -> pa.Table:
    _place_changed(connection, mentions, model, kept)
    fill_blocking_keys(connection, rules_for(), "reshaped")
    connection.execute(kept_scores.HELD_KEYS)
    fresh = connection.execute(kept_scores.FRESH_STATE.format(table="reshaped")).to_arrow_table()
    connection.execute(kept_scores.TOUCHED_KEYS)
    connection.execute(kept_scores.STANDING_KEYS)
    connection.register("still_out", left_out_keys(connection, rules_for(), "touched_keys"))
    connection.execute(kept_scores.LEFT_OUT)
    connection.execute(kept_scores.CHANGED)
    pairs_of_keys(connection, only_changed=True, rules=rules_for())
    scored = kept_scores.named(score_blocked(connection, model))
    fallen_state, fallen_pairs, out = (
        connection.execute(query).to_arrow_table()
        for query in (kept_scores.NEW_STATE, kept_scores.NEW_PAIRS, kept_scores.OUT)
    )
    pairs = kept_scores.standing_pairs(kept, fallen_pairs).select(scored.column_names)
    state = kept_scores.standing_state(kept, fallen_state)
    return kept_scores.whole(
        [pairs.cast(scored.schema), scored],
        [fresh, state.cast(fresh.schema), kept_scores.left_out_rows(out, fresh.schema)],
    )


def _place_changed(
    connection: duckdb.DuckDBPyConnection, mentions: pa.Table, model: Model, kept: pa.Table
) -> None:
    """Shape the mentions that are new or changed; fill `people`, `reshaped` and `persons`."""
    changed = connection.execute(kept_scores.NEW_MENTIONS).to_arrow_table()
    LOGGER.info("%d of %d mentions are new or changed", changed.num_rows, mentions.num_rows)
    is_new = pc.is_in(mentions["mention_key"], changed["person_key"].combine_chunks())
    for statement in (kept_scores.PEOPLE, kept_scores.KEPT_PERSONS):
        connection.execute(statement)
    _shape(connection, mentions.filter(is_new))
    connection.register("crowded_before", kept_scores.crowded_before(kept))
    connection.execute(kept_scores.RECROWDED, {"crowded": model.crowded_holders})
    _place(connection, model, "placed")
    connection.execute(kept_scores.PERSONS)


def _shape(connection: duckdb.DuckDBPyConnection, mentions: pa.Table) -> None:
    """Fill `shaped` with what mentions say by themselves, so many at once that memory is bounded.

    Shapes of the nation then lie where what memory does not hold is put aside.
    """
    for start in range(0, max(1, mentions.num_rows), SHAPED_AT_ONCE):
        part = shape_mentions(mentions.slice(start, SHAPED_AT_ONCE))
        connection.register("shaped_part", part)
        verb = "insert into shaped" if start else "create temp table shaped as"
        connection.execute(f"{verb} select * from shaped_part")
    connection.unregister("shaped_part")


def _place(connection: duckdb.DuckDBPyConnection, model: Model, table: str) -> None:
    """Make `table` of `shaped` and what the population says of each."""
    crowded = {"crowded": model.crowded_holders}
    connection.execute(f"create temp table {table} as {PLACE}", crowded)

"""Scoring: the match weight of every candidate pair by the pinned model.

A pair's score follows from its two rows and the model alone. So the order of the input does not
matter, and a load that scores only changed records gets the result of a full load. `cluster`
decides which pairs become one child.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from tempfile import TemporaryDirectory
from typing import Any, Protocol

import duckdb
import numpy as np
import pyarrow as pa

from register.identity.block import (
    BlockingRule,
    RuleCount,
    Scope,
    fill_blocking_keys,
    find_pairs,
    list_blocking_rules,
)
from register.identity.clean import list_other_columns, persons_from_mentions
from register.identity.score.frequencies import frequency_table
from register.identity.score.model import Cap, Model
from register.queries import read_query

LOGGER = logging.getLogger(__name__)
PAIRS_AT_ONCE = 3_000_000
# Largest difference (bits) between a load's prior and the model's. The prior depends on the number
# of mentions: the fewer mentions, the more likely two of them match.
MAX_PRIOR_SHIFT = 7.0
MEMORY_LIMIT = "2GB"
KEY_NAMES = {"left_key": "left_mention_key", "right_key": "right_mention_key"}


class Engine(Protocol):
    """A function that makes pairs from the blocking keys and scores them, in DuckDB or on Spark."""

    def __call__(
        self,
        connection: duckdb.DuckDBPyConnection,
        model: Model,
        rules: tuple[BlockingRule, ...],
        only_changed: bool,
    ) -> None:
        """Fill `scored` with the pairs whose match weight is at least `min_scored_weight`.

        `scored` has the columns of `list_scored_columns`. The connection has the tables
        `blocking_keys` and `persons`, and with `only_changed` also `changed`, in the form that
        `find_pairs` reads.
        """


@dataclass(frozen=True)
class Scores:
    """Scored pairs (see `score_pairs`) and the pair counts of each blocking rule."""

    pairs: pa.Table
    rule_counts: list[RuleCount]
    candidate_pair_count: int


def score_pairs(
    mentions: pa.Table,
    model: Model,
    scope: Scope = "all",
    changed_keys: Iterable[str] | None = None,
    min_weight: float | None = None,
) -> pa.Table:
    """Score the candidate pairs of `mentions` (`MENTION_SCHEMA`).

    Pairs are returned in order of keys, with left_mention_key < right_mention_key. The other
    columns are match_weight (bits, with the model's own prior), blocking_rule_place, capped_by, and
    gamma_… and weight_… for each comparison. Bands are added in `links`.

    `scope` keeps pairs within a source or between two sources. `changed_keys` keeps pairs with at
    least one of these keys. Pairs below `min_weight` (by default `min_scored_weight`) are left out.
    Method: Fellegi and Sunter (1969), by Splink.
    """
    persons = persons_from_mentions(mentions, model.crowded_holders)
    return name_mention_keys(score_persons(persons, model, scope, changed_keys, min_weight).pairs)


def name_mention_keys(pairs: pa.Table) -> pa.Table:
    """Rename the key columns of scored persons to those of mentions."""
    return pairs.rename_columns([KEY_NAMES.get(name, name) for name in pairs.column_names])


def score_persons(
    persons: pa.Table,
    model: Model,
    scope: Scope = "all",
    changed_keys: Iterable[str] | None = None,
    min_weight: float | None = None,
) -> Scores:
    """Score the candidate pairs of shaped persons, as `score_pairs` does for mentions.

    The keys are named left_key and right_key.
    """
    with scoring_connection() as connection:
        _register_persons(connection, persons, changed_keys)
        rules = list_blocking_rules(list_other_columns(persons))
        fill_blocking_keys(connection, rules)
        counts = find_pairs(connection, rules, scope, only_changed=changed_keys is not None)
        total = _score_blocked_pairs(
            connection, model, min_scored_weight(model) if min_weight is None else min_weight
        )
        pairs = connection.execute(_banded_pairs_sql(model)).to_arrow_table()
    return Scores(pairs, counts, total)


def min_scored_weight(model: Model) -> float:
    """Return the match weight (bits) below which no load keeps a pair."""
    return model.thresholds.keep - MAX_PRIOR_SHIFT


@contextmanager
def scoring_connection() -> Iterator[duckdb.DuckDBPyConnection]:
    """Open an in-memory database for one scoring, and delete its spill files at the end."""
    with TemporaryDirectory(prefix="register-scoring-") as spill_folder:
        config: dict[str, Any] = {
            "memory_limit": MEMORY_LIMIT,
            "temp_directory": spill_folder,
            # The rows have names.
            "temp_file_encryption": "true",
        }
        with duckdb.connect(":memory:", config=config) as connection:
            connection.execute("set enable_progress_bar = false")
            yield connection


def score_keys(
    connection: duckdb.DuckDBPyConnection,
    model: Model,
    rules: tuple[BlockingRule, ...],
    only_changed: bool = False,
    engine: Engine | None = None,
) -> pa.Table:
    """Score the pairs that follow from the tables `blocking_keys` and `persons` of the connection.

    Returns the pairs as `score_pairs` does. `engine` is by default DuckDB.
    """
    (engine or score_in_duckdb)(connection, model, rules, only_changed)
    return name_mention_keys(connection.execute(_banded_pairs_sql(model)).to_arrow_table())


def score_in_duckdb(
    connection: duckdb.DuckDBPyConnection,
    model: Model,
    rules: tuple[BlockingRule, ...],
    only_changed: bool,
) -> None:
    """Make pairs and score them in this process; this is the default `Engine`."""
    find_pairs(connection, rules, only_changed=only_changed)
    _score_blocked_pairs(connection, model, min_scored_weight(model))
    for table in ("blocked_pairs", "persons_paired"):
        connection.execute(f"drop table {table}")


def _register_persons(
    connection: duckdb.DuckDBPyConnection, persons: pa.Table, changed_keys: Iterable[str] | None
) -> None:
    connection.register("persons_given", persons)
    connection.execute("create temp table persons as select * from persons_given")
    if changed_keys is not None:
        keys = pa.table({"person_key": pa.array(sorted(changed_keys), pa.string())})
        connection.register("changed_given", keys)
        connection.execute(
            "create temp table changed as select person_id from persons"
            " inner join changed_given using (person_key)"
        )


def _score_blocked_pairs(
    connection: duckdb.DuckDBPyConnection, model: Model, min_weight: float
) -> int:
    """Fill `scored` from `blocked_pairs` in parts, to save memory.

    Returns the number of `blocked_pairs`.
    """
    from splink import DuckDBAPI, Linker

    total = len(connection.table("blocked_pairs"))
    LOGGER.info("%d candidate pairs", total)
    # An incremental load compares few persons, so only persons in a pair are copied.
    connection.execute(
        "create or replace temp table persons_paired as select * from persons where person_id in"
        " (select join_key_l from blocked_pairs union select join_key_r from blocked_pairs)"
    )
    database = DuckDBAPI(connection)
    table = database.register("persons_paired", dataset_display_name="persons")
    linker = Linker(table, model.splink_settings(), log_level=None, validate_settings=False)
    for column, frequencies in model.frequencies.items():
        values = connection.execute(f"select distinct {column} from persons_paired")
        shares = database.register(frequency_table(values.to_arrow_table(), column, frequencies))
        linker.table_management.register_term_frequency_lookup(shares, column)
    ranges = _split_left_ids(connection, max(1, -(-total // PAIRS_AT_ONCE)))
    for place, (first, last) in enumerate(ranges):
        name = f"blocked_part_{place}"
        connection.execute(
            f"create temp table {name} as select * from blocked_pairs"
            f" where join_key_l between {first} and {last}"
        )
        linker.table_management.register_blocked_pairs_for_predict(database.register(name))
        predicted = linker.inference.predict(
            threshold_match_weight=min_weight, warning_mode="never"
        )
        verb = "create temp table scored as" if place == 0 else "insert into scored"
        columns = ", ".join(list_scored_columns(model))
        connection.execute(f"{verb} select {columns} from {predicted.physical_name}")
        predicted.drop_table_from_database_and_remove_from_cache()
        connection.execute(f"drop table {name}")
    return total


def _split_left_ids(connection: duckdb.DuckDBPyConnection, parts: int) -> list[tuple[int, int]]:
    """Split the left ids into ranges with about the same number of pairs."""
    rows = connection.execute(
        "select join_key_l, count(*) from blocked_pairs group by join_key_l order by join_key_l"
    ).fetchnumpy()
    ids = np.asarray(rows["join_key_l"])
    if not len(ids):
        return [(0, 0)]
    running = np.cumsum(np.asarray(list(rows.values())[1]))
    cuts = np.searchsorted(running, running[-1] * np.arange(1, parts) / parts)
    edges = [-1, *sorted({int(ids[cut]) for cut in cuts}), int(ids[-1])]
    return [(low + 1, high) for low, high in pairwise(edges) if high > low]


def _weight_columns(model: Model, name: str) -> list[str]:
    """Return the names of Splink's columns for a comparison's weight and frequency adjustment."""
    return [f"mw_{name}", *([f"mw_tf_adj_{name}"] if name in model.adjusted_comparisons else [])]


def list_scored_columns(model: Model) -> list[str]:
    """Return the needed columns of Splink's predictions: ends, gammas and weights, no fields."""
    columns = ["person_id_l", "person_id_r", "match_weight", "match_key"]
    for name in model.comparison_names:
        columns += [f"gamma_{name}", *_weight_columns(model, name)]
    return columns


def _banded_pairs_sql(model: Model) -> str:
    """Return SQL for the scored pairs with their keys and caps, in order of keys.

    Weights include the frequency adjustments.
    """
    columns = []
    for name in model.comparison_names:
        columns += [f"gamma_{name}", f"{' + '.join(_weight_columns(model, name))} as weight_{name}"]
    capped = " ".join(f"when {_cap_sql(cap, model)} then '{cap.name}'" for cap in model.caps)
    return read_query(
        __package__,
        "banded_pairs",
        columns=", ".join(columns),
        capped_by=f"case {capped} end" if capped else "cast(null as varchar)",
    )


def _cap_sql(cap: Cap, model: Model) -> str:
    """Return a cap as an SQL condition on gammas; false if the model lacks one of its fields."""

    def list_conditions(levels: dict[str, list[str]]) -> list[str]:
        return [
            f"gamma_{name} in ({', '.join(map(str, model.find_gammas(name, labels)))})"
            if name in model.comparison_names
            else "false"
            for name, labels in levels.items()
        ]

    when = " and ".join(list_conditions(cap.when))
    unless = " or ".join(list_conditions(cap.unless))
    return f"({when})" + (f" and not ({unless})" if unless else "")

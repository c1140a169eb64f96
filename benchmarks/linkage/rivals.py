"""The methods that the register's linkage is compared with on public sets.

Exact matching and stock Splink read the same tables as the register, and are evaluated by the same
code.
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa

from benchmarks.linkage.stock_splink import PRIOR_RULES, score_by_stock_splink
from register.identity.evaluate import (
    Counts,
    Evaluation,
    Pair,
    assign_one_to_one,
    evaluate_scores,
)

# Bits; the register's evaluation of tables has the same limit.
MIN_WEIGHT = -15.0
WEIGHT_PLACES = 6
# Every duplicate of a set without postcodes has an error, so no true pair agrees in all fields.
RULES_WITHOUT_POSTCODE = (("forename", "birth_date"), ("surname", "birth_date"))
# The columns that Splink reads. An impossible date keeps its digits.
FLAT = """
select '{side}|' || rec_id as unique_id, given_name as forename, surname,
    regexp_replace(date_of_birth, '^(\\d{{4}})(\\d\\d)(\\d\\d)$', '\\1-\\2-\\3') as birth_date
    {postcode}
from person_table
order by unique_id
"""
# Links records that are equal in all fields. A null matches nothing.
EXACT = """
select lhs.unique_id as left_key, rhs.unique_id as right_key,
    cast(0 as double) as match_weight, 'link' as band
from left_table as lhs
inner join right_table as rhs using ({fields})
where lhs.unique_id < rhs.unique_id
order by left_key, right_key
"""


@dataclass(frozen=True)
class KnownTables:
    """One or two tables with FEBRL's column names, and the true pairs as `left|`, `right|` keys.

    A set may lack postcodes. If `right` is None, the left table is searched for duplicates.
    """

    left: pa.Table
    right: pa.Table | None
    truth: set[Pair]

    @property
    def record_count(self) -> int:
        """The number of records in all tables."""
        return sum(table.num_rows for table in (self.left, self.right) if table is not None)

    def flat_tables(self) -> list[pa.Table]:
        """Return the tables with the columns that stock Splink reads."""
        tables = [("left", self.left), ("right", self.right)]
        return [_flatten_table(table, side) for side, table in tables if table is not None]


def exact_matching(known: KnownTables) -> Evaluation:
    """Link records that have the same names, date of birth and postcode (if the set has one)."""
    tables = known.flat_tables()
    fields = [name for name in tables[0].column_names if name != "unique_id"]
    with duckdb.connect(":memory:") as connection:
        connection.register("left_table", tables[0])
        connection.register("right_table", tables[-1])
        pairs = connection.execute(EXACT.format(fields=", ".join(fields))).to_arrow_table()
    counts = Counts(known.record_count, pairs.num_rows)
    return evaluate_scores(pairs, known.truth, counts)


def score_known_tables(known: KnownTables) -> pa.Table:
    """Return the pairs of a test set with the match weights of stock Splink, trained on the set."""
    tables = known.flat_tables()
    has_postcode = "postcode" in tables[0].column_names
    rules = PRIOR_RULES if has_postcode else RULES_WITHOUT_POSTCODE
    return score_by_stock_splink(tables, MIN_WEIGHT, rules)


def evaluate_stock(pairs: pa.Table, known: KnownTables, one_to_one: bool = False) -> Evaluation:
    """Measure those pairs of `score_known_tables` that are more likely true than not.

    Their match weight is at least 0. With `one_to_one`, only the best one-to-one links are kept.
    """
    candidate_count = pairs.num_rows
    is_best = [True] * candidate_count
    if one_to_one:
        pairs = assign_one_to_one(pairs)
        is_best = [each == "best" for each in pairs["assignment"].to_pylist()]
    bands = [
        "link" if weight >= 0 and best else "none"
        for weight, best in zip(pairs["match_weight"].to_pylist(), is_best, strict=True)
    ]
    pairs = pairs.append_column("band", pa.array(bands, pa.string()))
    return evaluate_scores(pairs, known.truth, Counts(known.record_count, candidate_count))


def find_recall(pairs: pa.Table, truth: set[Pair], least_precision: float) -> float:
    """Return the highest recall (0-1) of any link threshold with at least this precision.

    Pairs of equal match weight are linked together. Without such a threshold the recall is 0.
    """
    keys = zip(pairs["left_key"].to_pylist(), pairs["right_key"].to_pylist(), strict=True)
    is_true = np.array([key in truth for key in keys], dtype=bool)
    weights = np.round(pairs["match_weight"].to_numpy(), WEIGHT_PLACES)
    order = np.argsort(-weights, kind="stable")
    true_counts = np.cumsum(is_true[order])
    linked_counts = np.arange(1, len(order) + 1)
    falling = weights[order]
    is_last_of_weight = np.append(falling[1:] != falling[:-1], True)[: len(order)]
    is_precise = true_counts / linked_counts >= least_precision
    return max(true_counts[is_last_of_weight & is_precise].tolist(), default=0) / len(truth)


def _flatten_table(table: pa.Table, side: str) -> pa.Table:
    postcode = ", postcode" if "postcode" in table.column_names else ""
    with duckdb.connect(":memory:") as connection:
        connection.register("person_table", table)
        return connection.execute(FLAT.format(side=side, postcode=postcode)).to_arrow_table()

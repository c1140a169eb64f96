"""Candidate pairs: pairs of persons that share a blocking key, found in DuckDB.

Pairs are counted by rule. The keys of a person are in `blocking_rules`; the match weight of a pair
is in `score`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import duckdb
import pyarrow as pa

from register.identity.block.blocking_rules import BlockingRule
from register.queries import read_query

Rules = tuple[BlockingRule, ...]
Scope = Literal["all", "within", "between"]

FILL_KEYS = """
insert into blocking_keys
select distinct {place} as rule_place, (hash(key) >> 5 << 5) + {place} as key, person_id, dataset
from (select person_id, dataset, unnest({keys}) as key from {persons})
where key is not null
"""
# `asked_keys` holds the blocking keys to compare: all (False), or only those of persons whose
# mentions changed (True).
ASKED_KEYS = {
    False: "create or replace temp view asked_keys as select * from blocking_keys",
    True: """
        create or replace temp table asked_keys as
        select blocking_keys.* from blocking_keys
        where key in (
            select key from blocking_keys where person_id in (select person_id from changed)
        )
    """,
}
FIND_PAIRS = read_query(__package__, "candidate_pairs")
CONDITION_OF_SCOPE = {
    "all": "true",
    "within": "lhs.dataset = rhs.dataset",
    "between": "lhs.dataset != rhs.dataset",
}
HAS_CHANGED_END = (
    "(lhs.person_id in (select person_id from changed)"
    " or rhs.person_id in (select person_id from changed))"
)


@dataclass(frozen=True)
class RuleCount:
    """The counts of one blocking rule.

    `pair_count` counts its pairs, `added_pair_count` those that no earlier rule gave, and
    `left_out_key_count` its keys that are too common to use.
    """

    rule_code: str
    pair_count: int
    added_pair_count: int
    left_out_key_count: int


def rule_place_sql(key: str) -> str:
    """Return SQL for the position of a key's rule, stored in the lowest five bits of the key."""
    return f"cast({key} & 31 as utinyint)"


def fill_blocking_keys(
    connection: duckdb.DuckDBPyConnection, rules: Rules, persons: str = "persons"
) -> None:
    """Add the keys of the table `persons` to `blocking_keys`.

    `blocking_keys` has the columns rule_place, key, person_id and dataset.
    """
    connection.execute(
        "create temp table if not exists blocking_keys"
        " (rule_place utinyint, key ubigint, person_id integer, dataset varchar)"
    )
    for place, rule in enumerate(rules):
        connection.execute(FILL_KEYS.format(place=place, keys=rule.keys, persons=persons))


def fill_asked_keys(connection: duckdb.DuckDBPyConnection, only_changed: bool) -> None:
    """Fill `asked_keys` with all `blocking_keys`, or only with keys that a `changed` person has."""
    connection.execute(ASKED_KEYS[only_changed])


def find_pairs(
    connection: duckdb.DuckDBPyConnection,
    rules: Rules,
    scope: Scope = "all",
    only_changed: bool = False,
) -> list[RuleCount]:
    """Fill `blocked_pairs` from `blocking_keys`, then drop the keys; return the counts by rule.

    `blocked_pairs` has join_key_l, join_key_r and match_key (the position of the first rule that
    gives the pair). `scope` keeps pairs within one dataset (`within`), between two datasets
    (`between`), or `all` pairs. With `only_changed`, at least one person of a pair is in the table
    `changed` (person_id).
    """
    connection.execute(
        "create or replace temp table candidate_pairs"
        " (rule_place utinyint, left_id integer, right_id integer)"
    )
    condition = CONDITION_OF_SCOPE[scope] + (f" and {HAS_CHANGED_END}" if only_changed else "")
    fill_asked_keys(connection, only_changed)
    for place, rule in enumerate(rules):
        connection.execute(
            FIND_PAIRS.format(place=place, most=rule.most_holders, condition=condition)
        )
    connection.execute(
        "create or replace temp table blocked_pairs as"
        " select cast(min(rule_place) as varchar) as match_key,"
        " left_id as join_key_l, right_id as join_key_r"
        " from candidate_pairs group by left_id, right_id"
    )
    pair_counts = _count_by_rule(connection, "candidate_pairs", "rule_place")
    added_counts = _count_by_rule(connection, "blocked_pairs", "cast(match_key as integer)")
    left_out = find_left_out_keys(connection, rules, table="asked_keys")["rule_place"].to_pylist()
    connection.execute("drop {} asked_keys".format("table" if only_changed else "view"))
    for table in ("candidate_pairs", "blocking_keys"):
        connection.execute(f"drop table {table}")
    return [
        RuleCount(
            rule.code, pair_counts.get(place, 0), added_counts.get(place, 0), left_out.count(place)
        )
        for place, rule in enumerate(rules)
    ]


def find_left_out_keys(
    connection: duckdb.DuckDBPyConnection,
    rules: Rules,
    among: str = "",
    table: str = "blocking_keys",
) -> pa.Table:
    """Return the keys (rule_place, key) of a table that are too common to use.

    `among` may name a table of keys (rule_place, key); only these keys are then examined.
    """
    limits = ", ".join(f"({place}, {rule.most_holders})" for place, rule in enumerate(rules))
    narrowed = f"inner join {among} using (rule_place, key)" if among else ""
    return connection.execute(
        f"""
        select rule_place, key from {table} {narrowed}
        inner join (values {limits}) as limits (rule_place, most_holders) using (rule_place)
        group by rule_place, key, most_holders
        having count(*) > most_holders
        order by rule_place, key
        """
    ).to_arrow_table()


def _count_by_rule(connection: duckdb.DuckDBPyConnection, table: str, place: str) -> dict[int, int]:
    rows = connection.execute(f"select {place}, count(*) from {table} group by all").fetchall()
    return {int(key): int(count) for key, count in rows}

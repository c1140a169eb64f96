"""Blocking: which pairs of persons are worth comparing, and how many each rule brings.

Every rule gives each person a few keys; persons that share a key are a candidate pair. No rule
knows forces or authorities: half of all absences start away from the child's own area. Weighing a
pair belongs in `scoring`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import duckdb
import pyarrow as pa

Scope = Literal["all", "within", "between"]
MOST_HOLDERS = 400


@dataclass(frozen=True)
class BlockingRule:
    """One rule: `keys` is an SQL expression over a person that gives a list of text keys.

    A key that more than `most_holders` persons have is too common to be worth comparing under
    this rule; such keys are left out and counted.
    """

    code: str
    keys: str
    most_holders: int = MOST_HOLDERS


@dataclass(frozen=True)
class RuleCount:
    """What one rule brought: its pairs, those no earlier rule had, and the keys left out."""

    rule_code: str
    pair_count: int
    added_pair_count: int
    left_out_key_count: int


def _crossed(left: str, right: str) -> str:
    """Every item of one list with every item of another, joined to a key."""
    return (
        f"flatten(list_transform({left}, lambda one: "
        f"list_transform({right}, lambda two: one || '|' || two)))"
    )


def _unordered(left: str, right: str) -> str:
    """Two values as one key, the same in either order; none where one is missing."""
    return (
        f"case when {left} is not null and {right} is not null then"
        f" [least({left}, {right}) || '|' || greatest({left}, {right})] end"
    )


SORTED_DATE = (
    "birth_date[1:4] || least(birth_date[5:6], birth_date[7:8])"
    " || greatest(birth_date[5:6], birth_date[7:8])"
)
IDENTIFIERS = (
    "list_concat(identifiers_nhs, identifiers_upn, identifiers_home_office, identifiers_police)"
)

BLOCKING_RULES = (
    BlockingRule("identifier", IDENTIFIERS, 25),
    BlockingRule("forename_and_birth_date", _crossed("forenames", "birth_dates")),
    BlockingRule("surname_and_birth_date", _crossed("surname_parts", "birth_dates")),
    # Both orders of a swapped name give one key.
    BlockingRule("both_names", _unordered("forename", "surname"), 600),
    BlockingRule("any_names", _crossed("forenames", "surname_parts"), 600),
    BlockingRule("nickname_and_surname", _crossed("forename_roots", "surname_parts"), 300),
    BlockingRule("sounds", "[forename_sound || '|' || surname_sound]", 200),
    BlockingRule(
        "initials_and_birth_date",
        _crossed(_unordered("forename[1]", "surname[1]"), f"[{SORTED_DATE}]"),
        200,
    ),
    BlockingRule("postcode_and_birth_date", _crossed("postcodes", "birth_dates"), 100),
    BlockingRule("district_and_birth_date", _crossed("districts", "birth_dates"), 100),
    BlockingRule(
        "postcode_and_names", _crossed("postcodes", "list_concat(forenames, surname_parts)"), 100
    ),
    BlockingRule(
        "postcode_and_initials",
        _crossed("postcodes", _unordered("forename[1]", "surname[1]")),
        60,
    ),
    BlockingRule("name_starts", _unordered("forename[1:3]", "surname[1:3]"), 60),
    BlockingRule("private_postcode", "postcodes_private", 30),
    BlockingRule("rare_birth_date", "birth_dates", 30),
)


def rules_for(others: Iterable[str] = ()) -> tuple[BlockingRule, ...]:
    """Return the rules for persons with these further text columns (`other_…`).

    Each such column gives a rule for its rare values and one with each other column.
    """
    columns = sorted(others)
    alone = [BlockingRule(column, f"[{column}]", 30) for column in columns]
    paired = [
        BlockingRule(f"{one}_and_{two}", f"[{one} || '|' || {two}]", 60)
        for one, two in combinations(columns, 2)
    ]
    return (*BLOCKING_RULES, *alone, *paired)


# The lowest five bits of a key are the place of its rule, so that a key alone says which it is.
RULE_OF_KEY = "cast({key} & 31 as utinyint)"
KEYS = """
insert into blocking_keys
select distinct {place} as rule_place, (hash(key) >> 5 << 5) + {place} as key, person_id, dataset
from (select person_id, dataset, unnest({keys}) as key from {persons})
where key is not null
"""
# The keys that are asked for: all, or those of persons that have changed.
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
CANDIDATES = """
insert into candidate_pairs
with used_keys as (
    select key from asked_keys
    where rule_place = {place}
    group by key
    having count(*) between 2 and {most}
), usable as (
    select key, person_id, dataset from asked_keys
    inner join used_keys using (key)
    where rule_place = {place}
)
select {place} as rule_place, lhs.person_id as left_id, rhs.person_id as right_id
from usable as lhs
inner join usable as rhs on lhs.key = rhs.key and lhs.person_id < rhs.person_id
where {condition}
group by lhs.person_id, rhs.person_id
"""
CONDITIONS = {
    "all": "true",
    "within": "lhs.dataset = rhs.dataset",
    "between": "lhs.dataset != rhs.dataset",
}
CHANGED = (
    " and (lhs.person_id in (select person_id from changed)"
    " or rhs.person_id in (select person_id from changed))"
)


def fill_blocking_keys(
    connection: duckdb.DuckDBPyConnection,
    rules: tuple[BlockingRule, ...] = BLOCKING_RULES,
    persons: str = "persons",
) -> None:
    """Add to `blocking_keys` (rule_place, key, person_id, dataset) the keys of these persons."""
    connection.execute(
        "create temp table if not exists blocking_keys"
        " (rule_place utinyint, key ubigint, person_id integer, dataset varchar)"
    )
    for place, rule in enumerate(rules):
        connection.execute(KEYS.format(place=place, keys=rule.keys, persons=persons))


def block_pairs(
    connection: duckdb.DuckDBPyConnection,
    scope: Scope = "all",
    only_changed: bool = False,
    rules: tuple[BlockingRule, ...] = BLOCKING_RULES,
) -> list[RuleCount]:
    """Fill `blocked_pairs` (match_key, join_key_l, join_key_r) from `persons`; count per rule.

    `scope` keeps pairs of one dataset (`within`), of two (`between`) or `all`; `only_changed`
    keeps those with an end in table `changed` (person_id). A pair is named by its first rule.
    """
    fill_blocking_keys(connection, rules)
    return pairs_of_keys(connection, scope, only_changed, rules)


def pairs_of_keys(
    connection: duckdb.DuckDBPyConnection,
    scope: Scope = "all",
    only_changed: bool = False,
    rules: tuple[BlockingRule, ...] = BLOCKING_RULES,
) -> list[RuleCount]:
    """Do as `block_pairs`, from a table `blocking_keys` that is filled already, and use it up."""
    connection.execute(
        "create or replace temp table candidate_pairs"
        " (rule_place utinyint, left_id integer, right_id integer)"
    )
    condition = CONDITIONS[scope] + (CHANGED if only_changed else "")
    connection.execute(ASKED_KEYS[only_changed])
    for place, rule in enumerate(rules):
        connection.execute(
            CANDIDATES.format(place=place, most=rule.most_holders, condition=condition)
        )
    connection.execute(
        "create or replace temp table blocked_pairs as"
        " select cast(min(rule_place) as varchar) as match_key,"
        " left_id as join_key_l, right_id as join_key_r"
        " from candidate_pairs group by left_id, right_id"
    )
    found = _counts(connection, "candidate_pairs", "rule_place")
    added = _counts(connection, "blocked_pairs", "cast(match_key as integer)")
    left_out = left_out_keys(connection, rules, table="asked_keys")["rule_place"].to_pylist()
    connection.execute("drop {} asked_keys".format("table" if only_changed else "view"))
    for table in ("candidate_pairs", "blocking_keys"):
        connection.execute(f"drop table {table}")
    return [
        RuleCount(rule.code, found.get(place, 0), added.get(place, 0), left_out.count(place))
        for place, rule in enumerate(rules)
    ]


def left_out_keys(
    connection: duckdb.DuckDBPyConnection,
    rules: tuple[BlockingRule, ...] = BLOCKING_RULES,
    among: str = "",
    table: str = "blocking_keys",
) -> pa.Table:
    """Return the keys (rule_place, key) of `table` that too many persons share.

    `among` names a table of keys (rule_place, key) outside which there is no need to look.
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


def _counts(connection: duckdb.DuckDBPyConnection, table: str, place: str) -> dict[int, int]:
    rows = connection.execute(f"select {place}, count(*) from {table} group by all").fetchall()
    return {int(key): int(count) for key, count in rows}

"""Blocking rules: SQL expressions for the keys of a person.

Two persons with a common key are a candidate pair (`candidate_pairs`). No rule uses the police
force or the authority of a record, since half of all absences start away from the child's own area.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations

MAX_HOLDERS = 400


@dataclass(frozen=True)
class BlockingRule:
    """A blocking rule: `keys` is an SQL expression that gives a person's keys as a list of texts.

    A key of more than `most_holders` persons is too common to be useful. It is counted and not
    used.
    """

    code: str
    keys: str
    most_holders: int = MAX_HOLDERS


def _cross_sql(left: str, right: str) -> str:
    """Return SQL that combines every item of one list with every item of another."""
    return (
        f"flatten(list_transform({left}, lambda one: "
        f"list_transform({right}, lambda two: one || '|' || two)))"
    )


def _unordered_sql(left: str, right: str) -> str:
    """Return SQL for a single key of two values, in either order; null if a value is missing."""
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

# Blocking keys of exactly two name tokens, sorted. They find swapped names, since neither the order
# of tokens nor their field matters.
TWO_TOKENS = "list_filter(name_subsets, lambda each: len(string_split(each, ' ')) = 2)"
# The years in which a person may be born, by the dates of birth or else by the age.
BIRTH_YEARS = (
    "case when birth_dates is null then generate_series(birth_year_least, birth_year_most)"
    " else list_distinct(list_transform(birth_dates, lambda born: cast(born[1:4] as bigint))) end"
)

BLOCKING_RULES = (
    BlockingRule("identifier", IDENTIFIERS, 25),
    BlockingRule("forename_and_birth_date", _cross_sql("forenames", "birth_dates")),
    BlockingRule("surname_and_birth_date", _cross_sql("surname_parts", "birth_dates")),
    # Both orders of a person's names give the same blocking key. So this rule pairs two persons
    # whose names are swapped.
    BlockingRule("both_names", _unordered_sql("forename", "surname"), 600),
    BlockingRule("any_names", _cross_sql("forenames", "surname_parts"), 600),
    BlockingRule("nickname_and_surname", _cross_sql("forename_roots", "surname_parts"), 300),
    BlockingRule("sounds", "[forename_sound || '|' || surname_sound]", 200),
    BlockingRule(
        "initials_and_birth_date",
        _cross_sql(_unordered_sql("forename[1]", "surname[1]"), f"[{SORTED_DATE}]"),
        200,
    ),
    BlockingRule("postcode_and_birth_date", _cross_sql("postcodes", "birth_dates"), 100),
    BlockingRule("district_and_birth_date", _cross_sql("districts", "birth_dates"), 100),
    BlockingRule(
        "postcode_and_names", _cross_sql("postcodes", "list_concat(forenames, surname_parts)"), 100
    ),
    BlockingRule(
        "postcode_and_initials",
        _cross_sql("postcodes", _unordered_sql("forename[1]", "surname[1]")),
        60,
    ),
    BlockingRule("name_starts", _unordered_sql("forename[1:3]", "surname[1:3]"), 60),
    BlockingRule("private_postcode", "postcodes_private", 30),
    BlockingRule("rare_birth_date", "birth_dates", 30),
    BlockingRule("two_tokens_and_birth_date", _cross_sql(TWO_TOKENS, "birth_dates"), 100),
    BlockingRule("two_tokens", TWO_TOKENS, 60),
    BlockingRule("token_and_birth_date", _cross_sql("name_tokens", "birth_dates"), 100),
    BlockingRule("token_and_postcode", _cross_sql("name_tokens", "postcodes"), 100),
    BlockingRule(
        "sound_and_calendar",
        _cross_sql("[forename_sound]", "list_concat(birth_dates, birth_dates_converted)"),
        60,
    ),
    BlockingRule("sound_and_birth_year", _cross_sql("[forename_sound]", BIRTH_YEARS), 60),
)


def list_blocking_rules(others: Iterable[str] = ()) -> tuple[BlockingRule, ...]:
    """Return the standard rules, and rules for the further text columns `others` (`other_…`).

    Each further column gets a rule of its own for rare values, and a rule with each other further
    column.
    """
    columns = sorted(others)
    alone = [BlockingRule(column, f"[{column}]", 30) for column in columns]
    paired = [
        BlockingRule(f"{one}_and_{two}", f"[{one} || '|' || {two}]", 60)
        for one, two in combinations(columns, 2)
    ]
    return (*BLOCKING_RULES, *alone, *paired)
